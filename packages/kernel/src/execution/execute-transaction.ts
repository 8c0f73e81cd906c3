import type { Address } from "@ruffchain/abi";
import type { StateReader } from "../state/reader.js";
import { intrinsicGas } from "../transaction/intrinsic-gas.js";
import type { Transaction } from "../transaction/transaction.js";
import { addBalance, readAccount, writeAccount } from "./account.js";
import type { EvmOutcome } from "./evm.js";
import type { CallOutcome, Machine } from "./machine.js";
import { destroyContract } from "./user-contract.js";
import { validateAgainstAccount, validateEvmGas } from "./validate-transaction.js";

/** A transaction between its start, when gas is bought, and its end, when the rest is given back. */
export interface StartedTransaction {
  readonly tx: Transaction;
  readonly sender: Address;
  /** Wei per gas that the sender pays. */
  readonly gasPrice: bigint;
  readonly floor: number;
  readonly codeAtTarget: boolean;
}

export interface FinishedTransaction {
  readonly gasUsed: number;
  /** Wei for the fee collector. */
  readonly tip: bigint;
  /** Wei that are gone. */
  readonly burnt: bigint;
}

/**
 * Checks the transaction against the state, and its gas against what is left for it if the EVM is to run it; buys its gas
 * and counts its nonce. Throws TransactionError and changes nothing.
 */
export function startTransaction(
  machine: Machine,
  tx: Transaction,
  sender: Address,
  evmGasLeft: number,
): StartedTransaction {
  const { baseFee } = machine.block;
  const account = readAccount(machine.journal, sender);
  validateAgainstAccount(tx, sender, account, baseFee);
  const codeAtTarget = tx.to === null || hasCode(machine.journal, tx.to);
  if (codeAtTarget) validateEvmGas(tx, evmGasLeft);
  const tip = tx.maxFeePerGas - baseFee;
  const gasPrice = baseFee + (tip < tx.maxPriorityFeePerGas ? tip : tx.maxPriorityFeePerGas);
  const balance = account.balance - BigInt(tx.gasLimit) * gasPrice;
  writeAccount(machine.journal, sender, { ...account, nonce: account.nonce + 1n, balance });
  const { gas, floor } = intrinsicGas(tx);
  machine.gas = tx.gasLimit - gas;
  machine.transaction = { origin: sender, gasPrice, accessList: tx.accessList };
  return { tx, sender, gasPrice, floor, codeAtTarget };
}

const PRECOMPILES = `0x${"00".repeat(18)}`;

/** Whether a call of the address is for the EVM: a user's contract or one of Ethereum's precompiles is there. */
export function hasCode(state: Pick<StateReader, "get">, address: Address): boolean {
  return address.startsWith(PRECOMPILES) || readAccount(state, address).codeHash !== "0x";
}

/** Runs a transaction whose target is a system contract or an account without code. */
export function runNative(machine: Machine, { tx, sender }: StartedTransaction): CallOutcome {
  return machine.run(tx.to as Address, tx.data, { sender, value: tx.value, readOnly: false });
}

/** At most this part of a transaction's gas is given back for what it cleared (EIP-3529). */
const MAX_REFUND_QUOTIENT = 5;

/** Deletes contracts that are gone, gives back what was not used and says what is owed to whom. */
export function finishTransaction(
  machine: Machine,
  started: StartedTransaction,
  { refund = 0, destroyed = [] }: Partial<Pick<EvmOutcome, "refund" | "destroyed">>,
): FinishedTransaction {
  const { tx, sender, gasPrice, floor } = started;
  const spent = tx.gasLimit - machine.gas;
  const gasUsed = Math.max(spent - Math.min(refund, Math.floor(spent / MAX_REFUND_QUOTIENT)), floor);
  for (const address of destroyed) destroyContract(machine.journal, address);
  addBalance(machine.journal, sender, BigInt(tx.gasLimit - gasUsed) * gasPrice);
  const used = BigInt(gasUsed);
  return { gasUsed, tip: used * (gasPrice - machine.block.baseFee), burnt: used * machine.block.baseFee };
}
