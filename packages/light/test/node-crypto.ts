import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import { type Crypto, nobleCrypto } from "@ruffchain/light";

const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const keys = new Map<string, KeyObject>();

function publicKeyOf(raw: Uint8Array): KeyObject {
  const name = Buffer.from(raw).toString("hex");
  const known = keys.get(name);
  if (known) return known;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: "der", type: "spki" });
  keys.set(name, key);
  return key;
}

/** What a program on Node passes: hashes and Ed25519 by OpenSSL. */
export const nodeCrypto: Crypto = {
  ...nobleCrypto,
  sha256: (data) => hash("sha256", data, "buffer"),
  verifyEd25519: (publicKey, message, signature) =>
    publicKey.length === 32 &&
    signature.length === 64 &&
    (verify(null, message, publicKeyOf(publicKey), signature) ||
      nobleCrypto.verifyEd25519(publicKey, message, signature)),
};
