import { readFileSync } from "node:fs";
import { addresses, assetClass, assets, rights } from "@ruffchain/abi";
import { leftOut, MAX_FEE_HISTORY, MAX_FEE_PERCENTILES, MAX_STORAGE_VALUES, MAX_SYNC_WAIT_MS } from "@ruffchain/node";
import { Ajv, type ValidateFunction } from "ajv";
import { encodeFunctionData, type Hex, keccak256, numberToHex, toHex } from "viem";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { accounts, alice, bob, lower, startTestNode, type TestNode } from "../running-node.js";

interface Method {
  readonly name: string;
  readonly result: { readonly schema: Record<string, unknown> };
}

/** The official API: see the README beside it. */
const api = JSON.parse(readFileSync(new URL("../data/execution-apis/openrpc.json", import.meta.url), "utf8")) as {
  readonly methods: readonly Method[];
  readonly components: Record<string, unknown>;
};
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema({ $id: "api", components: api.components });
const schemas = new Map(api.methods.map(({ name, result }) => [name, compile(result.schema)]));

function compile(schema: Record<string, unknown>): ValidateFunction {
  return ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')));
}

/** Stores its input's first word in slot 0, and logs it; what comes to nothing reverts. */
const CODE = "5f358015601357805f555f52600160205fa1005b5f5ffd";
const VIN = "WVWZZZ1JZXW000001";
const NO_HASH: Hex = `0x${"00".repeat(32)}`;

let chain: TestNode;
let contract: Hex;
let hash: Hex;
let blockHash: Hex;
let block: Hex;
beforeAll(async () => {
  // The first block comes by itself; what waits for a nonce stays in the pool.
  chain = await startTestNode();
  const { wallet, confirmed } = chain;
  const register = { ...assets, functionName: "register", args: [assetClass.car, VIN] } as const;
  await confirmed(await wallet.writeContract(register));
  contract = await chain.deploy(CODE);
  hash = await wallet.sendTransaction({ to: contract, data: word(7) });
  const receipt = await confirmed(hash);
  blockHash = receipt.blockHash;
  block = numberToHex(receipt.blockNumber);
  await wallet.sendTransaction({ to: bob.address, value: 1n, nonce: 1_000, gas: 21_000n }).catch(() => undefined);
  const nonce = await chain.client.getTransactionCount({ address: alice.address });
  await wallet.sendTransaction({ to: bob.address, value: 1n, nonce: nonce + 5, gas: 21_000n });
});
afterAll(() => chain.close());

const word = (value: number): Hex => numberToHex(value, { size: 32 });

/** The result, which must be as the API says. */
async function ask(method: string, params: readonly unknown[] = []): Promise<unknown> {
  const { result, error } = await chain.rpc(method, params);
  expect(error).toBeUndefined();
  check(method, result);
  return result;
}

function check(method: string, result: unknown): void {
  const fits = schemas.get(method);
  if (!fits) throw new Error(`${method} is not in the API`);
  fits(result);
  expect(fits.errors ?? []).toStrictEqual([]);
}

/** What a filter has found; an empty list is as a list of logs and of hashes, so the API's schema fits it twice. */
async function changes(filter: Hex): Promise<unknown> {
  const found = await vi.waitUntil(async () => {
    const { result } = await chain.rpc("eth_getFilterChanges", [filter]);
    return (result as unknown[]).length > 0 && result;
  }, 60_000);
  check("eth_getFilterChanges", found);
  return found;
}

async function signed(nonceAhead = 0): Promise<Hex> {
  const nonce = (await chain.client.getTransactionCount({ address: bob.address })) + nonceAhead;
  const fees = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
  return bob.signTransaction({ ...fees, chainId: chain.chain.id, nonce, gas: 21_000n, to: alice.address, value: 1n });
}

