#!/usr/bin/env node
import { failureText } from "./failure-text.js";
import { ruffProgram } from "./program.js";

// What finds no room on a full disk is lost: a node must come to its end in good order all the same.
process.stderr.on("error", () => {});

try {
  const program = await ruffProgram(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`ruff: ${failureText(error)}\n`);
  process.exitCode = 1;
}
