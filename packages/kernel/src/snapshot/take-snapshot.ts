import type { Snapshot } from "../abci.js";
import { BlockStore } from "../chain/block-store.js";
import { sha256 } from "../crypto/sha256.js";
import { headKey } from "../state/keys.js";
import { State } from "../state/state.js";
import type { TreePart } from "../state/tree-part.js";
import type { Store } from "../store.js";
import { encodeEntry, encodeMetadata, MAX_CHUNK_BYTES, SNAPSHOT_FORMAT } from "./format.js";
import { SnapshotError } from "./snapshot-error.js";

/**
 * Takes a snapshot of the state after a block: gives its chunks, in order, and then what describes them. All nodes get
 * the same bytes. The store must not change meanwhile: a chain that goes on needs a reader of its own, which sees the
 * store as of one moment. Throws SnapshotError notAtHeight, StateError heightNotKept.
 */
export function* takeSnapshot(store: Store, height: number): Generator<Uint8Array, Snapshot> {
  const state = State.open(store, { archive: true });
  const view = state.view(height);
  const header = new BlockStore(store).header(height);
  const head = view.get(headKey);
  if (!header || !head || header.number === 0) throw new SnapshotError("notAtHeight", { height });
  const parts: TreePart[] = [];
  const encode = (key: string) => encodeEntry(key, view.get(key) as Uint8Array);
  for (const [part, entries] of state.cut(height, encode, MAX_CHUNK_BYTES)) {
    parts.push(part);
    yield Buffer.concat(entries);
  }
  const metadata = encodeMetadata({ header, head, siblings: state.siblings(height, headKey), parts });
  return { height, format: SNAPSHOT_FORMAT, chunks: parts.length, hash: sha256(metadata), metadata };
}
