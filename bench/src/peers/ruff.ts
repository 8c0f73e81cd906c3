import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, startNode } from "./child.js";
import type { Peer } from "./peer.js";
import type { RuffProcessOptions } from "./ruff-process.js";

const CHAIN_ID = 7833;
const BLOCK_TIME_MS = 100;
const PROGRAM = fileURLToPath(new URL("./ruff-process.js", import.meta.url));

/** Our node in a process of its own, its data on disk: a block is durable before a receipt can be read. */
export const ruff: Peer = {
  name: "ruff",
  settings: { ruff: `solo engine, LMDB, block time ${BLOCK_TIME_MS} ms` },
  async start(accounts) {
    const folder = mkdtempSync(join(tmpdir(), "ruff-bench-"));
    const port = await freePort();
    const options: RuffProcessOptions = { dataDirectory: folder, port, blockTimeMs: BLOCK_TIME_MS, accounts };
    const node = await startNode(process.execPath, [PROGRAM, JSON.stringify(options)], port);
    const stop = async () => {
      await node.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    return { port, chainId: CHAIN_ID, stop };
  },
};
