import SortedBTree from "sorted-btree";
import { keyBytes, keyFromBytes } from "./state/keys.js";
import { Bucket, type Store, type StoreRange, type Write } from "./store.js";

const BTree = SortedBTree.default;

/** A store in memory, for tests and light simulations. */
export class MemoryStore implements Store {
  readonly #buckets = Object.values(Bucket).map(() => new BTree<string, Uint8Array>());

  get(bucket: Bucket, key: Uint8Array): Uint8Array | undefined {
    return this.#bucket(bucket).get(keyFromBytes(key));
  }

  *range(bucket: Bucket, { start, end, reverse = false }: StoreRange): Iterable<readonly [Uint8Array, Uint8Array]> {
    const tree = this.#bucket(bucket);
    const low = keyFromBytes(start);
    const high = end && keyFromBytes(end);
    let pair = reverse ? tree.nextLowerPair(high) : tree.getPairOrNextHigher(low);
    while (pair && (reverse ? pair[0] >= low : high === undefined || pair[0] < high)) {
      yield [keyBytes(pair[0]), pair[1]];
      pair = reverse ? tree.nextLowerPair(pair[0]) : tree.nextHigherPair(pair[0]);
    }
  }

  async commit(writes: Iterable<Write>): Promise<void> {
    for (const { bucket, key, value } of [...writes]) {
      if (value === null) this.#bucket(bucket).delete(keyFromBytes(key));
      else this.#bucket(bucket).set(keyFromBytes(key), Uint8Array.from(value));
    }
  }

  async close(): Promise<void> {}

  #bucket(bucket: Bucket) {
    const tree = this.#buckets[bucket];
    if (!tree) throw new RangeError(`there is no bucket ${bucket}`);
    return tree;
  }
}
