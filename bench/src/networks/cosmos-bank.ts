import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { progress } from "../progress.js";
import type { CometChain } from "./comet-homes.js";

const SOURCES = fileURLToPath(new URL("../../cosmos-bank", import.meta.url));
const FOLDER = fileURLToPath(new URL("../../../.ruff/bin", import.meta.url));
const PROGRAM = join(FOLDER, "cosmos-bank");
/** Signed transactions of a load, in text. */
const MAX_OUTPUT_BYTES = 2 ** 30;

/** A chain of the Cosmos SDK with accounts and balances, its transactions checked and its state on disk. Built on first use. */
export function cosmosBank(accounts: number): CometChain {
  build();
  return {
    name: "Cosmos SDK v0.55.0 bank",
    // Without it, a second transaction of an account would be refused while the first waits.
    settings: { recheck: "true" },
    prepareGenesis: (file) => {
      run(["genesis", file, String(accounts)]);
    },
    command: (home) => [PROGRAM, "node", home],
  };
}

/** Signed MsgSend of each lane, in base64; `from` says how many of each lane there were before. */
export function cosmosTransactions(accounts: number, lanes: number, from: number, perLane: number): string[][] {
  const all = run(["sign", accounts, lanes, from, perLane].map(String)).trim().split("\n");
  return Array.from({ length: lanes }, (_, lane) => all.slice(lane * perLane, (lane + 1) * perLane));
}

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(PROGRAM, args, { encoding: "utf8", maxBuffer: MAX_OUTPUT_BYTES });
  if (status !== 0) throw new Error(`cosmos-bank ${args[0]}: ${stderr}`);
  return stdout;
}

function build(): void {
  const changed = ["main.go", "app.go", "go.mod"].map((name) => statSync(join(SOURCES, name)).mtimeMs);
  if (existsSync(PROGRAM) && statSync(PROGRAM).mtimeMs > Math.max(...changed)) return;
  progress("building the Cosmos SDK's bank chain with Go (some minutes) …");
  mkdirSync(FOLDER, { recursive: true });
  const { status, error } = spawnSync("go", ["build", "-o", PROGRAM, "."], {
    cwd: SOURCES,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0)
    throw new Error("the Cosmos SDK's chain cannot be built; Go 1.26 or newer is needed", { cause: error });
}
