import type { BlockRecord } from "@ruffchain/kernel";

/** Where transactions wait for the engine. */
export interface TransactionSource {
  /** Raw transactions for the next block, best first. */
  select(limits: { readonly maxBytes: number }): readonly Uint8Array[];
  /** Told of a committed block and of the offered transactions that may not be in one. */
  committed(block: BlockRecord, refused: readonly Uint8Array[]): void;
  readonly hasPending: boolean;
  /** Calls the listener when a transaction can go into the next block; returns how to end that. */
  onPending(listener: () => void): () => void;
}
