import type { Address, Hex } from "@ruffchain/abi";
import { type CompiledContract, compileContract } from "../contract/compile.js";
import type { Contract } from "../contract/contract.js";

const PREFIX_LENGTH = 2 + 24;

/** Finds the system contract behind an address. */
export class Registry {
  readonly #byAddress = new Map<Address, CompiledContract>();
  readonly #byPrefix = new Map<Hex, CompiledContract>();

  constructor(contracts: readonly Contract[]) {
    for (const contract of contracts) {
      const compiled = compileContract(contract);
      if (contract.address) this.#byAddress.set(contract.address, compiled);
      if (contract.instances) this.#byPrefix.set(contract.instances, compiled);
    }
  }

  find(address: Address): CompiledContract | undefined {
    return this.#byAddress.get(address) ?? this.#byPrefix.get(address.slice(0, PREFIX_LENGTH) as Hex);
  }
}
