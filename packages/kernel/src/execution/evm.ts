import type { Address } from "@ruffchain/abi";
import type { CallOutcome, Machine } from "./machine.js";

/** A message that system contracts do not take: to an account with code, or a creation (`to` is null). */
export interface EvmMessage {
  readonly sender: Address;
  readonly to: Address | null;
  readonly value: bigint;
  readonly data: Uint8Array;
}

/**
 * The seam for users' contracts. An EVM works on the machine's journal, gas and block, so that native and EVM writes
 * revert together, and comes back to `machine.run` for calls to system contracts.
 */
export interface Evm {
  run(machine: Machine, message: EvmMessage): Promise<CallOutcome & { readonly created?: Address }>;
}
