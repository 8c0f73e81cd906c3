import { parentPort, workerData } from "node:worker_threads";
import solc from "solc";
import type { CompileAnswer, CompileRequest } from "./compiler.js";

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Record<string, SolcContract>>>;
}

interface SolcContract {
  readonly abi: readonly unknown[];
  readonly metadata: string;
  readonly evm: {
    readonly deployedBytecode: {
      readonly object: string;
      readonly immutableReferences?: Readonly<Record<string, readonly { start: number; length: number }[]>>;
    };
  };
}

const MAX_ERROR_CHARACTERS = 2_000;

/** Compiles one contract; no file, address or callback is within its reach. */
function compile({ input, compilerVersion, file, name }: CompileRequest): CompileAnswer {
  const version = solc.version();
  if (!version.startsWith(compilerVersion.replace(/^v/, ""))) {
    return { error: "unsupported_compiler_version", message: `this node compiles with ${version} only` };
  }
  const { modelChecker: _, ...chosen } = input.settings ?? {}; // proves things about code, and makes none
  const outputSelection = { [file]: { [name]: ["abi", "metadata", "evm.deployedBytecode"] } };
  const settings = { ...chosen, outputSelection };
  const output = JSON.parse(solc.compile(JSON.stringify({ ...input, settings }))) as SolcOutput;
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error) return { error: "compiler_error", message: error.formattedMessage.slice(0, MAX_ERROR_CHARACTERS) };
  const contract = output.contracts?.[file]?.[name];
  if (!contract) return { error: "contract_not_found", message: `the sources have no contract ${file}:${name}` };
  const { object, immutableReferences = {} } = contract.evm.deployedBytecode;
  if (object.includes("__$")) {
    return { error: "unlinked_library", message: "libraries are missing: name their addresses in settings.libraries" };
  }
  return {
    abi: contract.abi,
    metadata: contract.metadata,
    compilerVersion: version.replace(".Emscripten.clang", ""),
    runtime: { object, immutables: Object.values(immutableReferences).flat() },
  };
}

parentPort?.postMessage(compile(workerData as CompileRequest));
