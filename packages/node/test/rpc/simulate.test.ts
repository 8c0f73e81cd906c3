import { readFileSync } from "node:fs";
import { assetClass, assets } from "@ruffchain/abi";
import { MAX_SIMULATED_BLOCKS } from "@ruffchain/kernel";
import { MAX_SIMULATED_CALLS } from "@ruffchain/node";
import { decodeFunctionResult, encodeFunctionData, type Hex, numberToHex, parseEther } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alice, bob, lower, startTestNode, type TestNode } from "../running-node.js";

interface CallResult {
  readonly status: Hex;
  readonly returnData: Hex;
  readonly gasUsed: Hex;
  readonly error?: { readonly code: number; readonly message: string; readonly data: Hex };
  readonly logs: readonly { readonly address: Hex; readonly topics: readonly Hex[]; readonly data: Hex }[];
}

interface Simulated {
  readonly number: Hex;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly transactions: readonly unknown[];
  readonly calls: readonly CallResult[];
}

/** As the README beside it says. */
interface Vector {
  readonly name: string;
  readonly params: readonly unknown[];
  readonly error?: number;
  readonly blocks?: readonly { readonly calls: readonly unknown[] }[];
}

const vectors = JSON.parse(
  readFileSync(new URL("../data/execution-apis/simulate.json", import.meta.url), "utf8"),
) as readonly Vector[];

/** The base fee of the chain that the vectors were made on. */
const BASE_FEE = "23985819";

let chain: TestNode;
beforeAll(async () => {
  chain = await startTestNode({
    app: { blockGasLimit: 50_000_000, initialBaseFee: BASE_FEE, minBaseFee: BASE_FEE, maxBaseFee: BASE_FEE },
  });
});
afterAll(() => chain.close());

async function simulate(payload: Record<string, unknown>): Promise<readonly Simulated[]> {
  const { result, error } = await chain.rpc("eth_simulateV1", [payload, "latest"]);
  if (error) throw new Error(`${error.code}: ${error.message}`);
  return result as readonly Simulated[];
}

/** Examples that have another answer here, and why. */
const TIME = "the time that it asks for is before this chain's";
const PLACE = "it depends on the chain's own blocks and accounts";
const BLOBS = "there are no blobs";
const RANDOMNESS = "there is no randomness to override";
const MOVES = "precompiles cannot be moved";
const different: Readonly<Record<string, string>> = {
  "add-more-non-defined-BlockStateCalls-than-fit-but-now-with-fit": PLACE,
  blobs: BLOBS,
  "block-override-reflected-in-contract": RANDOMNESS,
  "block-timestamps-incrementing": TIME,
  "blockhash-complex": PLACE,
  "blockhash-simple": PLACE,
  "blockhash-start-before-head": PLACE,
  "blocknumber-increment": TIME,
  "contract-calls-itself": PLACE,
  "empty-with-block-num-set-plus1": PLACE,
  "fee-recipient-receiving-funds": PLACE,
  "get-block-properties": PLACE,
  "make-call-with-future-block": PLACE,
  "move-ecrecover-and-call": MOVES,
  "move-ecrecover-and-call-old-and-new": MOVES,
  "move-ecrecover-twice-and-call": MOVES,
  "move-to-address-itself-reference-38022": MOVES,
  "move-two-accounts-to-same-38023": MOVES,
  "move-two-non-precompiles-accounts-to-same": MOVES,
  "overflow-nonce": "nonces are below 2^53",
  "overflow-nonce-validation": "nonces are below 2^53",
  "override-all-in-BlockStateCalls": RANDOMNESS,
  "override-block-num": PLACE,
  "override-ecrecover": MOVES,
  "override-identity": MOVES,
  "override-sha256": MOVES,
  "overwrite-existing-contract": PLACE,
  "run-out-of-gas-in-block-38015": "a simulation has MAX_CALL_GAS, theirs half of it",
  "self-destructing-state-override": PLACE,
  "self-destructive-contract-produces-logs": PLACE,
  "simple-more-params-validate": BLOBS,
  "try-to-move-non-precompile": MOVES,
  "two-blocks-with-complete-eth-sends": BLOBS,
  "use-as-many-features-as-possible": RANDOMNESS,
};

describe("the official examples of eth_simulateV1", () => {
  test.each(vectors.filter(({ name }) => !(name in different)))("$name", async ({ params, error, blocks }) => {
    const answer = await chain.rpc("eth_simulateV1", [params[0], "latest"]);
    expect(answer.error?.code).toBe(error);
    if (error !== undefined) return;
    const results = (answer.result as readonly Simulated[]).map(({ calls }) => ({
      calls: calls.map(({ status, returnData, gasUsed, error: failure, logs }) => ({
        ...{ status, returnData, gasUsed, ...(failure && { error: failure.code }) },
        logs: logs.map(({ address, topics, data }) => ({ address, topics, data })),
      })),
    }));
    expect(results).toStrictEqual(blocks?.map(({ calls }) => ({ calls })));
  });

  test("57 of 91 have the same answer here", () => {
    const names = new Set(vectors.map(({ name }) => name));
    expect(names.size).toBe(91);
    expect(Object.keys(different).filter((name) => !names.has(name))).toStrictEqual([]);
    expect(names.size - Object.keys(different).length).toBe(57);
  });
});

