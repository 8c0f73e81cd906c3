import type { KeyKind } from "@ruffchain/cose";

/**
 * Who signs for the device. The key may be in a file, a secure element or behind PKCS#11: whoever holds it, only
 * signatures come out.
 */
export interface Signer {
  /** P-256 is what secure elements have. */
  readonly kind: KeyKind;
  /** P-256: x ‖ y, 64 bytes. Ed25519: 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array;
  /** 64 bytes: ECDSA with SHA-256 as r ‖ s with a low s, or Ed25519. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}
