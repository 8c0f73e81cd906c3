import { gasSchedule } from "../gas-schedule.js";
import { verifyP256, verifyP256Digest } from "./device-signature.js";
import { keccak256 } from "./keccak256.js";
import { recoverAddress } from "./recover-address.js";
import { sha256 } from "./sha256.js";

/** What an account's key is: the numbers are those of key authorizations and of the `Keychain` contract. */
export const signatureTypes = ["secp256k1", "p256", "webAuthn"] as const;
export type SignatureType = (typeof signatureTypes)[number];

/** Most bytes of a WebAuthn signature behind its type byte. */
export const MAX_WEBAUTHN_BYTES = 2_048;

const P256_TYPE = 0x01;
const WEBAUTHN_TYPE = 0x02;
const SECP256K1_BYTES = 65;
const P256_BYTES = 130;
/** r ‖ s ‖ x ‖ y, at the end of a WebAuthn signature. */
const TAIL_BYTES = 128;
/** rpIdHash (32) ‖ flags (1) ‖ signCount (4): authenticatorData without attested key and extensions. */
const AUTHENTICATOR_DATA_BYTES = 37;
const USER_PRESENT = 0x01;
const ATTESTED_OR_EXTENDED = 0xc0;

/** The kind of an account's signature by its form alone; undefined for what is none. */
export function signatureType(signature: Uint8Array): SignatureType | undefined {
  const { length } = signature;
  if (length === SECP256K1_BYTES) return "secp256k1";
  if (signature[0] === P256_TYPE) return length === P256_BYTES ? "p256" : undefined;
  if (signature[0] !== WEBAUTHN_TYPE) return undefined;
  return length >= 1 + TAIL_BYTES && length <= 1 + MAX_WEBAUTHN_BYTES ? "webAuthn" : undefined;
}

/**
 * The address (20 bytes) that a signature of a hash (32 bytes) speaks for, in the envelope of Tempo's transactions:
 * secp256k1 is r ‖ s ‖ v (65 bytes, v is 0, 1, 27 or 28), P-256 is 0x01 ‖ r ‖ s ‖ x ‖ y ‖ prehash (prehash 1: SHA-256 of the hash
 * was signed, as WebCrypto does, 0: the hash itself), WebAuthn is 0x02 ‖ authenticatorData ‖ clientDataJSON ‖ r ‖ s ‖ x ‖ y. The
 * address of a P-256 key is the end of keccak256(x ‖ y). All have low s. Whatever is malformed or wrong is undefined.
 */
export function recoverSigner(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  switch (signatureType(signature)) {
    case "secp256k1":
      return recoverSecp256k1(digest, signature);
    case "p256":
      return recoverP256(digest, signature);
    case "webAuthn":
      return recoverWebAuthn(digest, signature);
    default:
      return undefined;
  }
}

/** Gas for recovering the signer, whatever the outcome. */
export function signatureGas(signature: Uint8Array): number {
  switch (signatureType(signature)) {
    case "secp256k1":
      return gasSchedule.recoverSecp256k1;
    case "p256":
      return signature[129] === 1 ? gasSchedule.verifyP256 : gasSchedule.verifyP256Digest;
    case "webAuthn":
      return gasSchedule.verifyP256 + gasSchedule.hash + gasSchedule.hashByte * signature.length;
    default:
      return gasSchedule.hash;
  }
}

function recoverSecp256k1(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  const v = signature[64] as number;
  const yParity = v >= 27 ? v - 27 : v;
  return recoverAddress(digest, signature.subarray(0, 64), yParity as 0 | 1);
}

function recoverP256(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  const prehash = signature[129] as number;
  if (prehash > 1) return undefined;
  const verify = prehash === 1 ? verifyP256 : verifyP256Digest;
  const publicKey = signature.subarray(65, 129);
  return verify(digest, signature.subarray(1, 65), publicKey) ? p256Address(publicKey) : undefined;
}

function recoverWebAuthn(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  const data = signature.subarray(1, signature.length - TAIL_BYTES);
  const [rs, publicKey] = [signature.subarray(-TAIL_BYTES, -64), signature.subarray(-64)];
  const authenticatorData = data.subarray(0, AUTHENTICATOR_DATA_BYTES);
  const clientData = data.subarray(AUTHENTICATOR_DATA_BYTES);
  const flags = data[32] ?? 0;
  if ((flags & USER_PRESENT) === 0 || (flags & ATTESTED_OR_EXTENDED) !== 0) return undefined;
  if (!isAssertionOf(clientData, digest)) return undefined;
  const signed = Buffer.concat([authenticatorData, sha256(clientData)]);
  return verifyP256(signed, rs, publicKey) ? p256Address(publicKey) : undefined;
}

/** Whether clientDataJSON (WebAuthn, 5.8.1) is of an assertion with the digest as its challenge. */
function isAssertionOf(clientData: Uint8Array, digest: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(clientData);
    const { type, challenge } = JSON.parse(text) as { readonly type?: unknown; readonly challenge?: unknown };
    return type === "webauthn.get" && challenge === Buffer.from(digest).toString("base64url");
  } catch {
    return false; // no UTF-8, no JSON, or null
  }
}

function p256Address(publicKey: Uint8Array): Uint8Array {
  return keccak256(publicKey).subarray(12);
}
