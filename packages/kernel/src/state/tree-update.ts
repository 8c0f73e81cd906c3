import { hashPairs } from "../crypto/hash-pairs.js";
import type { StateKey } from "./reader.js";
import { EMPTY_HASH, pathOf } from "./tree-node.js";
import { HASH_BYTES, kind, PAGE_LEVELS, PAGE_SLOTS, pageKey, slotOf, TreePage } from "./tree-page.js";

const HASH_WORDS = HASH_BYTES / 4;
/** Pages that are hashed together: their rows stay in the processor's cache. */
const HASH_BATCH = 512;

/** A changed leaf; a null hash removes it. */
export interface LeafChange {
  readonly key: StateKey;
  readonly path: Uint8Array;
  readonly hash: Uint8Array | null;
}

/** Reads a page that is in the tree. */
export type ReadPage = (version: number, path: Uint8Array, depth: number) => TreePage;

export interface TreeRoot {
  readonly hash: Uint8Array;
  /** Height that wrote the root page; undefined for the empty tree. */
  readonly version: number | undefined;
}

export interface TreeUpdate {
  readonly root: TreeRoot;
  /** New pages by their keys. */
  readonly pages: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[];
  /** Keys of the pages that these replace. */
  readonly stale: readonly Uint8Array[];
}

/** A page under change. */
interface Work {
  readonly depth: number;
  /** The path of any key below: its first `depth` bits are the page's place. */
  readonly path: Uint8Array;
  readonly page: TreePage;
  readonly changes: readonly LeafChange[];
  readonly parent: Work | undefined;
  readonly replaces: Uint8Array | undefined;
}

/**
 * Applies the changes of a block. Pages are visited from the root down, each changed page once; then all pages of one
 * depth are hashed together, row by row, from the bottom up. `height` becomes the version of the new pages.
 */
export function updateTree(root: TreeRoot, changes: LeafChange[], height: number, readPage: ReadPage): TreeUpdate {
  changes.sort((a, b) => Buffer.compare(a.path, b.path));
  const [first] = changes;
  if (!first) return { root, pages: [], stale: [] };
  const levels = visit(rootWork(root, changes, first.path, readPage), readPage);
  const pages: { key: Uint8Array; value: Uint8Array }[] = [];
  const stale: Uint8Array[] = [];
  let hash = EMPTY_HASH;
  for (const level of levels.reverse()) {
    for (let start = 0; start < level.length; start += HASH_BATCH) {
      const batch = level.slice(start, start + HASH_BATCH);
      const tops = hashPages(batch.map(({ page }) => page));
      batch.forEach(({ page, path, depth, parent, replaces }, i) => {
        const top = tops.kinds[i];
        const topHash = tops.hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
        if (replaces) stale.push(replaces);
        // A page with one leaf or none is not kept: the leaf moves up. Only the root page has nowhere to move it.
        if (top === kind.inner || (top === kind.leaf && !parent)) {
          pages.push({ key: pageKey(height, path, depth), value: page.bytes });
        }
        if (!parent) hash = Uint8Array.from(topHash);
        else if (top === kind.inner) parent.page.setInner(slotOf(path, parent.depth), topHash, height);
        else if (top === kind.leaf) parent.page.setLeaf(slotOf(path, parent.depth), onlyKey(page), topHash);
        else parent.page.setEmpty(slotOf(path, parent.depth));
      });
    }
  }
  const isEmpty = pages.length === 0;
  return { root: { hash, version: isEmpty ? undefined : height }, pages, stale };
}

/** The key of the leaf in a page that has but one. */
function onlyKey(page: TreePage): StateKey {
  let slot = 0;
  while (page.kindOf(slot) === kind.empty) slot++;
  return page.keyOf(slot);
}

function rootWork(root: TreeRoot, changes: readonly LeafChange[], path: Uint8Array, readPage: ReadPage): Work {
  const { version } = root;
  const page = version === undefined ? TreePage.empty() : readPage(version, path, 0);
  const replaces = version === undefined ? undefined : pageKey(version, path, 0);
  return { depth: 0, path, page, changes, parent: undefined, replaces };
}

