import type { Address } from "@ruffchain/abi";
import { MAX_EVM_TRANSACTION_GAS } from "../gas-schedule.js";
import { TransactionError } from "../transaction/error.js";
import { intrinsicGasOf, MAX_INITCODE_BYTES } from "../transaction/intrinsic-gas.js";
import { callsOf, type EthereumTransaction, TEMPO_TYPE, type Transaction } from "../transaction/transaction.js";
import type { Account } from "./account.js";
import type { Parameters } from "./parameters.js";

/** Checks that hold whatever the state is. Throws TransactionError. */
export function validateStateless(tx: Transaction, parameters: Parameters, hasEvm: boolean): void {
  if (tx.chainId !== parameters.chainId) {
    throw new TransactionError("wrongChainId", { have: tx.chainId, want: parameters.chainId });
  }
  const authorized = tx.type === TEMPO_TYPE ? tx.keyAuthorization?.chainId : undefined;
  if (authorized !== undefined && authorized !== parameters.chainId) {
    throw new TransactionError("wrongChainId", { have: authorized, want: parameters.chainId });
  }
  if (tx.type === 4 && !hasEvm) throw new TransactionError("unsupportedType", { type: tx.type });
  if (tx.gasLimit > parameters.blockGasLimit) {
    throw new TransactionError("gasLimitTooHigh", { gasLimit: tx.gasLimit, limit: parameters.blockGasLimit });
  }
  for (const { to, data } of callsOf(tx)) {
    if (to !== null) continue;
    if (!hasEvm) throw new TransactionError("creationUnsupported");
    if (data.length > MAX_INITCODE_BYTES) {
      throw new TransactionError("initcodeTooLarge", { size: data.length, limit: MAX_INITCODE_BYTES });
    }
  }
  const { gas, floor } = intrinsicGasOf(tx);
  const needed = Math.max(gas, floor);
  if (tx.gasLimit < needed) throw new TransactionError("intrinsicGasTooLow", { gasLimit: tx.gasLimit, needed });
}

/** Checks that a transaction that the EVM will run asks for no more than it may have. Throws TransactionError. */
export function validateEvmGas({ gasLimit }: Transaction, left: number): void {
  if (gasLimit <= left) return;
  if (gasLimit <= MAX_EVM_TRANSACTION_GAS) throw new TransactionError("blockFull", { gasLimit, left });
  throw new TransactionError("gasLimitTooHigh", { gasLimit, limit: MAX_EVM_TRANSACTION_GAS });
}

/** Wei that the sender must have: the gas at the highest price, and the value. */
export function maximumCost(tx: EthereumTransaction): bigint {
  return BigInt(tx.gasLimit) * tx.maxFeePerGas + tx.value;
}

/** Checks that a nonce is the next. Throws TransactionError. */
export function requireNonce(sender: Address, nonce: number, expected: number): void {
  if (nonce < expected) throw new TransactionError("nonceTooLow", { sender, nonce, expected });
  if (nonce > expected) throw new TransactionError("nonceTooHigh", { sender, nonce, expected });
}

/** Checks against the sender's account at the moment of execution. Throws TransactionError. */
export function validateAgainstAccount(
  tx: EthereumTransaction,
  sender: Address,
  account: Account,
  baseFee: bigint,
): void {
  requireNonce(sender, tx.nonce, Number(account.nonce));
  if (tx.maxFeePerGas < baseFee) {
    throw new TransactionError("feeTooLow", { maxFeePerGas: tx.maxFeePerGas, baseFee });
  }
  const want = maximumCost(tx);
  if (account.balance < want) throw new TransactionError("insufficientFunds", { sender, have: account.balance, want });
}
