import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Genesis } from "@ruffchain/node";
import { type Hex, toHex } from "viem";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { cometMissing } from "../../../../packages/node/test/engine/comet.js";
import { MAIN } from "../ruff.js";
import { Payments } from "./payments.js";
import { TestNetwork } from "./validators.js";

const DISK = "256m";
/** What is left of the disk when the payments begin. */
const LEFT_BYTES = 2 * 2 ** 20;

const disk = mkdtempSync(join(tmpdir(), "ruff-disk-"));
const canMount = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", disk]).status === 0;
if (canMount) spawnSync("umount", [disk]);
afterAll(() => rmSync(disk, { recursive: true }));

/** Skipped, and counted as such, where this process may not mount a small disk. */
describe.skipIf(!canMount).each([
  ["solo", false],
  ["comet", cometMissing],
] as const)("a %s node whose disk is full", (engine, missing) => {
  let network: TestNetwork | undefined;
  afterEach(async () => {
    await network?.close();
    spawnSync("umount", [disk]);
  });

  test.skipIf(missing)("stops and says so, has lost nothing, and goes on when there is room", async () => {
    spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", disk]);
    network = await TestNetwork.start({
      validators: 1,
      blockTimeMs: 50,
      root: disk,
      options: ["--engine", engine],
      ...(engine === "solo" && { changeGenesis: withFixedValidator }),
    });
    const [node] = network.validators as [(typeof network.validators)[0]];
    const ballast = join(disk, "ballast");
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(ballast, new Uint8Array(bavail * bsize - LEFT_BYTES));
    const payments = new Payments(network);
    expect(await node.ended()).toBe(1);
    expect(node.log).toMatch(/the disk of .* is full|no space left on device/);
    const confirmed = new Map(payments.confirmed);
    expect(confirmed.size).toBeGreaterThan(0);
    rmSync(ballast);
    await network.start(node);
    await payments.stop();
    for (const [hash, blockHash] of confirmed) {
      expect(await node.call("eth_getTransactionReceipt", hash)).toMatchObject({ blockHash });
    }
    // Each signed header names the state that the block before it has left.
    const newest = await node.height();
    for (let height = 1; height <= newest; height++) {
      const { header } = await node.signedHeader(height);
      const { stateRoot } = await node.call<{ stateRoot: Hex }>("eth_getBlockByNumber", toHex(height - 1), false);
      expect(toHex(header.appHash)).toBe(stateRoot);
    }
  });
});

/** Each write to it fails as on a full disk. */
const FULL = "/dev/full";

test.skipIf(!existsSync(FULL))("a node whose log finds no room runs, and ends in good order", async () => {
  const data = mkdtempSync(join(tmpdir(), "ruff-full-log-"));
  const ports = ["--rpc-port", "0", "--operator-port", "0"];
  const args = ["node", "--dev", "--json", "--data", data, ...ports, "--log-level", "debug"];
  const log = openSync(FULL, "w");
  const node = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", log] });
  const ended = once(node, "exit");
  await once(node.stdout as Readable, "data");
  node.kill("SIGTERM");
  expect(await ended).toStrictEqual([0, null]);
  rmSync(data, { recursive: true });
});

function withFixedValidator(genesis: Genesis): Genesis {
  const app = JSON.parse(Buffer.from(genesis.appState).toString("utf8"));
  const appState = Buffer.from(JSON.stringify({ ...app, parameters: { ...app.parameters, fixedValidators: "1" } }));
  return { ...genesis, appState };
}
