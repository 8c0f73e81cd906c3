import { RLP } from "@ethereumjs/rlp";
import {
  bytesToHex,
  decodeRlp,
  encodeRlp,
  MAX_RLP_DEPTH,
  RlpError,
  type RlpInput,
  type RlpItem,
} from "@ruffchain/kernel";
import fc from "fast-check";
import { fromRlp, toRlp } from "viem";
import { describe, expect, test } from "vitest";

const text = (value: string) => Buffer.from(value, "latin1");
const lorem = "Lorem ipsum dolor sit amet, consectetur adipisicing elit";
const words = ["asdf", "qwer", "zxcv"].map(text);

/** The RLP tests of ethereum/tests (rlptest.json). */
const vectors: [name: string, input: RlpInput, encoded: string][] = [
  ["emptystring", text(""), "80"],
  ["bytestring00", text("\0"), "00"],
  ["bytestring7F", text("\x7f"), "7f"],
  ["shortstring", text("dog"), "83646f67"],
  ["shortstring2", text(lorem.slice(0, 55)), `b7${text(lorem.slice(0, 55)).toString("hex")}`],
  ["longstring", text(lorem), `b838${text(lorem).toString("hex")}`],
  ["1024 bytes", Buffer.alloc(1024, 0x61), `b90400${"61".repeat(1024)}`],
  ["zero", 0, "80"],
  ["smallint", 1, "01"],
  ["smallint4", 127, "7f"],
  ["mediumint1", 128, "8180"],
  ["mediumint2", 1000, "8203e8"],
  ["mediumint3", 100_000, "830186a0"],
  ["mediumint4", 83729609699884896815286331701780722n, "8f102030405060708090a0b0c0d0e0f2"],
  [
    "mediumint5",
    105315505618206987246253880190783558935785933862974822347068935681n,
    "9c0100020003000400050006000700080009000a000b000c000d000e01",
  ],
  ["bigint", 1n << 256n, `a101${"00".repeat(32)}`],
  ["emptylist", [], "c0"],
  ["stringlist", ["dog", "god", "cat"].map(text), "cc83646f6783676f6483636174"],
  ["multilist", [text("zw"), [4], 1], "c6827a77c10401"],
  ["longList1", [words, words, words, words], `f840${"cf84617364668471776572847a786376".repeat(4)}`],
  ["longList2", Array(32).fill(words), `f90200${"cf84617364668471776572847a786376".repeat(32)}`],
  ["listsoflists2", [[], [[]], [[], [[]]]], "c7c0c1c0c3c0c1c0"],
];

