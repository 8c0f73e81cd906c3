import { bytesToHex, hexToBytes } from "@ruffchain/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("hex", () => {
  test("bytes and back, views too", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(10), (bytes, from) => {
        const view = bytes.subarray(from);
        const expected = Array.from(view, (byte) => byte.toString(16).padStart(2, "0")).join("");
        expect(bytesToHex(view)).toBe(`0x${expected}`);
        expect(Uint8Array.from(hexToBytes(`0x${expected}`))).toEqual(view);
        expect(Uint8Array.from(hexToBytes(`0x${expected.toUpperCase()}`))).toEqual(view);
      }),
    );
  });

  test.each(["", "ab", "0xa", "0xabc", "0xzz", "0xabzz", "1xab", "0X12"])("refuses %j", (text) => {
    expect(() => hexToBytes(text as `0x${string}`)).toThrow(RangeError);
  });
});
