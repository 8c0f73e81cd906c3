import { bytesToHex } from "@noble/hashes/utils.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";
import { decodeProof } from "./commitment-proof.js";
import { bitAt, type Leaf, verifyExistence } from "./existence.js";

/**
 * Checks that the state with this root has nothing under `key`. `proof` is an ICS 23 CommitmentProof in protobuf: of
 * the leaf before the key's place, of the one after it, or of both. Throws LightError `malformed` or one of the codes
 * of ProofFailures.
 *
 * Why it is enough: every leaf is at the place that its hash gives, so leaves are ordered by hash. `left` is the last
 * leaf of its half and `right` the first of its half, below the level where their paths part (below the root if there
 * is only one of them): so no leaf lies between them, where the key would have to be.
 */
export function verifyNonMembership(
  root: Uint8Array,
  key: Uint8Array,
  proof: Uint8Array,
  crypto: Crypto = nobleCrypto,
): void {
  const { nonExistence } = decodeProof(proof);
  if (nonExistence === undefined) {
    throw new LightError("proofWrongKind", { expected: "nonExistence" }, "the proof says that there is such a key");
  }
  const expected = bytesToHex(key);
  const actual = bytesToHex(nonExistence.key);
  if (actual !== expected)
    throw new LightError("proofWrongKey", { expected, actual }, `the proof is for key ${actual}, not ${expected}`);

  const left = nonExistence.left && verifyExistence(root, nonExistence.left, crypto);
  const right = nonExistence.right && verifyExistence(root, nonExistence.right, crypto);
  const position = bytesToHex(crypto.sha256(key));
  if ((left && bytesToHex(left.position) >= position) || (right && bytesToHex(right.position) <= position)) {
    throw new LightError(
      "proofWrongOrder",
      { key: expected },
      `key ${expected} is not between the keys that are proven`,
    );
  }
  const below = left && right ? partingLevel(left, right) + 1 : 0;
  const adjacent =
    (left || right) && (!left || isOutermost(left, below, 1)) && (!right || isOutermost(right, below, 0));
  if (!adjacent) {
    throw new LightError(
      "proofNotAdjacent",
      { key: expected },
      `another key may lie between the ones that are proven: perhaps ${expected}`,
    );
  }
}

/** The level at which the paths of two different leaves part. */
function partingLevel(left: Leaf, right: Leaf): number {
  let level = 0;
  while (bitAt(left.position, level) === bitAt(right.position, level)) level++;
  return level;
}

/** From `level` down, the leaf is the last one on this side (0 left, 1 right): beyond its path all subtrees are empty. */
function isOutermost({ position, siblings }: Leaf, level: number, side: 0 | 1): boolean {
  return siblings.every(
    (sibling, at) => at < level || bitAt(position, at) === side || sibling.every((byte) => byte === 0),
  );
}
