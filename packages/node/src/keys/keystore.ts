import { createCipheriv, createDecipheriv, pbkdf2, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { keccak256 } from "@ruffchain/kernel";
import * as z from "zod";
import { AccountKey } from "./account-key.js";
import { KeyError } from "./key-error.js";
import { readSecretFile, writeSecretFile } from "./secret-file.js";

/** scrypt's cost for new keystores, geth's standard: 256 MiB and about a second. */
export const SCRYPT_N = 262_144;
const SCRYPT_R = 8;
const SCRYPT_P = 1;
/** Most memory that the scrypt parameters of a keystore may ask for. */
export const MAX_SCRYPT_BYTES = 2 ** 30;
/** Most rounds that the PBKDF2 parameters of a keystore may ask for. */
export const MAX_PBKDF2_ROUNDS = 10_000_000;
const CIPHER = "aes-128-ctr";

const pbkdf2Async = promisify(pbkdf2);

const hex = (bytes?: number) =>
  z.string().regex(bytes === undefined ? /^([0-9a-f]{2})+$/i : new RegExp(`^[0-9a-f]{${2 * bytes}}$`, "i"));
const scryptParams = z.object({
  dklen: z.literal(32),
  n: z
    .int()
    .min(2)
    .refine((n) => Number.isInteger(Math.log2(n)), "must be a power of two"),
  r: z.int().min(1),
  p: z.int().min(1).max(16),
  salt: hex(),
});
const pbkdf2Params = z.object({
  dklen: z.literal(32),
  c: z.int().min(1).max(MAX_PBKDF2_ROUNDS),
  prf: z.literal("hmac-sha256"),
  salt: hex(),
});
const encrypted = {
  cipher: z.literal(CIPHER),
  cipherparams: z.object({ iv: hex(16) }),
  ciphertext: hex(32),
  mac: hex(32),
};
const keystore = z.object({
  version: z.literal(3),
  id: z.string(),
  address: z.string().optional(),
  crypto: z.discriminatedUnion("kdf", [
    z.object({ ...encrypted, kdf: z.literal("scrypt"), kdfparams: scryptParams }),
    z.object({ ...encrypted, kdf: z.literal("pbkdf2"), kdfparams: pbkdf2Params }),
  ]),
});

/** Web3 Secret Storage, version 3: the key files of geth and of most wallets. */
export type Keystore = z.infer<typeof keystore>;

/** Encrypts a key under a passphrase (normalised as NFKC). A smaller `n` is faster for you and for a thief. */
export async function encryptKeystore(key: AccountKey, passphrase: string, { n = SCRYPT_N } = {}): Promise<Keystore> {
  const salt = randomBytes(32).toString("hex");
  const iv = randomBytes(16);
  const kdfparams = { dklen: 32 as const, n, r: SCRYPT_R, p: SCRYPT_P, salt };
  const derived = await deriveKey({ kdf: "scrypt", kdfparams }, passphrase);
  const cipher = createCipheriv(CIPHER, derived.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(key.reveal().slice(2), "hex"), cipher.final()]);
  return {
    version: 3,
    id: randomUUID(),
    address: key.address.slice(2),
    crypto: {
      cipher: CIPHER,
      cipherparams: { iv: iv.toString("hex") },
      ciphertext: ciphertext.toString("hex"),
      kdf: "scrypt",
      kdfparams,
      mac: mac(derived, ciphertext).toString("hex"),
    },
  };
}

/** Takes a parsed keystore file. Throws KeyError unsupportedKeystore, wrongPassphrase. */
export async function decryptKeystore(json: unknown, passphrase: string): Promise<AccountKey> {
  const { crypto } = parseKeystore(json);
  const derived = await deriveKey(crypto, passphrase);
  const ciphertext = Buffer.from(crypto.ciphertext, "hex");
  if (!timingSafeEqual(mac(derived, ciphertext), Buffer.from(crypto.mac, "hex"))) throw new KeyError("wrongPassphrase");
  const decipher = createDecipheriv(CIPHER, derived.subarray(0, 16), Buffer.from(crypto.cipherparams.iv, "hex"));
  return new AccountKey(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}

/** Into a new file. Throws KeyError exists. */
export function saveKeystore(path: string, store: Keystore): void {
  writeSecretFile(path, `${JSON.stringify(store)}\n`);
}

/** Throws KeyError. */
export function loadKeystore(path: string): Keystore {
  const text = readSecretFile(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new KeyError("malformed", { path, reason: "it is not JSON" });
  }
  return parseKeystore(json);
}

/** Some wallets write "Crypto". */
function parseKeystore(json: unknown): Keystore {
  const { Crypto, ...rest } = Object(json);
  const { data, error } = keystore.safeParse(Crypto === undefined ? json : { ...rest, crypto: Crypto });
  if (data) return data;
  const [issue] = error.issues;
  throw new KeyError("unsupportedKeystore", { reason: `${issue?.path.join(".")}: ${issue?.message}` });
}

type KeyDerivation = Pick<Keystore["crypto"], "kdf" | "kdfparams">;

async function deriveKey(params: KeyDerivation, passphrase: string): Promise<Uint8Array> {
  const password = passphrase.normalize("NFKC");
  const salt = Buffer.from(params.kdfparams.salt, "hex");
  if ("c" in params.kdfparams) return pbkdf2Async(password, salt, params.kdfparams.c, 32, "sha256");
  const { n: N, r, p } = params.kdfparams;
  if (128 * N * r > MAX_SCRYPT_BYTES) {
    throw new KeyError("unsupportedKeystore", { reason: `scrypt would take ${128 * N * r} bytes of memory` });
  }
  // Node's scrypt refuses n of 2^18 with r of 1, as keystores of Python's tools have.
  return scryptAsync(password, salt, { N, r, p, dkLen: 32, maxmem: 2 * MAX_SCRYPT_BYTES });
}

function mac(derived: Uint8Array, ciphertext: Buffer): Buffer {
  return Buffer.from(keccak256(Buffer.concat([derived.subarray(16, 32), ciphertext])));
}
