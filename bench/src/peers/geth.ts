import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { progress } from "../progress.js";
import { RpcClient, rpcBatch } from "../rpc/rpc-client.js";
import { freePort, startNode } from "./child.js";
import type { Peer } from "./peer.js";

const VERSION = "1.17.10";
const CHAIN_ID = 1337;
const BALANCE = `0x${(10n ** 24n).toString(16)}`;
const FUNDING_LIMIT_MS = 10_000;
const FOLDER = fileURLToPath(new URL("../../../.ruff/bin", import.meta.url));
const BINARY = join(FOLDER, process.platform === "win32" ? "geth.exe" : "geth");

const ARGUMENTS = [
  ...["--dev", "--dev.gaslimit", "300000000", "--miner.gaslimit", "300000000", "--rpc.batch-request-limit", "10000"],
  ...["--rpc.batch-response-max-size", "100000000", "--txpool.accountslots", "1000", "--txpool.globalslots", "100000"],
  ...["--rpc.txfeecap", "0", "--txpool.accountqueue", "1000", "--txpool.globalqueue", "100000"],
];

/** go-ethereum's development chain, its data on disk. Built on first use, which takes some minutes and needs Go. */
export const geth: Peer = {
  name: `geth ${VERSION}`,
  settings: { geth: ARGUMENTS.join(" ") },
  async start(accounts) {
    build();
    const folder = mkdtempSync(join(tmpdir(), "ruff-bench-geth-"));
    const [port, authPort] = [await freePort(), await freePort()];
    const local = [
      "--datadir",
      folder,
      "--http",
      "--http.addr",
      "127.0.0.1",
      "--http.port",
      String(port),
      "--ipcdisable",
    ];
    const args = [...ARGUMENTS, ...local, "--authrpc.port", String(authPort), "--port", "0", "--verbosity", "2"];
    const node = await startNode(BINARY, args, port);
    const stop = async () => {
      await node.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    const client = new RpcClient(port, 1);
    try {
      const [developer] = await client.call<[string]>("eth_accounts");
      const send = accounts.map((to, i) => [{ from: developer, to, value: BALANCE, nonce: `0x${i.toString(16)}` }]);
      await client.post(rpcBatch("eth_sendTransaction", send));
      let block = 0;
      while ((await client.call("eth_getBalance", accounts.at(-1), "latest")) !== BALANCE) {
        block = await client.blockAfter(block, performance.now() + FUNDING_LIMIT_MS);
      }
    } catch (error) {
      await stop();
      throw error;
    } finally {
      client.close();
    }
    return { port, chainId: CHAIN_ID, stop };
  },
};

function build(): void {
  if (existsSync(BINARY)) return;
  progress(`building geth ${VERSION} with Go (some minutes) …`);
  mkdirSync(FOLDER, { recursive: true });
  const source = `github.com/ethereum/go-ethereum/cmd/geth@v${VERSION}`;
  const { status, error } = spawnSync("go", ["install", source], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, GOBIN: FOLDER },
  });
  if (status !== 0) throw new Error(`geth cannot be built; Go 1.24 or newer is needed`, { cause: error });
}
