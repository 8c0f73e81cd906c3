import { errorString, errorText, panic } from "@ruffchain/kernel";
import { encodeErrorResult, parseAbi, toBytes } from "viem";
import { describe, expect, test } from "vitest";

const abi = parseAbi(["error Error(string)", "error Other(string)"]);
const TEXTS = ["", "no", "x".repeat(32), "Zu wenig Geld für 3 €", "x".repeat(70_000)];

/** The data of an error with another length than its text has. */
function withLength(text: string, length: number): Uint8Array {
  const data = Buffer.from(errorString(text));
  data.writeUInt32BE(length, 64);
  return data;
}

describe("Error(string)", () => {
  test.each(TEXTS)("is written as Solidity does, and read again (%#)", (text) => {
    const data = errorString(text);
    expect(data).toStrictEqual(Buffer.from(toBytes(encodeErrorResult({ abi, errorName: "Error", args: [text] }))));
    expect(errorText(data)).toBe(text);
    // Also where it is a part of something longer.
    expect(errorText(new Uint8Array([1, 2, 3, ...data.subarray(0, 200)]).subarray(3))).toBe(
      errorText(data.subarray(0, 200)),
    );
  });

  test("with a length that is a lie has the text that is there", () => {
    expect(errorText(withLength("no", 2 ** 32 - 1))).toBe(`no${"\0".repeat(30)}`);
    expect(errorText(withLength("no", 1))).toBe("n");
    expect(errorText(errorString("no").subarray(0, 69))).toBe("n");
    expect(errorText(withLength("", 2 ** 31))).toBe("");
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["a selector alone", errorString("no").subarray(0, 4)],
    ["less than a length", errorString("no").subarray(0, 67)],
    ["a panic", panic(0x11)],
    ["another error", toBytes(encodeErrorResult({ abi, errorName: "Other", args: ["no"] }))],
  ])("is not %s", (_what, data) => {
    expect(errorText(data)).toBeUndefined();
  });
});
