import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, numberToBytesLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { blockIdFlag, type Commit, commitVote, voteSignBytes } from "@ruffchain/light";
import { chainId, makeSigners, type Signer } from "./chain.js";

const { BASE, Fn } = ed25519.Point;
const [, ORDER_8 = ""] = ED25519_TORSION_SUBGROUP;

/**
 * A signature as an ill-willed validator can make it: R has a part of order 8. CometBFT multiplies by the cofactor and
 * takes it (ZIP 215), OpenSSL does not and refuses it.
 */
export function signWithTorsion(message: Uint8Array, { secretKey }: Signer): Uint8Array {
  const { prefix, scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey);
  const nonce = scalarOf(prefix, message);
  const r = BASE.multiply(nonce).add(ed25519.Point.fromHex(ORDER_8)).toBytes();
  const challenge = scalarOf(r, pointBytes, message);
  return concatBytes(r, numberToBytesLE(Fn.create(nonce + challenge * scalar), 32));
}

function scalarOf(...parts: readonly Uint8Array[]): bigint {
  return Fn.create(bytesToNumberLE(sha512(concatBytes(...parts))));
}

/** The commit with the slot of one of its signers signed in this way. */
export function withTorsion(commit: Commit, signers: readonly Signer[], index: number): Commit {
  const signatures = commit.signatures.map((slot, at) => {
    const signer = signers[at];
    if (at !== index || signer === undefined || slot.flag !== blockIdFlag.commit) return slot;
    return { ...slot, signature: signWithTorsion(voteSignBytes(chainId, commitVote(commit, slot)), signer) };
  });
  return { ...commit, signatures };
}

const [signer] = makeSigners([1n]) as [Signer];
const message = utf8ToBytes("a vote");
const plain = ed25519.sign(message, signer.secretKey);
const torsion = signWithTorsion(message, signer);
const identity = ED25519_TORSION_SUBGROUP[0] ?? "";
const smallOrder = hexToBytes(ORDER_8);
/** The point of order 1 as y = p + 1: not the shortest form. */
const longIdentity = hexToBytes(`ee${"ff".repeat(30)}7f`);
const zero = new Uint8Array(32);
const flipped = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes[at] ?? 0) ^ 1);
const plusOrder = (signature: Uint8Array) =>
  concatBytes(signature.slice(0, 32), numberToBytesLE(bytesToNumberLE(signature.slice(32)) + Fn.ORDER, 32));

/** What `Crypto.verifyEd25519` must say of public key, message and signature. */
export const verdicts: readonly [string, Uint8Array, Uint8Array, Uint8Array, boolean][] = [
  ["a signature of RFC 8032", signer.publicKey, message, plain, true],
  ["R with a part of order 8", signer.publicKey, message, torsion, true],
  ["a key and an R of order 8", smallOrder, message, concatBytes(smallOrder, zero), true],
  ["a key not in its shortest form", longIdentity, message, concatBytes(hexToBytes(identity), zero), true],
  ["another message", signer.publicKey, utf8ToBytes("another vote"), plain, false],
  ["another message, R with a part of order 8", signer.publicKey, utf8ToBytes("another vote"), torsion, false],
  ["another key", makeSigners([1n], "another")[0]?.publicKey ?? zero, message, torsion, false],
  ["a changed R", signer.publicKey, message, flipped(torsion, 0), false],
  ["a changed S", signer.publicKey, message, flipped(torsion, 40), false],
  ["S not below the order", signer.publicKey, message, plusOrder(torsion), false],
  ["a key that is no point", Uint8Array.of(2, ...new Uint8Array(31)), message, plain, false],
  ["a key too short", signer.publicKey.slice(1), message, plain, false],
  ["a key too long", concatBytes(signer.publicKey, Uint8Array.of(0)), message, plain, false],
  ["a signature too short", signer.publicKey, message, torsion.slice(0, 63), false],
  ["a signature too long", signer.publicKey, message, concatBytes(torsion, Uint8Array.of(0)), false],
  ["no key and no signature", new Uint8Array(), message, new Uint8Array(), false],
];
