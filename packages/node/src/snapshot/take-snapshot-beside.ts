import { type Snapshot, takeSnapshot } from "@ruffchain/kernel";
import { LmdbStore } from "../store/lmdb-store.js";
import { SnapshotFolder } from "./snapshot-folder.js";

export interface TakeSnapshotOptions {
  /** Folder of the store, which its node may go on writing. */
  readonly chain: string;
  /** Folder of the snapshots. */
  readonly snapshots: string;
  readonly height: number;
  /** Newest snapshots that stay. */
  readonly keep: number;
  /** Told of each chunk. */
  readonly onChunk?: (index: number, bytes: number) => void;
}

/**
 * Writes a snapshot of the state after a block into the folder, beside the node. Throws StoreError, SnapshotError, and
 * StateError heightNotKept.
 */
export async function takeSnapshotBeside(options: TakeSnapshotOptions): Promise<Snapshot> {
  const { chain, snapshots, height, keep, onChunk } = options;
  const store = new LmdbStore(chain, "reader");
  try {
    const folder = new SnapshotFolder(snapshots);
    const snapshot = await folder.write(height, told(takeSnapshot(store, height), onChunk));
    await folder.keep(keep);
    return snapshot;
  } finally {
    await store.close();
  }
}

function* told(
  chunks: Generator<Uint8Array, Snapshot>,
  onChunk: TakeSnapshotOptions["onChunk"],
): Generator<Uint8Array, Snapshot> {
  let step = chunks.next();
  for (let i = 0; !step.done; i++, step = chunks.next()) {
    onChunk?.(i, step.value.length);
    yield step.value;
  }
  return step.value;
}
