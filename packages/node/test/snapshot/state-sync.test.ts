import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeId, SNAPSHOT_FOLDER, SnapshotFolder, ValidatorKey } from "@ruffchain/node";
import { parseEther } from "viem";
import { afterAll, expect, test } from "vitest";
import { cometMissing, cometProgram } from "../engine/comet.js";
import { waitForHeight } from "../engine/signed-header.js";
import { freePort } from "../free-port.js";
import { bob, lower, startTestNode, type TestNode } from "../running-node.js";

const root = mkdtempSync(join(tmpdir(), "sync-"));
const opened: TestNode[] = [];
afterAll(async () => {
  for (const node of opened.reverse()) await node.close();
  rmSync(root, { recursive: true, force: true });
});

async function start(name: string, options: Parameters<typeof startTestNode>[0], peer: object) {
  const dataDirectory = join(root, name);
  mkdirSync(dataDirectory);
  const validatorKeyFile = join(dataDirectory, "priv_validator_key.json");
  const port = await freePort();
  const comet = {
    program: cometProgram,
    validatorKeyFile,
    p2pAddress: `tcp://127.0.0.1:${port}`,
    privateNetwork: true,
    ...peer,
  };
  const node = await startTestNode({ ...options, dataDirectory, engine: "comet", comet, blockTimeMs: 100 });
  opened.push(node);
  return {
    ...node,
    peerAddress: () => `${nodeId(join(dataDirectory, "comet/config/node_key.json"))}@127.0.0.1:${port}`,
  };
}

test.skipIf(cometMissing)(
  "a node joins a network from a snapshot, without the blocks before it, and goes on with the rest",
  async () => {
    const first = await start("first", { snapshotInterval: 5, keepSnapshots: 10 }, {});
    const hash = await first.wallet.sendTransaction({ to: bob.address, value: parseEther("3") });
    const { blockNumber } = await first.confirmed(hash);
    const folder = new SnapshotFolder(join(first.dataDirectory, SNAPSHOT_FOLDER));
    await expect.poll(async () => (await folder.list()).length).toBeGreaterThan(0);
    await waitForHeight(first, ((await folder.list())[0]?.height ?? 0) + 2);
    const trusted = await first.node.engine.signedHeader(2);
    const second = await start(
      "second",
      { genesis: first.genesis, validator: ValidatorKey.generate() },
      {
        persistentPeers: [first.peerAddress()],
        stateSync: {
          rpcServers: [first.url],
          trustHeight: 2,
          trustHash: trusted?.commit.blockId.hash as Uint8Array,
          trustPeriodSeconds: 3600,
        },
      },
    );
    const { application } = second.node;
    await expect.poll(() => application.head.height).toBeGreaterThan(5);
    const { height } = application.head;
    const { first: lowest } = application.blocks;
    expect(lowest).toBeGreaterThan(Number(blockNumber));
    await waitForHeight(second, height + 2);
    expect(application.blocks.block(height + 2)?.hash).toBe(first.node.application.blocks.block(height + 2)?.hash);
    const account = lower(bob.address);
    expect(application.account(account)).toEqual(first.node.application.account(account));
    expect((await second.rpc("eth_getBlockByNumber", ["0x1", false])).error).toMatchObject({ code: 4444 });
    const injected = await first.rpc("validators", [{ height: "1&page=2" }]);
    expect(injected.error).toMatchObject({ code: -32602 });
    expect((await first.rpc("commit", [{ height: "99999" }])).error).toMatchObject({ code: -32001 });
  },
  40_000,
);

test("a node without CometBFT says that it has no headers of that kind", async () => {
  const node = await startTestNode();
  opened.push(node);
  expect((await node.rpc("commit", [{ height: "1" }])).error).toMatchObject({ code: -32601 });
});
