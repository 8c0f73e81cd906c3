import type { Hex } from "@ruffchain/abi";
import { keccak256 } from "../crypto/keccak256.js";
import { bytesToHex } from "../hex.js";
import { encodeRlp, listHeader } from "../rlp.js";

/** keccak256(rlp("")): the root of a trie without entries. */
export const EMPTY_TRIE_ROOT: Hex = bytesToHex(keccak256(encodeRlp(new Uint8Array())));

/** An entry of the trie: the key is rlp(index), of `nibbles` half-bytes. */
interface Entry {
  readonly key: Uint8Array;
  readonly nibbles: number;
  readonly item: Uint8Array;
}

/**
 * The root of the Merkle Patricia trie that maps rlp(index) to each item: transactionsRoot and receiptsRoot (yellow
 * paper, section 4.3.2 and appendix D). Built in one pass over the sorted keys; nothing is stored.
 */
export function orderedTrieRoot(items: readonly Uint8Array[]): Hex {
  if (items.length === 0) return EMPTY_TRIE_ROOT;
  const entries = items.map((item, index) => {
    const key = encodeRlp(index);
    return { key, nibbles: key.length * 2, item };
  });
  // By key: 1 to 127 are themselves, 0 is 0x80, all others start with 0x81 or more and sort as their numbers do.
  const zero = entries.splice(0, 1);
  entries.splice(127, 0, ...zero);
  return bytesToHex(keccak256(node(entries, 0, entries.length, 0)));
}

/** RLP of the node over the entries from `start` to before `end`, which agree in their first `depth` nibbles. */
function node(entries: readonly Entry[], start: number, end: number, depth: number): Uint8Array {
  const first = entries[start] as Entry;
  if (end - start === 1) return encodeRlp([path(first, depth, first.nibbles, LEAF), first.item]);
  const last = entries[end - 1] as Entry;
  let fork = depth;
  while (nibble(first, fork) === nibble(last, fork)) fork++;
  if (fork > depth) return list([encodeRlp(path(first, depth, fork, EXTENSION)), reference(entries, start, end, fork)]);
  const children: Uint8Array[] = [];
  let at = start;
  for (let branch = 0; branch < 16; branch++) {
    const from = at;
    while (at < end && nibble(entries[at] as Entry, depth) === branch) at++;
    children.push(at === from ? EMPTY : reference(entries, from, at, depth + 1));
  }
  children.push(EMPTY); // no key is the beginning of another, so no branch has a value
  return list(children);
}

const EMPTY = encodeRlp(new Uint8Array());

/** How a parent holds a node: itself if it is shorter than a hash, else its hash. */
function reference(entries: readonly Entry[], start: number, end: number, depth: number): Uint8Array {
  const encoded = node(entries, start, end, depth);
  return encoded.length < 32 ? encoded : encodeRlp(keccak256(encoded));
}

/** A list of items that are encoded already. */
function list(encodedItems: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const item of encodedItems) length += item.length;
  return Buffer.concat([listHeader(length), ...encodedItems]);
}

function nibble({ key }: Entry, depth: number): number {
  const byte = key[depth >> 1] as number;
  return depth % 2 === 0 ? byte >> 4 : byte & 15;
}

const EXTENSION = 0;
const LEAF = 2;

/** The hex-prefix encoding of the nibbles `from` to before `to`. */
function path(entry: Entry, from: number, to: number, flag: typeof EXTENSION | typeof LEAF): Uint8Array {
  const odd = (to - from) % 2;
  const bytes = new Uint8Array((to - from - odd) / 2 + 1);
  bytes[0] = odd === 1 ? ((flag + 1) << 4) | nibble(entry, from) : flag << 4;
  for (let i = 1, at = from + odd; at < to; i++, at += 2) bytes[i] = (nibble(entry, at) << 4) | nibble(entry, at + 1);
  return bytes;
}
