import type { StateKey } from "./reader.js";

/**
 * What a block overwrote, in key order, so that a value before the block is found by binary search in the stored bytes:
 * count (4) ‖ offset of each entry (4 each) ‖ entries; an entry is the key's length (2) ‖ key ‖ 1 ‖ value before, or
 * the key's length ‖ key ‖ 0 where there was none. Integers are big-endian.
 */
export class UndoRecord {
  readonly #bytes: Buffer;
  readonly #count: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#count = this.#bytes.readUInt32BE(0);
  }

  static encode(before: readonly (readonly [key: StateKey, value: Uint8Array | undefined])[]): Uint8Array {
    const entries = [...before].sort(([a], [b]) => (a < b ? -1 : 1));
    const size = entries.reduce((sum, [key, value]) => sum + 4 + 2 + key.length + 1 + (value?.length ?? 0), 4);
    const bytes = Buffer.allocUnsafe(size);
    bytes.writeUInt32BE(entries.length, 0);
    let at = 4 + 4 * entries.length;
    entries.forEach(([key, value], i) => {
      bytes.writeUInt32BE(at, 4 + 4 * i);
      at = bytes.writeUInt16BE(key.length, at);
      at += bytes.write(key, at, "latin1");
      bytes[at++] = value ? 1 : 0;
      if (value) {
        bytes.set(value, at);
        at += value.length;
      }
    });
    return bytes;
  }

  /** The value before the block, null where there was none, undefined where the block did not change the key. */
  get(key: StateKey): Uint8Array | null | undefined {
    const i = this.#lowerBound(key);
    return i < this.#count && this.#key(i) === key ? this.#value(i) : undefined;
  }

  /** The changed keys from start (inclusive) to end (exclusive), with their values before. */
  *range(start: StateKey, end: StateKey): Iterable<readonly [StateKey, Uint8Array | null]> {
    for (let i = this.#lowerBound(start); i < this.#count; i++) {
      const key = this.#key(i);
      if (key >= end) return;
      yield [key, this.#value(i)];
    }
  }

  #lowerBound(key: StateKey): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#key(middle) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #key(i: number): StateKey {
    const at = this.#bytes.readUInt32BE(4 + 4 * i);
    return this.#bytes.toString("latin1", at + 2, at + 2 + this.#bytes.readUInt16BE(at));
  }

  #value(i: number): Uint8Array | null {
    const at = this.#bytes.readUInt32BE(4 + 4 * i);
    const flag = at + 2 + this.#bytes.readUInt16BE(at);
    const end = i + 1 < this.#count ? this.#bytes.readUInt32BE(4 + 4 * (i + 1)) : this.#bytes.length;
    return this.#bytes[flag] === 0 ? null : this.#bytes.subarray(flag + 1, end);
  }
}
