import { createRequire } from "node:module";
import { join } from "node:path";
import { RpcClient } from "../rpc/rpc-client.js";
import { freePort, startNode } from "./child.js";
import type { Peer } from "./peer.js";

const CHAIN_ID = 31337;
const BALANCE = `0x${(10n ** 24n).toString(16)}`;

/** The settings under which anvil does best with this load; see README.md for the others that were tried. */
const ARGUMENTS = ["--block-time", "0.02", "--gas-limit", "300000000", "--order", "fifo", "--prune-history"];

/** Foundry's anvil, all in memory. */
export const anvil: Peer = {
  name: "anvil 1.7.1",
  settings: { anvil: ARGUMENTS.join(" ") },
  async start(accounts) {
    const port = await freePort();
    const args = ["--host", "127.0.0.1", "--port", String(port), "--silent", "--accounts", "1", ...ARGUMENTS];
    const node = await startNode(binary(), args, port);
    const client = new RpcClient(port, 1);
    for (const address of accounts) await client.call("anvil_setBalance", address, BALANCE);
    client.close();
    return { port, chainId: CHAIN_ID, stop: node.stop };
  },
};

/** The program itself: the package's launcher would leave it behind when killed. */
function binary(): string {
  const platform = process.platform === "win32" ? "win32" : process.platform;
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`@foundry-rs/anvil-${platform}-${architecture}/package.json`);
  return join(manifest, "../bin", process.platform === "win32" ? "anvil.exe" : "anvil");
}
