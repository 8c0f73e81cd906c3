import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, keccak256 } from "@ruffchain/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("keccak256", () => {
  test.each([
    ["", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"],
    ["abc", "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"],
    [
      "The quick brown fox jumps over the lazy dog",
      "0x4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15",
    ],
  ])("hashes %j", (text, hash) => {
    expect(bytesToHex(keccak256(Buffer.from(text)))).toBe(hash);
  });

  test("equals another implementation at every length around the block and the buffer sizes", () => {
    for (const length of [...Array(280).keys(), 16_383, 16_384, 16_385, 70_000]) {
      const data = Buffer.alloc(length, length);
      expect(keccak256(data), `length ${length}`).toEqual(keccak_256(data));
    }
  });

  test("equals another implementation on random views", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(20), (data, from) => {
        expect(keccak256(data.subarray(from))).toEqual(keccak_256(data.subarray(from)));
      }),
    );
  });
});
