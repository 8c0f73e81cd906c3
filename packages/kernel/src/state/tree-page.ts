import type { StateKey } from "./reader.js";

/**
 * Levels of the tree in one page. More levels mean fewer pages to write for a changed key and larger ones near the
 * root; docs/state.md has the measurement.
 */
export const PAGE_LEVELS = 4;
export const PAGE_SLOTS = 2 ** PAGE_LEVELS;
export const HASH_BYTES = 32;

/** The state key whose path ends in this slot, and its leaf hash. */
export interface LeafSlot {
  readonly key: StateKey;
  readonly hash: Uint8Array;
}

/** The root of the page below. */
export interface InnerSlot {
  readonly hash: Uint8Array;
}

/** A node in the bottom row of a page; undefined where it is empty. */
export type Slot = LeafSlot | InnerSlot | undefined;

export function isLeaf(slot: LeafSlot | InnerSlot): slot is LeafSlot {
  return "key" in slot;
}

/** The slot of a path in the page at the given depth in bits, a multiple of PAGE_LEVELS. */
export function slotOf(path: Uint8Array, depth: number): number {
  const byte = depth >> 3;
  const bits = ((path[byte] as number) << 8) | (path[byte + 1] ?? 0);
  return (bits >> (16 - (depth & 7) - PAGE_LEVELS)) & (PAGE_SLOTS - 1);
}

/** What is in a slot. */
export const kind = { empty: 0, leaf: 1, inner: 2 } as const;

const KINDS_BYTES = PAGE_SLOTS / 4;
const LENGTH_BYTES = 2;

/**
 * The bottom row of a page, the rows above follow from it. It is kept as it is stored: two bits a slot for its kind (slot
 * 0 in the lowest bits of byte 0) ‖ the hashes of the slots that are not empty, 32 bytes each ‖ for each leaf the length
 * of its key (2, big-endian) ‖ the key. A block changes most pages in a slot or two, so nothing else is taken apart or
 * put together.
 */
export class TreePage {
  #bytes: Buffer;
  #shared: boolean;

  /** A page over stored bytes, which stay as they are. */
  constructor(stored: Buffer) {
    this.#bytes = stored;
    this.#shared = true;
  }

  static empty(): TreePage {
    return new TreePage(Buffer.alloc(KINDS_BYTES));
  }

  /** What is to be stored. It changes with the page. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  kindOf(slot: number): number {
    return ((this.#bytes[slot >> 2] as number) >> ((slot & 3) * 2)) & 3;
  }

  /** The hash of a slot that is not empty: a view. */
  hashOf(slot: number): Uint8Array {
    const at = this.#hashAt(slot);
    return this.#bytes.subarray(at, at + HASH_BYTES);
  }

  /** The key of a leaf. */
  keyOf(slot: number): StateKey {
    const at = this.#keyAt(slot);
    return this.#bytes.toString("latin1", at + LENGTH_BYTES, at + LENGTH_BYTES + this.#bytes.readUInt16BE(at));
  }

  slot(slot: number): Slot {
    const found = this.kindOf(slot);
    if (found === kind.empty) return undefined;
    const hash = this.hashOf(slot);
    return found === kind.leaf ? { key: this.keyOf(slot), hash } : { hash };
  }

  slots(): Slot[] {
    return Array.from({ length: PAGE_SLOTS }, (_, slot) => this.slot(slot));
  }

  setEmpty(slot: number): void {
    if (this.kindOf(slot) !== kind.empty) this.#replace(slot, kind.empty, undefined, undefined);
  }

  setLeaf(slot: number, key: StateKey, hash: Uint8Array): void {
    if (this.kindOf(slot) === kind.leaf && this.keyOf(slot) === key) {
      this.#own();
      this.#bytes.set(hash, this.#hashAt(slot));
      return;
    }
    const entry = Buffer.allocUnsafe(LENGTH_BYTES + key.length);
    entry.write(key, entry.writeUInt16BE(key.length, 0), "latin1");
    this.#replace(slot, kind.leaf, hash, entry);
  }

