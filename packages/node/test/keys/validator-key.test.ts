import { createPublicKey, verify } from "node:crypto";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { KeyError, ValidatorKey } from "@ruffchain/node";
import { afterAll, describe, expect, test } from "vitest";

const vector = join(import.meta.dirname, "../data/cometbft/priv_validator_key.json");
const directory = mkdtempSync(join(tmpdir(), "keys-"));
let made = 0;
afterAll(() => rmSync(directory, { recursive: true }));

function freshPath(): string {
  return join(directory, `${made++}.json`);
}

function copyOfVector(change: (file: string) => string = (file) => file): string {
  const path = freshPath();
  writeFileSync(path, change(readFileSync(vector, "utf8")), { mode: 0o600 });
  return path;
}

function errorOf(action: () => unknown): KeyError {
  try {
    action();
  } catch (error) {
    if (error instanceof KeyError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a key file of CometBFT", () => {
  test("gives the key that is in it, and is written again the same", () => {
    const { address, pub_key } = JSON.parse(readFileSync(vector, "utf8"));
    const key = ValidatorKey.load(copyOfVector());
    expect(Buffer.from(key.address).toString("hex").toUpperCase()).toBe(address);
    expect(Buffer.from(key.publicKey).toString("base64")).toBe(pub_key.value);
    const copy = freshPath();
    key.save(copy);
    expect(readFileSync(copy, "utf8").trimEnd()).toBe(readFileSync(vector, "utf8").trimEnd());
  });

  test("of a new key is for its owner only, and gives the same key again", () => {
    const key = ValidatorKey.generate();
    const path = freshPath();
    key.save(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(ValidatorKey.load(path).publicKey).toEqual(key.publicKey);
  });
});

test("signs with Ed25519", () => {
  const key = ValidatorKey.generate();
  const message = Buffer.from("a block");
  const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(key.publicKey).toString("base64url") };
  expect(verify(null, message, createPublicKey({ key: jwk, format: "jwk" }), key.sign(message))).toBe(true);
});

test("shows nothing of the secret where it is printed", () => {
  const path = copyOfVector();
  const secret = Buffer.from(JSON.parse(readFileSync(path, "utf8")).priv_key.value, "base64").subarray(0, 32);
  const key = ValidatorKey.load(path);
  const shown = `${JSON.stringify({ key })} ${inspect({ key }, { depth: 9, showHidden: true })} ${key}`;
  expect(shown).toContain("4B45C767E9BD28835B98B143EDD020D96F4EABAF");
  for (const encoding of ["hex", "base64"] as const) {
    expect(shown.toLowerCase()).not.toContain(secret.toString(encoding).slice(0, 8).toLowerCase());
  }
});

describe("is refused", () => {
  test.each([0o640, 0o604, 0o622])("from a file that others may read or write (%o)", (mode) => {
    const path = copyOfVector();
    chmodSync(path, mode);
    const details = { path, mode: mode.toString(8).padStart(4, "0") };
    expect(errorOf(() => ValidatorKey.load(path))).toMatchObject({ code: "insecurePermissions", details });
  });

  test("from a file that is not there", () => {
    const path = freshPath();
    expect(errorOf(() => ValidatorKey.load(path))).toMatchObject({ code: "notFound", details: { path } });
  });

  test.each([
    ["is no JSON", (file: string) => file.slice(1)],
    ["has another type of key", (file: string) => file.replaceAll("Ed25519", "Secp256k1")],
    ["lacks a field", (file: string) => file.replace(/"address".*/, "")],
    ["has another address", (file: string) => file.replace("4B45", "5B45")],
    ["has another public key", (file: string) => file.replace("Mzs8z1XU", "Mzs8z1XV")],
    ["has another private key", (file: string) => file.replace("xFV4YqG3", "xFV4YqG4")],
    ["has half a private key", (file: string) => file.replace("xFV4YqG3FxTbOKjU3Orx+8", "")],
  ])("from a file that %s, without quoting it", (_, change) => {
    const path = copyOfVector(change);
    const error = errorOf(() => ValidatorKey.load(path));
    expect(error).toMatchObject({ code: "malformed", details: { path } });
    expect(error.message).not.toContain("jU3Orx");
  });

  test("a place for a file where there is one", () => {
    const path = freshPath();
    copyFileSync(vector, path);
    expect(errorOf(() => ValidatorKey.generate().save(path))).toMatchObject({ code: "exists", details: { path } });
    expect(readFileSync(path)).toEqual(readFileSync(vector));
  });
});
