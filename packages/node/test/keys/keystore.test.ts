import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import type { Hex } from "@ruffchain/abi";
import {
  AccountKey,
  decryptKeystore,
  encryptKeystore,
  KeyError,
  loadKeystore,
  MAX_PBKDF2_ROUNDS,
  SCRYPT_N,
  saveKeystore,
} from "@ruffchain/node";
import { encryptKeystoreJsonSync, Wallet } from "ethers";
import { afterAll, describe, expect, test } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "keys-"));
let made = 0;
afterAll(() => rmSync(directory, { recursive: true }));

function freshPath(): string {
  return join(directory, `${made++}.json`);
}

const FAST = { n: 1024 };
const secret: Hex = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const address = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

/** The vectors of the definition of Web3 Secret Storage; the passphrase is "testpassword". */
const pbkdf2Vector = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: "hmac-sha256",
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};
const scryptVector = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" },
    ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
    kdf: "scrypt",
    kdfparams: {
      dklen: 32,
      n: 262144,
      p: 8,
      r: 1,
      salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
    },
    mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};

describe("an account key", () => {
  test("has Ethereum's address", () => {
    expect(AccountKey.fromHex(secret).address).toBe(address);
    const key = AccountKey.generate();
    expect(key.address).toBe(new Wallet(key.reveal()).address.toLowerCase());
  });

  test("shows nothing of the secret where it is printed", () => {
    const key = AccountKey.fromHex(secret);
    const shown = `${JSON.stringify({ key })} ${inspect({ key }, { depth: 9, showHidden: true })} ${key}`;
    expect(shown).toContain(address);
    expect(shown).not.toContain("7a28");
    expect(shown).not.toContain("122, 40");
  });

  test.each([
    ["zero", "00".repeat(32)],
    ["the order of the curve", "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"],
    ["too short", "11".repeat(31)],
    ["too long", "11".repeat(33)],
  ])("is refused where it is %s", (_, hex) => {
    expect(() => AccountKey.fromHex(`0x${hex}`)).toThrow(expect.objectContaining({ code: "invalidPrivateKey" }));
  });
});

describe("a keystore", () => {
  test.each([
    ["PBKDF2", pbkdf2Vector],
    ["scrypt", scryptVector],
  ])("of the definition with %s opens", async (_, vector) => {
    const key = await decryptKeystore(vector, "testpassword");
    expect(key.reveal()).toBe(secret);
  });

  test("of ours is opened by ethers, one of ethers' by us", async () => {
    const ours = await encryptKeystore(AccountKey.fromHex(secret), "pass wörd", FAST);
    const wallet = await Wallet.fromEncryptedJson(JSON.stringify(ours), "pass wörd");
    expect(wallet.address.toLowerCase()).toBe(address);
    const theirs = encryptKeystoreJsonSync({ address, privateKey: secret }, "ﬁrst", { scrypt: { N: 1024 } });
    const key = await decryptKeystore(JSON.parse(theirs), "first");
    expect(key.address).toBe(address);
  });

  test("is made at geth's standard cost", async () => {
    const { crypto } = await encryptKeystore(AccountKey.fromHex(secret), "testpassword");
    expect(crypto.kdfparams).toMatchObject({ n: SCRYPT_N, r: 8, p: 1, dklen: 32 });
    expect(SCRYPT_N).toBe(262_144);
  });

  test("comes back from its file, which is for its owner only and never overwritten", async () => {
    const path = freshPath();
    const store = await encryptKeystore(AccountKey.fromHex(secret), "one", FAST);
    saveKeystore(path, store);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(loadKeystore(path)).toEqual(store);
    expect(() => saveKeystore(path, store)).toThrow(expect.objectContaining({ code: "exists" }));
    chmodSync(path, 0o644);
    expect(() => loadKeystore(path)).toThrow(expect.objectContaining({ code: "insecurePermissions" }));
  });

  test("does not open with another passphrase", async () => {
    const store = await encryptKeystore(AccountKey.fromHex(secret), "one", FAST);
    await expect(decryptKeystore(store, "two")).rejects.toMatchObject({ code: "wrongPassphrase" });
  });

  test.each([
    ["crypto.cipher", { cipher: "aes-256-ctr" }],
    ["crypto.kdf", { kdf: "argon2id" }],
    ["crypto.cipherparams.iv", { cipherparams: { iv: "60" } }],
    ["crypto.ciphertext", { ciphertext: "60" }],
    ["crypto.mac", { mac: "zz" }],
    ["crypto.kdfparams.c", { kdfparams: { ...pbkdf2Vector.crypto.kdfparams, c: MAX_PBKDF2_ROUNDS + 1 } }],
  ])("with another %s is refused, and the field named", async (field, change) => {
    const refused = decryptKeystore({ ...pbkdf2Vector, crypto: { ...pbkdf2Vector.crypto, ...change } }, "testpassword");
    await expect(refused).rejects.toThrow(KeyError);
    await expect(refused).rejects.toMatchObject({ code: "unsupportedKeystore" });
    await expect(refused).rejects.toThrow(field);
  });

  test.each([
    { n: 2 ** 24, r: 1 },
    { n: 2 ** 20, r: 16 },
    { n: 1000, r: 8 },
  ])("that asks for too much or nonsense is refused: %j", async (change) => {
    const kdfparams = { ...scryptVector.crypto.kdfparams, ...change };
    const refused = decryptKeystore({ ...scryptVector, crypto: { ...scryptVector.crypto, kdfparams } }, "testpassword");
    await expect(refused).rejects.toMatchObject({ code: "unsupportedKeystore" });
  });

  test("file that is not JSON is refused", () => {
    const path = freshPath();
    writeFileSync(path, "{", { mode: 0o600 });
    expect(() => loadKeystore(path)).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