describe("eth_simulateV1", () => {
  const register = (vin: string) =>
    encodeFunctionData({ ...assets, functionName: "register", args: [assetClass.car, vin] });
  const ownerOf = encodeFunctionData({ ...assets, functionName: "ownerOf", args: [1n] });

  test("runs system contracts, each block on what the one before it left, and changes nothing", async () => {
    const calls = [{ from: alice.address, to: assets.address, data: register("WVWZZZ1JZXW000001") }];
    const later = [
      { to: assets.address, data: ownerOf },
      { to: assets.address, data: register("") },
    ];
    const [first, second] = (await simulate({ blockStateCalls: [{ calls }, { calls: later }] })) as [
      Simulated,
      Simulated,
    ];
    expect(first.calls[0]).toMatchObject({ status: "0x1" });
    expect(first.calls[0]?.logs[0]?.address).toBe(assets.address);
    const [read, refused] = second.calls as [CallResult, CallResult];
    expect(decodeFunctionResult({ ...assets, functionName: "ownerOf", data: read.returnData })).toBe(alice.address);
    expect(refused.error).toMatchObject({ code: 3, message: expect.stringContaining("BadIdentifier") });
    expect(second.parentHash).toBe(first.hash);
    expect(Number(second.number)).toBe(Number(first.number) + 1);
    await expect(chain.client.readContract({ ...assets, functionName: "ownerOf", args: [1n] })).rejects.toThrow();
  });

  test("gas is what the transaction takes when it is sent", async () => {
    const call = { from: alice.address, to: assets.address, data: register("WVWZZZ1JZXW000002"), gas: "0x1e8480" };
    const [block] = await simulate({ blockStateCalls: [{ calls: [call] }] });
    const { wallet, confirmed } = chain;
    const sent = await confirmed(await wallet.sendTransaction({ to: call.to, data: call.data, gas: 2_000_000n }));
    expect(BigInt(block?.calls[0]?.gasUsed ?? 0)).toBe(sent.gasUsed);
  });

  test("with validation fees are due and nonces count; transactions are told in full where asked for", async () => {
    const nonce = await chain.client.getTransactionCount({ address: alice.address });
    const fees = { maxFeePerGas: "0x4a817c800", maxPriorityFeePerGas: "0x3b9aca00" };
    const send = (offset: number) => ({
      ...{ from: alice.address, to: bob.address, value: "0x1", nonce: numberToHex(nonce + offset), ...fees },
      gas: "0x5208",
    });
    const payload = (calls: readonly unknown[]) => ({
      ...{ blockStateCalls: [{ calls }], validation: true, returnFullTransactions: true },
    });
    const [block] = (await simulate(payload([send(0), send(1)]))) as [Simulated];
    const told = [0, 1].map((i) => ({ from: lower(alice.address), type: "0x2", nonce: numberToHex(nonce + i) }));
    expect(block.transactions).toMatchObject(told);
    expect(block).toMatchObject({ gasUsed: numberToHex(42_000), baseFeePerGas: numberToHex(BigInt(BASE_FEE)) });
    await expect(simulate(payload([send(1)]))).rejects.toThrow("-38011");
    const poor = { ...send(0), from: `0x${"ab".repeat(20)}`, nonce: "0x0" };
    await expect(simulate(payload([poor]))).rejects.toThrow("-38014");
  });

  test("viem's simulateBlocks works as it is", async () => {
    const calls = [{ to: bob.address, account: alice, value: parseEther("1") }];
    const blocks = await chain.client.simulateBlocks({ blocks: [{ calls }], traceTransfers: true });
    expect(blocks[0]?.calls[0]).toMatchObject({ status: "success", gasUsed: 21_000n });
    expect(blocks[0]?.calls[0]?.logs).toHaveLength(1);
  });

  test(`has at most ${MAX_SIMULATED_BLOCKS} blocks, those between included, and ${MAX_SIMULATED_CALLS} calls`, async () => {
    const blocks = (count: number) => ({ blockStateCalls: Array.from({ length: count }, () => ({})) });
    expect(await simulate(blocks(MAX_SIMULATED_BLOCKS))).toHaveLength(MAX_SIMULATED_BLOCKS);
    await expect(simulate(blocks(MAX_SIMULATED_BLOCKS + 1))).rejects.toThrow("-38026");
    const number = numberToHex(chain.node.application.head.height + MAX_SIMULATED_BLOCKS + 10);
    await expect(simulate({ blockStateCalls: [{ blockOverrides: { number } }] })).rejects.toThrow("-38026");
    const calls = Array.from({ length: MAX_SIMULATED_CALLS + 1 }, () => ({ to: bob.address }));
    await expect(simulate({ blockStateCalls: [{ calls }] })).rejects.toThrow("-38026");
    await expect(simulate({ blockStateCalls: [] })).rejects.toThrow("-32602");
  });

  test.each([
    ["randomness", { blockStateCalls: [{ blockOverrides: { prevRandao: "0x1" } }] }],
    ["blobs", { blockStateCalls: [{ blockOverrides: { blobBaseFee: "0x1" } }] }],
    ["an unknown override", { blockStateCalls: [{ blockOverrides: { nonsense: "0x1" } }] }],
    ["a nonce of 2^53", { blockStateCalls: [{ calls: [{ nonce: "0x20000000000000" }] }] }],
  ])("refuses %s", async (_what, payload) => {
    await expect(simulate(payload)).rejects.toThrow("-32602");
  });
});
