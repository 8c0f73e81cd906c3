import { parseAbi } from "viem";
import { describe, expect, test } from "vitest";
import { functionHelp, namedOutputs, parseArguments, signature } from "../dist/arguments.js";
import { CliError } from "../dist/cli-error.js";

const [sell] = parseAbi([
  "struct Step { uint8 kind; uint256 amount; }",
  "struct Terms { address currency; string name; Step[] steps; bool open; }",
  "function sell(uint64 id, Terms terms, bytes32[] areas) returns (uint256 offer, bytes next)",
]);
const [pay] = parseAbi(["function pay(address to, int64 amount, bytes note, bytes4 kind, bool now, string words)"]);

const currency = "0x00000000000000000000000000000000000000aa";
const area = `0x${"11".repeat(32)}`;
const terms = { currency, name: "a", steps: [{ kind: 1, amount: "123456789012345678901" }], open: true };

describe("arguments", () => {
  test("are read by the ABI's types, structs and lists from JSON", () => {
    expect(parseArguments(sell, ["7", JSON.stringify(terms), JSON.stringify([area])])).toStrictEqual([
      7n,
      { ...terms, steps: [{ kind: 1n, amount: 123_456_789_012_345_678_901n }] },
      [area],
    ]);
    expect(parseArguments(pay, [currency, "-5", "0x", "0x12345678", "false", "a b"])).toStrictEqual([
      currency,
      -5n,
      "0x",
      "0x12345678",
      false,
      "a b",
    ]);
  });

  const good = ["7", JSON.stringify(terms), "[]"];
  const withTerms = (changed: object) => ["7", JSON.stringify({ ...terms, ...changed }), "[]"];
  test.each([
    ["too few", ["7"], /sell takes 3 arguments, got 1\. Usage: sell <id:uint64>/],
    ["no number", ["x", ...good.slice(1)], /id must be a whole number, got "x"/],
    ["no JSON", ["7", "{", "[]"], /terms must be JSON, like \{"currency":"<address>"/],
    ["no struct", ["7", "[]", "[]"], /terms must be an object with the fields currency, name, steps, open/],
    ["no list", ["7", good[1] as string, "{}"], /areas must be a list/],
    ["an unknown field", withTerms({ colour: 1 }), /terms\.colour is unknown/],
    ["a missing field", withTerms({ name: undefined }), /terms\.name is missing \(string\)/],
    ["a wrong field", withTerms({ currency: "0x12" }), /terms\.currency must be an address/],
    ["a field that is no single value", withTerms({ name: null }), /terms\.name must be a single value, got null/],
    ["a wrong element", withTerms({ steps: [{ kind: 1, amount: 1.5 }] }), /terms\.steps\[0\]\.amount: write numbers/],
    [
      "a number that JSON cuts",
      ["7", good[1]?.replace('"123456789012345678901"', "9007199254740993") as string, "[]"],
      /in quotes/,
    ],
    ["a short hash", ["7", good[1] as string, '["0x12"]'], /areas\[0\] must be 0x and 64 hex digits/],
  ])("%s is refused with its name", (_, values, words) => {
    expect(() => parseArguments(sell, values)).toThrow(CliError);
    expect(() => parseArguments(sell, values)).toThrow(words);
  });

  test("a function is explained with the fields of its structs", () => {
    expect(signature(sell)).toBe("sell <id:uint64> <terms:{currency,name,steps,open}> <areas:bytes32[]>");
    const help = functionHelp("ruff tx market", sell);
    expect(help).toMatch(/Usage: ruff tx market sell <id> <terms> <areas>/);
    expect(help).toMatch(/terms +struct\n +currency +address\n/);
    expect(help).toMatch(/steps +struct\[\]\n +kind +uint8\n/);
    const [, json] = /'(\{.*\})'/.exec(help) ?? [];
    expect(JSON.parse(json as string).steps).toStrictEqual([{ kind: "<uint8>", amount: "<uint256>" }]);
  });

  test("several outputs go by their names", () => {
    expect(namedOutputs(sell, [1n, "0x"])).toStrictEqual({ offer: 1n, next: "0x" });
    expect(namedOutputs(pay, undefined)).toBeUndefined();
  });
});
