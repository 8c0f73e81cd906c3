import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { CliError } from "../cli-error.js";
import { Child } from "../demo/child.js";
import { type StoryReport, startStoryNode, tellStory } from "../demo/story.js";
import { port } from "../input.js";
import { note, print, table } from "../output.js";
import { untilStopped } from "../until-stopped.js";

interface Options {
  json: boolean;
  stay: boolean;
  data?: string;
  rpcPort: number;
}

/** Marks a folder as the story's own; holds the report once the story was told to its end. */
const STORY_FILE = "story.json";

/** `ruff demo`: the whole line, from a car to an investor. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("tell the whole story with real parts: a car, its renters, investors and suppliers, in a minute")
    .option("--stay", "stay up afterwards; a second start goes on from there", false)
    .option("--data <folder>", "where to keep the data (with --stay: .ruff/demo, else a folder that is removed)")
    .option("--rpc-port <port>", "port of JSON-RPC; 0 takes a free one", port, 0)
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
      if (temporary) process.once("exit", () => rmSync(data, { recursive: true, force: true }));
      const stopped = untilStopped();
      const interrupted = stopped.then(async () => {
        await Child.stopAll();
        throw new CliError("stopped before the story came to its end");
      });
      const { node, report } = await Promise.race([openStory(data, options), interrupted]);
      interrupted.catch(() => {}); // from here on it is no interruption
      show(report, options);
      if (options.stay) {
        note(
          `\nThe chain stays up: JSON-RPC at ${report.rpc}, data in ${data}. Ctrl-C ends it; the next start goes on.`,
        );
        note(`Look around:  npm run ruff -- query head --rpc ${report.rpc}`);
        await stopped;
      }
      await node.stop();
    });
}

/** Tells the story in the folder, or goes on with the chain of one that was told there to its end. */
async function openStory(data: string, { stay, rpcPort }: Options) {
  const file = join(data, STORY_FILE);
  const told = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as StoryReport | null) : undefined;
  if (told && !stay) {
    throw new CliError(`the story has been told in ${data}: go on from there with --stay, or give another folder`);
  }
  if (told) {
    const { node, ready } = await startStoryNode(data, rpcPort);
    note("The story has been told here before; the chain goes on.");
    return { node, report: { ...told, rpc: ready.rpc } };
  }
  if (told === undefined && existsSync(data) && readdirSync(data).length > 0) {
    throw new CliError(`${data} is not empty and holds no story: give an empty folder`);
  }
  // A story that did not come to its end is begun anew.
  if (told === null) rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(file, "null");
  const story = await tellStory(data, rpcPort);
  writeFileSync(file, JSON.stringify(story.report, null, 2));
  return story;
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
