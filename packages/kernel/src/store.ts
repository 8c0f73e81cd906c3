/**
 * What the kernel asks of a database: ordered byte keys in a few named buckets, synchronous reads of what is
 * committed, and one atomic, durable write per block. The kernel never opens a file: the node passes a store in.
 */
export interface Store {
  /** The newest committed value, or undefined. The bytes are only valid until the next commit: copy what you keep. */
  get(bucket: Bucket, key: Uint8Array): Uint8Array | undefined;
  /** Entries with start <= key < end in bytewise order (or the reverse of it). */
  range(bucket: Bucket, range: StoreRange): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
  /** Applies all writes or none; the promise settles when they are on disk. */
  commit(writes: Iterable<Write>): Promise<void>;
  close(): Promise<void>;
}

export interface StoreRange {
  readonly start: Uint8Array;
  /** Exclusive; absent means to the end of the bucket. */
  readonly end?: Uint8Array;
  readonly reverse?: boolean;
}

/** A null value deletes the key. */
export interface Write {
  readonly bucket: Bucket;
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** The buckets of a store. The numbers are on disk: never reuse one. */
export const Bucket = {
  /** Newest value of every state key. */
  state: 0,
  /** Pages of the state tree. */
  tree: 1,
  /** What each block overwrote, for views of recent heights. */
  undo: 2,
  /** Blocks, transactions and receipts by height. */
  blocks: 3,
  /** Block and transaction hashes to their place. */
  lookup: 4,
  /** The engine's own records: CometBFT headers, commits, keys of its progress. */
  engine: 5,
  /** Height, root and format version of the newest commit. */
  meta: 6,
  /** Which logs have an address or topic, by block. */
  logs: 7,
} as const;
export type Bucket = (typeof Bucket)[keyof typeof Bucket];
