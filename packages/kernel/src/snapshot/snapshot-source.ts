import type { Snapshot } from "../abci.js";

/** Where the snapshots are that a node offers to others. */
export interface SnapshotSource {
  list(): Promise<readonly Snapshot[]>;
  /** Undefined where there is no such chunk. */
  chunk(height: number, format: number, index: number): Promise<Uint8Array | undefined>;
}
