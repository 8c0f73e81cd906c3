import type { Hex } from "@ruffchain/abi";
import { keccak256 } from "../crypto/keccak256.js";
import { hexToBytes } from "../hex.js";
import { LruMap } from "../lru-map.js";
import type { Log } from "./receipt.js";

const BLOOM_BYTES = 256;

/** Addresses and topics whose bits are kept: the same contracts and events come again and again. */
export const BLOOM_CACHE_SIZE = 10_000;

/** The three bits, from 0 to 2047, that an address or topic sets. */
type BloomBits = readonly [number, number, number];

/** Shared by all that have no logs: nobody writes into a bloom that is made. */
const EMPTY_BLOOM = new Uint8Array(BLOOM_BYTES);

const known = new LruMap<Hex, BloomBits>(BLOOM_CACHE_SIZE);

/** The filter of 2048 bits over the addresses and topics of the logs (yellow paper, section 4.3.1). */
export function logsBloom(logs: readonly Log[]): Uint8Array {
  if (logs.length === 0) return EMPTY_BLOOM;
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const { address, topics } of logs) {
    add(bloom, address);
    for (const topic of topics) add(bloom, topic);
  }
  return bloom;
}

function add(bloom: Uint8Array, item: Hex): void {
  for (const bit of bitsOf(item)) {
    const at = BLOOM_BYTES - 1 - (bit >> 3);
    bloom[at] = (bloom[at] as number) | (1 << (bit & 7));
  }
}

function bitsOf(item: Hex): BloomBits {
  let bits = known.get(item);
  if (!bits) {
    const hash = Buffer.from(keccak256(hexToBytes(item)).buffer);
    bits = [hash.readUInt16BE(0) % 2048, hash.readUInt16BE(2) % 2048, hash.readUInt16BE(4) % 2048];
    known.set(item, bits);
  }
  return bits;
}
