import { hexToBytes } from "@noble/hashes/utils.js";
import { decodeRecord } from "@ruffchain/light";
import { expect, test } from "vitest";
import vectors from "./data/record-vectors.json" with { type: "json" };
import { codeOf } from "./refusal.js";

const read = (type: string, hex: string) => decodeRecord({ value: type }, hexToBytes(hex)).value as unknown;

test.each(vectors.records)("docs/state.md: $name", ({ fields, record, bytes }) => {
  const asJson = (_: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);
  const read = decodeRecord(fields as unknown as Readonly<Record<string, string>>, hexToBytes(bytes.slice(2)));
  expect(JSON.parse(JSON.stringify(read, asJson))).toEqual(record);
});

test.each([
  ["uint8", "ff", 255],
  ["int8", "ff", -1],
  ["uint48", "ffffffffffff", 2 ** 48 - 1],
  ["int32", "fffffffe", -2],
  ["uint64", "ffffffffffffffff", 2n ** 64n - 1n],
  ["int64", "8000000000000000", -(2n ** 63n)],
  ["uint256", "00", 0n],
  ["uint256", "0180", 128n],
  ["uint256", `20${"ff".repeat(32)}`, 2n ** 256n - 1n],
  ["uint72", "09ff0000000000000000", 0xff0000000000000000n],
  ["int256", "ff".repeat(32), -1n],
  ["bool", "00", false],
  ["bool", "01", true],
  ["address", "11".repeat(20), `0x${"11".repeat(20)}`],
  ["bytes4", "0a0b0c0d", "0x0a0b0c0d"],
  ["bytes", "00020102", "0x0102"],
  ["bytes", "0000", "0x"],
  ["string", "0003e282ac", "€"],
  ["uint16[]", "000200010002", [1, 2]],
  ["uint256[]", "000300010101ff", [0n, 1n, 255n]],
])("reads %s from %s", (type, hex, value) => {
  expect(read(type, hex)).toEqual(value);
});

test("fields follow each other; what a newer table adds at the end is left alone", () => {
  const fields = { id: "uint256", open: "bool", name: "string" } as const;
  const record: { id: bigint; open: boolean; name: string } = decodeRecord(fields, hexToBytes("0105010002686900ff"));
  expect(record).toEqual({ id: 5n, open: true, name: "hi" });
});

test.each([
  ["too short", "uint64", "00000000000000"],
  ["an integer with a leading zero", "uint256", "020001"],
  ["zero written out", "uint256", "0100"],
  ["an integer too long for its type", "uint72", "0a01000000000000000000"],
  ["a bool that is neither", "bool", "02"],
  ["a text that is not UTF-8", "string", "0001ff"],
  ["bytes beyond the end", "bytes", "00ff00"],
  ["an array beyond the end", "uint16[]", "00020001"],
])("error: malformed, %s", (_, type, hex) => {
  expect(codeOf(() => read(type, hex))).toBe("malformed");
});

test("error: a type that tables do not have", () => {
  expect(() => read("tuple", "00")).toThrow(TypeError);
});