/** Methods with the parameters of calls that find something. */
const calls: readonly (readonly [method: string, params: () => readonly unknown[]])[] = [
  ["debug_getBadBlocks", () => []],
  ["debug_getRawBlock", () => [block]],
  ["debug_getRawHeader", () => [block]],
  ["debug_getRawReceipts", () => [block]],
  ["debug_getRawTransaction", () => [hash]],
  ["debug_traceBlockByHash", () => [blockHash]],
  ["debug_traceBlockByNumber", () => [block, { enableMemory: true, enableReturnData: true }]],
  ["debug_traceTransaction", () => [hash]],
  ["eth_accounts", () => []],
  ["eth_baseFee", () => []],
  ["eth_blobBaseFee", () => []],
  ["eth_blockNumber", () => []],
  ["eth_call", () => [{ to: contract, data: word(1) }, "latest"]],
  ["eth_capabilities", () => []],
  ["eth_chainId", () => []],
  ["eth_config", () => []],
  ["eth_createAccessList", () => [{ to: contract, data: word(1) }, "latest"]],
  ["eth_estimateGas", () => [{ to: contract, data: word(1) }]],
  ["eth_feeHistory", () => ["0x10", "latest", [0, 50, 100]]],
  ["eth_fillTransaction", () => [{ from: alice.address, to: bob.address, value: "0x1" }]],
  ["eth_gasPrice", () => []],
  ["eth_getBalance", () => [alice.address, "latest"]],
  ["eth_getBlockByHash", () => [blockHash, true]],
  ["eth_getBlockByNumber", () => [block, false]],
  ["eth_getBlockReceipts", () => [block]],
  ["eth_getBlockTransactionCountByHash", () => [blockHash]],
  ["eth_getBlockTransactionCountByNumber", () => [block]],
  ["eth_getCode", () => [contract, "latest"]],
  ["eth_getLogs", () => [{ address: contract, fromBlock: "earliest" }]],
  ["eth_getStorageAt", () => [contract, "0x0", "latest"]],
  ["eth_getStorageValues", () => [{ [contract]: [word(0), word(1)] }, "latest"]],
  ["eth_getTransactionByBlockHashAndIndex", () => [blockHash, "0x0"]],
  ["eth_getTransactionByBlockNumberAndIndex", () => [block, "0x0"]],
  ["eth_getTransactionByHash", () => [hash]],
  ["eth_getTransactionCount", () => [alice.address, "latest"]],
  ["eth_getTransactionReceipt", () => [hash]],
  ["eth_maxPriorityFeePerGas", () => []],
  ["eth_newBlockFilter", () => []],
  ["eth_newFilter", () => [{ address: contract }]],
  ["eth_newPendingTransactionFilter", () => []],
  ["eth_simulateV1", () => [{ blockStateCalls: [{ calls: [{ to: contract, data: word(1) }] }, {}] }, "latest"]],
  ["eth_syncing", () => []],
  ["net_version", () => []],
  ["txpool_content", () => []],
  ["txpool_contentFrom", () => [alice.address]],
  ["txpool_status", () => []],
];
/** Called by tests of their own. */
const elsewhere = ["eth_getFilterChanges", "eth_getFilterLogs", "eth_sendRawTransaction", "eth_uninstallFilter"];

describe("the Ethereum execution API", () => {
  test.each(calls)("%s answers as the API says", async (method, params) => {
    const result = await ask(method, params());
    expect(result).not.toBeNull();
    if (method.startsWith("txpool_c")) expect(JSON.stringify(result)).toContain(lower(alice.address));
  });

  test("each method is answered, or left out with a reason", async () => {
    const asked = new Set([...calls.map(([method]) => method), ...elsewhere, ...Object.keys(leftOut)]);
    expect(api.methods.map(({ name }) => name).filter((name) => !asked.has(name))).toStrictEqual([]);
    for (const [method, reason] of Object.entries(leftOut)) {
      const { error } = await chain.rpc(method);
      expect(error).toMatchObject({ code: -32601, message: expect.stringContaining(reason) });
    }
    const { error } = await chain.rpc("engine_newPayloadV5");
    expect(error).toMatchObject({ code: -32601, message: expect.stringContaining("CometBFT") });
  });

  test("filters give logs and hashes, and go when they are uninstalled", async () => {
    const { wallet, confirmed } = chain;
    const [logs, blocks, pending] = (await Promise.all([
      ask("eth_newFilter", [{ address: contract, fromBlock: "earliest" }]),
      ask("eth_newBlockFilter"),
      ask("eth_newPendingTransactionFilter"),
    ])) as [Hex, Hex, Hex];
    const sent = await wallet.sendTransaction({ to: contract, data: word(8) });
    const receipt = await confirmed(sent);
    expect(await changes(logs)).toMatchObject([{ transactionHash: sent, data: word(8) }]);
    expect(await changes(blocks)).toContain(receipt.blockHash);
    expect(await changes(pending)).toContain(sent);
    expect(await ask("eth_getFilterLogs", [logs])).toContainEqual(expect.objectContaining({ transactionHash: sent }));
    expect(await ask("eth_uninstallFilter", [logs])).toBe(true);
    expect(await ask("eth_uninstallFilter", [logs])).toBe(false);
  });

  test("a transaction that is sent has its hash", async () => {
    const raw = await signed();
    expect(await ask("eth_sendRawTransaction", [raw])).toBe(keccak256(raw));
    await chain.confirmed(keccak256(raw));
  });

  test("what does not exist is null as the API says", async () => {
    expect(await ask("eth_getBlockByHash", [NO_HASH, false])).toBeNull();
    expect(await ask("eth_getBlockReceipts", ["0xffffff"])).toBeNull();
    expect(await ask("eth_getTransactionByHash", [NO_HASH])).toBeNull();
    expect(await ask("eth_getTransactionReceipt", [NO_HASH])).toBeNull();
    for (const method of ["eth_getUncleByBlockHashAndIndex", "eth_getUncleByBlockNumberAndIndex"]) {
      expect(await chain.rpc(method, [blockHash, "0x0"])).toMatchObject({ result: null });
    }
  });
});

