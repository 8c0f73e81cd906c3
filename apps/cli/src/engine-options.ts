import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SpawnedComet } from "@ruffchain/node";
import { type Command, Option } from "commander";
import { CliError } from "./cli-error.js";

/** How a node decides on blocks, as `ruff node` takes it. */
export interface EngineOptions {
  engine: "solo" | "comet";
  p2p: string;
  externalAddress?: string;
  seeds: string[];
  peers: string[];
  privateNetwork: boolean;
  cometbft?: string;
}

const TOOLS = fileURLToPath(new URL("../../../.tools", import.meta.url));
const PROGRAMS = ["cometbft", "cometbft.exe"];
const ADDRESS = /^(\[[0-9a-fA-F:]+\]|[^\s:/@,]+):\d{1,5}$/;

export function addEngineOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--engine <engine>", "who decides on blocks: this node alone, or a network by CometBFT")
        .choices(["solo", "comet"])
        .default("solo"),
    )
    .option("--p2p <host:port>", "comet: where peers reach this node", address, "0.0.0.0:26656")
    .option("--external-address <host:port>", "comet: the same as peers see it, behind a router", address)
    .option("--seeds <id@host:port...>", "comet: nodes that know others", peers, [])
    .option("--peers <id@host:port...>", "comet: nodes to stay connected with", peers, [])
    .option("--private-network", "comet: peers may have private addresses, or share one", false)
    .option("--cometbft <program>", 'comet: its program; by default the one of "npm run comet", or of the PATH');
}

/** What the node is to run beside it, if anything. */
export function cometOptions(options: EngineOptions, validatorKeyFile: string): SpawnedComet | undefined {
  if (options.engine === "solo") return undefined;
  return {
    program: options.cometbft ?? cometProgram(),
    validatorKeyFile,
    p2pAddress: `tcp://${options.p2p}`,
    ...(options.externalAddress && { externalAddress: options.externalAddress }),
    seeds: options.seeds,
    persistentPeers: options.peers,
    privateNetwork: options.privateNetwork,
  };
}

/** RUFF_COMETBFT, what the project's script has installed, or what the PATH has. */
export function cometProgram(): string {
  if (process.env.RUFF_COMETBFT) return process.env.RUFF_COMETBFT;
  const folders = existsSync(TOOLS) ? readdirSync(TOOLS).filter((name) => name.startsWith("cometbft-")) : [];
  const installed = folders.sort().flatMap((folder) => PROGRAMS.map((program) => join(TOOLS, folder, program)));
  return installed.filter(existsSync).at(-1) ?? "cometbft";
}

function address(text: string): string {
  if (!ADDRESS.test(text)) throw new CliError(`expected host:port, got "${text}"`);
  return text;
}

function peers(text: string, before: string[]): string[] {
  const [id = "", at = "", ...rest] = text.split("@");
  if (!/^[0-9a-f]{40}$/.test(id) || !ADDRESS.test(at) || rest.length > 0) {
    throw new CliError(`expected id@host:port with an id of 40 hex digits, got "${text}"`);
  }
  return [...before, text];
}
