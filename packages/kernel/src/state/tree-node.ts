import { sha256 } from "../crypto/sha256.js";
import { keyBytes } from "./keys.js";
import type { StateKey } from "./reader.js";

/** The hash of an empty subtree, and the root of an empty tree. */
export const EMPTY_HASH = new Uint8Array(32);

const LEAF_PREFIX = 0x00;

/** Where a key stands in the tree: each bit of its SHA-256, from the highest, is a step to the left (0) or right (1). */
export function pathOf(key: StateKey): Uint8Array {
  return sha256(keyBytes(key));
}

/**
 * SHA-256(0x00 ‖ path ‖ SHA-256(value)): 65 bytes, where an inner node hashes 64, so that neither can be read as the
 * other.
 */
export function leafHash(path: Uint8Array, value: Uint8Array): Uint8Array {
  const preimage = Buffer.allocUnsafe(65);
  preimage[0] = LEAF_PREFIX;
  preimage.set(path, 1);
  preimage.set(sha256(value), 33);
  return sha256(preimage);
}
