import * as abi from "@ruffchain/abi";
import type { Abi, AbiFunction, Address } from "viem";
import { signature } from "./arguments.js";
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

/** A contract by its name, or a token or pool by its address. Throws CliError with the names that there are. */
export function findContract(nameOrAddress: string): NamedContract {
  const contract = contractsByName.get(nameOrAddress.toLowerCase());
  if (contract) return contract;
  if (/^0x[0-9a-fA-F]{40}$/.test(nameOrAddress)) {
    const isPool = nameOrAddress.toLowerCase().startsWith(abi.poolPrefix);
    if (isPool) return { name: "Pool", address: nameOrAddress as Address, abi: abi.poolAbi as Abi };
    return { name: "Token", address: nameOrAddress as Address, abi: abi.tokenAbi as Abi };
  }
  const names = [...contractsByName.values()].map((known) => known.name).join(", ");
  throw new CliError(`there is no contract "${nameOrAddress}". Known: ${names}; tokens and pools go by their address`);
}

/** Views are read with `ruff query`, all else is sent with `ruff tx`. */
export type Mutability = "view" | "write";

/** A contract's functions of one kind, in the ABI's order. */
export function functionsOf(contract: NamedContract, mutability: Mutability): AbiFunction[] {
  return contract.abi.filter(
    (item): item is AbiFunction => item.type === "function" && isView(item) === (mutability === "view"),
  );
}

/** A function of a contract. Throws CliError with the functions that there are. */
export function findFunction(contract: NamedContract, name: string | undefined, mutability: Mutability): AbiFunction {
  const fitting = functionsOf(contract, mutability);
  const found = fitting.find((fn) => fn.name === name);
  if (found) return found;
  const all = `${contract.name} has:\n${fitting.map((fn) => `  ${signature(fn)}`).join("\n")}`;
  if (name === undefined) throw new CliError(`which function? ${all}`);
  const other = mutability === "view" ? "write" : "view";
  if (functionsOf(contract, other).some((fn) => fn.name === name)) {
    throw new CliError(`${name} is a ${other === "write" ? "transaction: use ruff tx" : "view: use ruff query"}`);
  }
  throw new CliError(`there is no function "${name}". ${all}`);
}

function isView(fn: AbiFunction): boolean {
  return fn.stateMutability === "view" || fn.stateMutability === "pure";
}
