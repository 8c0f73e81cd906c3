import { assetClass, assets } from "@ruffchain/abi";
import { JsonRpcProvider, Wallet } from "ethers";
import { createWalletClient, http, parseEther, parseGwei, toHex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alice, bob, startTestNode, type TestNode } from "../running-node.js";

describe("what a transaction costs", () => {
  let chain: TestNode;
  beforeAll(async () => {
    chain = await startTestNode();
  });
  afterAll(() => chain.close());

  test.each([
    ["a transfer", { to: bob.address, value: 5n }],
    ["a transfer that adds data", { to: bob.address, value: 5n, data: toHex("thank you") }],
    ["a contract", { to: null, data: "0x600160005560015ff3" }],
    ["a call that fails", { to: assets.address, data: "0x12345678", value: 0n }],
  ] as const)("%s is charged the gas that it used, not its limit", async (_what, tx) => {
    const { client, wallet } = chain;
    const before = await client.getBalance({ address: alice.address });
    const hash = await wallet.sendTransaction({ ...tx, gas: 9_000_000n, maxFeePerGas: parseGwei("50") } as never);
    const receipt = await client.waitForTransactionReceipt({ hash });
    const { baseFeePerGas } = await client.getBlock({ blockHash: receipt.blockHash });
    const { maxPriorityFeePerGas = 0n } = await client.getTransaction({ hash });
    expect(receipt.effectiveGasPrice).toBe((baseFeePerGas ?? 0n) + maxPriorityFeePerGas);
    expect(receipt.gasUsed).toBeLessThan(1_000_000n);
    const value = receipt.status === "success" && "value" in tx ? tx.value : 0n;
    expect(await client.getBalance({ address: alice.address })).toBe(
      before - value - receipt.gasUsed * receipt.effectiveGasPrice,
    );
  });
});

describe("a network without fees", () => {
  let chain: TestNode;
  beforeAll(async () => {
    chain = await startTestNode({ app: { maxBaseFee: "0", blockGasLimit: 5_000_000 } });
  });
  afterAll(() => chain.close());

  test("asks for nothing: who has no money registers an asset, through viem as it is", async () => {
    const { client, url, confirmed } = chain;
    const account = privateKeyToAccount(generatePrivateKey());
    const wallet = createWalletClient({ account, chain: chain.chain, transport: http(url) });
    const fees = await client.estimateFeesPerGas();
    expect(fees).toMatchObject({ maxFeePerGas: 0n, maxPriorityFeePerGas: 0n });
    expect(await client.getGasPrice()).toBe(0n);
    const register = { ...assets, functionName: "register", args: [assetClass.car, "WVWZZZ1JZXW000009"] } as const;
    const { effectiveGasPrice, gasUsed } = await confirmed(await wallet.writeContract(register));
    expect(effectiveGasPrice).toBe(0n);
    expect(gasUsed).toBeGreaterThan(0n);
    expect(await client.getBalance({ address: account.address })).toBe(0n);
    expect(await client.getTransactionCount({ address: account.address })).toBe(1);
  });

  test("takes legacy transactions of price 0, as ethers sends them", async () => {
    const provider = new JsonRpcProvider(chain.url, undefined, {
      pollingInterval: 20,
      staticNetwork: true,
      cacheTimeout: -1,
    });
    const wallet = new Wallet(generatePrivateKey(), provider);
    const response = await wallet.sendTransaction({ to: alice.address, value: 0n });
    const receipt = await response.wait();
    expect(receipt).toMatchObject({ status: 1, gasPrice: 0n });
    provider.destroy();
  });

  test("stays so under load: the base fee of the block after a full one is 0", async () => {
    const { client, wallet } = chain;
    const nonce = await client.getTransactionCount({ address: alice.address });
    // An invalid operation uses up all gas, each time more than half of a block's.
    const burn = { to: null, data: "0xfe", gas: 4_000_000n } as const;
    const hashes = await Promise.all([0, 1, 2].map((i) => wallet.sendTransaction({ ...burn, nonce: nonce + i })));
    const receipts = await Promise.all(hashes.map((hash) => client.waitForTransactionReceipt({ hash })));
    for (const { blockNumber, gasUsed } of receipts) {
      expect(gasUsed).toBe(4_000_000n);
      expect((await client.getBlock({ blockNumber })).baseFeePerGas).toBe(0n);
    }
    expect(await client.getGasPrice()).toBe(0n);
  });

  test("value still moves, and must be there", async () => {
    const { client, wallet, confirmed, url } = chain;
    const poor = privateKeyToAccount(generatePrivateKey());
    await confirmed(await wallet.sendTransaction({ to: poor.address, value: parseEther("1") }));
    const theirs = createWalletClient({ account: poor, chain: chain.chain, transport: http(url) });
    await confirmed(await theirs.sendTransaction({ to: bob.address, value: parseEther("1") }));
    expect(await client.getBalance({ address: poor.address })).toBe(0n);
    await expect(theirs.sendTransaction({ to: bob.address, value: 1n, gas: 21_000n })).rejects.toThrow(
      /insufficient funds/i,
    );
  });
});
