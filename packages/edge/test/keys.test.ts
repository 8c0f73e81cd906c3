import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import type { KeyKind } from "@ruffchain/cose";
import { openAccountFile, openKeyFile } from "@ruffchain/edge";
import { describe, expect, test } from "vitest";
import { codeOf, temporaryFolder } from "./setting.js";

const message = Buffer.from("what a device says");

describe.each<KeyKind>(["p256", "ed25519"])("a %s key", (kind) => {
  test("is made once, kept where only its owner reads it, and signs as noble and node verify", async () => {
    const path = join(await temporaryFolder(), "device.key");
    const signer = await openKeyFile(path, kind);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(path, ".."))).toEqual(["device.key"]);
    expect((await openKeyFile(path, kind)).publicKey).toEqual(signer.publicKey);
    expect(signer.kind).toBe(kind);
    for (let count = 0; count < 20; count++) {
      const signature = await signer.sign(message);
      expect(signature).toHaveLength(64);
      if (kind === "ed25519") {
        expect(ed25519.verify(signature, message, signer.publicKey)).toBe(true);
      } else {
        const publicKey = Buffer.concat([Buffer.of(4), signer.publicKey]);
        expect(p256.verify(signature, message, publicKey, { lowS: true })).toBe(true);
        const key = createPublicKey(await readFile(path, "utf8"));
        expect(verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
      }
    }
  });
});

test("a key that others can read is not used", async () => {
  const path = join(await temporaryFolder(), "device.key");
  await openKeyFile(path);
  await chmod(path, 0o640);
  expect(await codeOf(() => openKeyFile(path))).toBe("keyReadableByOthers");
});

test("what is no key is refused without a word of it", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "device.key");
  await writeFile(path, "-----BEGIN PRIVATE KEY-----\nsecret\n", { mode: 0o600 });
  const error = await openKeyFile(path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "invalidFile" });
  expect(JSON.stringify([String(error), error])).not.toContain("secret");
  const other = generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey;
  await writeFile(path, other.export({ type: "pkcs8", format: "pem" }));
  expect(await codeOf(() => openKeyFile(path))).toBe("invalidFile");
});

test("the account is made once and kept in the same way", async () => {
  const path = join(await temporaryFolder(), "account.key");
  const { address } = await openAccountFile(path);
  expect((await openAccountFile(path)).address).toBe(address);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await writeFile(path, "0x12");
  expect(await codeOf(() => openAccountFile(path))).toBe("invalidFile");
});
