import { createHash, generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import * as z from "zod";
import { KeyError } from "./key-error.js";
import { readSecretFile, writeSecretFile } from "./secret-file.js";

const TYPE = "tendermint/PrivKeyEd25519";
const SEED_BYTES = 32;

const keyFile = z.strictObject({ priv_key: z.strictObject({ type: z.literal(TYPE), value: z.base64() }) });

/**
 * The id by which peers know this node, from its `node_key.json` of CometBFT, which is made where it is missing: the
 * first 20 bytes of the SHA-256 of the public key, in hex. Throws KeyError.
 */
export function nodeId(path: string): string {
  if (!existsSync(path)) makeNodeKey(path);
  const { data } = keyFile.safeParse(parseJson(readSecretFile(path)));
  const key = Buffer.from(data?.priv_key.value ?? "", "base64");
  if (key.length !== 2 * SEED_BYTES) throw new KeyError("malformed", { path, reason: "it is no node key of CometBFT" });
  return createHash("sha256").update(key.subarray(SEED_BYTES)).digest("hex").slice(0, 40);
}

function makeNodeKey(path: string): void {
  const { d = "", x = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const value = Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]).toString("base64");
  writeSecretFile(path, `${JSON.stringify({ priv_key: { type: TYPE, value } }, null, 2)}\n`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
