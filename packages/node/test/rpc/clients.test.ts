import { assetClass, assets } from "@ruffchain/abi";
import { JsonRpcProvider, Wallet } from "ethers";
import { createPublicClient, type Hex, parseEther, toHex, webSocket } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alice, bob, lower, startTestNode, type TestNode } from "../running-node.js";

let chain: TestNode;
beforeAll(async () => {
  chain = await startTestNode();
});
afterAll(() => chain.close());

describe("viem", () => {
  test("sends, waits and reads back a transfer", async () => {
    const { client, wallet } = chain;
    const before = await client.getBalance({ address: bob.address });
    const hash = await wallet.sendTransaction({ to: bob.address, value: parseEther("1") });
    const receipt = await client.waitForTransactionReceipt({ hash });
    expect(receipt).toMatchObject({ status: "success", gasUsed: 21_000n, transactionIndex: 0, type: "eip1559" });
    expect(await client.getBalance({ address: bob.address })).toBe(before + parseEther("1"));
    expect(await client.getTransaction({ hash })).toMatchObject({
      hash,
      value: parseEther("1"),
      blockHash: receipt.blockHash,
    });
    const block = await client.getBlock({ blockHash: receipt.blockHash, includeTransactions: true });
    expect(block.transactions[0]).toMatchObject({ hash, from: lower(alice.address) });
    expect(await client.getTransactionCount({ address: alice.address })).toBe(
      await client.getTransactionCount({ address: alice.address, blockTag: "pending" }),
    );
  });

  test("the block's hash is keccak of its header's RLP, and blocks are chained", async () => {
    const { client } = chain;
    const newest = await client.getBlock();
    const parent = await client.getBlock({ blockNumber: newest.number - 1n });
    expect(newest.parentHash).toBe(parent.hash);
    expect(newest.baseFeePerGas).toBeGreaterThan(0n);
  });

  test("writes and reads a system contract, with its events and its errors", async () => {
    const { client, wallet } = chain;
    const vin = "WVWZZZ1JZXW000001";
    const call = { ...assets, functionName: "register", args: [assetClass.car, vin] } as const;
    const { request } = await client.simulateContract({ ...call, account: alice });
    const hash = await wallet.writeContract(request);
    const receipt = await client.waitForTransactionReceipt({ hash });
    expect(receipt.status).toBe("success");
    expect(receipt.logs.length).toBeGreaterThan(0);
    expect(receipt.logs[0]).toMatchObject({ address: assets.address, logIndex: 0, transactionHash: hash });
    const logs = await client.getLogs({ address: assets.address, fromBlock: 0n });
    expect(logs.map((log) => log.transactionHash)).toContain(hash);
    await expect(client.simulateContract({ ...call, account: alice })).rejects.toThrow(/reverted|AlreadyRegistered/);
    expect(await client.getCode({ address: assets.address })).toBe("0xfe");
  });

  test("estimates gas that suffices", async () => {
    const { client, wallet } = chain;
    const gas = await client.estimateGas({ account: alice, to: bob.address, value: 1n });
    expect(gas).toBe(21_000n);
    const hash = await wallet.sendTransaction({ to: bob.address, value: 1n, gas });
    expect((await client.waitForTransactionReceipt({ hash })).status).toBe("success");
    const fees = await client.estimateFeesPerGas();
    expect(fees.maxFeePerGas).toBeGreaterThan(0n);
  });

  test("estimates gas that suffices though the state changes meanwhile", async () => {
    const { client, wallet, confirmed } = chain;
    // A call with data writes slot 0; one without writes slot 1 where slot 0 is written.
    const runtime = "3615600b576001600055005b6000541560185760016001555b00";
    const to = await chain.deploy(runtime);
    const gas = await client.estimateGas({ account: alice, to });
    await confirmed(await wallet.sendTransaction({ to, data: "0x01" }));
    await confirmed(await wallet.sendTransaction({ to, gas }));
    expect(await client.getStorageAt({ address: to, slot: "0x1" })).toBe(toHex(1, { size: 32 }));
  });

  test("watches blocks, logs and pending transactions over WebSocket", async () => {
    const { wallet, confirmed } = chain;
    const socket = createPublicClient({
      chain: chain.chain,
      transport: webSocket(`ws://127.0.0.1:${chain.node.rpcPort}`),
    });
    const heads: bigint[] = [];
    const pending: Hex[] = [];
    socket.watchBlocks({ onBlock: ({ number }) => heads.push(number) });
    socket.watchPendingTransactions({ onTransactions: (hashes) => pending.push(...hashes) });
    const sent: Hex[] = [];
    // Only what comes after the subscriptions is told, and when they stand is not.
    while (heads.length < 2 || pending.length === 0) {
      const hash = await wallet.sendTransaction({ to: bob.address, value: 1n });
      await confirmed(hash);
      sent.push(hash);
    }
    expect(heads[1]).toBe((heads[0] as bigint) + 1n);
    expect(sent).toContain(pending[0]);
    const transport = await socket.transport.getRpcClient();
    transport.close();
  });
});

describe("ethers", () => {
  test("sends a transfer and reads receipts, blocks and fees", async () => {
    const provider = new JsonRpcProvider(chain.url, undefined, {
      pollingInterval: 20,
      staticNetwork: true,
      cacheTimeout: -1,
    });
    const key = toHex(bob.getHdKey().privateKey as Uint8Array);
    const wallet = new Wallet(key, provider);
    const response = await wallet.sendTransaction({ to: alice.address, value: 5n });
    const receipt = await response.wait();
    expect(receipt?.status).toBe(1);
    const block = await provider.getBlock(receipt?.blockNumber ?? 0, true);
    expect(block?.prefetchedTransactions[0]?.hash).toBe(response.hash);
    const fees = await provider.getFeeData();
    expect(fees.maxFeePerGas).toBeGreaterThan(0n);
    provider.destroy();
  });
});