describe("raw data", () => {
  test("hash to what the block says", async () => {
    expect(keccak256((await ask("debug_getRawHeader", [block])) as Hex)).toBe(blockHash);
    expect(keccak256((await ask("debug_getRawTransaction", [hash])) as Hex)).toBe(hash);
    expect(await ask("debug_getRawReceipts", [block])).toHaveLength(1);
  });

  test("have the size that each block tells, whatever transactions are in it", async () => {
    const { wallet, client, confirmed } = chain;
    const known = { ...assets, functionName: "assetByIdentifier", args: [assetClass.car, VIN] } as const;
    const { id: asset } = await client.readContract(known);
    const until = BigInt(Math.floor(Date.now() / 1000)) + 3n;
    const grant = {
      ...{ asset, holder: bob.address, from: until - 1n, until },
      ...{ area: NO_HASH, scope: 1, maxAge: 60, terms: 0n },
    };
    await confirmed(await wallet.writeContract({ ...rights, functionName: "grant", args: [grant] }));
    const legacy = await wallet.sendTransaction({ to: bob.address, value: 1n, type: "legacy" });
    await confirmed(legacy);
    for (const bytes of [150, 300, 66_000]) {
      await confirmed(await wallet.sendTransaction({ to: bob.address, data: `0x${"12".repeat(bytes)}` }));
    }
    // The right's end is in a transaction of the scheduler.
    await vi.waitUntil(
      async () => {
        await confirmed(await wallet.sendTransaction({ to: bob.address, value: 1n }));
        const query = { ...rights, fromBlock: "earliest", eventName: "Expired" } as const;
        return (await client.getContractEvents(query)).length > 0;
      },
      { timeout: 60_000, interval: 200 },
    );
    const types = new Set<string>();
    const { head } = chain.node.application;
    for (let height = 0; height <= head.height; height++) {
      const raw = (await ask("debug_getRawBlock", [toHex(height)])) as Hex;
      const full = (await ask("eth_getBlockByNumber", [toHex(height), true])) as {
        size: Hex;
        transactions: { type: Hex; from: Hex }[];
      };
      expect(Number(full.size)).toBe((raw.length - 2) / 2);
      for (const { type, from } of full.transactions) types.add(from === addresses.scheduler ? "scheduler's" : type);
    }
    expect([...types].sort()).toStrictEqual(["0x0", "0x2", "scheduler's"]);
  });
});

describe("eth_createAccessList", () => {
  test("lists the slots, and their gas is what the transaction takes", async () => {
    const { accessList, gasUsed } = (await ask("eth_createAccessList", [
      { from: bob.address, to: contract, data: word(9) },
    ])) as {
      accessList: { address: Hex; storageKeys: Hex[] }[];
      gasUsed: Hex;
    };
    expect(accessList).toStrictEqual([{ address: lower(contract), storageKeys: [word(0)] }]);
    const sent = await chain.wallet.sendTransaction({ to: contract, data: word(9), accessList, gas: 100_000n });
    expect((await chain.confirmed(sent)).gasUsed).toBe(BigInt(gasUsed));
  });

  test("takes off what a call that clears storage gets back (EIP-3529), as debug_traceCall does", async () => {
    const { wallet, confirmed, rpc } = chain;
    /** Stores the first word of its input in slot 0. */
    const store = await chain.deploy("5f355f5500");
    await confirmed(await wallet.sendTransaction({ to: store, data: word(1) }));
    const call = { from: alice.address, to: store, data: word(0) };
    const { accessList, gasUsed } = (await ask("eth_createAccessList", [call])) as {
      accessList: { address: Hex; storageKeys: Hex[] }[];
      gasUsed: Hex;
    };
    const params = [{ ...call, accessList }, "latest", { tracer: "callTracer" }];
    expect((await rpc("debug_traceCall", params)).result).toMatchObject({ gasUsed });
    const sent = await wallet.sendTransaction({ to: store, data: word(0), accessList, gas: 100_000n });
    expect((await confirmed(sent)).gasUsed).toBe(BigInt(gasUsed));
  });

  test("says why the call fails, with what it touched; nothing for a system contract", async () => {
    expect(await ask("eth_createAccessList", [{ to: contract, data: word(0) }])).toMatchObject({
      error: "execution reverted",
    });
    const data = encodeFunctionData({ ...assets, functionName: "ownerOf", args: [1n] });
    expect(await ask("eth_createAccessList", [{ to: assets.address, data }])).toMatchObject({ accessList: [] });
  });
});

