import type { Store, Write } from "@ruffchain/kernel";

/** A batch that overwrites, inserts and deletes in several buckets; every value says which batch wrote it. */
export function numberedBatch(n: number): Write[];

/** The number of the newest batch, 0 for none. Throws unless it and all before it are there, and whole. */
export function newestWholeBatch(store: Store): number;
