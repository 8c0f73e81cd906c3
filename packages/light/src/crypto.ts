/** The cryptography that verification needs; synchronous, so that a decision is one plain function call. */
export interface Crypto {
  sha256(data: Uint8Array): Uint8Array;
  keccak256(data: Uint8Array): Uint8Array;
  /**
   * By ZIP 215, as CometBFT: multiplied by the cofactor, and points need not be in their shortest form. Who takes fewer (RFC
   * 8032, OpenSSL) refuses blocks of the chain as soon as one validator signs so. Bad input of any kind is `false`.
   */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /**
   * The uncompressed public key (64 bytes, x ‖ y) that made an ECDSA signature (64 bytes, r ‖ s) over a 32-byte hash,
   * or undefined if there is none. Need not refuse a high s: the caller does.
   */
  recoverSecp256k1(hash: Uint8Array, signature: Uint8Array, recovery: 0 | 1): Uint8Array | undefined;
}
