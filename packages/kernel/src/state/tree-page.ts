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

/** The root of the page below, and the height of the block that wrote it. */
export interface InnerSlot {
  readonly hash: Uint8Array;
  readonly version: number;
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
const VERSION_BYTES = 6;
const LENGTH_BYTES = 2;

/**
 * The bottom row of a page, the rows above follow from it. It is kept as it is stored: two bits a slot for its kind (slot
 * 0 in the lowest bits of byte 0) ‖ the hashes of the slots that are not empty, 32 bytes each ‖ what each of these refers
 * to: of a leaf the length of its key (2) ‖ the key, of an inner node the version (6). Integers are big-endian. A
 * block changes most pages in a slot or two, so nothing else is taken apart or put together.
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
    const at = this.#referenceAt(slot);
    return this.#bytes.toString("latin1", at + LENGTH_BYTES, at + LENGTH_BYTES + this.#bytes.readUInt16BE(at));
  }

  /** The version of an inner node. */
  versionOf(slot: number): number {
    return this.#bytes.readUIntBE(this.#referenceAt(slot), VERSION_BYTES);
  }

  slot(slot: number): Slot {
    const found = this.kindOf(slot);
    if (found === kind.empty) return undefined;
    const hash = this.hashOf(slot);
    return found === kind.leaf ? { key: this.keyOf(slot), hash } : { hash, version: this.versionOf(slot) };
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
    const reference = Buffer.allocUnsafe(LENGTH_BYTES + key.length);
    reference.write(key, reference.writeUInt16BE(key.length, 0), "latin1");
    this.#replace(slot, kind.leaf, hash, reference);
  }

  setInner(slot: number, hash: Uint8Array, version: number): void {
    if (this.kindOf(slot) === kind.inner) {
      this.#own();
      this.#bytes.set(hash, this.#hashAt(slot));
      this.#bytes.writeUIntBE(version, this.#referenceAt(slot), VERSION_BYTES);
      return;
    }
    const reference = Buffer.allocUnsafe(VERSION_BYTES);
    reference.writeUIntBE(version, 0, VERSION_BYTES);
    this.#replace(slot, kind.inner, hash, reference);
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

  #referenceAt(slot: number): number {
    let at = this.#hashAt(PAGE_SLOTS);
    for (let i = 0; i < slot; i++) at += this.#referenceLength(i, at);
    return at;
  }

  /** The length of what a slot refers to, which begins at the given byte. */
  #referenceLength(slot: number, at: number): number {
    const found = this.kindOf(slot);
    if (found === kind.empty) return 0;
    return found === kind.inner ? VERSION_BYTES : LENGTH_BYTES + this.#bytes.readUInt16BE(at);
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
  #replace(slot: number, to: number, hash: Uint8Array | undefined, reference: Uint8Array | undefined): void {
    const old = this.#bytes;
    const wasEmpty = this.kindOf(slot) === kind.empty;
    const hashAt = this.#hashAt(slot);
    const hashEnd = hashAt + (wasEmpty ? 0 : HASH_BYTES);
    const referenceAt = this.#referenceAt(slot);
    const referenceEnd = referenceAt + this.#referenceLength(slot, referenceAt);
    const added = (hash?.length ?? 0) + (reference?.length ?? 0);
    const page = Buffer.allocUnsafeSlow(old.length + added - (hashEnd - hashAt) - (referenceEnd - referenceAt));
    let at = old.copy(page, 0, 0, hashAt);
    if (hash) {
      page.set(hash, at);
      at += hash.length;
    }
    at += old.copy(page, at, hashEnd, referenceAt);
    if (reference) {
      page.set(reference, at);
      at += reference.length;
    }
    old.copy(page, at, referenceEnd);
    const shift = (slot & 3) * 2;
    page[slot >> 2] = ((page[slot >> 2] as number) & ~(3 << shift)) | (to << shift);
    this.#bytes = page;
    this.#shared = false;
  }
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
