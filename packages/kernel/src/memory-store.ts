import { Bucket, type Store, type StoreRange, type Write } from "./store.js";

/** A store for tests. */
export class MemoryStore implements Store {
  readonly #buckets = Object.values(Bucket).map(() => new Map<string, Uint8Array>());
  get(bucket: Bucket, key: Uint8Array): Uint8Array | undefined {
    return this.#buckets[bucket]?.get(Buffer.from(key).toString("latin1"));
  }
  *range(bucket: Bucket, range: StoreRange): Iterable<readonly [Uint8Array, Uint8Array]> {
    const start = Buffer.from(range.start).toString("latin1");
    const end = range.end && Buffer.from(range.end).toString("latin1");
    const keys = [...(this.#buckets[bucket]?.keys() ?? [])].filter((k) => k >= start && (end === undefined || k < end)).sort();
    if (range.reverse) keys.reverse();
    for (const key of keys) {
      const value = this.#buckets[bucket]?.get(key);
      if (value) yield [Buffer.from(key, "latin1"), value];
    }
  }
  async commit(writes: Iterable<Write>): Promise<void> {
    for (const { bucket, key, value } of writes) {
      const name = Buffer.from(key).toString("latin1");
      if (value === null) this.#buckets[bucket]?.delete(name);
      else this.#buckets[bucket]?.set(name, value);
    }
  }
  async close(): Promise<void> {}
}
