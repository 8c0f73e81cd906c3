/**
 * A map that keeps at most `capacity` entries, those used lately. Two generations: when the young one has half of the
 * capacity it becomes the old one, and what was not used since then is gone. So nothing is moved or searched to make
 * room; an exact order in one Map would cost a walk over deleted entries.
 */
export class LruMap<K, V> {
  readonly capacity: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    this.#young.set(key, value);
    if (this.#young.size < this.capacity / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
