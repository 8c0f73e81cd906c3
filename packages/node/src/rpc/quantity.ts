import type { Hex } from "@ruffchain/abi";

/** A quantity as JSON-RPC writes it: no leading zeros. */
export function quantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}
