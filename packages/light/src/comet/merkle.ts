import { concatBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "../crypto.js";
import { nobleCrypto } from "../noble-crypto.js";

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

/** The Merkle root (32 bytes) of a list, as CometBFT builds all its lists: RFC 6962 §2.1; SHA-256 of nothing if empty. */
export function merkleRoot(items: readonly Uint8Array[], crypto: Crypto = nobleCrypto): Uint8Array {
  const [first] = items;
  if (first === undefined) return crypto.sha256(new Uint8Array());
  if (items.length === 1) return crypto.sha256(concatBytes(LEAF, first));
  const split = 2 ** (31 - Math.clz32(items.length - 1));
  return crypto.sha256(
    concatBytes(INNER, merkleRoot(items.slice(0, split), crypto), merkleRoot(items.slice(split), crypto)),
  );
}

/** `dataHash` of a header: the root over the hashes of the block's transactions. */
export function dataHash(transactions: readonly Uint8Array[], crypto: Crypto = nobleCrypto): Uint8Array {
  return merkleRoot(
    transactions.map((transaction) => crypto.sha256(transaction)),
    crypto,
  );
}
