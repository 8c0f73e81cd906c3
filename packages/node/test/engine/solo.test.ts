import { join } from "node:path";
import { Bucket } from "@ruffchain/kernel";
import { CHAIN_FOLDER, LmdbStore, ValidatorKey } from "@ruffchain/node";
import { Secp256k1 } from "ox";
import { parseEther } from "viem";
import { Account } from "viem/tempo";
import { describe, expect, test } from "vitest";
import { bob, startTestNode } from "../running-node.js";
import { tempoClient } from "../tempo-client.js";
import { signedHeader, waitForHeight } from "./signed-header.js";

describe("solo engine", () => {
  test("makes blocks on demand: a first one, none while idle, and one more that proves the last", async () => {
    const chain = await startTestNode({ emptyBlockMs: 0 });
    await waitForHeight(chain, 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const hash = await chain.wallet.sendTransaction({ to: bob.address, value: 1n });
    const { blockNumber } = await chain.confirmed(hash);
    expect(Number(blockNumber)).toBe(2);
    await waitForHeight(chain, 3);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(chain.node.application.head.height).toBe(3);
    await chain.close();
  });

  test("sleeps until the time of a transaction that is held, but for what can be in a block before", async () => {
    const chain = await startTestNode({ emptyBlockMs: 0 });
    const { confirmed, wallet } = chain;
    const client = tempoClient(chain);
    const holders = [4, 2].map((seconds) => ({
      account: Account.fromSecp256k1(Secp256k1.randomPrivateKey()),
      seconds,
    }));
    for (const { account } of holders) {
      await confirmed(await wallet.sendTransaction({ to: account.address, value: parseEther("1") }));
    }
    const now = Math.floor(Date.now() / 1000);
    const held = await Promise.all(
      holders.map(async ({ account, seconds }) => {
        const validAfter = now + seconds;
        const request = { account, validAfter, gas: 100_000n, calls: [{ to: bob.address }] };
        return { hash: await client.sendTransaction(request as never), validAfter };
      }),
    );
    await confirmed(await wallet.sendTransaction({ to: bob.address, value: 1n }));
    const blockOf = (at: number) => client.getBlock({ blockNumber: BigInt(at) });
    for (const { hash, validAfter } of held) {
      const { blockNumber } = await confirmed(hash);
      expect(Number((await blockOf(Number(blockNumber))).timestamp)).toBeGreaterThanOrEqual(validAfter);
    }
    // Behind the first, a block is empty only to prove the one before.
    const { height } = chain.node.application.head;
    const all = await Promise.all(Array.from({ length: height }, (_, i) => blockOf(i + 1)));
    const isEmpty = all.map(({ transactions }) => transactions.length === 0);
    expect(isEmpty.filter((empty, i) => empty && isEmpty[i - 1])).toStrictEqual([]);
    await chain.close();
  });

  test("makes empty blocks at an interval where asked for, with times that grow", async () => {
    const chain = await startTestNode({ emptyBlockMs: 30 });
    await waitForHeight(chain, 4);
    const times = await Promise.all([1, 2, 3, 4].map(async (at) => (await signedHeader(chain, at)).header.time));
    expect(times).toStrictEqual([...times].sort((a, b) => Number(a - b)));
    expect(new Set(times).size).toBe(4);
    await chain.close();
  });

  test("refuses a genesis whose validator it is not", async () => {
    const chain = await startTestNode();
    const { dataDirectory, genesis } = chain;
    await chain.node.stop();
    await expect(startTestNode({ dataDirectory, genesis, validator: ValidatorKey.generate() })).rejects.toThrow(
      expect.objectContaining({ code: "notTheValidator" }),
    );
    await (await startTestNode({ dataDirectory, genesis, validator: chain.validator })).close();
  });

  test("refuses a folder that an older version wrote, and leaves it as it is", async () => {
    const chain = await startTestNode();
    const { dataDirectory, genesis, validator } = chain;
    await chain.node.stop();
    const key = Buffer.from("head");
    const withStore = async <T>(use: (store: LmdbStore) => T | Promise<T>) => {
      const store = new LmdbStore(join(dataDirectory, CHAIN_FOLDER));
      const result = await use(store);
      await store.close();
      return result;
    };
    const head = Buffer.from((await withStore((store) => store.get(Bucket.meta, key))) ?? []);
    const older = Buffer.from(head);
    older.writeUInt16BE(head.readUInt16BE(0) - 1, 0);
    await withStore((store) => store.commit([{ bucket: Bucket.meta, key, value: older }]));
    await expect(startTestNode({ dataDirectory, genesis, validator })).rejects.toThrow(
      /^the state has format 2, this version reads 3: use the version that wrote it, or an empty folder$/,
    );
    expect(Buffer.from((await withStore((store) => store.get(Bucket.meta, key))) ?? [])).toStrictEqual(older);
    await withStore((store) => store.commit([{ bucket: Bucket.meta, key, value: head }]));
    await (await startTestNode({ dataDirectory, genesis, validator })).close();
  });

  test("refuses a genesis whose validators stake decides on", async () => {
    await expect(startTestNode({ app: { parameters: {} } })).rejects.toThrow(
      expect.objectContaining({ code: "validatorsChange" }),
    );
  });

  test("serves health and metrics to its operator", async () => {
    const chain = await startTestNode();
    const hash = await chain.wallet.sendTransaction({ to: bob.address, value: 1n });
    await chain.confirmed(hash);
    const operator = `http://127.0.0.1:${chain.node.operatorPort}`;
    expect(await (await fetch(`${operator}/health`)).json()).toMatchObject({
      ok: true,
      chainId: chain.genesis.chainId,
    });
    const metrics = await (await fetch(`${operator}/metrics`)).text();
    expect(metrics).toMatch(/ruff_transactions_total\{outcome="succeeded"\} 1/);
    expect(metrics).toMatch(/ruff_rpc_seconds_count\{method="eth_sendRawTransaction"\} 1/);
    expect(metrics).toMatch(/ruff_mempool_transactions\{state="pending"\} 0/);
    expect((await fetch(`${operator}/secrets`)).status).toBe(404);
    expect((await fetch(`${operator}/health`, { method: "POST" })).status).toBe(405);
    await chain.close();
  });
});
