import type { BlockRecord } from "@ruffchain/kernel";

/** Where transactions wait for the engine. */
export interface TransactionSource {
  /** Raw transactions for the next block, best first. */
  select(limits: { readonly maxBytes: number }): readonly Uint8Array[];
  /** Told of a committed block and of the offered transactions that may not be in one. */
  committed(block: BlockRecord, refused: readonly Uint8Array[]): void;
  /** Milliseconds since 1970 from which a block can have one of them; infinite where none waits for its time alone. */
  readyAt(): number;
  /** Calls the listener when a transaction waits for its time alone; returns how to end that. */
  onPending(listener: () => void): () => void;
}
