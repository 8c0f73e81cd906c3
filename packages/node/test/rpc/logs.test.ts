import { type Application, type BlockRecord, BlockStore, Bucket, MemoryStore } from "@ruffchain/kernel";
import { type Backend, MAX_LOG_POSTINGS, MAX_LOG_RESULTS, RpcServer } from "@ruffchain/node";
import { type Hex, toHex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestNode, type TestNode } from "../running-node.js";

interface FoundLog {
  readonly blockNumber: Hex;
  readonly logIndex: Hex;
}

/** Emits as many empty logs as the first word of its input says. */
const EMITTER = "5f355b8015601257600190035f5fa06002565b00";

let chain: TestNode;
let emitter: Hex;
beforeAll(async () => {
  chain = await startTestNode();
  emitter = await chain.deploy(EMITTER);
});
afterAll(() => chain.close());

async function emit(count: number): Promise<number> {
  const { confirmed, wallet } = chain;
  const data = toHex(count, { size: 32 });
  return Number((await confirmed(await wallet.sendTransaction({ to: emitter, data, gas: 10_000_000n }))).blockNumber);
}

const search = (query: Record<string, unknown>) => chain.rpc("eth_getLogs", [{ address: emitter, ...query }]);

describe("eth_getLogs", () => {
  test(`returns up to ${MAX_LOG_RESULTS} logs, and else says what range would do`, async () => {
    const first = await emit(MAX_LOG_RESULTS - 1);
    const second = await emit(1);
    const fitting = { fromBlock: "0x0", toBlock: toHex(second) };
    const all = (await search(fitting)).result as FoundLog[];
    expect(all).toHaveLength(MAX_LOG_RESULTS);
    expect(all.map(({ blockNumber }) => Number(blockNumber))).toStrictEqual([
      ...Array.from({ length: MAX_LOG_RESULTS - 1 }, () => first),
      second,
    ]);
    expect(all.slice(0, -1).map(({ logIndex }) => Number(logIndex))).toStrictEqual(
      Array.from({ length: MAX_LOG_RESULTS - 1 }, (_, i) => i),
    );
    const third = await emit(1);
    const { error } = await search({ fromBlock: "0x0", toBlock: "latest" });
    expect(error).toMatchObject({ code: -32005, data: { from: "0x0", to: toHex(third - 1) } });
    const to = (error?.data as { to: Hex } | undefined)?.to;
    expect(error?.message).toContain(`Try with this block range [0x0, ${to}].`);
    expect((await search({ fromBlock: "0x0", toBlock: to })).result).toHaveLength(MAX_LOG_RESULTS);
  });

  test("returns all logs of one block", async () => {
    const height = await emit(MAX_LOG_RESULTS + 1);
    const block = await chain.client.getBlock({ blockNumber: BigInt(height) });
    expect((await search({ blockHash: block.hash })).result).toHaveLength(MAX_LOG_RESULTS + 1);
  });

  test.each([
    ["ends before it begins", { fromBlock: "0x2", toBlock: "0x1" }],
    ["ends in the future", { fromBlock: "0x1", toBlock: "0xffffff" }],
    ["has a block hash and a range", { blockHash: `0x${"00".repeat(32)}`, fromBlock: "0x1" }],
  ])("refuses a search that %s", async (_what, query) => {
    expect((await search(query)).error).toMatchObject({ code: -32602 });
  });

  test("wants a log to have as many topics as the filter has positions", async () => {
    const height = toHex(await emit(1));
    expect((await search({ fromBlock: height, topics: [] })).result).toHaveLength(1);
    expect((await search({ fromBlock: height, topics: [null] })).result).toHaveLength(0);
  });
});

describe("a search by items that never come together", () => {
  const [address, other]: Hex[] = [`0x${"01".repeat(20)}`, `0x${"02".repeat(20)}`];
  const topic: Hex = `0x${"03".repeat(32)}`;
  const HEIGHTS = MAX_LOG_POSTINGS / 2 + 5_000;

  test(`ends at ${MAX_LOG_POSTINGS} entries of the index and says how far it came`, async () => {
    const store = new MemoryStore();
    const blocks = new BlockStore(store);
    const data = new Uint8Array(0);
    const logs = [
      { address: address as Hex, topics: [], data },
      { address: other as Hex, topics: [topic], data },
    ];
    const genesis = chain.node.application.blocks.block(0) as BlockRecord;
    const transaction = {
      raw: data,
      hash: topic,
      sender: address as Hex,
      succeeded: true,
      gasUsed: 21_000,
      gasPrice: 0n,
      contractAddress: null,
      logs,
      output: data,
    };
    for (let number = 0; number <= HEIGHTS; number++) {
      const header = { ...genesis.header, number };
      const writes = blocks.writes({ header, hash: topic, transactions: [transaction] });
      await store.commit(writes.filter(({ bucket }) => bucket === Bucket.logs));
    }
    const application = { blocks, head: { height: HEIGHTS } } as unknown as Application;
    const server = new RpcServer({
      backend: { application, mempool: { onPending: () => () => {} }, onBlock: () => () => {} } as unknown as Backend,
      host: "127.0.0.1",
      port: 0,
      corsOrigins: [],
    });
    const port = await server.listen();
    const query = { address, topics: [topic], fromBlock: "0x0", toBlock: toHex(HEIGHTS) };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_getLogs", params: [query] });
    const answer = await (await fetch(`http://127.0.0.1:${port}`, { method: "POST", body })).json();
    expect(answer).toMatchObject({ error: { code: -32005, data: { from: "0x0" } } });
    const { to } = (answer as { error: { data: { to: Hex } } }).error.data;
    const again = { ...JSON.parse(body), params: [{ ...query, toBlock: to }] };
    const narrower = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: JSON.stringify(again) });
    expect(await narrower.json()).toMatchObject({ result: [] });
    await server.close();
  });
});
