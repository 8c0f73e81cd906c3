import { hashPairs } from "../crypto/hash-pairs.js";
import type { StateKey } from "./reader.js";
import { EMPTY_HASH, pathOf } from "./tree-node.js";
import { isLeaf, type LeafSlot, PAGE_LEVELS, PAGE_SLOTS, type Slot, slotOf } from "./tree-page.js";
import { isEmptyRoot, type ReadPage } from "./tree-update.js";

/** A sibling on the way from the root to a leaf. */
export interface Sibling {
  readonly hash: Uint8Array;
  readonly side: "left" | "right";
}

export interface LeafProof {
  readonly key: StateKey;
  /** From the leaf's side to the root. */
  readonly siblings: readonly Sibling[];
}

/** A subtree inside one page: the slots from `from` to before `to`. */
interface Subtree {
  readonly depth: number;
  readonly path: Uint8Array;
  readonly slots: readonly Slot[];
  readonly from: number;
  readonly to: number;
}

interface Walk {
  /** The leaf at the end of the way, if there is one: of this path or of another. */
  readonly leaf: LeafSlot | undefined;
  readonly siblings: readonly Sibling[];
  /** The nearest subtrees that are not empty, to both sides of the way. */
  readonly left: Subtree | undefined;
  readonly right: Subtree | undefined;
}

/**
 * The proof of a key's leaf, or of the leaves next to where it would be. The neighbours are undefined at the edges of
 * the tree.
 */
export function proveKey(
  root: Uint8Array,
  key: StateKey,
  readPage: ReadPage,
): { readonly leaf: LeafProof } | { readonly left: LeafProof | undefined; readonly right: LeafProof | undefined } {
  const path = pathOf(key);
  const walk = walkTo(root, path, readPage);
  const found = walk.leaf?.key;
  if (found === key) return { leaf: { key, siblings: walk.siblings } };
  const beside = found !== undefined && Buffer.compare(pathOf(found), path) < 0 ? "left" : "right";
  const neighbour = (side: "left" | "right"): LeafProof | undefined => {
    const subtree = walk[side];
    const leaf =
      walk.leaf && beside === side
        ? walk.leaf
        : subtree && edgeLeaf(subtree, side === "left" ? "last" : "first", readPage);
    return leaf && { key: leaf.key, siblings: walkTo(root, pathOf(leaf.key), readPage).siblings };
  };
  return { left: neighbour("left"), right: neighbour("right") };
}

/** Follows a path from the root until it ends at a leaf or in an empty subtree. */
function walkTo(root: Uint8Array, path: Uint8Array, readPage: ReadPage): Walk {
  const siblings: Sibling[] = [];
  let left: Subtree | undefined;
  let right: Subtree | undefined;
  let isThere = !isEmptyRoot(root);
  for (let depth = 0; isThere; depth += PAGE_LEVELS) {
    const slots = readPage(path, depth).slots();
    const slot = slotOf(path, depth);
    let from = 0;
    let to = PAGE_SLOTS;
    for (;;) {
      const only = onlyLeaf(slots, from, to);
      if (only !== undefined) return { leaf: only ?? undefined, siblings: siblings.reverse(), left, right };
      if (to - from === 1) break;
      const middle = (from + to) / 2;
      const goesRight = slot >= middle;
      const other = { depth, path, slots, from: goesRight ? from : middle, to: goesRight ? middle : to };
      siblings.push({ hash: hashOf(other), side: goesRight ? "left" : "right" });
      if (onlyLeaf(slots, other.from, other.to) !== null) {
        if (goesRight) left = other;
        else right = other;
      }
      if (goesRight) from = middle;
      else to = middle;
    }
    const inner = slots[from];
    isThere = inner !== undefined && !isLeaf(inner);
  }
  return { leaf: undefined, siblings: siblings.reverse(), left, right };
}

/** The leaf, if the slots hold one leaf and nothing else; null if they are empty; undefined if there is more. */
function onlyLeaf(slots: readonly Slot[], from: number, to: number): LeafSlot | null | undefined {
  let only: LeafSlot | null = null;
  for (let i = from; i < to; i++) {
    const slot = slots[i];
    if (!slot) continue;
    if (only !== null || !isLeaf(slot)) return undefined;
    only = slot;
  }
  return only;
}

/** The hash of a subtree inside one page. */
export function hashOf({ slots, from, to }: Subtree): Uint8Array {
  let row: { hash: Uint8Array; leaf: boolean }[] = slots
    .slice(from, to)
    .map((slot) => (slot ? { hash: slot.hash, leaf: isLeaf(slot) } : { hash: EMPTY_HASH, leaf: false }));
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, i) => combine(row[2 * i], row[2 * i + 1]));
  }
  return row[0]?.hash ?? EMPTY_HASH;
}

/** A node in a row of the tree. */
export interface RowNode {
  hash: Uint8Array;
  leaf: boolean;
}

/** The node above two nodes, where undefined is empty: a leaf alone moves up as it is. */
export function combine(a: RowNode | undefined, b: RowNode | undefined): RowNode {
  const left = a ?? { hash: EMPTY_HASH, leaf: false };
  const right = b ?? { hash: EMPTY_HASH, leaf: false };
  const leftEmpty = left.hash === EMPTY_HASH;
  const rightEmpty = right.hash === EMPTY_HASH;
  if (leftEmpty && (rightEmpty || right.leaf)) return right;
  if (rightEmpty && left.leaf) return left;
  const input = new Uint8Array(64);
  input.set(left.hash);
  input.set(right.hash, 32);
  const hash = new Uint8Array(32);
  hashPairs(input, hash);
  return { hash, leaf: false };
}

/** The first or last leaf of a subtree that is not empty. */
function edgeLeaf(subtree: Subtree, end: "first" | "last", readPage: ReadPage): LeafSlot {
  const step = end === "first" ? 1 : -1;
  for (let i = end === "first" ? subtree.from : subtree.to - 1; i >= subtree.from && i < subtree.to; i += step) {
    const slot = subtree.slots[i];
    if (!slot) continue;
    if (isLeaf(slot)) return slot;
    const path = withSlot(subtree.path, subtree.depth, i);
    const depth = subtree.depth + PAGE_LEVELS;
    return edgeLeaf({ depth, path, slots: readPage(path, depth).slots(), from: 0, to: PAGE_SLOTS }, end, readPage);
  }
  throw new Error("an inner node without leaves");
}

/** The path with its bits at the given depth replaced by the slot's number. */
export function withSlot(path: Uint8Array, depth: number, slot: number): Uint8Array {
  const changed = Uint8Array.from(path);
  for (let bit = 0; bit < PAGE_LEVELS; bit++) {
    const at = (depth + bit) >> 3;
    const mask = 0x80 >> ((depth + bit) & 7);
    const set = (slot >> (PAGE_LEVELS - 1 - bit)) & 1;
    changed[at] = set ? (changed[at] as number) | mask : (changed[at] as number) & ~mask;
  }
  return changed;
}
