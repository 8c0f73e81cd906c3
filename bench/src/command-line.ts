import { parseArgs } from "node:util";
import type { Options } from "./result.js";

const DEFAULT_COUNT = 20_000;
const LEAST_COUNT = 1_000;

/** The command line asks for something that there is not. */
export class UsageError extends Error {}

export interface CommandLine extends Options {
  /** The benchmarks to run; none where nobody named one. */
  readonly names: readonly string[];
  readonly help: boolean;
}

export function usage(benchmarks: readonly string[]): string {
  return `usage: npm run bench -- [${benchmarks.join(" ")}] [--peer geth] [--count <at least ${LEAST_COUNT}>]\n`;
}

/** Throws UsageError. */
export function readCommandLine(args: readonly string[], benchmarks: readonly string[]): CommandLine {
  const { values, positionals: names } = parse(args);
  const { help, peer } = values;
  const unknown = names.find((name) => !benchmarks.includes(name));
  if (unknown !== undefined) throw new UsageError(`there is no benchmark '${unknown}'`);
  if (peer !== undefined && peer !== "geth") throw new UsageError(`there is no further peer '${peer}'`);
  const count = Number(values.count);
  if (!(count >= LEAST_COUNT))
    throw new UsageError(`'${values.count}' is no number of transactions from ${LEAST_COUNT}`);
  return { names, help, count, geth: peer === "geth" };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        count: { type: "string", default: String(DEFAULT_COUNT) },
        peer: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    // What follows the first sentence is about names that begin with a hyphen.
    throw new UsageError((error as Error).message.split(". ")[0]);
  }
}
