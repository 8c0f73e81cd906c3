import { hashPairs } from "../crypto/hash-pairs.js";
import type { StateKey } from "./reader.js";
import { EMPTY_HASH, pathOf } from "./tree-node.js";
import {
  emptyPage,
  encodePage,
  innerSlot,
  isLeaf,
  keyOf,
  leafSlot,
  PAGE_LEVELS,
  PAGE_SLOTS,
  type PageSlots,
  pageKey,
  type Slot,
  slotOf,
} from "./tree-page.js";

/** A changed leaf; a null hash removes it. */
export interface LeafChange {
  readonly key: StateKey;
  readonly path: Uint8Array;
  readonly hash: Uint8Array | null;
}

/** Reads the slots of a page that is in the tree. */
export type ReadPage = (version: number, path: Uint8Array, depth: number) => PageSlots;

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
  readonly slots: PageSlots;
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
  let result: Slot | undefined;
  for (const level of levels.reverse()) {
    const tops = hashPages(level, height);
    level.forEach((work, i) => {
      const top = tops[i];
      if (work.replaces) stale.push(work.replaces);
      // A page with one leaf or none is not kept: the leaf moves up. Only the root page has nowhere to move it.
      const kept = top !== undefined && (work.parent === undefined || !isLeaf(top));
      if (kept) pages.push({ key: pageKey(height, work.path, work.depth), value: encodePage(work.slots) });
      if (work.parent) work.parent.slots[slotOf(work.path, work.parent.depth)] = top;
      else result = top;
    });
  }
  if (!result) return { root: { hash: EMPTY_HASH, version: undefined }, pages, stale };
  const hash = Uint8Array.from(result.source.subarray(result.hashAt, result.hashAt + 32));
  return { root: { hash, version: height }, pages, stale };
}

function rootWork(root: TreeRoot, changes: readonly LeafChange[], path: Uint8Array, readPage: ReadPage): Work {
  const { version } = root;
  const slots = version === undefined ? emptyPage() : readPage(version, path, 0);
  const replaces = version === undefined ? undefined : pageKey(version, path, 0);
  return { depth: 0, path, slots, changes, parent: undefined, replaces };
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
  const before = work.slots[slot];
  const depth = work.depth + PAGE_LEVELS;
  const path = (changes[0] as LeafChange).path;
  if (before && !isLeaf(before)) {
    const replaces = pageKey(before.version, path, depth);
    return { depth, path, slots: readPage(before.version, path, depth), changes, parent: work, replaces };
  }
  const leaves = new Map<StateKey, LeafChange>();
  if (before) {
    const key = keyOf(before);
    const hash = before.source.subarray(before.hashAt, before.hashAt + 32);
    if (!changes.some((change) => change.key === key)) leaves.set(key, { key, path: pathOf(key), hash });
  }
  for (const change of changes) if (change.hash) leaves.set(change.key, change);
  if (leaves.size > 1) {
    const sorted = [...leaves.values()].sort((a, b) => Buffer.compare(a.path, b.path));
    return { depth, path, slots: emptyPage(), changes: sorted, parent: work, replaces: undefined };
  }
  const [leaf] = leaves.values();
  work.slots[slot] = leaf?.hash ? leafSlot(leaf.key, leaf.hash) : undefined;
  return undefined;
}

/** A node of the row under work: where it stands, its hash, and the leaf if it is one. */
interface Node {
  index: number;
  source: Buffer;
  hashAt: number;
  leaf: Slot | undefined;
}

/**
 * The top node of each page: undefined if it is empty, the leaf itself if it holds but one, else the inner node. Each row
 * of all pages is hashed in one call.
 */
function hashPages(level: readonly Work[], height: number): (Slot | undefined)[] {
  const rows: Node[][] = level.map(({ slots }) => {
    const row: Node[] = [];
    for (let index = 0; index < PAGE_SLOTS; index++) {
      const slot = slots[index];
      if (slot) row.push({ index, source: slot.source, hashAt: slot.hashAt, leaf: isLeaf(slot) ? slot : undefined });
    }
    return row;
  });
  for (let round = 0; round < PAGE_LEVELS; round++) hashRow(rows);
  return rows.map(([top]) => top && (top.leaf ?? innerSlot(top.source, top.hashAt, height)));
}

/** Replaces each row by the row above it. */
function hashRow(rows: Node[][]): void {
  let count = 0;
  for (const row of rows) count += row.length;
  // No row needs more hashes than it has nodes; empty siblings are the zeros that are there.
  const input = Buffer.alloc(count * 64);
  const toHash: Node[] = [];
  for (const row of rows) {
    let kept = 0;
    for (let i = 0; i < row.length; i++) {
      const node = row[i] as Node;
      const next = row[i + 1];
      const index = node.index >> 1;
      const pair = next !== undefined && next.index >> 1 === index;
      if (pair || !node.leaf) {
        const at = toHash.length * 64;
        node.source.copy(input, at + (node.index & 1) * 32, node.hashAt, node.hashAt + 32);
        if (pair) next.source.copy(input, at + 32, next.hashAt, next.hashAt + 32);
        node.leaf = undefined;
        toHash.push(node);
      }
      node.index = index;
      row[kept++] = node;
      if (pair) i++;
    }
    row.length = kept;
  }
  const output = Buffer.allocUnsafeSlow(toHash.length * 32);
  hashPairs(input.subarray(0, toHash.length * 64), output);
  for (let i = 0; i < toHash.length; i++) {
    const node = toHash[i] as Node;
    node.source = output;
    node.hashAt = i * 32;
  }
}
