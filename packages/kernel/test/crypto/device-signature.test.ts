import { createECDH, generateKeyPairSync, sign } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { DEVICE_KEY_CACHE_SIZE, verifyEd25519, verifyP256 } from "@ruffchain/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const ORDER = p256.Point.Fn.ORDER;

function word(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
}

function negated(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  return Buffer.concat([signature.subarray(0, 32), word(ORDER - s)]);
}

describe("verifyP256", () => {
  // RFC 6979, A.2.5, with SHA-256.
  const publicKey = Buffer.from(
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    "hex",
  );
  const sample = Buffer.from(
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    "hex",
  );
  const message = Buffer.from("sample");
  const signature = negated(sample);

  test("accepts RFC 6979 A.2.5 'test', whose s is low", () => {
    const low = Buffer.from(
      "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
      "hex",
    );
    expect(verifyP256(Buffer.from("test"), low, publicKey)).toBe(true);
  });

  test("accepts RFC 6979 A.2.5 'sample' only with its low s", () => {
    expect(verifyP256(message, signature, publicKey)).toBe(true);
    expect(verifyP256(message, sample, publicKey)).toBe(false);
  });

  test("accepts the greatest low s and refuses the one above", () => {
    // The key for which r‖s signs the message: Q = r⁻¹(sR − zG).
    const r = sample.subarray(0, 32);
    for (const [s, expected] of [
      [ORDER / 2n, true],
      [ORDER / 2n + 1n, false],
    ] as const) {
      const any = p256.Signature.fromBytes(Buffer.concat([r, word(s)]), "compact").addRecoveryBit(0);
      const hash = Buffer.from("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf", "hex");
      const key = any.recoverPublicKey(hash).toBytes(false).subarray(1);
      expect(verifyP256(message, any.toBytes("compact"), key), `s = ${s}`).toBe(expected);
    }
  });

  const key = (x: Uint8Array, y: Uint8Array) => Buffer.concat([x, y]);
  const flipped = (bytes: Uint8Array, at: number) => Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
  test.each([
    ["another message", Buffer.from("samplE"), signature, publicKey],
    ["a changed r", message, flipped(signature, 3), publicKey],
    ["a changed s", message, flipped(signature, 60), publicKey],
    ["r = 0", message, key(word(0n), signature.subarray(32)), publicKey],
    ["s = 0", message, key(signature.subarray(0, 32), word(0n)), publicKey],
    ["r = n", message, key(word(ORDER), signature.subarray(32)), publicKey],
    ["a signature of 63 bytes", message, signature.subarray(0, 63), publicKey],
    ["a signature of 65 bytes", message, Buffer.concat([signature, Buffer.of(0)]), publicKey],
    ["a signature in DER", message, Buffer.from(p256.Signature.fromBytes(signature).toBytes("der")), publicKey],
    ["a key that is no point", message, signature, flipped(publicKey, 63)],
    ["a key with x above the field", message, signature, key(word((1n << 256n) - 1n), publicKey.subarray(32))],
    ["the key of zeros", message, signature, Buffer.alloc(64)],
    ["a key of 33 bytes", message, signature, Buffer.concat([Buffer.of(3), publicKey.subarray(0, 32)])],
    ["a key of 65 bytes", message, signature, Buffer.concat([Buffer.of(4), publicKey])],
    ["another key", message, signature, createECDH("prime256v1").generateKeys().subarray(1)],
  ])("refuses %s", (_, anyMessage, anySignature, anyKey) => {
    expect(verifyP256(anyMessage, anySignature, anyKey)).toBe(false);
  });

  test("agrees with another implementation on random messages", () => {
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = keys.publicKey.export({ format: "jwk" });
    const own = Buffer.concat([Buffer.from(x as string, "base64url"), Buffer.from(y as string, "base64url")]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        const signed = sign("sha256", data, { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
        const expected = p256.verify(signed, data, Buffer.concat([Buffer.of(4), own]), { lowS: true });
        expect(verifyP256(data, signed, own)).toBe(expected);
        expect(verifyP256(data, negated(signed), own)).toBe(!expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe("verifyEd25519", () => {
  // RFC 8032, section 7.1, TEST 1 to 3.
  const vectors = [
    {
      publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      signature:
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    },
    {
      publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      message: "72",
      signature:
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    },
    {
      publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      message: "af82",
      signature:
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    },
  ].map(({ publicKey, message, signature }) => ({
    publicKey: Buffer.from(publicKey, "hex"),
    message: Buffer.from(message, "hex"),
    signature: Buffer.from(signature, "hex"),
  }));
  const [, , vector] = vectors;
  if (!vector) throw new Error("no vector");

  test.each(vectors)("accepts RFC 8032 $#", ({ publicKey, message, signature }) => {
    expect(verifyEd25519(message, signature, publicKey)).toBe(true);
  });

  const { publicKey, message, signature } = vector;
  const ED25519_ORDER = ed25519.Point.Fn.ORDER;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
  const malleated = Buffer.concat([signature.subarray(0, 32), Buffer.from(word(s + ED25519_ORDER)).reverse()]);
  test.each([
    ["another message", Buffer.from("af83", "hex"), signature, publicKey],
    ["a changed R", message, Buffer.from(signature.map((byte, i) => (i === 1 ? byte ^ 1 : byte))), publicKey],
    ["s + L, which is the same s", message, malleated, publicKey],
    ["a signature of 63 bytes", message, signature.subarray(0, 63), publicKey],
    ["a signature of 65 bytes", message, Buffer.concat([signature, Buffer.of(0)]), publicKey],
    ["a key of 31 bytes", message, signature, publicKey.subarray(1)],
    ["a key that is no point", message, signature, Buffer.alloc(32, 2)],
    ["another key", message, signature, vectors[0]?.publicKey as Buffer],
  ])("refuses %s", (_, anyMessage, anySignature, anyKey) => {
    expect(verifyEd25519(anyMessage, anySignature, anyKey)).toBe(false);
  });

  test("agrees with another implementation on random messages", () => {
    const secret = Buffer.alloc(32, 9);
    const own = ed25519.getPublicKey(secret);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(63), fc.boolean(), (data, at, change) => {
        const signed = ed25519.sign(data, secret);
        if (change) signed[at] = (signed[at] as number) ^ 1;
        expect(verifyEd25519(data, signed, own)).toBe(!change);
      }),
      { numRuns: 30 },
    );
  });

  test("goes on past the number of keys that are kept", () => {
    const key = generateKeyPairSync("ed25519");
    const raw = Buffer.from(key.publicKey.export({ format: "jwk" }).x as string, "base64url");
    const signed = sign(null, message, key.privateKey);
    expect(verifyEd25519(message, signed, raw)).toBe(true);
    for (let i = 0; i <= DEVICE_KEY_CACHE_SIZE; i++) {
      expect(verifyEd25519(message, signed, word(BigInt(i)))).toBe(false);
    }
    expect(verifyEd25519(message, signed, raw)).toBe(true);
  });
});
