import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MNEMONIC, startTestNode, type TestNode } from "../../packages/node/test/running-node.js";
import { hardhat, printed, run } from "./run.js";

const made = mkdtempSync(join(tmpdir(), "ruff-hardhat-"));
let node: TestNode;
beforeAll(async () => {
  node = await startTestNode({ blockTimeMs: 1 });
});
afterAll(async () => {
  await node.close();
  rmSync(made, { recursive: true, force: true });
});

test("runs the specifications of SolidState's contracts on the chain: none fails", async () => {
  const env = {
    RUFF_RPC: node.url,
    RUFF_MNEMONIC: MNEMONIC,
    HARDHAT_OUT: made,
    HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
  };
  printed(await run("hardhat", env, hardhat, ["test", "--network", "ruff"]));
  const { stats } = JSON.parse(readFileSync(join(made, "report.json"), "utf8"));
  // Pending are those that the specifications themselves leave to be written.
  expect(stats).toMatchObject({ passes: 111, pending: 11, failures: 0 });
}, 300_000);
