import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import type { Crypto } from "./crypto.js";

/** The default: JavaScript only, for every platform. A program on Node checks signatures some ten times faster with node:crypto. */
export const nobleCrypto: Crypto = {
  sha256,
  keccak256: keccak_256,
  verifyEd25519: (publicKey, message, signature) =>
    publicKey.length === 32 &&
    signature.length === 64 &&
    ed25519.verify(signature, message, publicKey, { zip215: true }),
  recoverSecp256k1: (hash, signature, recovery) => {
    try {
      const point = secp256k1.Signature.fromBytes(signature, "compact").addRecoveryBit(recovery).recoverPublicKey(hash);
      return point.toBytes(false).subarray(1);
    } catch {
      return undefined; // r or s out of range, or r not on the curve: nobody made this signature
    }
  },
};
