import type { Hex } from "@ruffchain/abi";
import { keccak256 } from "../crypto/keccak256.js";
import { hexToBytes } from "../hex.js";
import { LruMap } from "../lru-map.js";
import type { Log } from "./receipt.js";

export const BLOOM_BYTES = 256;

/** Addresses and topics whose bits are kept: the same contracts and events come again and again. */
export const BLOOM_CACHE_SIZE = 10_000;

/** The three bits of an address or topic, as three numbers of 11 bits in one. */
const positions = new LruMap<Hex, number>(BLOOM_CACHE_SIZE);

/** The filter of 2048 bits over the addresses and topics of the logs (yellow paper, section 4.3.1). */
export function logsBloom(logs: readonly Log[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const { address, topics } of logs) {
    add(bloom, address);
    for (const topic of topics) add(bloom, topic);
  }
  return bloom;
}

function add(bloom: Uint8Array, item: Hex): void {
  const packed = positionsOf(item);
  for (let shift = 0; shift < 33; shift += 11) {
    const bit = Math.floor(packed / 2 ** shift) % 2048;
    const at = BLOOM_BYTES - 1 - (bit >> 3);
    bloom[at] = (bloom[at] as number) | (1 << (bit & 7));
  }
}

function positionsOf(item: Hex): number {
  const known = positions.get(item);
  if (known !== undefined) return known;
  const hash = keccak256(hexToBytes(item));
  let packed = 0;
  for (const at of [0, 2, 4])
    packed = packed * 2048 + ((((hash[at] as number) << 8) | (hash[at + 1] as number)) % 2048);
  positions.set(item, packed);
  return packed;
}
