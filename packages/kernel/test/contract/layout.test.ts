import { type Fields, MAX_FIELD_LENGTH, recordCodec, ValueRangeError } from "@ruffchain/kernel";
import fc from "fast-check";
import { bytesToHex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import vectors from "../data/record-vectors.json" with { type: "json" };

const fromJson = (type: string, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => fromJson(type.slice(0, -2), item));
  const bits = Number(/^u?int(\d+)$/.exec(type)?.[1] ?? 0);
  return bits > 48 ? BigInt(value as string) : value;
};

describe("record layout", () => {
  test.each(vectors.records)("vector: $name", ({ fields, record, bytes }) => {
    const codec = recordCodec(fields as unknown as Fields);
    const typed = Object.fromEntries(
      Object.entries(fields).map(([name, type]) => [name, fromJson(type, (record as Record<string, unknown>)[name])]),
    );
    expect(bytesToHex(codec.encode(typed as never))).toBe(bytes);
    expect(codec.decode(hexToBytes(bytes as `0x${string}`))).toStrictEqual(typed);
  });

  test("what is encoded is decoded", () => {
    const codec = recordCodec({
      a: "uint256",
      b: "int32",
      c: "int64",
      d: "string",
      e: "bytes",
      f: "uint48[]",
      g: "bool",
    });
    const hex = fc.uint8Array({ maxLength: 50 }).map((bytes) => bytesToHex(bytes));
    fc.assert(
      fc.property(
        fc.record(
          {
            a: fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }),
            b: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
            c: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
            d: fc.string({ unit: "grapheme" }),
            e: hex,
            f: fc.array(fc.nat()),
            g: fc.boolean(),
          },
          { noNullPrototype: true },
        ),
        (record) => {
          expect(codec.decode(codec.encode(record))).toStrictEqual(record);
        },
      ),
    );
  });

  test("error: a record that is too short or too long", () => {
    const codec = recordCodec({ a: "uint32", b: "address" });
    const bytes = codec.encode({ a: 1, b: `0x${"ab".repeat(20)}` });
    expect(() => codec.decode(bytes.subarray(0, -1))).toThrow(RangeError);
    expect(() => codec.decode(Uint8Array.from([...bytes, 0]))).toThrow(RangeError);
  });

  test.each([
    ["uint8", 256],
    ["int16", -32769],
    ["uint64", 1n << 64n],
    ["uint64", -1n],
    ["uint128", 1n << 128n],
    ["bytes4", "0x0102"],
    ["bool", 1],
  ] as const)("error: %s does not hold %s", (type, value) => {
    expect(() => recordCodec({ a: type }).encode({ a: value } as never)).toThrow(ValueRangeError);
  });

  test("error: bytes and strings above MAX_FIELD_LENGTH", () => {
    const codec = recordCodec({ a: "bytes", b: "string" });
    const longest = { a: `0x${"00".repeat(MAX_FIELD_LENGTH)}`, b: "b".repeat(MAX_FIELD_LENGTH) } as const;
    expect(codec.decode(codec.encode(longest))).toStrictEqual(longest);
    expect(() => codec.encode({ ...longest, a: `${longest.a}00` })).toThrow(ValueRangeError);
    expect(() => codec.encode({ ...longest, b: `${longest.b}b` })).toThrow(ValueRangeError);
  });

  test("error: a type that tables do not have", () => {
    expect(() => recordCodec({ a: "function" as "bool" })).toThrow(TypeError);
  });
});
