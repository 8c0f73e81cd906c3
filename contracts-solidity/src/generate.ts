import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { pool, poolPrefix, systemContractReferences, token, tokenPrefix } from "@ruffchain/abi";
import { type Abi, type AbiParameter, getAddress } from "viem";

export interface GeneratedFile {
  /** Where it belongs. */
  readonly path: string;
  readonly text: string;
}

interface Source {
  readonly abi: Abi;
  /** The file of packages/abi that declares it: names of structs are in its text only. */
  readonly file: string;
  readonly where: string;
}

const ANY = `0x${"00".repeat(20)}` as const;
const ABI_SOURCES = new URL("../../packages/abi/src/", import.meta.url);
const INTERFACES = new URL("../contracts/interfaces/", import.meta.url);
const LICENSE = "// SPDX-License-Identifier: Apache-2.0\npragma solidity ^0.8.0;\n";
const GENERATED =
  "// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.\n";
/** Words that Solidity keeps for itself, now or soon, and an ABI may use as names. */
const RESERVED = new Set([
  "after",
  "at",
  "case",
  "default",
  "final",
  "in",
  "let",
  "match",
  "of",
  "reference",
  "switch",
]);

/** The interface of every system contract, and the file with their addresses. */
export function generateAll(): GeneratedFile[] {
  const fixed = Object.entries(systemContractReferences);
  const sources: [name: string, source: Source][] = [
    ...fixed.map(([name, { abi, address }]): [string, Source] => [
      capitalised(name),
      { abi, file: `${name}.ts`, where: `at ${address}` },
    ]),
    ["Token", { abi: token(ANY).abi, file: "token.ts", where: `at each address that begins with ${tokenPrefix}` }],
    ["Pool", { abi: pool(ANY).abi, file: "pools.ts", where: `at each address that begins with ${poolPrefix}` }],
  ];
  const interfaces = sources.map(([name, source]) => ({
    path: fileURLToPath(new URL(`I${name}.sol`, INTERFACES)),
    text: `${LICENSE}\n${GENERATED}\n${interfaceText(`I${name}`, source)}`,
  }));
  const constants = fixed.map(([name, { address }]) => {
    const type = `I${capitalised(name)}`;
    return `${type} constant ${name.toUpperCase()} = ${type}(${getAddress(address)});\n`;
  });
  const imports = fixed.map(([name]) => {
    const type = `I${capitalised(name)}`;
    return `import {${type}} from "./interfaces/${type}.sol";\n`;
  });
  const system = `${LICENSE}\n${GENERATED}\n${imports.join("")}\n${constants.join("")}`;
  return [...interfaces, { path: fileURLToPath(new URL("../System.sol", INTERFACES)), text: system }];
}

function interfaceText(name: string, { abi, file, where }: Source): string {
  const names = structNames(file);
  const structs = new Map<string, string>();
  const type = (parameter: AbiParameter): string => {
    if (!("components" in parameter)) return parameter.type;
    const fields = parameter.components.map((field) => field.name).join();
    const struct = names.get(fields);
    if (struct === undefined) throw new Error(`${file}: no struct has the fields ${fields}`);
    if (!structs.has(struct)) {
      const members = parameter.components.map((field) => `        ${type(field)} ${safe(field.name)};\n`);
      structs.set(struct, `    struct ${struct} {\n${members.join("")}    }\n`);
    }
    return struct + parameter.type.slice("tuple".length);
  };
  const list = (parameters: readonly AbiParameter[], place: "calldata" | "memory" | "") =>
    parameters
      .map((parameter) => {
        const isReference = "components" in parameter || /^(bytes|string)$|\]$/.test(parameter.type);
        const indexed = "indexed" in parameter && parameter.indexed ? "indexed" : "";
        return [type(parameter), isReference ? place : "", indexed, safe(parameter.name)].filter(Boolean).join(" ");
      })
      .join(", ");
  const functions: string[] = [];
  const events: string[] = [];
  const errors: string[] = [];
  for (const item of abi) {
    if (item.type === "function") {
      const mutability = item.stateMutability === "nonpayable" ? "" : ` ${item.stateMutability}`;
      const returns = item.outputs.length === 0 ? "" : ` returns (${list(item.outputs, "memory")})`;
      functions.push(`    function ${item.name}(${list(item.inputs, "calldata")}) external${mutability}${returns};\n`);
    }
    if (item.type === "event") events.push(`    event ${item.name}(${list(item.inputs, "")});\n`);
    if (item.type === "error") errors.push(`    error ${item.name}(${list(item.inputs, "")});\n`);
  }
  const parts = [[...structs.values()].join("\n"), events.join(""), errors.join(""), functions.join("")];
  return `/// The system contract ${where}.\ninterface ${name} {\n${parts.filter(Boolean).join("\n")}}\n`;
}

/** The names of the structs that a file of packages/abi declares, by the names of their fields. */
function structNames(file: string): Map<string, string> {
  const names = new Map<string, string>();
  const text = readFileSync(new URL(file, ABI_SOURCES), "utf8");
  for (const [, name, body] of text.matchAll(/"struct (\w+) \{([^}]*)\}"/g)) {
    const fields = (body as string).split(";").flatMap((field) => field.trim().split(/\s+/)[1] ?? []);
    names.set(fields.join(), name as string);
  }
  return names;
}

function safe(name: string | undefined): string {
  return name !== undefined && RESERVED.has(name) ? `${name}_` : (name ?? "");
}

function capitalised(name: string): string {
  return name[0]?.toUpperCase() + name.slice(1);
}
