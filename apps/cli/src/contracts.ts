import * as abi from "@ruffchain/abi";
import type { Abi, AbiFunction, Address } from "viem";
import { CliError } from "./cli-error.js";

export interface NamedContract {
  readonly name: string;
  readonly address: Address;
  readonly abi: Abi;
}

/** The system contracts by lower-case name. */
export const contractsByName: ReadonlyMap<string, NamedContract> = new Map(
  Object.entries(abi.systemContractReferences).map(([name, reference]) => [
    name.toLowerCase(),
    { name, address: reference.address, abi: reference.abi as Abi },
  ]),
);

/** A contract by its name, or a token by its address. Throws CliError with the names that there are. */
export function findContract(nameOrAddress: string): NamedContract {
  const contract = contractsByName.get(nameOrAddress.toLowerCase());
  if (contract) return contract;
  if (/^0x[0-9a-fA-F]{40}$/.test(nameOrAddress)) {
    return { name: "Token", address: nameOrAddress as Address, abi: abi.tokenAbi as Abi };
  }
  const names = [...contractsByName.values()].map((known) => known.name).join(", ");
  throw new CliError(`there is no contract "${nameOrAddress}". Known: ${names}; a token goes by its address`);
}

/** A function of a contract. Throws CliError with the functions that there are. */
export function findFunction(contract: NamedContract, name: string, mutability: "view" | "write"): AbiFunction {
  const functions = contract.abi.filter((item): item is AbiFunction => item.type === "function");
  const fitting = functions.filter((fn) => isView(fn) === (mutability === "view"));
  const found = fitting.find((fn) => fn.name === name);
  if (found) return found;
  const other = functions.some((fn) => fn.name === name);
  const hint = other
    ? `${name} is a ${mutability === "view" ? "transaction: use ruff tx" : "view: use ruff query"}`
    : `${contract.name} has:\n${fitting.map((fn) => `  ${signature(fn)}`).join("\n")}`;
  throw new CliError(`no function "${name}" to ${mutability === "view" ? "query" : "call"}. ${hint}`);
}

function isView(fn: AbiFunction): boolean {
  return fn.stateMutability === "view" || fn.stateMutability === "pure";
}

/** A function as a person types it: name and parameters with their types. */
export function signature(fn: AbiFunction): string {
  return [fn.name, ...fn.inputs.map((input) => `<${input.name}:${input.type}>`)].join(" ");
}

/** Arguments from the command line: numbers, addresses, 0x bytes, true/false as they are; arrays and structs as JSON. */
export function parseArguments(fn: AbiFunction, values: readonly string[]): unknown[] {
  if (values.length !== fn.inputs.length) {
    throw new CliError(`${fn.name} takes ${fn.inputs.length} arguments, got ${values.length}. Usage: ${signature(fn)}`);
  }
  return fn.inputs.map((input, i) => parseArgument(input.type, values[i] as string, input.name ?? `argument ${i + 1}`));
}

function parseArgument(type: string, value: string, name: string): unknown {
  const fail = (expected: string): never => {
    throw new CliError(`${name} must be ${expected}, got "${value}"`);
  };
  if (type.endsWith("]") || type.startsWith("tuple")) {
    try {
      return JSON.parse(value);
    } catch {
      return fail(`JSON for ${type}`);
    }
  }
  if (/^u?int/.test(type)) return /^-?\d+$/.test(value) ? BigInt(value) : fail("a whole number");
  if (type === "bool") return value === "true" || value === "false" ? value === "true" : fail("true or false");
  if (type === "address") return /^0x[0-9a-fA-F]{40}$/.test(value) ? value : fail("an address (0x and 40 hex digits)");
  if (type.startsWith("bytes")) return /^0x([0-9a-fA-F]{2})*$/.test(value) ? value : fail("0x and hex digits");
  return value;
}
