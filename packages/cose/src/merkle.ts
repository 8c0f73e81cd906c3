import { sha256 } from "@noble/hashes/sha2.js";
import { CoseError } from "./cose-error.js";
import { isEqual } from "./is-equal.js";

/** The Merkle tree of RFC 9162 §2.1, over leaf hashes. `hash` is SHA-256; a program on Node may pass a faster one. */
export type Hash = (data: Uint8Array) => Uint8Array;

/** SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array, hash: Hash = sha256): Uint8Array {
  return hash(join(0, entry));
}

/** The root over leaf hashes; SHA-256 of nothing for an empty tree. */
export function merkleRoot(leaves: readonly Uint8Array[], hash: Hash = sha256): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return hash(new Uint8Array(0));
  if (leaves.length === 1) return first;
  const split = largestPowerBelow(leaves.length);
  return node(merkleRoot(leaves.slice(0, split), hash), merkleRoot(leaves.slice(split), hash), hash);
}

/** The sibling hashes from the leaf at the index up to the root. Throws CoseError indexOutOfRange. */
export function inclusionProof(leaves: readonly Uint8Array[], index: number, hash: Hash = sha256): Uint8Array[] {
  if (!(index >= 0 && index < leaves.length)) {
    throw new CoseError("indexOutOfRange", `a tree of ${leaves.length} leaves has no leaf ${index}`);
  }
  if (leaves.length === 1) return [];
  const split = largestPowerBelow(leaves.length);
  const left = leaves.slice(0, split);
  const right = leaves.slice(split);
  return index < split
    ? [...inclusionProof(left, index, hash), merkleRoot(right, hash)]
    : [...inclusionProof(right, index - split, hash), merkleRoot(left, hash)];
}

/** Whether the leaf is at the index of the tree of that size with that root (RFC 9162 §2.1.3.2). */
export function verifyInclusion(
  root: Uint8Array,
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  hash: Hash = sha256,
): boolean {
  if (!(index >= 0 && index < size)) return false;
  let fn = index;
  let sn = size - 1;
  let result = leaf;
  for (const sibling of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      result = node(sibling, result, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      result = node(result, sibling, hash);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && isEqual(result, root);
}

function node(left: Uint8Array, right: Uint8Array, hash: Hash): Uint8Array {
  return hash(join(1, left, right));
}

function join(prefix: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0));
  joined[0] = prefix;
  let at = 1;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