/** Integers as decoding gives them back. */
function asBytes(input: RlpInput): RlpItem {
  if (input instanceof Uint8Array) return new Uint8Array(input);
  if (typeof input === "object") return input.map(asBytes);
  const hex = input.toString(16);
  return new Uint8Array(input ? Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex") : []);
}

function plain(item: RlpItem): RlpItem {
  return item instanceof Uint8Array ? new Uint8Array(item) : item.map(plain);
}

const { items } = fc.letrec<{ item: RlpItem; items: RlpItem[] }>((tie) => ({
  item: fc.oneof({ maxDepth: 5 }, fc.uint8Array({ maxLength: 70 }), tie("items")),
  items: fc.array(tie("item"), { maxLength: 20 }),
}));

describe("RLP", () => {
  test.each(vectors)("%s", (_, input, encoded) => {
    expect(Buffer.from(encodeRlp(input)).toString("hex")).toBe(encoded);
    expect(plain(decodeRlp(Buffer.from(encoded, "hex")))).toEqual(asBytes(input));
  });

  // Those of invalidRLPTest.json, by their reasons, and a few more.
  test.each([
    ["truncated", "empty input", ""],
    ["truncated", "int32Overflow", "bf0f000000000000021111"],
    ["truncated", "int32Overflow2", "ff0f000000000000021111"],
    ["nonCanonical", "wrongSizeList", "f80180"],
    [
      "nonCanonical",
      "incorrectLengthInArray",
      "b9002100dc2b275d0f74e8a53e6f4ec61b27f24278820be3f82ea2110e582081b0565df0",
    ],
    ["nonCanonical", "bytesShouldBeSingleByte00", "8100"],
    ["nonCanonical", "bytesShouldBeSingleByte7F", "817f"],
    ["nonCanonical", "leadingZerosInLongLengthArray1", `b90040${"01".repeat(64)}`],
    ["nonCanonical", "leadingZerosInLongLengthArray2", "b800"],
    ["nonCanonical", "leadingZerosInLongLengthList1", `fb00000040${"01".repeat(64)}`],
    ["nonCanonical", "leadingZerosInLongLengthList2", "f800"],
    ["nonCanonical", "nonOptimalLongLengthArray1", "b81000112233445566778899aabbccddeeff"],
    ["nonCanonical", "nonOptimalLongLengthArray2", "b801ff"],
    ["nonCanonical", "nonOptimalLongLengthList1", "f810000102030405060708090a0b0c0d0e0f"],
    ["nonCanonical", "nonOptimalLongLengthList2", "f803112233"],
    ["truncated", "a string that ends early", "83646f"],
    ["truncated", "a length that ends early", "b9ff"],
    ["truncated", "a list that ends early", "c283646f"],
    ["truncated", "an item longer than its list", "c383646f67c0"],
    ["truncated", "a length of 8 bytes", "bfffffffffffffffff"],
    ["trailingBytes", "a byte after a string", "83646f6700"],
    ["trailingBytes", "a list after a list", "c0c0"],
  ])("refuses as %s: %s", (code, _, encoded) => {
    expect(() => decodeRlp(Buffer.from(encoded, "hex"))).toThrow(expect.objectContaining({ name: "RlpError", code }));
  });

  test("refuses lists nested deeper than MAX_RLP_DEPTH", () => {
    const nested = (depth: number): RlpInput => (depth === 0 ? [] : [nested(depth - 1)]);
    expect(() => decodeRlp(encodeRlp(nested(MAX_RLP_DEPTH - 1)))).not.toThrow();
    expect(() => decodeRlp(encodeRlp(nested(MAX_RLP_DEPTH)))).toThrow(expect.objectContaining({ code: "tooDeep" }));
  });

  test.each([-1, -1n, 1.5, Number.NaN, 2 ** 53])("refuses to encode %s", (value) => {
    expect(() => encodeRlp(value)).toThrow(expect.objectContaining({ code: "notAnInteger" }));
  });

  test("decodes into views, without copying", () => {
    const encoded = encodeRlp([text("dog")]);
    const [dog] = decodeRlp(encoded) as [Uint8Array];
    expect(dog.buffer).toBe(encoded.buffer);
  });

  test("round trip, and the bytes that viem and ethereumjs write", () => {
    fc.assert(
      fc.property(items, (input) => {
        const encoded = encodeRlp(input);
        expect(plain(decodeRlp(encoded))).toEqual(input);
        expect(bytesToHex(encoded)).toBe(toRlp(input as Uint8Array[], "hex"));
        expect(bytesToHex(encoded)).toBe(bytesToHex(RLP.encode(input as Uint8Array[])));
        expect(fromRlp(bytesToHex(encoded), "bytes")).toEqual(input);
      }),
    );
  });

  test("integers are written as ethereumjs writes them", () => {
    const integer = fc.oneof(fc.bigInt({ min: 0n, max: 1n << 260n }), fc.bigInt({ min: 0n, max: 1n << 50n }));
    fc.assert(
      fc.property(integer, (value) => {
        expect(bytesToHex(encodeRlp(value))).toBe(bytesToHex(RLP.encode(value)));
        if (value <= Number.MAX_SAFE_INTEGER) expect(encodeRlp(Number(value))).toEqual(encodeRlp(value));
      }),
    );
  });

  test("what decodes is the one encoding of it", () => {
    const mutated = fc.tuple(items, fc.nat(), fc.nat(255)).map(([input, at, byte]) => {
      const encoded = encodeRlp(input);
      encoded[at % encoded.length] = byte;
      return encoded;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 40 })), (data) => {
        let item: RlpItem;
        try {
          item = decodeRlp(data);
        } catch (error) {
          expect(error).toBeInstanceOf(RlpError);
          return;
        }
        expect(bytesToHex(encodeRlp(item))).toBe(bytesToHex(data));
      }),
      { numRuns: 500 },
    );
  });
});
