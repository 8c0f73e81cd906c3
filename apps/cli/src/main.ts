#!/usr/bin/env node
import { failureText } from "./failure-text.js";
import { ruffProgram } from "./program.js";

try {
  const program = await ruffProgram(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`ruff: ${failureText(error)}\n`);
  process.exitCode = 1;
}
