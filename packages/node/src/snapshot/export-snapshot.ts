import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Application, Bucket, isSystemTransaction, type Snapshot, type Store } from "@ruffchain/kernel";
import { heightKey } from "../engine/height-key.js";
import { decodeRecord, type SoloRecord } from "../engine/solo-record.js";
import { CHAIN_FOLDER, SNAPSHOT_FOLDER } from "../folders.js";
import { LmdbStore } from "../store/lmdb-store.js";
import { BackupError } from "./backup-error.js";
import { SnapshotFileWriter } from "./snapshot-file.js";
import { SnapshotFolder } from "./snapshot-folder.js";

export interface ExportOptions {
  /** Folder of the node, which may be running. */
  readonly dataDirectory: string;
  /** The newest snapshot unless told. */
  readonly height?: number;
  /** The file to write. */
  readonly path: string;
}

export interface Exported {
  readonly snapshot: Snapshot;
  /** Height of the last block in the file: where a node that is restored from it stands. */
  readonly head: number;
  /** Hash of the header that proves the snapshot, of the height after it. */
  readonly trustedHash: Uint8Array;
}

/**
 * Writes a snapshot of a node with the embedded engine into one file, with the blocks that came after it: their first
 * header proves it, and a node that is restored stands where this one does. Throws BackupError, StoreError.
 */
export async function exportSnapshot({ dataDirectory, height, path }: ExportOptions): Promise<Exported> {
  const folder = new SnapshotFolder(join(dataDirectory, SNAPSHOT_FOLDER));
  const snapshot = height === undefined ? (await folder.list())[0] : await folder.find(height);
  if (!snapshot) throw new BackupError("noSnapshot", { height: height ?? 0, directory: folder.directory });
  const store = new LmdbStore(join(dataDirectory, CHAIN_FOLDER), "reader");
  try {
    return await writeFile(store, folder, snapshot, path);
  } finally {
    await store.close();
  }
}

/** The height of the newest state that a signed header in the store proves. Throws StoreError, BackupError notProven. */
export async function newestProvenHeight(chain: string): Promise<number> {
  const store = new LmdbStore(chain, "reader");
  try {
    const { height } = Application.open({ store, contracts: [] }).head;
    if (height < 2) throw new BackupError("notProven", { height });
    return height - 1;
  } finally {
    await store.close();
  }
}

async function writeFile(store: Store, folder: SnapshotFolder, snapshot: Snapshot, path: string): Promise<Exported> {
  const { blocks, head } = Application.open({ store, contracts: [] });
  const record = recordOf(store, snapshot.height);
  const proof = recordOf(store, snapshot.height + 1);
  if (blocks.first > snapshot.height + 1) {
    throw new BackupError("prunedTail", { height: snapshot.height, first: blocks.first });
  }
  const { chainId } = proof.signed.header;
  const writer = await SnapshotFileWriter.create(path, {
    chainId,
    snapshot,
    record,
    blocks: head.height - snapshot.height,
  });
  try {
    for (let height = snapshot.height + 1; height <= head.height; height++) {
      const transactions = blocks.block(height)?.transactions ?? [];
      const txs = transactions.filter((tx) => !isSystemTransaction(tx)).map((tx) => tx.raw);
      await writer.block({ signed: recordOf(store, height).signed, txs });
    }
    for (let index = 0; index < snapshot.chunks; index++) {
      const chunk = await folder.chunk(snapshot.height, snapshot.format, index);
      if (!chunk) throw new BackupError("noSnapshot", { height: snapshot.height, directory: folder.directory });
      await writer.chunk(chunk);
    }
    await writer.close();
  } catch (error) {
    await writer.close();
    await rm(path);
    throw error;
  }
  return { snapshot, head: head.height, trustedHash: proof.signed.commit.blockId.hash };
}

function recordOf(store: Store, height: number): SoloRecord {
  const record = store.get(Bucket.engine, heightKey(height));
  if (!record) throw new BackupError("notProven", { height });
  return decodeRecord(Buffer.from(record));
}
