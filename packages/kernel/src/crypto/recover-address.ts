import { keccak256 } from "./keccak256.js";
import { recoverLibsecp256k1 } from "./recover-libsecp256k1.js";
import { type RecoverPublicKey, recoverNoble } from "./recover-noble.js";

export type RecoverAddress = (hash: Uint8Array, signature: Uint8Array, yParity: 0 | 1) => Uint8Array | undefined;

/** The order of secp256k1, and half of it rounded down, the greatest s by EIP-2. */
const ORDER = Buffer.from("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "hex");
const HALF_ORDER = Buffer.from("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", "hex");
const ZERO = Buffer.alloc(32);

/** Whether 0 < r < n and 0 < s <= n/2 (EIP-2) in r‖s. */
function isCanonical(signature: Uint8Array): boolean {
  const bytes = Buffer.from(signature.buffer, signature.byteOffset, signature.byteLength);
  return (
    bytes.length === 64 &&
    bytes.compare(ORDER, 0, 32, 0, 32) < 0 &&
    bytes.compare(ZERO, 0, 32, 0, 32) > 0 &&
    bytes.compare(HALF_ORDER, 0, 32, 32, 64) <= 0 &&
    bytes.compare(ZERO, 0, 32, 32, 64) > 0
  );
}

function recoverWith(recoverPublicKey: RecoverPublicKey): RecoverAddress {
  return (hash, signature, yParity) => {
    if (hash.length !== 32 || (yParity !== 0 && yParity !== 1) || !isCanonical(signature)) return undefined;
    const publicKey = recoverPublicKey(hash, signature, yParity);
    return publicKey && keccak256(publicKey).subarray(12);
  };
}

/** Both implementations; `libsecp256k1` is undefined where it has no build for this platform. */
export const recoverImplementations: {
  readonly noble: RecoverAddress;
  readonly libsecp256k1: RecoverAddress | undefined;
} = {
  noble: recoverWith(recoverNoble),
  libsecp256k1: recoverLibsecp256k1 && recoverWith(recoverLibsecp256k1),
};

/**
 * The address (20 bytes) whose key signed the hash: signature is r‖s (64 bytes). Returns undefined for a signature that
 * has no key, is out of range, or has a high s (EIP-2). libsecp256k1 where it is built, else JavaScript.
 */
export const recoverAddress: RecoverAddress = recoverImplementations.libsecp256k1 ?? recoverImplementations.noble;
