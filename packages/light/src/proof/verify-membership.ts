import { bytesToHex } from "@noble/hashes/utils.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";
import { decodeProof } from "./commitment-proof.js";
import { verifyExistence } from "./existence.js";

/**
 * Checks that the state with this root has `value` under `key`. `proof` is an ICS 23 CommitmentProof in protobuf.
 * Throws LightError `malformed` or one of the codes of ProofFailures.
 */
export function verifyMembership(
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array,
  proof: Uint8Array,
  crypto: Crypto = nobleCrypto,
): void {
  const { existence } = decodeProof(proof);
  if (existence === undefined) {
    throw new LightError("proofWrongKind", { expected: "existence" }, "the proof says that there is no such key");
  }
  const expected = bytesToHex(key);
  const actual = bytesToHex(existence.key);
  if (actual !== expected)
    throw new LightError("proofWrongKey", { expected, actual }, `the proof is for key ${actual}, not ${expected}`);
  if (bytesToHex(existence.value) !== bytesToHex(value)) {
    throw new LightError("proofWrongValue", { key: expected }, `the proof is for another value of key ${expected}`);
  }
  verifyExistence(root, existence, crypto);
}
