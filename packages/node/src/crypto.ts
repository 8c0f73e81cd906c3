import { createPublicKey, hash, verify } from "node:crypto";
import { keccak256 } from "@ruffchain/kernel";
import { type Crypto, nobleCrypto } from "@ruffchain/light";

const ED25519_SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/**
 * The light client's cryptography on Node: some ten times faster than the JavaScript default. OpenSSL takes fewer signatures
 * than ZIP 215 has it: what it refuses is checked again.
 */
export const nodeCrypto: Crypto = {
  ...nobleCrypto,
  sha256: (data) => hash("sha256", data, "buffer"),
  keccak256,
  verifyEd25519: (publicKey, message, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const key = createPublicKey({ key: Buffer.concat([ED25519_SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
    return verify(null, message, key, signature) || nobleCrypto.verifyEd25519(publicKey, message, signature);
  },
};
