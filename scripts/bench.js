// npm run bench: sets up what is missing, then runs the benchmarks with the given arguments: npm run bench -- a b --peer geth
import { join } from "node:path";
import { root, run, setup } from "./setup.js";

setup();
run(process.execPath, [join(root, "bench/dist/main.js"), ...process.argv.slice(2)]);
