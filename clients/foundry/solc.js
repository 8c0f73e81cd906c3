#!/usr/bin/env node
// The compiler of npm where Foundry expects a native one: `solc --version`, `solc --standard-json`, in the project's folder.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(import.meta.url)("solc");
const source = (path) => ({ contents: readFileSync(path, "utf8") });

if (process.argv.includes("--version")) console.log(`Version: ${solc.version()}`);
else process.stdout.write(solc.compile(readFileSync(0, "utf8"), { import: source }));
