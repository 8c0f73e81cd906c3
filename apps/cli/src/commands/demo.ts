import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { type StoryReport, startStoryNode, tellStory } from "../demo/story.js";
import { note, print, table } from "../output.js";

interface Options {
  json: boolean;
  stay: boolean;
  data?: string;
  rpcPort: string;
}

const STORY_FILE = "story.json";

/** `ruff demo`: the whole line, from a car to an investor. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("tell the whole story with real parts: a car, its renters, investors and suppliers, in a minute")
    .option("--stay", "stay up afterwards; a second start goes on from there", false)
    .option("--data <folder>", "where to keep the data (with --stay: .ruff/demo, else a folder that is removed)")
    .option("--rpc-port <port>", "port of JSON-RPC; 0 takes a free one", "0")
    .option("--json", "answer in JSON", false)
    .addHelpText(
      "after",
      `
What runs: a node in a process of its own, an MQTT broker on loopback, and the device runtime in a process of its own,
with a car whose receiver replays a real GNSS log. Everything that is shown is checked: each balance to the cent, and a
reading of the car down from a signed block header.`,
    )
    .action(async (options: Options) => {
      const temporary = options.data === undefined && !options.stay;
      const data = options.data ?? (options.stay ? ".ruff/demo" : mkdtempSync(join(tmpdir(), "ruff-demo-")));
      try {
        if (options.stay) await stay(data, options);
        else await tellOnce(data, options);
      } finally {
        if (temporary) rmSync(data, { recursive: true, force: true });
      }
    });
}

async function tellOnce(data: string, options: Options): Promise<void> {
  const { report, node } = await tellStory(data, Number(options.rpcPort));
  await node.stop();
  show(report, options);
}

async function stay(data: string, options: Options): Promise<void> {
  const file = join(data, STORY_FILE);
  const told = existsSync(file);
  // A story that did not come to its end is begun anew.
  if (!told && existsSync(data)) rmSync(data, { recursive: true, force: true });
  const { node, rpc } = told ? await goOn(data, file, options) : await begin(data, file, options);
  note(`\nThe chain stays up: JSON-RPC at ${rpc}, data in ${data}. Ctrl-C ends it; the next start goes on from there.`);
  note(`Look around:  npm run ruff -- query head --rpc ${rpc}`);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await node.stop();
}

async function begin(data: string, file: string, options: Options) {
  const { report, node } = await tellStory(data, Number(options.rpcPort));
  writeFileSync(file, JSON.stringify(report, null, 2));
  show(report, options);
  return { node, rpc: report.rpc };
}

async function goOn(data: string, file: string, options: Options) {
  const { node, ready } = await startStoryNode(data, Number(options.rpcPort));
  const report: StoryReport = { ...JSON.parse(readFileSync(file, "utf8")), rpc: ready.rpc };
  note("The story has been told here before; the chain goes on.");
  show(report, options);
  return { node, rpc: ready.rpc };
}

function show(report: StoryReport, { json }: Options): void {
  if (json) return print({ json }, report);
  const balances = report.balances.map(({ who, before, after, ok }) => ({
    who,
    before,
    after,
    "as expected": ok ? "yes" : "NO",
  }));
  const events = report.events.map(({ chapter, what }) => ({ chapter, "what happened": what }));
  process.stdout.write(`\n${table(events)}\n\n${table(balances)}\n\nDone in ${report.seconds} s.\n`);
}
