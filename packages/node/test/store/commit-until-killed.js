// Commits numbered batches to the folder argv[2] and prints the number of each as soon as it is committed.
import { writeSync } from "node:fs";
import { LmdbStore } from "@ruffchain/node";
import { newestWholeBatch, numberedBatch } from "./numbered-batches.js";

const store = new LmdbStore(process.argv[2]);
for (let n = newestWholeBatch(store) + 1; ; n++) {
  await store.commit(numberedBatch(n));
  writeSync(1, `${n}\n`);
}
