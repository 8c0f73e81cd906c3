import type { Address, Hex } from "@ruffchain/abi";
import { keychainContract } from "../account/keychain.js";
import { noncesContract } from "../account/nonces.js";
import { indexEntriesOf } from "../contract/bound-table.js";
import { type CompiledContract, compileContract } from "../contract/compile.js";
import type { Contract } from "../contract/contract.js";
import { SnapshotError } from "../snapshot/snapshot-error.js";
import { splitRowKey } from "../state/keys.js";
import type { StateKey } from "../state/reader.js";

const PREFIX_LENGTH = 2 + 24;
/** The kernel's own: transactions depend on them. */
const accountContracts: readonly Contract[] = [noncesContract, keychainContract];

/** Finds the system contract behind an address. */
export class Registry {
  readonly #byAddress = new Map<Address, CompiledContract>();
  readonly #byPrefix = new Map<Hex, CompiledContract>();
  /** The contracts with chain hooks, in the order given. */
  readonly chainContracts: readonly (CompiledContract & { readonly address: Address })[];

  constructor(contracts: readonly Contract[]) {
    const chainContracts: (CompiledContract & { readonly address: Address })[] = [];
    for (const contract of [...accountContracts, ...contracts]) {
      const compiled = compileContract(contract);
      if (contract.chain && contract.address) chainContracts.push({ ...compiled, address: contract.address });
      if (contract.address) this.#byAddress.set(contract.address, compiled);
      if (contract.instances) this.#byPrefix.set(contract.instances, compiled);
    }
    this.chainContracts = chainContracts;
  }

  find(address: Address): CompiledContract | undefined {
    return this.#byAddress.get(address) ?? this.#byPrefix.get(address.slice(0, PREFIX_LENGTH) as Hex);
  }

  /** The index entries that follow from what a state key holds. Throws SnapshotError unknownTable. */
  indexEntries(key: StateKey, value: Uint8Array): readonly { readonly key: StateKey; readonly value: Uint8Array }[] {
    const row = splitRowKey(key);
    if (!row) return [];
    const table = this.find(row.contract)?.tables[row.table]?.[1];
    if (!table) throw new SnapshotError("unknownTable", { contract: row.contract, table: row.table });
    return indexEntriesOf(table, row.contract, row.key, value);
  }
}
