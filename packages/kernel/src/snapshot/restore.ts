import { BlockStore } from "../chain/block-store.js";
import type { Registry } from "../execution/registry.js";
import { keyBytes } from "../state/keys.js";
import { restoredState } from "../state/state.js";
import { EMPTY_HASH, leafHash } from "../state/tree-node.js";
import { pageKey, TreePage } from "../state/tree-page.js";
import { partHash, type TreePart } from "../state/tree-part.js";
import { type PageChange, type ReadPage, updateTree } from "../state/tree-update.js";
import { Bucket, type Store, type Write } from "../store.js";
import type { CheckedSnapshot } from "./check-snapshot.js";
import { decodeChunk, type Entry } from "./format.js";
import { SnapshotError } from "./snapshot-error.js";

/** Keys that one commit deletes when an unfinished restore is cleared away. */
export const CLEAR_BATCH = 10_000;

const RESTORING_KEY = Buffer.from("restoring");
/** All that is the application's. */
const CLEARED_BUCKETS = [
  Bucket.meta,
  Bucket.state,
  Bucket.tree,
  Bucket.undo,
  Bucket.blocks,
  Bucket.lookup,
  Bucket.logs,
];

/**
 * Builds the state of a snapshot in a store that has no blocks, in place of a genesis state. Each chunk is checked against its part of the tree before
 * anything of it is written; indexes, which are not in the snapshot, are made from the rows. Until the last chunk
 * is there, the store has no head, and a mark says that it is to be cleared.
 */
export class Restore {
  readonly #store: Store;
  readonly #snapshot: CheckedSnapshot;
  readonly #registry: Registry;
  readonly #missing: Set<number>;
  #root: Uint8Array = EMPTY_HASH;

  private constructor(store: Store, snapshot: CheckedSnapshot, registry: Registry) {
    this.#store = store;
    this.#snapshot = snapshot;
    this.#registry = registry;
    this.#missing = new Set(snapshot.parts.keys());
  }

  static async begin(store: Store, snapshot: CheckedSnapshot, registry: Registry): Promise<Restore> {
    await store.commit([{ bucket: Bucket.meta, key: RESTORING_KEY, value: Uint8Array.of(1) }]);
    await clear(store);
    return new Restore(store, snapshot, registry);
  }

  /** Deletes what a restore that did not come to its end has left in the store; returns whether there was one. */
  static async clear(store: Store): Promise<boolean> {
    if (!store.get(Bucket.meta, RESTORING_KEY)) return false;
    await clear(store);
    await store.commit([{ bucket: Bucket.meta, key: RESTORING_KEY, value: null }]);
    return true;
  }

  get height(): number {
    return this.#snapshot.header.number;
  }

  get complete(): boolean {
    return this.#missing.size === 0;
  }

  /** Takes a chunk; one that is here already changes nothing. Throws SnapshotError: chunk, unknownTable. */
  async apply(index: number, chunk: Uint8Array): Promise<void> {
    const part = this.#snapshot.parts[index];
    if (!part) throw new SnapshotError("chunk", { index, problem: "the snapshot has no such chunk" });
    if (!this.#missing.has(index)) return;
    const entries = decodeChunk(chunk, index, part);
    const { root, pages } = updateTree(
      this.#root,
      entries.map(({ key, path, value }) => ({ key, path, hash: leafHash(path, value) })),
      this.#readPage,
    );
    this.#assertPart(index, part, root, pages);
    const writes = entries.flatMap((entry) => this.#rowWrites(entry));
    for (const { key, after = null } of pages) writes.push({ bucket: Bucket.tree, key: keyBytes(key), value: after });
    if (this.#missing.size === 1) writes.push(...this.#lastWrites(root));
    await this.#store.commit(writes);
    this.#root = root;
    this.#missing.delete(index);
  }

  /** The leaves, put into the tree, must make up the part whose hash the state root has proven. */
  #assertPart(index: number, part: TreePart, root: Uint8Array, pages: readonly PageChange[]): void {
    const changed = new Map(pages.map(({ key, after }) => [key, after]));
    const readNew: ReadPage = (path, depth) => {
      const page = changed.get(pageKey(path, depth));
      return page ? new TreePage(page) : this.#readPage(path, depth);
    };
    const hash = partHash(root, part.path, part.depth, readNew);
    if (Buffer.compare(hash, part.hash) !== 0) {
      throw new SnapshotError("chunk", { index, problem: "its entries are not those of the state root" });
    }
  }

  #rowWrites({ key, value }: Entry): Write[] {
    const writes: Write[] = [{ bucket: Bucket.state, key: keyBytes(key), value }];
    for (const { key: indexKey, value: present } of this.#registry.indexEntries(key, value)) {
      writes.push({ bucket: Bucket.state, key: keyBytes(indexKey), value: present });
    }
    return writes;
  }

  /** What makes it a state that can be opened. */
  #lastWrites(root: Uint8Array): Write[] {
    if (Buffer.compare(root, this.#snapshot.appHash) !== 0) throw new Error("the parts do not make up the root");
    return [
      ...restoredState(this.height, root),
      ...new BlockStore(this.#store).restored(this.#snapshot.header),
      { bucket: Bucket.meta, key: RESTORING_KEY, value: null },
    ];
  }

  readonly #readPage: ReadPage = (path, depth) => {
    const page = this.#store.get(Bucket.tree, keyBytes(pageKey(path, depth)));
    if (!page) throw new Error(`the tree lacks a page at depth ${depth}`);
    return new TreePage(Buffer.from(page));
  };
}

/** Deletes all but the mark. */
async function clear(store: Store): Promise<void> {
  for (const bucket of CLEARED_BUCKETS) {
    for (let batch = firstKeys(store, bucket); batch.length > 0; batch = firstKeys(store, bucket)) {
      await store.commit(batch.map((key) => ({ bucket, key, value: null })));
    }
  }
}

function firstKeys(store: Store, bucket: Bucket): Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (const [key] of store.range(bucket, { start: new Uint8Array(0) })) {
    if (bucket === Bucket.meta && RESTORING_KEY.equals(key)) continue;
    keys.push(Uint8Array.from(key));
    if (keys.length === CLEAR_BATCH) break;
  }
  return keys;
}
