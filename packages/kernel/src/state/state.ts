import { LruMap } from "../lru-map.js";
import { Bucket, type Store, type Write } from "../store.js";
import { existenceProof, nonExistenceProof } from "./commitment-proof.js";
import type { Journal } from "./journal.js";
import { keyBytes, keyFromBytes } from "./keys.js";
import { mergeRange } from "./merge-range.js";
import { FIRST_UNAUTHENTICATED_BYTE, type StateKey, type StateReader } from "./reader.js";
import { StateError } from "./state-error.js";
import { EMPTY_HASH, leafHash, pathOf } from "./tree-node.js";
import { pageKey, TreePage } from "./tree-page.js";
import { cutTree, type TreePart } from "./tree-part.js";
import { type LeafProof, proveKey } from "./tree-proof.js";
import { isEmptyRoot, type LeafChange, type PageChange, type ReadPage, updateTree } from "./tree-update.js";
import { UndoRecord } from "./undo-record.js";

/** Layout of the state's buckets on disk, of the records in them that the kernel itself reads, and of blocks. */
export const STATE_FORMAT = 3;
/** Heights below the newest whose state can be read. */
export const DEFAULT_HISTORY_WINDOW = 256;
/** Values that are kept in memory. */
export const VALUE_CACHE_SIZE = 200_000;
/** Tree pages that are kept in memory, in their stored form (some 500 bytes each). */
export const PAGE_CACHE_SIZE = 100_000;
/** Undo records that are kept in memory. */
const UNDO_CACHE_SIZE = 64;

export interface StateOptions {
  readonly window?: number;
  /** Keep every height. */
  readonly archive?: boolean;
}

/** A block's state, computed and not yet written. */
export interface Staged {
  readonly height: number;
  readonly root: Uint8Array;
  readonly writes: readonly Write[];
  readonly changes: ReadonlyMap<StateKey, Uint8Array | null>;
  readonly pages: readonly PageChange[];
}

/** The versioned, authenticated key-value state over a store. */
export class State {
  /** The newest committed state. */
  readonly newest: StateReader;
  readonly #store: Store;
  readonly #window: number;
  readonly #values = new LruMap<StateKey, Uint8Array | null>(VALUE_CACHE_SIZE);
  readonly #pages = new LruMap<string, Buffer>(PAGE_CACHE_SIZE);
  readonly #undo = new LruMap<number, UndoRecord>(UNDO_CACHE_SIZE);
  /** The height that a snapshot was of, if the chain began from one here. */
  readonly #first: number;
  #head: { readonly height: number; readonly root: Uint8Array };

  private constructor(store: Store, options: StateOptions) {
    this.#store = store;
    this.#window = options.archive ? Number.POSITIVE_INFINITY : (options.window ?? DEFAULT_HISTORY_WINDOW);
    const head = store.get(Bucket.meta, HEAD_KEY);
    const first = store.get(Bucket.meta, FIRST_KEY);
    this.#first = first ? Buffer.from(first).readUIntBE(0, HEIGHT_BYTES) : 0;
    if (head) {
      const [format, height] = decodeHead(head);
      if (format !== STATE_FORMAT) {
        throw new StateError(
          "formatVersion",
          `the state has format ${format}, this version reads ${STATE_FORMAT}: use the version that wrote it, or an empty folder`,
        );
      }
      this.#head = { height, root: this.#rootAt(height) };
    } else {
      this.#head = { height: 0, root: EMPTY_HASH };
    }
    this.newest = {
      get: (key) => this.#get(key),
      range: (start, end, reverse = false) => this.#range(start, end, reverse),
    };
  }

  /** Opens the state in a store, empty or not. Throws StateError formatVersion. */
  static open(store: Store, options: StateOptions = {}): State {
    return new State(store, options);
  }

  get head(): { readonly height: number; readonly root: Uint8Array } {
    return this.#head;
  }

