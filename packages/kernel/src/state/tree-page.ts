import type { StateKey } from "./reader.js";

/**
 * Levels of the tree in one page. More levels mean fewer pages to write for a changed key and larger ones near the
 * root; docs/state.md has the measurement.
 */
export const PAGE_LEVELS = 4;
export const PAGE_SLOTS = 2 ** PAGE_LEVELS;

/**
 * A node in a page's bottom row: a leaf, or the root of the page below. It stays where it is in stored bytes, and is only
 * pointed at: pages are read and written far more often than their single slots are looked into.
 */
export interface Slot {
  readonly source: Buffer;
  /** Where the 32 bytes of the hash are. */
  readonly hashAt: number;
  /** Where a leaf's key begins; it ends at the hash. */
  readonly keyAt: number;
  /** Height of the block that wrote the page below; LEAF_VERSION for a leaf. */
  readonly version: number;
}

const LEAF_VERSION = -1;

/** The bottom row of a page; the rows above follow from it. */
export type PageSlots = (Slot | undefined)[];

export function isLeaf(slot: Slot): boolean {
  return slot.version === LEAF_VERSION;
}

/** The key of a leaf. */
export function keyOf({ source, keyAt, hashAt }: Slot): StateKey {
  return source.toString("latin1", keyAt, hashAt);
}

export function leafSlot(key: StateKey, hash: Uint8Array): Slot {
  const source = Buffer.allocUnsafe(key.length + HASH_BYTES);
  source.write(key, 0, "latin1");
  source.set(hash, key.length);
  return { source, hashAt: key.length, keyAt: 0, version: LEAF_VERSION };
}

export function innerSlot(source: Buffer, hashAt: number, version: number): Slot {
  return { source, hashAt, keyAt: 0, version };
}

export function emptyPage(): PageSlots {
  return new Array<Slot | undefined>(PAGE_SLOTS).fill(undefined);
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
export function encodePage(slots: PageSlots): Buffer {
  let size = BITMAP_BYTES;
  for (const slot of slots) {
    if (slot) size += HASH_BYTES + (isLeaf(slot) ? 2 + slot.hashAt - slot.keyAt : VERSION_BYTES);
  }
  // Pages live long in caches; a slice of a pool would keep the whole pool.
  const page = Buffer.allocUnsafeSlow(size).fill(0, 0, BITMAP_BYTES);
  let at = BITMAP_BYTES;
  for (let i = 0; i < PAGE_SLOTS; i++) {
    const slot = slots[i];
    if (!slot) continue;
    const { source, hashAt, keyAt, version } = slot;
    const leaf = isLeaf(slot);
    page[i >> 2] = (page[i >> 2] as number) | ((leaf ? LEAF : INNER) << ((i & 3) * 2));
    if (leaf) {
      at = page.writeUInt16BE(hashAt - keyAt, at);
      at += source.copy(page, at, keyAt, hashAt + HASH_BYTES);
    } else {
      at += source.copy(page, at, hashAt, hashAt + HASH_BYTES);
      at = page.writeUIntBE(version, at, VERSION_BYTES);
    }
  }
  return page;
}

/** Reads what encodePage wrote. The slots point into the bytes. */
export function decodePage(page: Buffer): PageSlots {
  const slots = emptyPage();
  let at = BITMAP_BYTES;
  for (let i = 0; i < PAGE_SLOTS; i++) {
    const kind = ((page[i >> 2] as number) >> ((i & 3) * 2)) & 3;
    if (kind === EMPTY) continue;
    if (kind === LEAF) {
      const keyAt = at + 2;
      const hashAt = keyAt + page.readUInt16BE(at);
      slots[i] = { source: page, hashAt, keyAt, version: LEAF_VERSION };
      at = hashAt + HASH_BYTES;
    } else {
      slots[i] = innerSlot(page, at, page.readUIntBE(at + HASH_BYTES, VERSION_BYTES));
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