describe("eth_feeHistory", () => {
  test("has each block's tips by the gas that paid them", async () => {
    const { wallet, client, confirmed } = chain;
    const tips = [1n, 2n, 5n].map((gwei) => gwei * 10n ** 9n);
    const nonce = await client.getTransactionCount({ address: alice.address });
    const hashes = await Promise.all(
      tips.map((maxPriorityFeePerGas, i) =>
        wallet.sendTransaction({
          to: bob.address,
          value: 1n,
          gas: 21_000n,
          nonce: nonce + i,
          maxFeePerGas: 10n ** 10n,
          maxPriorityFeePerGas,
        }),
      ),
    );
    const receipts = await Promise.all(hashes.map(confirmed));
    const height = receipts[0]?.blockNumber as bigint;
    const percentiles = [0, 34, 67, 100];
    const history = await client.getFeeHistory({ blockCount: 1, blockNumber: height, rewardPercentiles: percentiles });
    const { baseFeePerGas, gasUsed, gasLimit } = await client.getBlock({ blockNumber: height });
    // Transactions of other tests may be in the block, too.
    const paid = ((await ask("eth_getBlockReceipts", [toHex(height)])) as { gasUsed: Hex; effectiveGasPrice: Hex }[])
      .map((receipt) => ({
        gas: BigInt(receipt.gasUsed),
        tip: BigInt(receipt.effectiveGasPrice) - (baseFeePerGas ?? 0n),
      }))
      .filter(({ tip }) => tip >= 0n);
    const upTo = (most: bigint) => paid.reduce((sum, { gas, tip }) => (tip <= most ? sum + gas : sum), 0n);
    const total = upTo(10n ** 18n);
    const byTip = paid.map(({ tip }) => tip).sort((x, y) => Number(x - y));
    expect(byTip).toContain(tips[0]);
    expect(history.reward).toStrictEqual([
      percentiles.map((percent) => byTip.find((tip) => upTo(tip) * 100n >= total * BigInt(percent))),
    ]);
    expect(history.baseFeePerGas[0]).toBe(baseFeePerGas);
    expect(history.gasUsedRatio).toStrictEqual([Number(gasUsed) / Number(gasLimit)]);
    expect(history.oldestBlock).toBe(height);
  });

  test(`gives at most ${MAX_FEE_HISTORY} blocks and ${MAX_FEE_PERCENTILES} percentiles`, async () => {
    const history = (await ask("eth_feeHistory", ["0xffffff", "latest", []])) as { gasUsedRatio: number[] };
    const { head } = chain.node.application;
    expect(history.gasUsedRatio.length).toBeLessThanOrEqual(Math.min(head.height + 1, MAX_FEE_HISTORY));
    const percentiles = Array.from({ length: MAX_FEE_PERCENTILES + 1 }, (_, i) => i / 2);
    expect((await chain.rpc("eth_feeHistory", ["0x1", "latest", percentiles])).error).toMatchObject({ code: -32005 });
    for (const bad of [[50, 10], [-1], [101], ["1"]]) {
      expect((await chain.rpc("eth_feeHistory", ["0x1", "latest", bad])).error).toMatchObject({ code: -32602 });
    }
  });
});

describe("block overrides", () => {
  /** Returns number, time, proposer, gas limit and base fee of the block. */
  const code = "0x435f524260205241604052456060524860805260a05ff3";
  const overrides = {
    number: "0x10",
    time: "0x20",
    feeRecipient: bob.address,
    gasLimit: "0x4c4b40",
    baseFeePerGas: "0x5",
  };
  const told = `0x${["10", "20", bob.address.slice(2).toLowerCase(), "4c4b40", "5"].map((hex) => hex.padStart(64, "0")).join("")}`;

  test("are what a contract sees, in calls and in traces", async () => {
    const call = { to: bob.address };
    const accounts = { [bob.address]: { code } };
    expect((await chain.rpc("eth_call", [call, "latest", accounts, overrides])).result).toBe(told);
    const config = { tracer: "callTracer", stateOverrides: accounts, blockOverrides: overrides };
    expect((await chain.rpc("debug_traceCall", [call, "latest", config])).result).toMatchObject({ output: told });
    const refused = await chain.rpc("eth_call", [call, "latest", accounts, { prevRandao: "0x1" }]);
    expect(refused.error).toMatchObject({ code: -32602 });
  });
});

