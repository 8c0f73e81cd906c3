#!/usr/bin/env node
import { Command } from "commander";
import { CliError } from "./cli-error.js";
import { demoCommand } from "./commands/demo.js";
import { edgeCommand } from "./commands/edge.js";
import { keysCommand } from "./commands/keys.js";
import { nodeCommand } from "./commands/node.js";
import { queryCommand } from "./commands/query.js";
import { txCommand } from "./commands/tx.js";
import { verifyCommand } from "./commands/verify.js";

const program = new Command("ruff")
  .description("Ruff Chain: a public blockchain for the Internet of Things, from the device up.")
  .version("0.1.0")
  .showHelpAfterError()
  .addHelpText(
    "after",
    `
Start here:
  $ ruff demo                      the whole story, from a car to an investor, in a minute
  $ ruff node --dev                a development chain on http://127.0.0.1:8545
  $ ruff query rights rightsOf 0x… 0x 10
  $ ruff tx market book --help     what a transaction takes

Every command explains itself with --help. Answers are tables; --json makes them JSON.`,
  );

for (const command of [nodeCommand, edgeCommand, demoCommand, txCommand, queryCommand, keysCommand, verifyCommand]) {
  program.addCommand(command());
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const known = error instanceof CliError || "code" in error || "shortMessage" in error;
  const message = "shortMessage" in error ? explain(error) : error.message;
  process.stderr.write(known ? `ruff: ${message}\n` : `${error.stack}\n`);
  process.exitCode = 1;
}

/** viem's errors carry a short message and the node's own words behind it. */
function explain(error: Error & { shortMessage?: unknown; details?: unknown }): string {
  return [error.shortMessage, error.details].filter((part) => typeof part === "string" && part !== "").join("\n  ");
}
