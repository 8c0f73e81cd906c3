import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from "node:crypto";
import { inspect } from "node:util";
import * as z from "zod";
import { KeyError } from "./key-error.js";
import { readSecretFile, writeSecretFile } from "./secret-file.js";

const PRIVATE_KEY_TYPE = "tendermint/PrivKeyEd25519";
const PUBLIC_KEY_TYPE = "tendermint/PubKeyEd25519";
/** PKCS #8 up to the 32 bytes of the seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const SEED_BYTES = 32;

/** The Ed25519 key with which a validator signs blocks. The secret half does not leave it, except into its file. */
export class ValidatorKey {
  readonly publicKey: Uint8Array;
  /** The first 20 bytes of the public key's SHA-256. */
  readonly address: Uint8Array;
  readonly #key: KeyObject;

  private constructor(key: KeyObject) {
    this.#key = key;
    this.publicKey = rawPublicKey(key);
    this.address = createHash("sha256").update(this.publicKey).digest().subarray(0, 20);
  }

  static generate(): ValidatorKey {
    return new ValidatorKey(generateKeyPairSync("ed25519").privateKey);
  }

  /** From a `priv_validator_key.json` of CometBFT. Throws KeyError. */
  static load(path: string): ValidatorKey {
    const file = parseFile(path, readSecretFile(path));
    const seed = Buffer.from(file.priv_key.value, "base64").subarray(0, SEED_BYTES);
    const der = Buffer.concat([PKCS8_PREFIX, seed], PKCS8_PREFIX.length + SEED_BYTES);
    const key = new ValidatorKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
    if (JSON.stringify(key.#toFile()) !== JSON.stringify(file)) {
      throw new KeyError("malformed", {
        path,
        reason: "its address, public key and private key do not belong together",
      });
    }
    return key;
  }

  /** Into a new `priv_validator_key.json`. Throws KeyError exists. */
  save(path: string): void {
    writeSecretFile(path, `${JSON.stringify(this.#toFile(), null, 2)}\n`);
  }

  sign(message: Uint8Array): Uint8Array {
    return signBytes(null, message, this.#key);
  }

  /** The public half only. */
  toJSON(): { readonly address: string; readonly publicKey: string } {
    return { address: hex(this.address), publicKey: base64(this.publicKey) };
  }

  [inspect.custom](): string {
    return `ValidatorKey ${hex(this.address)}`;
  }

  #toFile(): z.infer<typeof keyFile> {
    const der = this.#key.export({ format: "der", type: "pkcs8" });
    const seed = der.subarray(PKCS8_PREFIX.length, PKCS8_PREFIX.length + SEED_BYTES);
    return {
      address: hex(this.address),
      pub_key: { type: PUBLIC_KEY_TYPE, value: base64(this.publicKey) },
      priv_key: { type: PRIVATE_KEY_TYPE, value: base64(Buffer.concat([seed, this.publicKey])) },
    };
  }
}

const keyFile = z.strictObject({
  address: z.string(),
  pub_key: z.strictObject({ type: z.literal(PUBLIC_KEY_TYPE), value: z.string() }),
  priv_key: z.strictObject({ type: z.literal(PRIVATE_KEY_TYPE), value: z.string() }),
});

function parseFile(path: string, text: string): z.infer<typeof keyFile> {
  try {
    return keyFile.parse(JSON.parse(text));
  } catch (error) {
    // The text of the errors of JSON.parse and zod can quote the file.
    const field = error instanceof z.ZodError ? error.issues[0]?.path.join(".") : undefined;
    throw new KeyError("malformed", { path, reason: field ? `${field} is wrong` : "it is no JSON of that form" });
  }
}

function rawPublicKey(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
