import { secp256k1 } from "@noble/curves/secp256k1.js";

/**
 * Recovers the public key x‖y (64 bytes, valid until the next call) from a signature whose r and s are in range, or
 * returns undefined where there is none.
 */
export type RecoverPublicKey = (hash: Uint8Array, signature: Uint8Array, yParity: 0 | 1) => Uint8Array | undefined;

/** Recovery in JavaScript, some 30 times slower than libsecp256k1. */
export const recoverNoble: RecoverPublicKey = (hash, signature, yParity) => {
  try {
    const parsed = secp256k1.Signature.fromBytes(signature, "compact").addRecoveryBit(yParity);
    return parsed.recoverPublicKey(hash).toBytes(false).subarray(1);
  } catch {
    return undefined; // r is no point of the curve, or the key is the point at infinity
  }
};
