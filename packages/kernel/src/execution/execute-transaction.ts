import type { Address } from "@ruffchain/abi";
import { NATIVE } from "../account/keychain.js";
import { useAccount, validateTempo } from "../account/use-account.js";
import type { StateReader } from "../state/reader.js";
import type { Authorization } from "../transaction/authorization.js";
import { TransactionError } from "../transaction/error.js";
import { intrinsicGasOf } from "../transaction/intrinsic-gas.js";
import { type Call, TEMPO_TYPE, type Transaction } from "../transaction/transaction.js";
import { addBalance, readAccount, writeAccount } from "./account.js";
import { applyAuthorizations, maySend } from "./delegation.js";
import type { Evm, EvmOutcome } from "./evm.js";
import type { CallOutcome, Machine } from "./machine.js";
import { destroyContract } from "./user-contract.js";
import { validateAgainstAccount, validateEvmGas } from "./validate-transaction.js";

/** A transaction between its start, when gas is bought, and its end, when the rest is given back. */
export interface StartedTransaction {
  readonly tx: Transaction;
  readonly sender: Address;
  /** Who has bought the gas. */
  readonly payer: Address;
  /** Wei per gas that is paid. */
  readonly gasPrice: bigint;
  readonly floor: number;
  /** Gas to give back that was there before the call. */
  readonly refund: number;
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
  const { journal, block } = machine;
  const account = readAccount(journal, sender);
  if (tx.type === TEMPO_TYPE) validateTempo(journal, tx, account, block);
  else validateAgainstAccount(tx, sender, account, block.baseFee);
  if (!maySend(journal, sender, account)) throw new TransactionError("senderNotExternallyOwned", { sender });
  const codeAtTarget = callsCode(journal, tx);
  if (codeAtTarget) validateEvmGas(tx, evmGasLeft);
  const tip = tx.maxFeePerGas - block.baseFee;
  const gasPrice = block.baseFee + (tip < tx.maxPriorityFeePerGas ? tip : tx.maxPriorityFeePerGas);
  const { gas, floor } = intrinsicGasOf(tx);
  const fee = BigInt(tx.gasLimit) * gasPrice;
  let payer = sender;
  let refund = 0;
  if (tx.type === TEMPO_TYPE) {
    payer = tx.signers().feePayer ?? sender;
    useAccount(machine, tx, { origin: sender, gasPrice, accessList: tx.accessList });
    addBalance(journal, payer, -fee);
  } else {
    writeAccount(journal, sender, { ...account, nonce: account.nonce + 1n, balance: account.balance - fee });
    machine.transaction = { origin: sender, gasPrice, accessList: tx.accessList };
    if (tx.authorizationList) refund = authorize(machine, tx.authorizationList);
  }
  machine.gas = tx.gasLimit - gas;
  return { tx, sender, payer, gasPrice, floor, refund, codeAtTarget };
}

/** Applies the authorizations of EIP-7702 and warms their accounts. Returns the gas to refund, whatever becomes of the call. */
export function authorize(machine: Machine, authorizations: readonly Authorization[]): number {
  const { warm, refund } = applyAuthorizations(machine.journal, machine.block.chainId, authorizations);
  const accessList = warm.map((address) => ({ address, storageKeys: [] }));
  machine.transaction = {
    ...machine.transaction,
    accessList: [...machine.transaction.accessList, ...accessList],
  };
  return refund;
}

/** Whether the EVM runs one of the transaction's calls. */
export function callsCode(state: Pick<StateReader, "get">, tx: Transaction): boolean {
  // The called account may have code when its authorizations have taken effect.
  if (tx.type === 4) return true;
  if (tx.type !== TEMPO_TYPE) return tx.to === null || hasCode(state, tx.to);
  return tx.calls.some(({ to }) => to === null || hasCode(state, to));
}

const PRECOMPILES = `0x${"00".repeat(18)}`;

/** Whether a call of the address is for the EVM: a user's contract or one of Ethereum's precompiles is there. */
export function hasCode(state: Pick<StateReader, "get">, address: Address): boolean {
  return address.startsWith(PRECOMPILES) || readAccount(state, address).codeHash !== "0x";
}

/** Runs a call of a system contract or of an account without code. */
export function runNative(machine: Machine, sender: Address, { to, value, data }: Call): CallOutcome {
  return machine.run(to as Address, data, { sender, value, readOnly: false });
}

type Outcome = CallOutcome & Partial<EvmOutcome>;

/** Runs calls in order: where one fails, it is as if none had been made, but for the gas. */
export async function runBatch(
  machine: Machine,
  sender: Address,
  calls: readonly Call[],
  evm: Evm | undefined,
): Promise<Outcome> {
  const { journal } = machine;
  const checkpoint = journal.checkpoint();
  let all: Outcome = { ok: true, output: new Uint8Array(0) };
  for (const call of calls) {
    const runsCode = evm !== undefined && (call.to === null || hasCode(journal, call.to));
    const outcome: Outcome =
      machine.spendValue(sender, call.value) ??
      (runsCode ? await evm.run(machine, { ...call, sender }) : runNative(machine, sender, call));
    if (!outcome.ok) {
      journal.revert(checkpoint);
      return { ...outcome, refund: 0, destroyed: [] };
    }
    const { refund = 0, destroyed = [], created = outcome.created } = all;
    all = {
      ...outcome,
      ...(created && { created }),
      refund: refund + (outcome.refund ?? 0),
      destroyed: [...destroyed, ...(outcome.destroyed ?? [])],
    };
  }
  return all;
}

/** At most this part of a transaction's gas is given back for what it cleared (EIP-3529). */
const MAX_REFUND_QUOTIENT = 5;

/** What a transaction pays for of the gas that it has spent. */
export function gasAfterRefund(spent: number, refund: number, floor: number): number {
  return Math.max(spent - Math.min(refund, Math.floor(spent / MAX_REFUND_QUOTIENT)), floor);
}

/** Deletes contracts that are gone, gives back what was not used and says what is owed to whom. */
export function finishTransaction(
  machine: Machine,
  started: StartedTransaction,
  { refund = 0, destroyed = [] }: Partial<Pick<EvmOutcome, "refund" | "destroyed">>,
): FinishedTransaction {
  const { tx, payer, gasPrice, floor } = started;
  const gasUsed = gasAfterRefund(tx.gasLimit - machine.gas, refund + started.refund, floor);
  for (const address of destroyed) destroyContract(machine.journal, address);
  const unused = BigInt(tx.gasLimit - gasUsed) * gasPrice;
  addBalance(machine.journal, payer, unused);
  machine.unspend(payer, NATIVE, unused);
  const used = BigInt(gasUsed);
  return { gasUsed, tip: used * (gasPrice - machine.block.baseFee), burnt: used * machine.block.baseFee };
}
