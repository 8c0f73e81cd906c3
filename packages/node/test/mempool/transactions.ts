import type { Address } from "@ruffchain/abi";
import type { Transaction } from "@ruffchain/kernel";

export const alice: Address = `0x${"aa".repeat(20)}`;
export const bob: Address = `0x${"bb".repeat(20)}`;

let made = 0;

/** A transaction as the pool sees it: nobody checks its signature any more. Each has a hash of its own. */
export function transaction(fields: {
  readonly nonce: number;
  readonly fee: number | bigint;
  /** As the fee unless told. */
  readonly tip?: number | bigint;
  readonly gasLimit?: number;
  readonly value?: bigint;
  readonly size?: number;
}): Transaction {
  const { nonce, fee, tip = fee, gasLimit = 21_000, value = 0n, size = 110 } = fields;
  return {
    type: 2,
    chainId: 1,
    nonce,
    gasLimit,
    maxFeePerGas: BigInt(fee),
    maxPriorityFeePerGas: BigInt(tip),
    to: bob,
    value,
    data: new Uint8Array(),
    accessList: [],
    yParity: 0,
    signature: new Uint8Array(64),
    hash: `0x${(made++).toString(16).padStart(64, "0")}`,
    raw: new Uint8Array(size),
    signingHash: () => new Uint8Array(32),
  };
}
