// Runs state tests of Ethereum's execution specs (a folder of their JSON files, of any depth):
//   node packages/evm/test/state-tests/main.js <folder> [part of a path]
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { resultsOf, runStateTest } from "./run-state-test.js";

const [folder, part = ""] = process.argv.slice(2);
if (!folder) throw new Error("say which folder: node packages/evm/test/state-tests/main.js <folder> [part of a path]");
const reasons = new Map();
let [passed, failed] = [0, 0];
for (const file of readdirSync(folder, { recursive: true }).sort()) {
  if (!file.endsWith(".json") || !file.includes(part)) continue;
  for (const [name, test] of Object.entries(JSON.parse(readFileSync(join(folder, file), "utf8")))) {
    for (const post of resultsOf(test)) {
      const reason = await runStateTest(test, post);
      if (reason === undefined) {
        passed++;
        continue;
      }
      failed++;
      const kind = reason.includes(":") ? "not explained" : reason;
      reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
      const { data, gas, value } = post.indexes;
      if (reason.includes(":")) console.log(`${file} ${name} d${data}g${gas}v${value}: ${reason}`);
    }
  }
}
console.log(`${passed} of ${passed + failed} pass ${JSON.stringify(Object.fromEntries(reasons))}`);
