import type { Address } from "@ruffchain/abi";
import type { CallOutcome, Machine } from "./machine.js";

/** A message that system contracts do not take: to an account with code, or a creation (`to` is null). */
export interface EvmMessage {
  readonly sender: Address;
  readonly to: Address | null;
  readonly value: bigint;
  readonly data: Uint8Array;
}

export interface EvmOutcome extends CallOutcome {
  /** The contract that a creation has made. */
  readonly created?: Address;
  /** Gas to give back at the end of the transaction, before the cap of EIP-3529. */
  readonly refund: number;
  /** Contracts to delete at the end of the transaction (EIP-6780). */
  readonly destroyed: readonly Address[];
}

/**
 * The seam for users' contracts. An EVM works on the machine's journal, gas, block and transaction, so that native and
 * EVM writes revert together, and comes back to `machine.run` for calls to system contracts. What a transaction has
 * warmed (EIP-2929) and its transient storage live as long as `machine.transaction` is the same object. Nothing that a
 * contract does makes `run` reject.
 */
export interface Evm {
  run(machine: Machine, message: EvmMessage): Promise<EvmOutcome>;
}
