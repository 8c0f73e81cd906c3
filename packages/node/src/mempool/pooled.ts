import type { Address } from "@ruffchain/abi";
import { callsOf, EXPIRING_NONCE_KEY, TEMPO_TYPE, type Transaction } from "@ruffchain/kernel";

/** A transaction in the pool. */
export interface Pooled {
  readonly tx: Transaction;
  readonly sender: Address;
  /** Transactions of one lane follow each other by nonce: a sender's own, one of its nonce keys, or an expiring nonce. */
  readonly lane: string;
  /** The most that it takes from its sender, in wei. */
  readonly cost: bigint;
  /** Another account that pays for its gas, and the most that it takes from that, in wei. */
  readonly sponsor: { readonly address: Address; readonly cost: bigint } | undefined;
  /** The caps of its fee as numbers, exact up to 2^53 - 1 wei per gas; what is above counts as that. */
  readonly maxFee: number;
  readonly maxTip: number;
  /** Grows with every transaction that comes. */
  readonly arrival: number;
  /** Whether all nonces below it are executed or in the pool. */
  pending: boolean;
}

export function pooled(tx: Transaction, sender: Address, arrival: number): Pooled {
  const fee = BigInt(tx.gasLimit) * tx.maxFeePerGas;
  const feePayer = tx.type === TEMPO_TYPE ? tx.signers().feePayer : undefined;
  const value = callsOf(tx).reduce((sum, call) => sum + call.value, 0n);
  return {
    tx,
    sender,
    lane: laneOf(tx, sender),
    cost: feePayer ? value : fee + value,
    sponsor: feePayer && { address: feePayer, cost: fee },
    maxFee: feeNumber(tx.maxFeePerGas),
    maxTip: feeNumber(tx.maxPriorityFeePerGas),
    arrival,
    pending: false,
  };
}

function laneOf(tx: Transaction, sender: Address): string {
  if (tx.type !== TEMPO_TYPE || tx.nonceKey === 0n) return sender;
  return `${sender}/${tx.nonceKey === EXPIRING_NONCE_KEY ? tx.hash : tx.nonceKey}`;
}

/** When it becomes invalid, in seconds. */
export function validBeforeOf({ tx }: Pooled): number {
  return (tx.type === TEMPO_TYPE ? tx.validBefore : undefined) ?? Number.POSITIVE_INFINITY;
}

/** When it becomes valid, in seconds. */
export function validAfterOf({ tx }: Pooled): number {
  return tx.type === TEMPO_TYPE ? tx.validAfter : 0;
}

/** A fee as a number: bigints would cost more than all the rest of the ordering. */
export function feeNumber(fee: bigint): number {
  return Math.min(Number(fee), Number.MAX_SAFE_INTEGER);
}

/** What the proposer gets per gas at this base fee (EIP-1559); below zero it cannot be in a block now. */
export function effectiveTip({ maxFee, maxTip }: Pooled, baseFee: number): number {
  return Math.min(maxTip, maxFee - baseFee);
}
