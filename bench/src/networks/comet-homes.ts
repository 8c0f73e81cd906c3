import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startProgram } from "../peers/child.js";
import { RpcClient } from "../rpc/rpc-client.js";
import type { Member } from "./program-network.js";

/** Calls in one request that CometBFT's RPC is to take. */
const MAX_BATCH = 1_000;

/** A chain whose application is in the same process as CometBFT. */
export interface CometChain {
  readonly name: string;
  /** Settings of CometBFT's configuration that this chain needs. */
  readonly settings: Readonly<Record<string, string>>;
  /** Changes the genesis file that CometBFT has written. */
  prepareGenesis?(file: string): void;
  command(home: string): readonly [string, ...string[]];
}

/** A folder with a home of CometBFT for each validator, and one for a node that joins later. */
export interface CometHomes {
  readonly folder: string;
  readonly validators: readonly Member[];
  readonly joining: Member;
}

/** Writes the homes of a new network, each with RPC and peers on free ports. */
export async function makeCometHomes(
  chain: CometChain,
  validators: number,
  cometbft: string,
  blockTimeMs: number,
): Promise<CometHomes> {
  const folder = mkdtempSync(join(tmpdir(), "ruff-bench-comet-"));
  const sizes = ["--v", String(validators), "--n", "1"];
  run(cometbft, ["testnet", ...sizes, "--o", folder, "--populate-persistent-peers=false"]);
  const genesisOf = (home: string) => join(home, "config", "genesis.json");
  const nodes = await Promise.all(
    Array.from({ length: validators + 1 }, async (_, i) => {
      const home = join(folder, `node${i}`);
      const id = run(cometbft, ["show-node-id", "--home", home]).trim();
      return { home, id, port: await freePort(), p2pPort: await freePort() };
    }),
  );
  const [first] = nodes as [(typeof nodes)[0]];
  chain.prepareGenesis?.(genesisOf(first.home));
  const members = nodes.map(({ home, id, port, p2pPort }): Member => {
    if (home !== first.home) copyFileSync(genesisOf(first.home), genesisOf(home));
    const peers = nodes.filter((other) => other.id !== id).map((peer) => `${peer.id}@127.0.0.1:${peer.p2pPort}`);
    configure(join(home, "config", "config.toml"), {
      log_level: '"error"',
      pprof_laddr: '""',
      persistent_peers: `"${peers.join(",")}"`,
      addr_book_strict: "false",
      allow_duplicate_ip: "true",
      max_request_batch_size: String(MAX_BATCH),
      size: "100000",
      cache_size: "200000",
      timeout_propose: '"2000ms"',
      timeout_commit: `"${blockTimeMs}ms"`,
      indexer: '"null"',
      ...chain.settings,
    });
    const config = join(home, "config", "config.toml");
    const text = readFileSync(config, "utf8")
      .replace("tcp://127.0.0.1:26657", `tcp://127.0.0.1:${port}`)
      .replace("tcp://0.0.0.0:26656", `tcp://127.0.0.1:${p2pPort}`);
    writeFileSync(config, text);
    const [command, ...args] = chain.command(home);
    const keyFile = join(home, "config", "priv_validator_key.json");
    return { port, keyFile, start: () => startProgram(command, args, () => hasBlock(port)) };
  });
  return { folder, validators: members.slice(0, validators), joining: members.at(-1) as Member };
}

/** The newest block, by CometBFT's RPC. Throws RpcError. */
export async function cometHeight(client: RpcClient): Promise<number> {
  const { sync_info: info } = await client.call<{ sync_info: { latest_block_height: string } }>("status");
  return Number(info.latest_block_height);
}

async function hasBlock(port: number): Promise<boolean> {
  const client = new RpcClient(port, 1);
  try {
    return (await cometHeight(client)) > 0;
  } catch {
    return false; // not listening yet
  } finally {
    client.close();
  }
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args[0]}: ${stderr}`);
  return stdout;
}

/** Sets keys of a TOML file that stand in one table only, or alike in all. */
function configure(path: string, values: Readonly<Record<string, string>>): void {
  let text = readFileSync(path, "utf8");
  for (const [key, value] of Object.entries(values)) {
    const line = new RegExp(`^${key} = .*$`, "gm");
    if (!line.test(text)) throw new Error(`${path} has no ${key}`);
    text = text.replace(line, `${key} = ${value}`);
  }
  writeFileSync(path, text);
}
