import { Bucket, type Store, type StoreRange, type Write } from "@ruffchain/kernel";
import { afterEach, describe, expect, test } from "vitest";

const bytes = (...values: number[]) => Uint8Array.from(values);
const put = (key: Uint8Array, value: Uint8Array, bucket: Bucket = Bucket.state): Write => ({ bucket, key, value });
const remove = (key: Uint8Array): Write => ({ bucket: Bucket.state, key, value: null });

/** What the kernel asks of every store. `open` gives an empty one. */
export function storeConformance(name: string, open: () => Store): void {
  describe(`${name} as a store`, () => {
    let store: Store;
    afterEach(() => store.close());

    async function storeWith(...keys: Uint8Array[]): Promise<void> {
      store = open();
      await store.commit(keys.map((key) => put(key, key)));
    }
    const keysIn = (range: StoreRange) => Array.from(store.range(Bucket.state, range), ([key]) => [...key]);
    const read = (key: Uint8Array, bucket: Bucket = Bucket.state) => {
      const value = store.get(bucket, key);
      return value && [...value];
    };

    test("is empty at first", () => {
      store = open();
      for (const bucket of Object.values(Bucket)) {
        expect(store.get(bucket, bytes(1))).toBeUndefined();
        expect([...store.range(bucket, { start: bytes() })]).toEqual([]);
      }
    });

    test("orders keys bytewise, a prefix before what it begins", async () => {
      const sorted = [[0], [0, 0], [0, 255], [1], [1, 0, 0], [127], [128], [128, 1], [255], [255, 255]];
      await storeWith(...sorted.map((key) => bytes(...key)).reverse());
      expect(keysIn({ start: bytes() })).toEqual(sorted);
      expect(keysIn({ start: bytes(), reverse: true })).toEqual([...sorted].reverse());
    });

    test.each<[string, StoreRange, number[]]>([
      ["without end", { start: bytes(3) }, [4, 6, 8]],
      ["from a key that is there", { start: bytes(4) }, [4, 6, 8]],
      ["to before a key that is there", { start: bytes(2), end: bytes(6) }, [2, 4]],
      ["between keys", { start: bytes(3), end: bytes(7) }, [4, 6]],
      ["that is empty", { start: bytes(4), end: bytes(4) }, []],
      ["whose end is before its start", { start: bytes(6), end: bytes(4) }, []],
      ["behind all keys", { start: bytes(9) }, []],
      ["before all keys", { start: bytes(), end: bytes(2) }, []],
    ])("reads a range %s, forwards and in reverse", async (_, range, expected) => {
      await storeWith(...[8, 2, 6, 4].map((key) => bytes(key)));
      const keys = expected.map((key) => [key]);
      expect(keysIn(range)).toEqual(keys);
      expect(keysIn({ ...range, reverse: true })).toEqual(keys.reverse());
    });

    test("keeps buckets apart", async () => {
      store = open();
      await store.commit(Object.values(Bucket).map((bucket) => put(bytes(1), bytes(bucket), bucket)));
      for (const bucket of Object.values(Bucket)) expect(read(bytes(1), bucket)).toEqual([bucket]);
      expect([...store.range(Bucket.tree, { start: bytes() })]).toHaveLength(1);
    });

    test("overwrites and deletes; deleting what is not there is no error", async () => {
      await storeWith(bytes(1), bytes(2), bytes(3));
      await store.commit([put(bytes(1), bytes(9, 9)), remove(bytes(2)), remove(bytes(7))]);
      expect([read(bytes(1)), read(bytes(2)), read(bytes(7))]).toEqual([[9, 9], undefined, undefined]);
      expect(keysIn({ start: bytes() })).toEqual([[1], [3]]);
    });

    test("applies the writes of a commit in their order", async () => {
      await storeWith(bytes(1));
      await store.commit([remove(bytes(1)), put(bytes(1), bytes(5)), put(bytes(2), bytes(5)), remove(bytes(2))]);
      expect([read(bytes(1)), read(bytes(2))]).toEqual([[5], undefined]);
    });

    test("an empty value is a value", async () => {
      store = open();
      await store.commit([put(bytes(1), bytes())]);
      expect(read(bytes(1))).toEqual([]);
      expect(keysIn({ start: bytes() })).toEqual([[1]]);
    });

    test("applies nothing of a commit whose writes end in an error", async () => {
      await storeWith(bytes(1));
      function* writes() {
        yield put(bytes(1), bytes(2));
        yield put(bytes(2), bytes(2));
        throw new Error("half-way");
      }
      await expect(store.commit(writes())).rejects.toThrow("half-way");
      expect([read(bytes(1)), read(bytes(2))]).toEqual([[1], undefined]);
    });

    test("keeps bytes of its own: what the writer does with the ones it gave changes nothing", async () => {
      store = open();
      const key = bytes(1);
      const value = bytes(1);
      await store.commit([put(key, value)]);
      key[0] = 2;
      value[0] = 2;
      expect(read(bytes(1))).toEqual([1]);
      expect(read(bytes(2))).toBeUndefined();
    });

    test("an empty commit is none", async () => {
      await storeWith(bytes(1));
      await store.commit([]);
      expect(keysIn({ start: bytes() })).toEqual([[1]]);
    });
  });
}
