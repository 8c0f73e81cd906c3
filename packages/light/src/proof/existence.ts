import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import type { ExistenceProof, InnerOp, LeafOp } from "./commitment-proof.js";

/** Longest path: one step per bit of SHA-256(key). */
export const MAX_PROOF_DEPTH = 256;

/** HashOp.SHA256 and LengthOp.NO_PREFIX of ICS 23. */
const SHA256 = 1;
const NO_PREFIX = 0;

const LEAF_PREFIX = Uint8Array.of(0);
const HASH_LENGTH = 32;

/** A proven leaf: where it is, and the hashes beside its path. */
export interface Leaf {
  /** SHA-256(key): its bits, highest first, are the turns from the root, 0 to the left. */
  readonly position: Uint8Array;
  /** The siblings by level, the root's children first. */
  readonly siblings: readonly Uint8Array[];
}

/** The turn at a level of the tree: 0 is left. */
export function bitAt(position: Uint8Array, level: number): number {
  return ((position[level >> 3] ?? 0) >> (7 - (level & 7))) & 1;
}

/**
 * Checks that `root` holds the proof's key with the proof's value, at the key's own place. Leaf =
 * SHA-256(0x00 ‖ SHA-256(key) ‖ SHA-256(value)), inner node = SHA-256(left ‖ right).
 */
export function verifyExistence(root: Uint8Array, proof: ExistenceProof, crypto: Crypto): Leaf {
  const { key, value, leaf, path } = proof;
  if (!isLeafOp(leaf))
    throw new LightError("proofWrongOperation", { operation: "leaf", index: 0 }, "the leaf is hashed in another way");
  if (path.length > MAX_PROOF_DEPTH) {
    const details = { depth: path.length, limit: MAX_PROOF_DEPTH };
    throw new LightError("proofTooDeep", details, `the path has ${path.length} steps, more than ${MAX_PROOF_DEPTH}`);
  }
  const position = crypto.sha256(key);
  let hash = crypto.sha256(concatBytes(LEAF_PREFIX, position, crypto.sha256(value)));
  const siblings: Uint8Array[] = [];
  for (const [index, step] of path.entries()) {
    const level = path.length - 1 - index;
    const { prefix, suffix } = step;
    if (!isInnerOp(step)) {
      throw new LightError(
        "proofWrongOperation",
        { operation: "inner", index },
        `step ${index} is hashed in another way`,
      );
    }
    if (bitAt(position, level) !== (prefix.length > 0 ? 1 : 0)) {
      throw new LightError("proofOffPath", { level }, `at level ${level} the path leaves the key's place`);
    }
    hash = crypto.sha256(concatBytes(prefix, hash, suffix));
    siblings.unshift(prefix.length > 0 ? prefix : suffix);
  }
  const actual = bytesToHex(hash);
  const expected = bytesToHex(root);
  if (actual !== expected) {
    throw new LightError(
      "proofWrongRoot",
      { expected, actual },
      `the proof leads to the root ${actual}, not to ${expected}`,
    );
  }
  return { position, siblings };
}

function isLeafOp(leaf: LeafOp | undefined): boolean {
  return (
    leaf !== undefined &&
    leaf.hash === SHA256 &&
    leaf.prehashKey === SHA256 &&
    leaf.prehashValue === SHA256 &&
    leaf.length === NO_PREFIX &&
    leaf.prefix.length === 1 &&
    leaf.prefix[0] === LEAF_PREFIX[0]
  );
}

/** The sibling is on one side, all of it and nothing else. */
function isInnerOp({ hash, prefix, suffix }: InnerOp): boolean {
  return (
    hash === SHA256 && prefix.length + suffix.length === HASH_LENGTH && (prefix.length === 0 || suffix.length === 0)
  );
}
