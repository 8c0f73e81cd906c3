import type { StateKey } from "./reader.js";

/**
 * Levels of the tree in one page. More levels mean fewer pages to write for a changed key and larger ones near the
 * root; docs/state.md has the measurement.
 */
export const PAGE_LEVELS = 8;
export const PAGE_SLOTS = 2 ** PAGE_LEVELS;

/** The state key whose path ends in this slot, and its leaf hash. */
export interface LeafSlot {
  readonly key: StateKey;
  readonly hash: Uint8Array;
}

/** The root of the page below, and the height of the block that wrote it. */
export interface InnerSlot {
  readonly hash: Uint8Array;
  readonly version: number;
}

export type Slot = LeafSlot | InnerSlot | undefined;
/** The bottom row of a page; the rows above follow from it. */
export type PageSlots = Slot[];

export function isLeaf(slot: LeafSlot | { readonly hash: Uint8Array }): slot is LeafSlot {
  return "key" in slot;
}

/** The slot of a path in the page at the given depth in bits, a multiple of PAGE_LEVELS. */
export function slotOf(path: Uint8Array, depth: number): number {
  const byte = depth >> 3;
  const bits = ((path[byte] as number) << 8) | (path[byte + 1] ?? 0);
  return (bits >> (16 - (depth & 7) - PAGE_LEVELS)) & (PAGE_SLOTS - 1);
}

const EMPTY = 0;
const LEAF = 1;
const INNER = 2;
const BITMAP_BYTES = PAGE_SLOTS / 4;
const HASH_BYTES = 32;
const VERSION_BYTES = 6;

/**
 * Two bits a slot (0 empty, 1 leaf, 2 inner; slot 0 in the lowest bits of byte 0), then for each slot that is not empty:
 * leaf = length of the key (2) ‖ key ‖ leaf hash (32); inner = hash (32) ‖ version (6). Integers are big-endian.
 */
export function encodePage(slots: PageSlots): Uint8Array {
  let size = BITMAP_BYTES;
  for (const slot of slots) {
    if (slot) size += HASH_BYTES + (isLeaf(slot) ? 2 + slot.key.length : VERSION_BYTES);
  }
  const page = Buffer.alloc(size);
  let at = BITMAP_BYTES;
  for (let i = 0; i < PAGE_SLOTS; i++) {
    const slot = slots[i];
    if (!slot) continue;
    const kind = isLeaf(slot) ? LEAF : INNER;
    page[i >> 2] = (page[i >> 2] as number) | (kind << ((i & 3) * 2));
    if (isLeaf(slot)) {
      at = page.writeUInt16BE(slot.key.length, at);
      at += page.write(slot.key, at, "latin1");
      page.set(slot.hash, at);
      at += HASH_BYTES;
    } else {
      page.set(slot.hash, at);
      at = page.writeUIntBE(slot.version, at + HASH_BYTES, VERSION_BYTES);
    }
  }
  return page;
}

/** Reads what encodePage wrote. Hashes are views into the bytes. */
export function decodePage(bytes: Uint8Array): PageSlots {
  const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const slots = new Array<Slot>(PAGE_SLOTS).fill(undefined);
  let at = BITMAP_BYTES;
  for (let i = 0; i < PAGE_SLOTS; i++) {
    const kind = ((page[i >> 2] as number) >> ((i & 3) * 2)) & 3;
    if (kind === EMPTY) continue;
    if (kind === LEAF) {
      const end = at + 2 + page.readUInt16BE(at);
      slots[i] = { key: page.toString("latin1", at + 2, end), hash: bytes.subarray(end, end + HASH_BYTES) };
      at = end + HASH_BYTES;
    } else {
      const version = page.readUIntBE(at + HASH_BYTES, VERSION_BYTES);
      slots[i] = { hash: bytes.subarray(at, at + HASH_BYTES), version };
      at += HASH_BYTES + VERSION_BYTES;
    }
  }
  return slots;
}

/** Height of writing (6 bytes) ‖ depth in bits (1) ‖ the path down to the page, the last byte filled with zero bits. */
export function pageKey(version: number, path: Uint8Array, depth: number): Uint8Array {
  const length = Math.ceil(depth / 8);
  const key = Buffer.allocUnsafe(VERSION_BYTES + 1 + length);
  key.writeUIntBE(version, 0, VERSION_BYTES);
  key[VERSION_BYTES] = depth;
  key.set(path.subarray(0, length), VERSION_BYTES + 1);
  if (depth & 7) key[key.length - 1] = (key[key.length - 1] as number) & (0xff << (8 - (depth & 7)));
  return key;
}
