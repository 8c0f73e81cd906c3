import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Abi, Hex } from "viem";

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Record<string, Record<string, { abi: Abi; evm: { bytecode: { object: string } } }>>;
}

const require = createRequire(import.meta.url);
const solc = require("solc") as {
  compile(input: string, callbacks: { import(path: string): { contents: string } }): string;
};

/** Compiles a file of Solidity for Osaka; every contract in it, by name. Imports are packages or files beside it. */
export function compile(url: URL): Record<string, { abi: Abi; bytecode: Hex }> {
  const file = fileURLToPath(url);
  const output = JSON.parse(
    solc.compile(
      JSON.stringify({
        language: "Solidity",
        sources: { [file]: { content: readFileSync(file, "utf8") } },
        settings: {
          optimizer: { enabled: true, runs: 200 },
          evmVersion: "osaka",
          outputSelection: { [file]: { "*": ["abi", "evm.bytecode.object"] } },
        },
      }),
      {
        import: (path) => ({
          contents: readFileSync(path.startsWith("/") ? path : find(path, dirname(file)), "utf8"),
        }),
      },
    ),
  ) as SolcOutput;
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error) throw new Error(error.formattedMessage);
  return Object.fromEntries(
    Object.entries(output.contracts[file] ?? {}).map(([name, { abi, evm }]) => [
      name,
      { abi, bytecode: `0x${evm.bytecode.object}` },
    ]),
  );
}

function find(path: string, folder: string): string {
  return path.startsWith("@") ? require.resolve(path) : resolve(folder, path);
}
