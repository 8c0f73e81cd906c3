import {
  type BlockHeader,
  BlockStore,
  Bucket,
  bytesToHex,
  EMPTY_TRIE_ROOT,
  type ExecutedTransaction,
  hashHeader,
  keccak256,
  type Log,
  type LogFilter,
  MemoryStore,
  matchesLog,
} from "@ruffchain/kernel";
import fc from "fast-check";
import type { Hex } from "viem";
import { describe, expect, test } from "vitest";

const NO_BYTES = new Uint8Array(0);
const ADDRESSES = [1, 2, 3].map((n): Hex => `0x${n.toString(16).padStart(40, "0")}`);
/** The same words stand at all positions, and one of them is an address. */
const TOPICS = [1, 2, 7, 8].map((n): Hex => `0x${n.toString(16).padStart(64, "0")}`);

const anyLog: fc.Arbitrary<Log> = fc.record({
  address: fc.constantFrom(...ADDRESSES),
  topics: fc.array(fc.constantFrom(...TOPICS), { maxLength: 4 }),
  data: fc.uint8Array({ maxLength: 3 }),
});
/** Blocks of transactions of logs. */
const anyChain = fc.array(fc.array(fc.array(anyLog, { maxLength: 4 }), { maxLength: 3 }), { maxLength: 30 });
const setOf = (values: readonly Hex[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 }).map((v) => new Set(v));
const anyFilter: fc.Arbitrary<LogFilter> = fc.record({
  addresses: fc.option(setOf(ADDRESSES), { nil: undefined }),
  topics: fc.array(fc.option(setOf(TOPICS), { nil: undefined }), { maxLength: 4 }),
});

function headerOf(number: number): BlockHeader {
  return {
    parentHash: EMPTY_TRIE_ROOT,
    miner: `0x${"00".repeat(20)}`,
    stateRoot: EMPTY_TRIE_ROOT,
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: new Uint8Array(256),
    number,
    gasLimit: 1,
    gasUsed: 0,
    timestamp: 1_000 + number,
    extraData: NO_BYTES,
    mixHash: EMPTY_TRIE_ROOT,
    baseFeePerGas: 0n,
    parentBeaconBlockRoot: EMPTY_TRIE_ROOT,
  };
}

function transactionWith(logs: readonly Log[], nonce: string): ExecutedTransaction {
  return {
    raw: Buffer.from(nonce),
    hash: bytesToHex(keccak256(Buffer.from(nonce))),
    sender: ADDRESSES[0] as Hex,
    succeeded: true,
    gasUsed: 21_000,
    gasPrice: 0n,
    contractAddress: null,
    logs,
    output: NO_BYTES,
  };
}

async function storeOf(chain: readonly (readonly (readonly Log[])[])[]) {
  const store = new MemoryStore();
  const writer = new BlockStore(store);
  for (const [height, block] of chain.entries()) {
    const header = headerOf(height);
    const transactions = block.map((logs, i) => transactionWith(logs, `${height}/${i}`));
    await store.commit(writer.writes({ header, hash: hashHeader(header), transactions }));
  }
  // A new one: nothing may come from what the writer remembers.
  return { store, blocks: new BlockStore(store) };
}

function searchAll(blocks: BlockStore, filter: LogFilter, range: { from: number; to: number }, limits: Limits) {
  const found: string[] = [];
  let turns = 0;
  for (let from: number | undefined = range.from; from !== undefined; turns++) {
    const { logs, next } = blocks.searchLogs(filter, { from, to: range.to }, limits);
    found.push(...logs.map(({ block, ...placed }) => describeLog(block.number, block.hash, placed)));
    from = next;
  }
  return { found, turns };
}

interface Limits {
  readonly maxPostings: number;
  readonly maxLogs: number;
}
const NO_LIMITS: Limits = { maxPostings: 1_000_000, maxLogs: 1_000_000 };

function describeLog(height: number, hash: Hex, placed: unknown): string {
  return JSON.stringify([height, hash, placed]);
}

/** Looks at every log of every block. */
function naive(blocks: BlockStore, filter: LogFilter, { from, to }: { from: number; to: number }): string[] {
  const found: string[] = [];
  for (let height = from; height <= to; height++) {
    const block = blocks.block(height);
    let logIndex = 0;
    block?.transactions.forEach((tx, transactionIndex) => {
      for (const log of tx.logs) {
        const placed = { log, transactionHash: tx.hash, transactionIndex, logIndex: logIndex++ };
        if (matchesLog(log, filter)) found.push(describeLog(height, block.hash, placed));
      }
    });
  }
  return found;
}

describe("the index of logs", () => {
  test("finds what a look at every log finds, in one turn or in many", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyChain,
        anyFilter,
        fc.nat({ max: 30 }),
        fc.nat({ max: 35 }),
        fc.record({ maxPostings: fc.integer({ min: 1, max: 20 }), maxLogs: fc.integer({ min: 1, max: 5 }) }),
        async (chain, filter, from, to, limits) => {
          const { blocks } = await storeOf(chain);
          const expected = naive(blocks, filter, { from, to });
          expect(searchAll(blocks, filter, { from, to }, NO_LIMITS)).toStrictEqual({ found: expected, turns: 1 });
          expect(searchAll(blocks, filter, { from, to }, limits).found).toStrictEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("goes with the blocks when they are pruned", async () => {
    await fc.assert(
      fc.asyncProperty(anyChain, anyFilter, fc.nat({ max: 30 }), async (chain, filter, keepFrom) => {
        const { store, blocks } = await storeOf(chain);
        const end = Math.min(keepFrom, chain.length);
        for (let pruning = blocks.pruning(end); pruning.length > 0; pruning = blocks.pruning(end)) {
          await store.commit(pruning);
        }
        const all = { from: 0, to: chain.length };
        const { found } = searchAll(blocks, filter, all, NO_LIMITS);
        expect(found).toStrictEqual(naive(blocks, filter, { ...all, from: end }));
        // Not an entry more than a chain has that never had the older blocks.
        const younger = await storeOf(chain.map((block, height) => (height < end ? [] : block)));
        expect(entries(store)).toStrictEqual(entries(younger.store));
      }),
      { numRuns: 100 },
    );
  });

  test("reads for a rare item in a long chain as much as in a short one", async () => {
    const [common, rare] = ADDRESSES as [Hex, Hex];
    const log = (address: Hex): Log => ({ address, topics: [], data: NO_BYTES });
    const chain = Array.from({ length: 3_000 }, (_, i) => [[log(common)], i % 1_000 === 500 ? [log(rare)] : []]);
    const { blocks } = await storeOf(chain);
    const filter = { addresses: new Set([rare]), topics: [] };
    const { logs, next } = blocks.searchLogs(filter, { from: 0, to: chain.length }, { ...NO_LIMITS, maxPostings: 5 });
    expect(logs.map(({ block }) => block.number)).toStrictEqual([500, 1_500, 2_500]);
    expect(next).toBeUndefined();
  });

  test("writes nothing for a block without logs", async () => {
    const { store } = await storeOf([[[], []], []]);
    expect(entries(store)).toStrictEqual([]);
  });
});

function entries(store: MemoryStore): string[] {
  return [...store.range(Bucket.logs, { start: NO_BYTES })].map(
    ([key, value]) => `${bytesToHex(key)} ${bytesToHex(value)}`,
  );
}
