import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type NodeProcess, startProgram } from "../peers/child.js";
import { RpcClient } from "../rpc/rpc-client.js";

export interface KvstoreNetwork {
  /** CometBFT's RPC of each node. */
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

const MAX_BATCH = 1_000;

/** CometBFT with the key-value store that it brings along, in one process: the engine without checks, state and socket. */
export async function startKvstoreNetwork(
  validators: number,
  cometbft: string,
  blockTimeMs: number,
): Promise<KvstoreNetwork> {
  const folder = mkdtempSync(join(tmpdir(), "ruff-bench-kvstore-"));
  const made = spawnSync(
    cometbft,
    ["testnet", "--v", String(validators), "--o", folder, "--populate-persistent-peers=false"],
    { encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`cometbft testnet: ${made.stderr}`);
  const members = await Promise.all(
    Array.from({ length: validators }, async (_, i) => {
      const home = join(folder, `node${i}`);
      const id = spawnSync(cometbft, ["show-node-id", "--home", home], { encoding: "utf8" }).stdout.trim();
      return { home, id, port: await freePort(), p2pPort: await freePort() };
    }),
  );
  const processes: NodeProcess[] = [];
  const stop = async () => {
    await Promise.all(processes.map((running) => running.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const starting = members.map(async ({ home, id, port, p2pPort }) => {
      const peers = members.filter((other) => other.id !== id).map((peer) => `${peer.id}@127.0.0.1:${peer.p2pPort}`);
      configure(join(home, "config", "config.toml"), {
        proxy_app: '"kvstore"',
        log_level: '"error"',
        pprof_laddr: '""',
        persistent_peers: `"${peers.join(",")}"`,
        addr_book_strict: "false",
        allow_duplicate_ip: "true",
        max_request_batch_size: String(MAX_BATCH),
        size: "100000",
        cache_size: "200000",
        recheck: "false",
        timeout_propose: '"2000ms"',
        timeout_commit: `"${blockTimeMs}ms"`,
        indexer: '"null"',
      });
      const config = join(home, "config", "config.toml");
      const text = readFileSync(config, "utf8")
        .replace("tcp://127.0.0.1:26657", `tcp://127.0.0.1:${port}`)
        .replace("tcp://0.0.0.0:26656", `tcp://127.0.0.1:${p2pPort}`);
      writeFileSync(config, text);
      processes.push(await startProgram(cometbft, ["node", "--home", home], () => hasBlock(port)));
    });
    await Promise.all(starting);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ports: members.map(({ port }) => port), stop };
}

async function hasBlock(port: number): Promise<boolean> {
  const client = new RpcClient(port, 1);
  try {
    return (await kvstoreHeight(client)) > 0;
  } catch {
    return false; // not listening yet
  } finally {
    client.close();
  }
}

/** Throws RpcError. */
export async function kvstoreHeight(client: RpcClient): Promise<number> {
  const { sync_info: info } = await client.call<{ sync_info: { latest_block_height: string } }>("status");
  return Number(info.latest_block_height);
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