  /** Computes root and writes of a journal over the newest state. Changes nothing: a staging may be dropped. */
  stage(height: number, journal: Journal<unknown>): Staged {
    const writes: Write[] = [];
    const before: (readonly [StateKey, Uint8Array | undefined])[] = [];
    const leaves: LeafChange[] = [];
    const changes = new Map<StateKey, Uint8Array | null>();
    for (const [key, value] of journal.changes()) {
      const old = this.#get(key);
      if (value === null ? old === undefined : old !== undefined && Buffer.compare(old, value) === 0) continue;
      changes.set(key, value);
      before.push([key, old]);
      writes.push({ bucket: Bucket.state, key: keyBytes(key), value });
      if (key.charCodeAt(0) >= FIRST_UNAUTHENTICATED_BYTE) continue;
      const path = pathOf(key);
      leaves.push({ key, path, hash: value && leafHash(path, value) });
    }
    const { root, pages } = updateTree(this.#head.root, leaves, this.#readPage);
    for (const { key, after = null } of pages) writes.push({ bucket: Bucket.tree, key: keyBytes(key), value: after });
    for (const { key, before: page = NO_PAGE } of pages) {
      writes.push({ bucket: Bucket.undo, key: pageUndoKey(height, key), value: page });
    }
    writes.push(
      { bucket: Bucket.undo, key: heightKey(height, VALUES), value: UndoRecord.encode(before) },
      { bucket: Bucket.meta, key: heightKey(height, ROOT), value: root },
      { bucket: Bucket.meta, key: HEAD_KEY, value: encodeHead(height) },
      ...this.#pruning(height - this.#window),
    );
    return { height, root, writes, changes, pages };
  }

  /** Takes over a staging whose writes are committed. */
  applied(staged: Staged): void {
    this.#head = { height: staged.height, root: staged.root };
    for (const [key, value] of staged.changes) this.#values.set(key, value);
    for (const { key, after } of staged.pages) {
      if (after) this.#pages.set(key, after);
      else this.#pages.delete(key);
    }
  }

  /** The state after the block of a recent height. Throws StateError heightNotKept. */
  view(height: number): StateReader {
    this.#assertKept(height);
    return {
      get: (key) => {
        for (let block = height + 1; block <= this.#head.height; block++) {
          const value = this.#undoRecord(block).get(key);
          if (value !== undefined) return value ?? undefined;
        }
        return this.#get(key);
      },
      range: (start, end, reverse = false) => this.#rangeAt(height, start, end, reverse),
    };
  }

  /**
   * An ICS23 CommitmentProof (protobuf) that the key has its value after the block of the given height, or that it is
   * absent. Throws StateError: heightNotKept; emptyTree, since ICS23 cannot prove absence from nothing.
   */
  prove(height: number, key: StateKey): Uint8Array {
    this.#assertKept(height);
    const root = this.#rootAt(height);
    if (isEmptyRoot(root)) throw new StateError("emptyTree", `the state of height ${height} is empty`);
    const view = height === this.#head.height ? this.newest : this.view(height);
    const proof = proveKey(root, key, this.#pagesAt(height));
    const withValue = (leaf: LeafProof) => ({ proof: leaf, value: view.get(leaf.key) as Uint8Array });
    if ("leaf" in proof) return existenceProof(proof.leaf, withValue(proof.leaf).value);
    return nonExistenceProof(key, proof.left && withValue(proof.left), proof.right && withValue(proof.right));
  }

  /**
   * The state after the block of the given height in parts (cutTree). It must stay the newest, or kept, until all are
   * taken. Throws StateError heightNotKept.
   */
  cut(
    height: number,
    encode: (key: StateKey) => Uint8Array,
    maxBytes: number,
  ): Iterable<readonly [part: TreePart, entries: Uint8Array[]]> {
    this.#assertKept(height);
    return cutTree(this.#rootAt(height), this.#pagesAt(height), encode, maxBytes);
  }

  /** The siblings from a key's leaf to the root, after the block of the given height. Throws StateError heightNotKept. */
  siblings(height: number, key: StateKey): Uint8Array[] {
    this.#assertKept(height);
    const proof = proveKey(this.#rootAt(height), key, this.#pagesAt(height));
    return "leaf" in proof ? proof.leaf.siblings.map(({ hash }) => hash) : [];
  }

  #get(key: StateKey): Uint8Array | undefined {
    const known = this.#values.get(key);
    if (known !== undefined) return known ?? undefined;
    const value = this.#store.get(Bucket.state, keyBytes(key));
    const owned = value === undefined ? null : Uint8Array.from(value);
    this.#values.set(key, owned);
    return owned ?? undefined;
  }

  *#range(start: StateKey, end: StateKey, reverse: boolean): Iterable<readonly [StateKey, Uint8Array]> {
    for (const [key, value] of this.#store.range(Bucket.state, {
      start: keyBytes(start),
      end: keyBytes(end),
      reverse,
    })) {
      yield [keyFromBytes(key), Uint8Array.from(value)];
    }
  }

