import type { Address } from "@ruffchain/abi";
import type { Transaction } from "@ruffchain/kernel";

/** A transaction in the pool. */
export interface Pooled {
  readonly tx: Transaction;
  readonly sender: Address;
  /** The most that it takes from its sender, in wei. */
  readonly cost: bigint;
  /** The caps of its fee as numbers, exact up to 2^53 - 1 wei per gas; what is above counts as that. */
  readonly maxFee: number;
  readonly maxTip: number;
  /** Grows with every transaction that comes. */
  readonly arrival: number;
  /** Whether all nonces below it are executed or in the pool. */
  pending: boolean;
}

export function pooled(tx: Transaction, sender: Address, arrival: number): Pooled {
  return {
    tx,
    sender,
    cost: BigInt(tx.gasLimit) * tx.maxFeePerGas + tx.value,
    maxFee: feeNumber(tx.maxFeePerGas),
    maxTip: feeNumber(tx.maxPriorityFeePerGas),
    arrival,
    pending: false,
  };
}

/** A fee as a number: bigints would cost more than all the rest of the ordering. */
export function feeNumber(fee: bigint): number {
  return Math.min(Number(fee), Number.MAX_SAFE_INTEGER);
}

/** What the proposer gets per gas at this base fee (EIP-1559); below zero it cannot be in a block now. */
export function effectiveTip({ maxFee, maxTip }: Pooled, baseFee: number): number {
  return Math.min(maxTip, maxFee - baseFee);
}
