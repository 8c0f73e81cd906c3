import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SpawnedComet, StateSyncOptions } from "@ruffchain/node";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CliError } from "./cli-error.js";
import { hash, wholeNumber } from "./input.js";

/** How a node decides on blocks, as `ruff node` takes it. */
export interface EngineOptions {
  engine: "solo" | "comet";
  p2p: string;
  externalAddress?: string;
  seeds: string[];
  peers: string[];
  privateNetwork: boolean;
  cometbft?: string;
  stateSync?: string[];
  trustHeight?: number;
  trustHash?: Uint8Array;
}

/** Within it a validator that has signed something false can still be slashed: less than stake is bound. */
const TRUST_PERIOD_SECONDS = 7 * 24 * 3600;

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
    .option(
      "--state-sync <url...>",
      "comet: begin from a snapshot; ask these nodes' JSON-RPC for headers to check it by",
    )
    .option("--trust-height <block>", "comet: with --state-sync, a height of the last days", wholeNumber)
    .option("--trust-hash <hash>", "comet: the hash of CometBFT's header there, from somebody you trust", hash)
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
    ...(options.stateSync && { stateSync: stateSync(options.stateSync, options) }),
  };
}

function stateSync(rpcServers: readonly string[], { trustHeight, trustHash }: EngineOptions): StateSyncOptions {
  if (trustHeight === undefined || trustHash === undefined) {
    throw new CliError("--state-sync needs --trust-height and --trust-hash: a block that somebody you trust tells you");
  }
  return { rpcServers, trustHeight, trustHash, trustPeriodSeconds: TRUST_PERIOD_SECONDS };
}

/** RUFF_COMETBFT, what the project's script has installed, or what the PATH has. */
export function cometProgram(): string {
  if (process.env.RUFF_COMETBFT) return process.env.RUFF_COMETBFT;
  const folders = existsSync(TOOLS) ? readdirSync(TOOLS).filter((name) => name.startsWith("cometbft-")) : [];
  const installed = folders.sort().flatMap((folder) => PROGRAMS.map((program) => join(TOOLS, folder, program)));
  return installed.filter(existsSync).at(-1) ?? "cometbft";
}

function address(text: string): string {
  if (!ADDRESS.test(text)) throw new InvalidArgumentError("Expected host:port.");
  return text;
}

function peers(text: string, before: string[]): string[] {
  const [id = "", at = "", ...rest] = text.split("@");
  if (!/^[0-9a-f]{40}$/.test(id) || !ADDRESS.test(at) || rest.length > 0) {
    throw new InvalidArgumentError("Expected id@host:port with an id of 40 hex digits.");
  }
  return [...before, text];
}
