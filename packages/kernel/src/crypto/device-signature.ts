import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { LruMap } from "../lru-map.js";

/** Keys that are kept parsed: parsing one costs about as much as the check itself. */
export const DEVICE_KEY_CACHE_SIZE = 10_000;

/** SubjectPublicKeyInfo (RFC 5480, RFC 8410) up to the key's own bytes. */
const P256_PREFIX = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex");
const ED25519_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** The tag of a point that is given by both coordinates (SEC 1). */
const UNCOMPRESSED = Buffer.of(4);

/** Half of the order of P-256, rounded down. */
const HALF_ORDER = Buffer.from("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8", "hex");

const keys = new LruMap<string, KeyObject>(DEVICE_KEY_CACHE_SIZE);

function parseKey(prefix: Buffer, publicKey: Uint8Array): KeyObject | undefined {
  const id = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength).toString("latin1");
  const known = keys.get(id);
  if (known) return known;
  try {
    const key = createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: "der", type: "spki" });
    keys.set(id, key);
    return key;
  } catch {
    return undefined; // no point of the curve
  }
}

/**
 * ECDSA over P-256 and SHA-256, as COSE's ESP256 (RFC 9864): the message is hashed here, signature is r‖s (64 bytes) with
 * low s, publicKey is x‖y (64 bytes). Whatever is malformed is false.
 */
export function verifyP256(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 64) return false;
  if (HALF_ORDER.compare(signature, 32, 64) < 0) return false;
  const key = parseKey(P256_PREFIX, publicKey);
  return key !== undefined && verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
}

/**
 * ECDSA over P-256 of a digest of 32 bytes that is not hashed again: low s, the key is x‖y. In JavaScript and some ten times
 * slower than verifyP256: OpenSSL's signatures are reachable with a hash alone. Whatever is malformed is false.
 */
export function verifyP256Digest(digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (digest.length !== 32 || signature.length !== 64 || publicKey.length !== 64) return false;
  try {
    return p256.verify(signature, digest, Buffer.concat([UNCOMPRESSED, publicKey]), { prehash: false, lowS: true });
  } catch {
    return false; // no point of the curve
  }
}

/** Ed25519 (RFC 8032): signature of 64 bytes, publicKey of 32 bytes. Whatever is malformed is false. */
export function verifyEd25519(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  const key = parseKey(ED25519_PREFIX, publicKey);
  return key !== undefined && verify(null, message, key, signature);
}
