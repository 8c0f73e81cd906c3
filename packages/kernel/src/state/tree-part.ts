import type { StateKey } from "./reader.js";
import { EMPTY_HASH } from "./tree-node.js";
import { isLeaf, PAGE_LEVELS, PAGE_SLOTS, type Slot, slotOf } from "./tree-page.js";
import { combine, hashOf, type RowNode, withSlot } from "./tree-proof.js";
import { isEmptyRoot, type ReadPage } from "./tree-update.js";

/** A subtree: all leaves whose paths begin with the same bits. */
export interface TreePart {
  /** How many bits. */
  readonly depth: number;
  /** The bits, in 32 bytes; those behind are 0. */
  readonly path: Uint8Array;
  readonly hash: Uint8Array;
  /** Whether it is a single leaf, which has its own hash wherever it stands. */
  readonly leaf: boolean;
}

/** The subtree that still may become larger, with what its leaves take. */
interface Open {
  readonly page: Page;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly size: number;
}

interface Page {
  readonly depth: number;
  readonly path: Uint8Array;
  readonly slots: readonly Slot[];
}

type Cut = readonly [part: TreePart, entries: Uint8Array[]];

/**
 * Divides a tree into the largest subtrees whose entries, as `encode` gives them for each leaf, take at most `maxBytes`,
 * or are a single leaf. In the order of paths; which they are follows from the leaves alone. One walk, which holds
 * little more than two of them at a time where paths are spread evenly.
 */
export function* cutTree(
  root: Uint8Array,
  readPage: ReadPage,
  encode: (key: StateKey) => Uint8Array,
  maxBytes: number,
): Generator<Cut, void> {
  if (isEmptyRoot(root)) return;
  /** Of the leaves that are walked and not yet given out. */
  const entries: Uint8Array[] = [];

  /** In the order of paths: it takes the entries that were walked first. */
  function close({ page, from, to, count }: Open): Cut {
    const { depth, path, slots } = page;
    const part = {
      depth: depth + PAGE_LEVELS - Math.clz32(1) + Math.clz32(to - from),
      path: withSlot(path, depth, from),
      hash: hashOf({ depth, path, slots, from, to }),
      leaf: count === 1,
    };
    return [part, entries.splice(0, count)];
  }

  /** What needs no walk: an empty half, or a leaf. Most slots are one of these, and a generator for each would cost more. */
  function atOnce(page: Page, from: number, to: number): Open | undefined | "walk" {
    if (to - from > 1) return "walk";
    const node = page.slots[from];
    if (!node) return undefined;
    if (!isLeaf(node)) return "walk";
    const entry = encode(node.key);
    entries.push(entry);
    return { page, from, to, count: 1, size: entry.length };
  }

  /** The page below an inner node. */
  function* below(page: Page, at: number): Generator<Open, Open | "divided" | undefined> {
    const depth = page.depth + PAGE_LEVELS;
    const path = withSlot(page.path, page.depth, at);
    const found = yield* range({ depth, path, slots: readPage(path, depth).slots() }, 0, PAGE_SLOTS);
    return typeof found === "object" ? { ...found, page, from: at, to: at + 1 } : found;
  }

  function* range(page: Page, from: number, to: number): Generator<Open, Open | "divided" | undefined> {
    if (to - from === 1) return yield* below(page, from);
    const middle = (from + to) / 2;
    let left: Open | "divided" | "walk" | undefined = atOnce(page, from, middle);
    if (left === "walk") left = yield* range(page, from, middle);
    let waiting = typeof left === "object" ? left : undefined;
    let right: Open | "divided" | "walk" | undefined = atOnce(page, middle, to);
    if (right === "walk") {
      const walk = range(page, middle, to);
      let step = walk.next();
      for (; !step.done; step = walk.next()) {
        // The right half is too large, so the left one stands for itself, and comes first.
        if (waiting) yield waiting;
        waiting = undefined;
        yield step.value;
      }
      right = step.value;
    }
    if (right === undefined) return waiting ? { ...waiting, page, from, to } : left;
    if (left === undefined) return typeof right === "object" ? { ...right, page, from, to } : right;
    if (typeof right === "object" && waiting && waiting.size + right.size <= maxBytes) {
      return { page, from, to, count: waiting.count + right.count, size: waiting.size + right.size };
    }
    if (waiting) yield waiting;
    if (typeof right === "object") yield right;
    return "divided";
  }

  const path = new Uint8Array(32);
  const walk = range({ depth: 0, path, slots: readPage(path, 0).slots() }, 0, PAGE_SLOTS);
  let step = walk.next();
  for (; !step.done; step = walk.next()) yield close(step.value);
  if (typeof step.value === "object") yield close(step.value);
}

/** The hash of all that is in a tree under the first `depth` bits of a path. */
export function partHash(root: Uint8Array, path: Uint8Array, depth: number, readPage: ReadPage): Uint8Array {
  let isThere = !isEmptyRoot(root);
  for (let at = 0; isThere; at += PAGE_LEVELS) {
    const slots = readPage(path, at).slots();
    const slot = slotOf(path, at);
    if (depth - at <= PAGE_LEVELS) {
      const width = PAGE_SLOTS >> (depth - at);
      const from = slot - (slot % width);
      return hashOf({ depth: at, path, slots, from, to: from + width });
    }
    const node = slots[slot];
    // A leaf that has a whole slot for itself stands above the depth where others would divide them.
    if (node && isLeaf(node)) return node.hash;
    isThere = node !== undefined;
  }
  return EMPTY_HASH;
}

/** The root of the tree that the parts make up; undefined where they are not in order or lie in one another. */
export function rootOfParts(parts: readonly TreePart[]): Uint8Array | undefined {
  function nodeOf(from: number, to: number, depth: number): RowNode | undefined | "wrong" {
    const first = parts[from];
    if (from === to || !first) return undefined;
    if (to - from === 1 && first.depth === depth) return { hash: first.hash, leaf: first.leaf };
    if (parts.slice(from, to).some((part) => part.depth <= depth)) return "wrong";
    let middle = from;
    while (middle < to && bitOf(parts[middle] as TreePart, depth) === 0) middle++;
    for (let i = middle; i < to; i++) if (bitOf(parts[i] as TreePart, depth) === 0) return "wrong";
    const left = nodeOf(from, middle, depth + 1);
    const right = nodeOf(middle, to, depth + 1);
    return left === "wrong" || right === "wrong" ? "wrong" : combine(left, right);
  }
  const root = nodeOf(0, parts.length, 0);
  return root === "wrong" ? undefined : (root?.hash ?? EMPTY_HASH);
}

function bitOf({ path }: TreePart, depth: number): number {
  return ((path[depth >> 3] as number) >> (7 - (depth & 7))) & 1;
}
