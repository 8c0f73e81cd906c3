import { sha256 } from "@noble/hashes/sha2.js";
import { CborWriter } from "./cbor-writer.js";
import type { KeyKind } from "./labels.js";

/** Bytes of the public key: P-256 x ‖ y, Ed25519 as RFC 8032. */
export const PUBLIC_KEY_BYTES = { p256: 64, ed25519: 32 } as const satisfies Record<KeyKind, number>;

/** Bytes of a key id in a message: the first of the device's id. */
export const KID_BYTES = 16;

/** The deterministic COSE_Key (RFC 9052 §7) of a public key. Throws RangeError for another length. */
export function encodeCoseKey(kind: KeyKind, publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== PUBLIC_KEY_BYTES[kind]) {
    throw new RangeError(`a ${kind} key has ${PUBLIC_KEY_BYTES[kind]} bytes, got ${publicKey.length}`);
  }
  if (kind === "ed25519")
    return new CborWriter().map(3).uint(1).uint(1).int(-1).uint(6).int(-2).byteString(publicKey).finish();
  return new CborWriter()
    .map(4)
    .uint(1)
    .uint(2)
    .int(-1)
    .uint(1)
    .int(-2)
    .byteString(publicKey.subarray(0, 32))
    .int(-3)
    .byteString(publicKey.subarray(32))
    .finish();
}

/** The id of a device (32 bytes): SHA-256 of its COSE_Key, the thumbprint of RFC 9679. */
export function deviceId(
  kind: KeyKind,
  publicKey: Uint8Array,
  hash: (data: Uint8Array) => Uint8Array = sha256,
): Uint8Array {
  return hash(encodeCoseKey(kind, publicKey));
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The textual name of a device: the first 12 bytes of its id in base64url. */
export function deviceUrn(id: Uint8Array): string {
  let text = "";
  for (let i = 0; i < 12; i += 3) {
    const bits = ((id[i] as number) << 16) | ((id[i + 1] as number) << 8) | (id[i + 2] as number);
    for (const shift of [18, 12, 6, 0]) text += BASE64URL[(bits >> shift) & 63];
  }
  return `urn:dev:ruff:${text}`;
}