  *#rangeAt(
    height: number,
    start: StateKey,
    end: StateKey,
    reverse: boolean,
  ): Iterable<readonly [StateKey, Uint8Array]> {
    const changed = new Map<StateKey, Uint8Array | null>();
    for (let block = this.#head.height; block > height; block--) {
      for (const [key, value] of this.#undoRecord(block).range(start, end)) changed.set(key, value);
    }
    const keys = [...changed.keys()].sort();
    if (reverse) keys.reverse();
    let at = 0;
    yield* mergeRange(
      this.#range(start, end, reverse),
      (after) => {
        while (after !== undefined && at < keys.length && isPast(keys[at] as StateKey, after, reverse)) at++;
        return keys[at];
      },
      (key, base) => {
        const value = changed.get(key);
        return value === undefined ? base : (value ?? undefined);
      },
      reverse,
    );
  }

  /** The lowest height whose state can be read. */
  get oldest(): number {
    return Math.max(this.#head.height - this.#window, this.#first);
  }

  #assertKept(height: number): void {
    const { oldest } = this;
    const known =
      height <= this.#head.height && height >= oldest && this.#store.get(Bucket.meta, heightKey(height, ROOT));
    if (!known) {
      throw new StateError(
        "heightNotKept",
        `the state of height ${height} is not kept: this node has ${oldest} to ${this.#head.height}`,
      );
    }
  }

  #undoRecord(height: number): UndoRecord {
    const known = this.#undo.get(height);
    if (known) return known;
    const bytes = this.#store.get(Bucket.undo, heightKey(height, VALUES));
    if (!bytes) throw new StateError("heightNotKept", `the undo record of height ${height} is not kept`);
    const record = new UndoRecord(Uint8Array.from(bytes));
    this.#undo.set(height, record);
    return record;
  }

  #rootAt(height: number): Uint8Array {
    const root = this.#store.get(Bucket.meta, heightKey(height, ROOT));
    if (!root) throw new StateError("heightNotKept", `the root of height ${height} is not kept`);
    return Uint8Array.from(root);
  }

  readonly #readPage: ReadPage = (path, depth) => {
    const key = pageKey(path, depth);
    let bytes = this.#pages.get(key);
    if (!bytes) {
      const stored = this.#store.get(Bucket.tree, keyBytes(key));
      if (!stored) throw new Error(`the tree lacks a page at depth ${depth}`);
      bytes = Buffer.allocUnsafeSlow(stored.length);
      bytes.set(stored);
      this.#pages.set(key, bytes);
    }
    return new TreePage(bytes);
  };

  /** Reads the pages of the tree after the block of a recent height. */
  #pagesAt(height: number): ReadPage {
    return (path, depth) => {
      const key = pageKey(path, depth);
      for (let block = height + 1; block <= this.#head.height; block++) {
        const page = this.#store.get(Bucket.undo, pageUndoKey(block, key));
        if (page) return new TreePage(Buffer.from(page));
      }
      return this.#readPage(path, depth);
    };
  }

  /** Deletes what only the state of the given height, now too old, needed. */
  #pruning(height: number): Write[] {
    if (!Number.isFinite(height) || height <= this.#first) return [];
    const writes: Write[] = [
      { bucket: Bucket.undo, key: heightKey(height, VALUES), value: null },
      { bucket: Bucket.meta, key: heightKey(height - 1, ROOT), value: null },
    ];
    const pages = { start: heightKey(height, PAGES), end: heightKey(height + 1, PAGES) };
    for (const [key] of this.#store.range(Bucket.undo, pages)) {
      writes.push({ bucket: Bucket.undo, key: Uint8Array.from(key), value: null });
    }
    return writes;
  }
}

const HEAD_KEY = Buffer.from("head");
/** The lowest height whose state was ever here; absent for 0. */
const FIRST_KEY = Buffer.from("first");
/** What a key of a height is of. */
const VALUES = 0;
const PAGES = 1;
const ROOT = 2;
const HEIGHT_BYTES = 6;
/** Stands for a page that was not in the tree. */
const NO_PAGE = new Uint8Array(0);

/** What opens a state whose rows and pages are in the store already. */
export function restoredState(height: number, root: Uint8Array): Write[] {
  const first = Buffer.alloc(HEIGHT_BYTES);
  first.writeUIntBE(height, 0, HEIGHT_BYTES);
  return [
    { bucket: Bucket.meta, key: heightKey(height, ROOT), value: root },
    { bucket: Bucket.meta, key: FIRST_KEY, value: first },
    { bucket: Bucket.meta, key: HEAD_KEY, value: encodeHead(height) },
  ];
}

function isPast(key: StateKey, after: StateKey, reverse: boolean): boolean {
  return reverse ? key >= after : key <= after;
}

function heightKey(height: number, part: number): Uint8Array {
  const key = Buffer.alloc(1 + HEIGHT_BYTES);
  key[0] = part;
  if (height >= 0) key.writeUIntBE(height, 1, HEIGHT_BYTES);
  return key;
}

/** Pages are kept one by one: in a large database LMDB searches long for the room that one large value needs. */
function pageUndoKey(height: number, page: string): Uint8Array {
  return Buffer.concat([heightKey(height, PAGES), keyBytes(page)]);
}

/** format (2) ‖ height (6) */
function encodeHead(height: number): Uint8Array {
  const bytes = Buffer.alloc(2 + HEIGHT_BYTES);
  bytes.writeUInt16BE(STATE_FORMAT, 0);
  bytes.writeUIntBE(height, 2, HEIGHT_BYTES);
  return bytes;
}

function decodeHead(bytes: Uint8Array): [format: number, height: number] {
  const head = Buffer.from(bytes);
  return [head.readUInt16BE(0), head.readUIntBE(2, HEIGHT_BYTES)];
}
