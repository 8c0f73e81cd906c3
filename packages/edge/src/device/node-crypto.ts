import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import { type Crypto, nobleCrypto, withZip215 } from "@ruffchain/light";

const ED25519_SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
/** Only validators' keys are kept, and only trusted validators' signatures are checked. */
const keys = new Map<string, KeyObject>();

export function sha256(data: Uint8Array): Uint8Array {
  return hash("sha256", data, "buffer");
}

/** The light client's cryptography by Node's own: signatures are checked some ten times faster. */
export const nodeCrypto: Crypto = {
  ...nobleCrypto,
  sha256,
  verifyEd25519: withZip215((publicKey, message, signature) => verify(null, message, keyOf(publicKey), signature)),
};

function keyOf(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString("latin1");
  let key = keys.get(name);
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.concat([ED25519_SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
    keys.set(name, key);
  }
  return key;
}