  setInner(slot: number, hash: Uint8Array): void {
    if (this.kindOf(slot) !== kind.inner) {
      this.#replace(slot, kind.inner, hash, undefined);
      return;
    }
    this.#own();
    this.#bytes.set(hash, this.#hashAt(slot));
  }

  /** Writes the kinds of the slots, a byte each, and their hashes, zeros where a slot is empty and the target is new. */
  unfold(kinds: Uint8Array, kindsAt: number, hashes: Uint8Array, hashesAt: number): void {
    let at = KINDS_BYTES;
    for (let slot = 0; slot < PAGE_SLOTS; ) {
      const first = slot;
      for (; slot < PAGE_SLOTS; slot++) {
        const found = this.kindOf(slot);
        kinds[kindsAt + slot] = found;
        if (found === kind.empty) break;
      }
      const length = (slot - first) * HASH_BYTES;
      if (length > 0) hashes.set(this.#bytes.subarray(at, at + length), hashesAt + first * HASH_BYTES);
      at += length;
      slot++;
    }
  }

  #hashAt(slot: number): number {
    let at = KINDS_BYTES;
    for (let i = 0; i < slot; i++) if (this.kindOf(i) !== kind.empty) at += HASH_BYTES;
    return at;
  }

  /** Where the key of a slot, with its length, is or would be. */
  #keyAt(slot: number): number {
    let at = this.#hashAt(PAGE_SLOTS);
    for (let i = 0; i < slot; i++) at += this.#keyLength(i, at);
    return at;
  }

  #keyLength(slot: number, at: number): number {
    return this.kindOf(slot) === kind.leaf ? LENGTH_BYTES + this.#bytes.readUInt16BE(at) : 0;
  }

  #own(): void {
    if (!this.#shared) return;
    // Pages live long in caches; a slice of Node's pool would keep the whole pool.
    const copy = Buffer.allocUnsafeSlow(this.#bytes.length);
    copy.set(this.#bytes);
    this.#bytes = copy;
    this.#shared = false;
  }

  /** Puts the page together anew with another kind or length in one slot. */
  #replace(slot: number, to: number, hash: Uint8Array | undefined, key: Uint8Array | undefined): void {
    const old = this.#bytes;
    const wasEmpty = this.kindOf(slot) === kind.empty;
    const hashAt = this.#hashAt(slot);
    const hashEnd = hashAt + (wasEmpty ? 0 : HASH_BYTES);
    const keyAt = this.#keyAt(slot);
    const keyEnd = keyAt + this.#keyLength(slot, keyAt);
    const added = (hash?.length ?? 0) + (key?.length ?? 0);
    const page = Buffer.allocUnsafeSlow(old.length + added - (hashEnd - hashAt) - (keyEnd - keyAt));
    let at = old.copy(page, 0, 0, hashAt);
    if (hash) {
      page.set(hash, at);
      at += hash.length;
    }
    at += old.copy(page, at, hashEnd, keyAt);
    if (key) {
      page.set(key, at);
      at += key.length;
    }
    old.copy(page, at, keyEnd);
    const shift = (slot & 3) * 2;
    page[slot >> 2] = ((page[slot >> 2] as number) & ~(3 << shift)) | (to << shift);
    this.#bytes = page;
    this.#shared = false;
  }
}

/** Where a page is stored: its depth in bits (1) ‖ the path down to it, the last byte filled with zero bits. */
export function pageKey(path: Uint8Array, depth: number): string {
  const length = Math.ceil(depth / 8);
  let key = String.fromCharCode(depth);
  for (let i = 0; i < length; i++)
    key += String.fromCharCode((path[i] as number) & (i === depth >> 3 ? (LAST_BITS[depth & 7] as number) : 0xff));
  return key;
}

/** Masks of the highest bits of a byte. */
const LAST_BITS = [0xff, 0x80, 0xc0, 0xe0, 0xf0, 0xf8, 0xfc, 0xfe];