/** Puts the changes into the slots of pages, from the root down; returns the pages by depth. */
function visit(root: Work, readPage: ReadPage): Work[][] {
  const levels: Work[][] = [[root]];
  for (let level = levels[0]; level && level.length > 0; level = levels.at(-1)) {
    const below: Work[] = [];
    for (const work of level) {
      for (let start = 0; start < work.changes.length; ) {
        const slot = slotOf((work.changes[start] as LeafChange).path, work.depth);
        let end = start + 1;
        while (end < work.changes.length && slotOf((work.changes[end] as LeafChange).path, work.depth) === slot) end++;
        const child = changeSlot(work, slot, work.changes.slice(start, end), readPage);
        if (child) below.push(child);
        start = end;
      }
    }
    if (below.length === 0) break;
    levels.push(below);
  }
  return levels;
}

/** Applies the changes that fall into one slot; returns the page below if they go on there. */
function changeSlot(work: Work, slot: number, changes: readonly LeafChange[], readPage: ReadPage): Work | undefined {
  const { page } = work;
  const depth = work.depth + PAGE_LEVELS;
  const path = (changes[0] as LeafChange).path;
  const before = page.kindOf(slot);
  if (before === kind.inner) {
    const version = page.versionOf(slot);
    const replaces = pageKey(version, path, depth);
    return { depth, path, page: readPage(version, path, depth), changes, parent: work, replaces };
  }
  const leaves = new Map<StateKey, LeafChange>();
  if (before === kind.leaf) {
    const key = page.keyOf(slot);
    if (!changes.some((change) => change.key === key)) {
      leaves.set(key, { key, path: pathOf(key), hash: page.hashOf(slot) });
    }
  }
  for (const change of changes) if (change.hash) leaves.set(change.key, change);
  if (leaves.size > 1) {
    const sorted = [...leaves.values()].sort((a, b) => Buffer.compare(a.path, b.path));
    return { depth, path, page: TreePage.empty(), changes: sorted, parent: work, replaces: undefined };
  }
  const [leaf] = leaves.values();
  if (leaf?.hash) page.setLeaf(slot, leaf.key, leaf.hash);
  else page.setEmpty(slot);
  return undefined;
}

/** The top of each page: its kind, and its hash where it is not empty. */
interface Tops {
  readonly kinds: Uint8Array;
  readonly hashes: Uint8Array;
}

/**
 * Hashes pages from their bottom rows up, each row of all pages in one call. A leaf whose sibling is empty moves up as it
 * is; the hash that was made of the two is overwritten.
 */
function hashPages(pages: readonly TreePage[]): Tops {
  let width = pages.length * PAGE_SLOTS;
  const kinds = new Uint8Array(width);
  let hashes = new Uint8Array(width * HASH_BYTES);
  pages.forEach((page, i) => page.unfold(kinds, i * PAGE_SLOTS, hashes, i * PAGE_SLOTS * HASH_BYTES));
  while (width > pages.length) {
    const above = new Uint8Array((width / 2) * HASH_BYTES);
    hashPairs(hashes, above);
    width /= 2;
    const from = new Uint32Array(hashes.buffer);
    const to = new Uint32Array(above.buffer);
    for (let i = 0; i < width; i++) {
      const left = kinds[2 * i] as number;
      const right = kinds[2 * i + 1] as number;
      // The kinds are numbers such that of an empty and another one the sum is the other.
      const moves = left === kind.empty || right === kind.empty ? left + right : kind.inner;
      kinds[i] = moves;
      if (moves === kind.inner) continue;
      const source = (2 * i + (right === kind.empty ? 0 : 1)) * HASH_WORDS;
      for (let word = 0; word < HASH_WORDS; word++) to[i * HASH_WORDS + word] = from[source + word] as number;
    }
    hashes = above;
  }
  return { kinds, hashes };
}
