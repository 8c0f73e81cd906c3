import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { token, tokens } from "@ruffchain/abi";
import { type Address, parseEventLogs } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../packages/node/test/free-port.js";
import { accounts, alice, startTestNode, type TestNode } from "../../packages/node/test/running-node.js";
import { ponder } from "./run.js";

const [, ...receivers] = accounts;
const MINTED = 1_000_000n;
const data = mkdtempSync(join(tmpdir(), "ruff-ponder-"));

interface Answer {
  readonly transfers?: { readonly totalCount: number };
  readonly holders?: { readonly items: readonly { readonly address: Address; readonly balance: string }[] };
}

let node: TestNode;
let euro: ReturnType<typeof token>;
let indexer: ChildProcess | undefined;
let said = "";
beforeAll(async () => {
  node = await startTestNode({ blockTimeMs: 200, emptyBlockMs: 200 });
  const hash = await node.wallet.writeContract({ ...tokens, functionName: "create", args: ["Euro", "EUR", 2, false] });
  const { logs } = await node.confirmed(hash);
  const [created] = parseEventLogs({ ...tokens, eventName: "TokenCreated", logs });
  euro = token(created?.args.token as Address);
  await node.confirmed(
    await node.wallet.writeContract({ ...euro, functionName: "mint", args: [alice.address, MINTED] }),
  );
});
afterAll(async () => {
  if (indexer && indexer.exitCode === null) {
    indexer.kill("SIGKILL");
    await once(indexer, "exit");
  }
  await node.close();
  rmSync(data, { recursive: true, force: true });
});

/** Sends transfers of 1, 2, 3 … to the others in turn, without waiting for blocks. */
async function transfers(count: number): Promise<void> {
  let nonce = await node.client.getTransactionCount({ address: alice.address, blockTag: "pending" });
  for (let i = 0; i < count; i++) {
    const to = (receivers[i % receivers.length] as typeof alice).address;
    await node.wallet.writeContract({
      ...euro,
      functionName: "transfer",
      args: [to, BigInt(i + 1)],
      nonce: nonce++,
      gas: 200_000n,
    });
  }
}

test("indexes a busy chain, from its first block to the last, while blocks come every 200 ms", async () => {
  await transfers(200); // history
  const port = await freePort();
  const env = {
    ...process.env,
    RUFF_RPC: node.url,
    RUFF_CHAIN: String(node.chain.id),
    RUFF_TOKEN: euro.address,
    PONDER_DATA: data,
    PONDER_TELEMETRY_DISABLED: "true",
  };
  const [program, ...first] = ponder;
  const cwd = fileURLToPath(new URL("../ponder", import.meta.url));
  const args = [...first, "start", "--schema", "public", "--port", String(port), "--hostname", "127.0.0.1"];
  indexer = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [indexer.stdout, indexer.stderr]) stream?.on("data", (text) => (said += text));

  async function query(text: string) {
    if (indexer?.exitCode !== null) throw new Error(`ponder ended:\n${said}`);
    const body = JSON.stringify({ query: text });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: "POST", headers, body }).catch(
      () => undefined,
    );
    return response?.ok ? ((await response.json()) as { data: Answer }).data : undefined;
  }
  const indexed = async () => (await query("{ transfers { totalCount } }"))?.transfers?.totalCount;
  await expect.poll(indexed).toBeGreaterThan(0);
  await transfers(200); // as they come
  await expect.poll(indexed).toBe(401); // and the minting

  const answer = await query("{ holders { items { address balance } } }");
  const balances = answer?.holders?.items.map(({ address, balance }) => [address, BigInt(balance)]) ?? [];
  const expected = accounts.map(async ({ address }) => [
    address.toLowerCase(),
    await node.client.readContract({ ...euro, functionName: "balanceOf", args: [address] }),
  ]);
  expect(Object.fromEntries(balances)).toStrictEqual({
    ...Object.fromEntries(await Promise.all(expected)),
    "0x0000000000000000000000000000000000000000": -MINTED,
  });
});
