import type { Address } from "@ruffchain/abi";
import type { Log } from "../block/receipt.js";

export type CallType = "CALL" | "CALLCODE" | "DELEGATECALL" | "STATICCALL" | "CREATE" | "CREATE2" | "SELFDESTRUCT";

export interface TracedCall {
  readonly type: CallType;
  readonly from: Address;
  readonly to: Address;
  readonly value: bigint;
  readonly gas: number;
  readonly input: Uint8Array;
}

export interface TracedResult {
  readonly gasUsed: number;
  readonly output: Uint8Array;
  /** Why it failed, in geth's words; absent where it succeeded. */
  readonly error?: string;
  /** What the error means, for people. */
  readonly reason?: string;
}

/** An operation of the EVM before it runs. What it gives access to changes with the next one: copy what you keep. */
export interface TracedStep {
  readonly pc: number;
  readonly opcode: number;
  readonly name: string;
  /** Gas left before the operation. */
  readonly gas: number;
  /** What it costs, gas given to a call included. */
  readonly cost: number;
  /** 1 for the outermost call. */
  readonly depth: number;
  readonly refund: number;
  /** Whose storage it works on. */
  readonly address: Address;
  readonly stack: readonly bigint[];
  /** Whole words. */
  readonly memory: Uint8Array;
  readonly returnData: Uint8Array;
  /** A word of the storage that it works on, of 32 bytes. */
  storage(slot: bigint): Uint8Array;
}

/** Watches an execution. Calls are nested: each `exit` ends the call that was entered last. It must not throw. */
export interface Tracer {
  enter?(call: TracedCall): void;
  exit?(result: TracedResult): void;
  log?(log: Log): void;
  step?(step: TracedStep): void;
  /** The operation of the last step failed. */
  fault?(error: string): void;
}

/** Gives the tracers of a block's transactions. */
export interface BlockTracer {
  /** Watches the calls that the scheduler makes. */
  readonly scheduled?: Tracer;
  transaction(hash: `0x${string}`): Tracer | undefined;
}

export const EXECUTION_REVERTED = "execution reverted";
export const OUT_OF_GAS = "out of gas";