describe("eth_sendRawTransactionSync", () => {
  test("answers with the receipt", async () => {
    const raw = await signed();
    const { result } = await chain.rpc("eth_sendRawTransactionSync", [raw]);
    expect(result).toMatchObject({ transactionHash: keccak256(raw), status: "0x1" });
    expect((result as { blockHash: Hex }).blockHash).not.toBe(NO_HASH);
  });

  test(`gives up after the time that it is told, of ${MAX_SYNC_WAIT_MS} ms at most, and leaves the transaction in the pool`, async () => {
    const raw = await signed(3);
    const { error } = await chain.rpc("eth_sendRawTransactionSync", [raw, "0x64"]);
    expect(error).toMatchObject({ code: 4, data: keccak256(raw), message: expect.stringContaining("100 ms after") });
    // The API's schema has no place for what waits; clients expect it as geth gives it.
    const waiting = await chain.rpc("eth_getTransactionByHash", [keccak256(raw)]);
    expect(waiting.result).toMatchObject({ hash: keccak256(raw), blockHash: null });
    const refused = await chain.rpc("eth_sendRawTransactionSync", [raw]);
    expect(refused.error).toMatchObject({ code: -32000, message: expect.stringContaining("already known") });
  });
});

describe("eth_fillTransaction", () => {
  test("what it fills in can be signed and sent", async () => {
    const [, , carol] = accounts as unknown as [typeof alice, typeof alice, typeof alice];
    const { tx } = (await ask("eth_fillTransaction", [{ from: carol.address, to: contract, data: word(3) }])) as {
      tx: Record<string, Hex>;
    };
    const raw = await carol.signTransaction({
      chainId: Number(tx.chainId),
      nonce: Number(tx.nonce),
      gas: BigInt(tx.gas as Hex),
      maxFeePerGas: BigInt(tx.maxFeePerGas as Hex),
      maxPriorityFeePerGas: BigInt(tx.maxPriorityFeePerGas as Hex),
      to: tx.to as Hex,
      value: BigInt(tx.value as Hex),
      data: tx.input as Hex,
    });
    expect((await chain.confirmed(await chain.client.sendRawTransaction({ serializedTransaction: raw }))).status).toBe(
      "success",
    );
    const legacy = await ask("eth_fillTransaction", [
      { from: carol.address, to: bob.address, gasPrice: "0x5", gas: "0x5208" },
    ]);
    expect(legacy).toMatchObject({ tx: { type: "0x0", gas: "0x5208", gasPrice: "0x5", nonce: "0x1" } });
  });

  test("wants a sender, and fees that fit", async () => {
    expect((await chain.rpc("eth_fillTransaction", [{ to: contract }])).error).toMatchObject({ code: -32602 });
    const fees = { maxFeePerGas: "0x1", maxPriorityFeePerGas: "0x2" };
    const call = { from: alice.address, to: bob.address, ...fees };
    expect((await chain.rpc("eth_fillTransaction", [call])).error).toMatchObject({ code: -32602 });
  });
});

describe("eth_getStorageValues", () => {
  test(`gives up to ${MAX_STORAGE_VALUES} words`, async () => {
    const slots = (count: number) => ({ [contract]: Array.from({ length: count }, (_, i) => word(i)) });
    const values = (await ask("eth_getStorageValues", [slots(MAX_STORAGE_VALUES)])) as Record<Hex, Hex[]>;
    expect(values[contract]?.[0]).toBe(await ask("eth_getStorageAt", [contract, "0x0"]));
    const more = await chain.rpc("eth_getStorageValues", [slots(MAX_STORAGE_VALUES + 1)]);
    expect(more.error).toMatchObject({ code: -32005 });
    expect((await chain.rpc("eth_getStorageValues", [{}])).error).toMatchObject({ code: -32602 });
  });
});

describe("txpool_inspect", () => {
  test("tells in words what waits", async () => {
    const { result } = await chain.rpc("txpool_inspect");
    const { queued } = result as { queued: Record<Hex, Record<string, string>> };
    const [text] = Object.values(queued[lower(alice.address)] ?? {});
    expect(text).toMatch(new RegExp(`^${lower(bob.address)}: 1 wei \\+ 21000 gas × \\d+ wei$`));
  });
});
