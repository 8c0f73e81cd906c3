import { createHash } from "node:crypto";
import { hashPairsImplementations, sha256 } from "@ruffchain/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const { native, javascript } = hashPairsImplementations;

describe("hashPairs", () => {
  test.each(Object.entries({ native, javascript }))(
    "%s hashes each block of 64 bytes as SHA-256",
    (_name, hashPairs) => {
      if (!hashPairs) return expect(native).toBeUndefined();
      fc.assert(
        fc.property(fc.nat(1100), fc.nat(255), (count, seed) => {
          const input = Uint8Array.from({ length: 64 * count }, (_, i) => (i * 31 + seed) & 255);
          const output = new Uint8Array(32 * count);
          hashPairs(input, output);
          const expected = Array.from({ length: count }, (_, i) =>
            createHash("sha256")
              .update(input.subarray(64 * i, 64 * i + 64))
              .digest(),
          );
          expect(Buffer.from(output)).toStrictEqual(Buffer.concat(expected));
        }),
        { numRuns: 30 },
      );
    },
  );
});

test("sha256 of FIPS 180-4's examples", () => {
  const hex = (text: string) => Buffer.from(sha256(Buffer.from(text))).toString("hex");
  expect(hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});
