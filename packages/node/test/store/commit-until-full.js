// Commits 100 kB at a time to the folder argv[2] until one fails, and prints as JSON how that was.
import { Bucket } from "@ruffchain/kernel";
import { LmdbStore } from "@ruffchain/node";

const store = new LmdbStore(process.argv[2]);
const key = (n) => Uint8Array.of(n >> 8, n & 255);
let committed = 0;
let code;
while (code === undefined) {
  const write = { bucket: Bucket.blocks, key: key(committed), value: new Uint8Array(100_000) };
  await store.commit([write]).then(
    () => committed++,
    (error) => {
      code = error.code;
    },
  );
}
const found = [...store.range(Bucket.blocks, { start: new Uint8Array() })].length;
await store.commit([{ bucket: Bucket.meta, key: key(0), value: key(0) }]);
const small = store.get(Bucket.meta, key(0)) !== undefined;
await store.close();
console.log(JSON.stringify({ code, committed, found, small }));
