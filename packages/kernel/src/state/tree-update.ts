import { hashPairs } from "../crypto/hash-pairs.js";
import type { StateKey } from "./reader.js";
import { pathOf } from "./tree-node.js";
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
export type ReadPage = (path: Uint8Array, depth: number) => TreePage;

/** A page by its key (latin1), before and after; undefined where it is not in the tree. */
export interface PageChange {
  readonly key: string;
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
}

export interface TreeUpdate {
  readonly root: Uint8Array;
  readonly pages: readonly PageChange[];
}

/** A page under change. */
interface Work {
  readonly depth: number;
  /** The path of any key below: its first `depth` bits are the page's place. */
  readonly path: Uint8Array;
  readonly page: TreePage;
  readonly changes: readonly LeafChange[];
  readonly parent: Work | undefined;
  readonly before: Buffer | undefined;
}

/**
 * Applies the changes of a block. Pages are visited from the root down, each changed page once; then all pages of one
 * depth are hashed together, row by row, from the bottom up.
 */
export function updateTree(root: Uint8Array, changes: LeafChange[], readPage: ReadPage): TreeUpdate {
  changes.sort((a, b) => Buffer.compare(a.path, b.path));
  const [first] = changes;
  if (!first) return { root, pages: [] };
  const levels = visit(rootWork(root, changes, first.path, readPage), readPage);
  const pages: PageChange[] = [];
  let newRoot = root;
  for (const level of levels.reverse()) {
    for (let start = 0; start < level.length; start += HASH_BATCH) {
      const batch = level.slice(start, start + HASH_BATCH);
      const tops = hashPages(batch.map(({ page }) => page));
      batch.forEach(({ page, path, depth, parent, before }, i) => {
        const top = tops.kinds[i];
        const hash = tops.hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
        // A page with one leaf or none is not kept: the leaf moves up. Only the root page has nowhere to move it.
        const kept = top === kind.inner || (top === kind.leaf && !parent);
        if (kept || before) pages.push({ key: pageKey(path, depth), before, after: kept ? page.bytes : undefined });
        if (!parent) newRoot = Uint8Array.from(hash);
        else if (top === kind.inner) parent.page.setInner(slotOf(path, parent.depth), hash);
        else if (top === kind.leaf) parent.page.setLeaf(slotOf(path, parent.depth), onlyKey(page), hash);
        else parent.page.setEmpty(slotOf(path, parent.depth));
      });
    }
  }
  return { root: newRoot, pages };
}

export function isEmptyRoot(root: Uint8Array): boolean {
  return root.every((byte) => byte === 0);
}

/** The key of the leaf in a page that has but one. */
function onlyKey(page: TreePage): StateKey {
  let slot = 0;
  while (page.kindOf(slot) === kind.empty) slot++;
  return page.keyOf(slot);
}

function rootWork(root: Uint8Array, changes: readonly LeafChange[], path: Uint8Array, readPage: ReadPage): Work {
  const page = isEmptyRoot(root) ? undefined : readPage(path, 0);
  return { depth: 0, path, page: page ?? TreePage.empty(), changes, parent: undefined, before: page?.bytes };
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
    const below = readPage(path, depth);
    return { depth, path, page: below, changes, parent: work, before: below.bytes };
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
    return { depth, path, page: TreePage.empty(), changes: sorted, parent: work, before: undefined };
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
  for (const [i, page] of pages.entries()) page.unfold(kinds, i * PAGE_SLOTS, hashes, i * PAGE_SLOTS * HASH_BYTES);
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
