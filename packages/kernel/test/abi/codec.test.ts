import { AbiDecodeError, MAX_ABI_ARRAY_LENGTH, parameterCodec, ValueRangeError } from "@ruffchain/kernel";
import { type AbiParameter, parseAbiParameters } from "abitype";
import fc from "fast-check";
import { decodeAbiParameters, encodeAbiParameters, hexToBytes, toHex } from "viem";
import { describe, expect, test } from "vitest";

const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const int = (bits: number) => fc.bigInt({ min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 1n });
const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => toHex(bytes) as `0x${string}`);
const anyHex = fc.uint8Array({ maxLength: 70 }).map((bytes) => toHex(bytes) as `0x${string}`);

/** An ABI type with an arbitrary of its values. */
const leaf: fc.Arbitrary<{ parameter: AbiParameter; value: fc.Arbitrary<unknown> }> = fc.oneof(
  fc.constantFrom(64, 128, 256).map((bits) => ({ parameter: { type: `uint${bits}` }, value: uint(bits) })),
  fc.constantFrom(8, 32, 48).map((bits) => ({ parameter: { type: `uint${bits}` }, value: uint(bits).map(Number) })),
  fc.constantFrom(64, 256).map((bits) => ({ parameter: { type: `int${bits}` }, value: int(bits) })),
  fc.constant({ parameter: { type: "int32" }, value: int(32).map(Number) }),
  fc.constant({ parameter: { type: "address" }, value: hex(20) }),
  fc.constant({ parameter: { type: "bool" }, value: fc.boolean() }),
  fc.constantFrom(1, 16, 32).map((size) => ({ parameter: { type: `bytes${size}` }, value: hex(size) })),
  fc.constant({ parameter: { type: "bytes" }, value: anyHex }),
  fc.constant({ parameter: { type: "string" }, value: fc.string({ unit: "grapheme", maxLength: 40 }) }),
);

const typed = leaf.chain((inner) =>
  fc.oneof(
    fc.constant(inner),
    fc.constant({
      parameter: { ...inner.parameter, type: `${inner.parameter.type}[]` },
      value: fc.array(inner.value, { maxLength: 4 }),
    }),
    fc.constant({
      parameter: { ...inner.parameter, type: `${inner.parameter.type}[3]` },
      value: fc.array(inner.value, { minLength: 3, maxLength: 3 }),
    }),
    fc.constant({
      parameter: {
        type: "tuple",
        components: [
          { name: "a", ...inner.parameter },
          { name: "b", type: "bytes" },
        ],
      },
      value: fc.record({ a: inner.value, b: anyHex }, { noNullPrototype: true }),
    }),
  ),
) as fc.Arbitrary<{ parameter: AbiParameter; value: fc.Arbitrary<unknown> }>;

const call = fc
  .array(typed, { maxLength: 5 })
  .chain((items) =>
    fc.tuple(fc.constant(items.map((item) => item.parameter)), fc.tuple(...items.map((item) => item.value))),
  );

describe("parameterCodec", () => {
  test("encodes and decodes as viem does, whatever the types", () => {
    fc.assert(
      fc.property(call, ([parameters, values]) => {
        const codec = parameterCodec(parameters);
        const encoded = codec.encode(values);
        expect(toHex(encoded)).toBe(encodeAbiParameters(parameters, values as never));
        expect(codec.decode(encoded)).toStrictEqual([...values]);
      }),
      { numRuns: 300 },
    );
  });

  test("never accepts what viem refuses, and reads the rest alike, when bytes are changed", () => {
    const parameters = parseAbiParameters("address a, uint64[] b, bytes c, bool d, bytes4 e");
    const codec = parameterCodec(parameters);
    const base = codec.encode([`0x${"11".repeat(20)}`, [1n, 2n], "0xabcdef", true, "0x01020304"]);
    fc.assert(
      fc.property(fc.nat(base.length - 1), fc.nat(255), fc.nat(40), (at, byte, cut) => {
        const mutated = Uint8Array.from(base).subarray(0, base.length - cut);
        if (at < mutated.length) mutated[at] = byte;
        let mine: unknown[];
        try {
          mine = codec.decode(mutated);
        } catch (error) {
          expect(error).toBeInstanceOf(AbiDecodeError);
          return;
        }
        const theirs = decodeAbiParameters(parameters, mutated);
        expect(mine[0]).toBe(theirs[0].toLowerCase());
        expect(mine.slice(1)).toStrictEqual([...theirs].slice(1));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["address", "dirty address", `0x${"01".repeat(12)}${"22".repeat(20)}`],
    ["bool", "a bool of 2", `0x${"00".repeat(31)}02`],
    ["uint64", "a uint64 above its range", `0x${"00".repeat(23)}01${"00".repeat(8)}`],
    ["bytes4", "dirty bytes4", `0x01020304${"00".repeat(27)}01`],
    ["bytes", "an offset outside", `0x${"00".repeat(28)}0000ffff`],
    ["uint256", "too few bytes", "0x00"],
    ["uint256[]", "a length that the data does not have", `0x${"00".repeat(31)}20${"00".repeat(31)}05`],
  ] as const)("error: %s with %s", (type, _what, data) => {
    expect(() => parameterCodec([{ type }]).decode(hexToBytes(data))).toThrow(AbiDecodeError);
  });

  test(`error: an array of more than ${MAX_ABI_ARRAY_LENGTH} elements`, () => {
    const codec = parameterCodec([{ type: "uint8[]" }]);
    const data = codec.encode([new Array(MAX_ABI_ARRAY_LENGTH + 1).fill(1)]);
    expect(() => codec.decode(data)).toThrow(AbiDecodeError);
    expect(codec.decode(codec.encode([new Array(MAX_ABI_ARRAY_LENGTH).fill(1)]))[0]).toHaveLength(MAX_ABI_ARRAY_LENGTH);
  });

  test.each([
    ["uint8", 256],
    ["uint8", -1],
    ["int8", 128],
    ["uint256", 1n << 256n],
    ["address", "0x00"],
    ["bool", 1],
    ["uint64", 1.5],
  ] as const)("error: encoding %s of %s", (type, value) => {
    expect(() => parameterCodec([{ type }]).encode([value])).toThrow(ValueRangeError);
  });
});
