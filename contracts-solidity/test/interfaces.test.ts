import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { pool, systemContractReferences, token } from "@ruffchain/abi";
import { type Abi, toEventSelector, toFunctionSelector } from "viem";
import { describe, expect, test } from "vitest";
import { compile } from "../../packages/evm/test/compile.js";
import { generateAll } from "../dist/generate.js";

const folder = new URL("../contracts/interfaces/", import.meta.url);

test("the interfaces are those that the ABIs generate", () => {
  const files = generateAll();
  expect(readdirSync(folder).length).toBe(files.length - 1);
  for (const { path, text } of files) expect(readFileSync(path, "utf8")).toBe(text);
});

/** Selectors of functions, events and errors, with mutability: all by which the chain knows an ABI. */
function selectors(abi: Abi): string[] {
  return abi
    .flatMap((item) => {
      if (item.type === "function") return [`${toFunctionSelector(item)} ${item.stateMutability}`];
      if (item.type === "error") return [toFunctionSelector({ ...item, type: "function" } as never)];
      return item.type === "event"
        ? [`${toEventSelector(item)} ${item.inputs.map(({ indexed }) => indexed ?? false)}`]
        : [];
    })
    .sort();
}

describe("compiled, an interface has the ABI's selectors", () => {
  const any = `0x${"00".repeat(20)}` as const;
  const references = { ...systemContractReferences, token: token(any), pool: pool(any) };
  test.each(Object.entries(references))("%s", (name, { abi }) => {
    const type = `I${name[0]?.toUpperCase()}${name.slice(1)}`;
    const compiled = compile(new URL(`${type}.sol`, folder))[type];
    expect(selectors(compiled?.abi as Abi)).toStrictEqual(selectors(abi));
  });
});

test("the examples import nothing but what the package has", () => {
  const examples = new URL("../contracts/examples/", import.meta.url);
  for (const file of readdirSync(fileURLToPath(examples))) {
    const imports = readFileSync(new URL(file, examples), "utf8").matchAll(/from "([^"]+)"/g);
    for (const [, path] of imports) expect(path).toMatch(/^\.\.\/(System|interfaces\/I\w+)\.sol$/);
  }
});
