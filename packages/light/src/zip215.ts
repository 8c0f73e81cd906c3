import type { Crypto } from "./crypto.js";
import { nobleCrypto } from "./noble-crypto.js";

/** `verifyEd25519` of something fast that takes fewer signatures than ZIP 215 has it, as OpenSSL does: what it refuses is checked again. */
export function withZip215(verify: Crypto["verifyEd25519"]): Crypto["verifyEd25519"] {
  return (publicKey, message, signature) =>
    publicKey.length === 32 &&
    signature.length === 64 &&
    (verify(publicKey, message, signature) || nobleCrypto.verifyEd25519(publicKey, message, signature));
}
