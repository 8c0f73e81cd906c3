import {
  Application,
  type ApplicationOptions,
  accountKey,
  Bucket,
  bytesToHex,
  CLEAR_BATCH,
  decodeRlp,
  encodeRlp,
  type FinalizeBlockRequest,
  hashHeader,
  keyBytes,
  MAX_CHUNK_BYTES,
  MAX_PRUNED_BLOCKS,
  MAX_SNAPSHOT_METADATA_BYTES,
  MemoryStore,
  type RlpItem,
  SNAPSHOT_FORMAT,
  type Snapshot,
  SnapshotError,
  type SnapshotSource,
  StateError,
  type Store,
  sha256,
  takeSnapshot,
} from "@ruffchain/kernel";
import fc from "fast-check";
import type { Hex } from "viem";
import { beforeAll, describe, expect, test } from "vitest";
import { bank, bankContract, tellerContract } from "../execution/bank.js";
import { GENESIS_TIME, newAccount, openChain } from "../execution/chain.js";
import { papers, papersContract } from "./papers.js";

const contracts = [bankContract, tellerContract, papersContract];
const people = [newAccount(), newAccount(), newAccount()];
const lower = (address: Hex) => address.toLowerCase() as Hex;
const now = GENESIS_TIME / 1_000_000_000n;

interface Taken {
  readonly snapshot: Snapshot;
  readonly chunks: readonly Uint8Array[];
}

function take(store: Store, height: number): Taken {
  const walk = takeSnapshot(store, height);
  const chunks: Uint8Array[] = [];
  let step = walk.next();
  for (; !step.done; step = walk.next()) chunks.push(step.value);
  return { snapshot: step.value, chunks };
}

/** What fixes every byte; comparing the bytes themselves takes the test runner seconds. */
function digest({ snapshot, chunks }: Taken) {
  return {
    ...snapshot,
    metadata: bytesToHex(snapshot.metadata),
    chunks: chunks.map((chunk) => bytesToHex(sha256(chunk))),
  };
}

/** A chain whose blocks are kept as requests, so that others can execute them. */
async function recordedChain(options: Partial<ApplicationOptions> = {}) {
  const chain = await openChain(
    { contracts, ...options },
    people.map((person) => person.address),
  );
  const requests: FinalizeBlockRequest[] = [];
  const { app } = chain;
  async function block(calls: Parameters<typeof chain.sign>[1][], seconds = 1) {
    const nonces = new Map<number, number>();
    const txs: Uint8Array[] = [];
    for (const [i, call] of calls.entries()) {
      const who = i % people.length;
      const person = people[who] as (typeof people)[number];
      const nonce = nonces.get(who) ?? Number(app.account(lower(person.address)).nonce);
      nonces.set(who, nonce + 1);
      txs.push(await chain.sign(person, { nonce, maxFeePerGas: 2_000_000_000n, ...call }));
    }
    const request = { ...chain.proposal(txs, seconds), hash: new Uint8Array(32), decidedLastCommit: chain.noCommit };
    requests.push(request);
    const response = await app.finalizeBlock(request);
    await app.commit();
    return response;
  }
  return { ...chain, block, requests };
}

const fill = (first: number, count: number, size: number, topic = 1) =>
  ({ ...papers, to: papers.address, name: "fill", args: [first, count, size, topic], gas: 90_000_000 }) as const;
const bankCall = (name: string, args: readonly unknown[], value = 0n) =>
  ({ ...bank, to: bank.address, name, args, value }) as const;

async function execute(app: Application, requests: readonly FinalizeBlockRequest[]) {
  const answers = [];
  for (const request of requests) {
    answers.push(await app.finalizeBlock(request));
    await app.commit();
  }
  return answers;
}

function emptyNode(options: Partial<ApplicationOptions> = {}) {
  const store = options.store ?? new MemoryStore();
  return { store, app: Application.open({ contracts, ...options, store }) };
}

async function restore(app: Application, { snapshot, chunks }: Taken, appHash: Uint8Array, order?: number[]) {
  expect(await app.offerSnapshot({ snapshot, appHash })).toEqual({ result: "accept" });
  for (const index of order ?? chunks.keys()) {
    const chunk = chunks[index] as Uint8Array;
    expect(await app.applySnapshotChunk({ index, chunk, sender: "honest" })).toMatchObject({ result: "accept" });
  }
}

function hashOf({ blocks }: Application, height: number): Hex | undefined {
  const header = blocks.header(height);
  return header && hashHeader(header);
}

function contents(store: Store, bucket: Bucket) {
  return [...store.range(bucket, { start: new Uint8Array(0) })].map(([key, value]) =>
    [key, value].map((bytes) => Buffer.from(bytes).toString("hex")).join("="),
  );
}

/** A chain with several chunks, scheduled calls and indexes, and a snapshot of it that all of the tests below read. */
let chain: Awaited<ReturnType<typeof recordedChain>>;
let taken: Taken;
let root: Uint8Array;

beforeAll(async () => {
  chain = await recordedChain();
  await chain.block([fill(0, 60, 20_000), bankCall("deposit", [], 500n), bankCall("deposit", [], 300n)]);
  await chain.block([fill(100, 60, 20_000, 2), bankCall("later", [now + 5n, 7n]), bankCall("later", [now + 900n, 8n])]);
  root = chain.app.head.root;
  taken = take(chain.store, 2);
});

describe("a snapshot", () => {
  test("has chunks up to the limit, and metadata that fits", () => {
    const sizes = taken.chunks.map((chunk) => chunk.length);
    expect(taken.snapshot).toMatchObject({ height: 2, format: SNAPSHOT_FORMAT, chunks: sizes.length });
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
    expect(taken.snapshot.metadata.length).toBeLessThanOrEqual(MAX_SNAPSHOT_METADATA_BYTES);
    expect(taken.snapshot.hash).toEqual(sha256(taken.snapshot.metadata));
  });

  test("is the same of a node that was opened anew for each block", async () => {
    const other = await openChain(
      { contracts },
      people.map((person) => person.address),
    );
    for (const request of chain.requests.slice(0, 2)) {
      await execute(Application.open({ contracts, store: other.store }), [request]);
    }
    expect(digest(take(other.store, 2))).toEqual(digest(taken));
  });

  test("is the same of a node that keeps other heights, proposed the blocks itself, and has gone on", async () => {
    const other = await openChain(
      { contracts, archive: true },
      people.map((person) => person.address),
    );
    for (const request of chain.requests.slice(0, 2)) {
      await other.app.prepareProposal({ ...request, maxTxBytes: 2 ** 20, localLastCommit: other.noCommit });
      await execute(other.app, [request]);
    }
    await other.block();
    await other.block([], 10);
    expect(digest(take(other.store, 2))).toEqual(digest(taken));
    expect(take(other.store, 3).snapshot.hash).not.toEqual(taken.snapshot.hash);
  });

  test("is divided right however its rows lie", async () => {
    const row = fc.tuple(fc.nat(10_000), fc.integer({ min: 5_000, max: 15_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 30, maxLength: 70 }), async (rows) => {
        const original = await recordedChain();
        await original.block(
          rows.map(([id, words]) => fill(id, 1, 4 * words)).map((call) => ({ ...call, gas: 3_000_000 })),
        );
        const all = take(original.store, 1);
        expect(Math.max(...all.chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
        const { app } = emptyNode();
        await restore(app, all, original.app.head.root);
        expect(app.head.root).toEqual(original.app.head.root);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });

  test("cannot be taken of genesis, of a block that is not there, or of one that is not kept", async () => {
    expect(() => take(chain.store, 0)).toThrow(SnapshotError);
    expect(() => take(chain.store, 99)).toThrow(StateError);
    const short = await recordedChain({ historyWindow: 1 });
    for (let i = 0; i < 4; i++) await short.block([]);
    expect(() => take(short.store, 1)).toThrow(StateError);
  });
});

describe("a restored node", () => {
  test("stands at the height, with the state, the indexes and the block hash of the original", async () => {
    const { app, store } = emptyNode();
    await restore(app, taken, root);
    expect(app.info()).toMatchObject({ lastBlockHeight: 2, lastBlockAppHash: root });
    const original = await openChain(
      { contracts },
      people.map((person) => person.address),
    );
    await execute(original.app, chain.requests.slice(0, 2));
    expect(contents(store, Bucket.state)).toEqual(contents(original.store, Bucket.state));
    expect(hashOf(app, 2)).toBe(hashOf(chain.app, 2));
    const reopened = emptyNode({ store });
    expect(reopened.app.info()).toEqual(app.info());
  });

  test("serves proofs and the state of its height, and says that it has none before", async () => {
    const { app } = emptyNode();
    await restore(app, taken, root);
    const key = keyBytes(accountKey(lower(people[0]?.address as Hex)));
    const missing = keyBytes(accountKey(`0x${"12".repeat(20)}`));
    expect(app.prove(2, key)).toEqual(chain.app.prove(2, key));
    expect(app.prove(2, missing)).toEqual(chain.app.prove(2, missing));
    expect(() => app.view(1)).toThrow(/height 1 is not kept: this node has 2 to 2/);
    expect(app.blocks.block(1)).toBeUndefined();
    expect(app.blocks.block(2)).toBeUndefined();
  });

  test("may have had a genesis state before, of which nothing is left", async () => {
    const { app, store } = await openChain(
      { contracts },
      people.map((person) => person.address),
      { minBaseFee: "7" },
    );
    await restore(app, taken, root);
    const { app: other, store: fresh } = emptyNode();
    await restore(other, taken, root);
    for (const bucket of Object.values(Bucket)) expect(contents(store, bucket)).toEqual(contents(fresh, bucket));
    expect(app.nextBaseFee()).toBe(other.nextBaseFee());
  });

  test("takes chunks in any order, and the same one again", async () => {
    const order = [...taken.chunks.keys()].reverse();
    const { app } = emptyNode();
    await restore(app, taken, root, [...order.slice(0, -1), order[0] as number, order.at(-1) as number]);
    expect(app.head.root).toEqual(root);
  });

  test("goes on as the original does, whatever was done before and comes after", async () => {
    const person = fc.nat({ max: people.length - 1 }).map((i) => lower(people[i]?.address as Hex));
    const call = fc.oneof(
      fc.bigInt(1n, 1000n).map((value) => bankCall("deposit", [], value)),
      fc.bigInt(1n, 1000n).map((amount) => bankCall("withdraw", [amount])),
      fc.tuple(person, fc.bigInt(1n, 1000n)).map(([to, amount]) => bankCall("move", [to, amount])),
      fc.tuple(fc.bigInt(0n, 12n), fc.bigInt(1n, 20n)).map(([wait, n]) => bankCall("later", [now + wait, n])),
      fc.tuple(fc.nat(30), fc.nat(3)).map(([first, topic]) => fill(first, 5, 40, topic)),
      fc.nat(30).map((id) => ({ ...papers, to: papers.address, name: "burn", args: [id] }) as const),
    );
    const blocks = fc.array(fc.array(call, { maxLength: 5 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(blocks, blocks, async (before, after) => {
        const original = await recordedChain();
        for (const calls of before) await original.block(calls);
        const { height, root: trusted } = original.app.head;
        const { app, store } = emptyNode();
        await restore(app, take(original.store, height), trusted);
        const answers = [];
        for (const calls of after) answers.push(await original.block(calls, 3));
        expect(await execute(app, original.requests.slice(height))).toEqual(answers);
        expect(hashOf(app, app.head.height)).toBe(hashOf(original.app, app.head.height));
        expect(contents(store, Bucket.state)).toEqual(contents(original.store, Bucket.state));
        expect(digest(take(store, app.head.height))).toEqual(digest(take(original.store, app.head.height)));
      }),
      { numRuns: 12 },
    );
  });
});

describe("a chunk is refused with its sender, and the right one then taken,", () => {
  const entryEnd = (chunk: Uint8Array, at: number) => {
    const bytes = Buffer.from(chunk);
    const keyEnd = at + 2 + bytes.readUInt16BE(at);
    return keyEnd + 4 + bytes.readUInt32BE(keyEnd);
  };
  const flipped = (chunk: Uint8Array, at: number) => {
    const bad = Uint8Array.from(chunk);
    bad[at] = (bad[at] as number) ^ 1;
    return bad;
  };
  const wrong: [string, (chunk: Uint8Array) => Uint8Array, RegExp][] = [
    ["that is empty", () => new Uint8Array(0), /not those of the state root/],
    ["with a value changed", (chunk) => flipped(chunk, chunk.length - 1), /not those of the state root/],
    ["with a key changed", (chunk) => flipped(chunk, 10), /another chunk|not in order|not those of the state root/],
    ["with a length changed", (chunk) => flipped(chunk, 1), /./],
    ["cut short", (chunk) => chunk.subarray(0, chunk.length - 1), /ends inside an entry/],
    ["with a byte too many", (chunk) => Buffer.concat([chunk, Uint8Array.of(0)]), /ends inside an entry/],
    ["without its first entry", (chunk) => chunk.subarray(entryEnd(chunk, 0)), /not those of the state root/],
    [
      "with its first entry last",
      (chunk) => Buffer.concat([chunk.subarray(entryEnd(chunk, 0)), chunk.subarray(0, entryEnd(chunk, 0))]),
      /not in order/,
    ],
    ["with its first entry twice", (chunk) => Buffer.concat([chunk.subarray(0, entryEnd(chunk, 0)), chunk]), /order/],
    ["that belongs to another place", () => taken.chunks[1] as Uint8Array, /key of another chunk/],
  ];
  test.each(wrong)("one %s", async (_, spoil, reason) => {
    const { app, store } = emptyNode();
    await app.offerSnapshot({ snapshot: taken.snapshot, appHash: root });
    const before = contents(store, Bucket.state);
    const chunk = spoil(taken.chunks[0] as Uint8Array);
    const answer = await app.applySnapshotChunk({ index: 0, chunk, sender: "liar" });
    expect(answer).toMatchObject({ result: "retry", refetchChunks: [0], rejectSenders: ["liar"] });
    expect(answer.reason).toMatch(reason);
    expect(contents(store, Bucket.state)).toEqual(before);
    for (const [index, right] of taken.chunks.entries()) {
      expect(await app.applySnapshotChunk({ index, chunk: right, sender: "honest" })).toMatchObject({
        result: "accept",
      });
    }
    expect(app.head.root).toEqual(root);
  });

  test("one that the snapshot does not have", async () => {
    const { app } = emptyNode();
    await app.offerSnapshot({ snapshot: taken.snapshot, appHash: root });
    const index = taken.snapshot.chunks;
    expect(await app.applySnapshotChunk({ index, chunk: new Uint8Array(0), sender: "liar" })).toMatchObject({
      result: "retry",
      rejectSenders: ["liar"],
    });
  });

  test("one with any byte changed", async () => {
    const { app } = emptyNode();
    const small = await recordedChain();
    await small.block([bankCall("deposit", [], 5n)]);
    const { snapshot, chunks } = take(small.store, 1);
    await app.offerSnapshot({ snapshot, appHash: small.app.head.root });
    const chunk = chunks[0] as Uint8Array;
    for (let at = 0; at < chunk.length; at++) {
      const answer = await app.applySnapshotChunk({ index: 0, chunk: flipped(chunk, at), sender: "liar" });
      expect(answer.result).toBe("retry");
    }
  });
});

describe("an offer is refused", () => {
  type Part = [depth: RlpItem, prefix: RlpItem, leaf: RlpItem, hash: RlpItem];
  const changed = (
    change: (fields: { header: Uint8Array; head: Uint8Array; siblings: RlpItem[]; parts: Part[] }) => void,
  ) => {
    const [header, head, siblings, parts] = decodeRlp(taken.snapshot.metadata) as [
      Uint8Array,
      Uint8Array,
      RlpItem[],
      Part[],
    ];
    const fields = {
      header: Uint8Array.from(header),
      head: Uint8Array.from(head),
      siblings: [...siblings],
      parts: parts.map((part) => [...part] as Part),
    };
    change(fields);
    const metadata = encodeRlp([fields.header, fields.head, fields.siblings, fields.parts]);
    return { ...taken.snapshot, chunks: fields.parts.length, metadata, hash: sha256(metadata) };
  };
  const offers: [string, () => Snapshot, string, RegExp][] = [
    ["of another format", () => ({ ...taken.snapshot, format: 2 }), "rejectFormat", /format 2/],
    ["with another hash", () => ({ ...taken.snapshot, hash: new Uint8Array(32) }), "rejectSender", /hash/],
    ["with another height", () => ({ ...taken.snapshot, height: 3 }), "rejectSender", /another height/],
    ["with another count", () => ({ ...taken.snapshot, chunks: 99 }), "rejectSender", /99 chunks/],
    [
      "with bytes that are no metadata",
      () => ({ ...taken.snapshot, metadata: Uint8Array.of(1, 2), hash: sha256(Uint8Array.of(1, 2)) }),
      "rejectSender",
      /metadata/,
    ],
    [
      "with more metadata than is gossiped",
      () => ({ ...taken.snapshot, metadata: new Uint8Array(MAX_SNAPSHOT_METADATA_BYTES + 1) }),
      "rejectSender",
      /bytes/,
    ],
    ["without a part", () => changed(({ parts }) => parts.pop()), "rejectSender", /make up/],
    ["with parts in another order", () => changed(({ parts }) => parts.reverse()), "rejectSender", /make up/],
    ["with a part twice", () => changed(({ parts }) => parts.push(parts[0] as Part)), "rejectSender", /make up/],
    [
      "with another part hash",
      () => changed(({ parts }) => ((parts[0] as Part)[3] = new Uint8Array(32).fill(1))),
      "rejectSender",
      /make up/,
    ],
    [
      "with a part too deep",
      () => changed(({ parts }) => ((parts[0] as Part)[0] = Uint8Array.of(1, 1))),
      "rejectSender",
      /depth 257/,
    ],
    ["with another head record", () => changed(({ head }) => head.fill(7, -1)), "rejectSender", /chain's head/],
    ["without a sibling", () => changed(({ siblings }) => siblings.pop()), "rejectSender", /chain's head/],
    [
      "with a header that the block does not have",
      // The last byte of the bloom: everything else of the header stays as it is.
      () => changed(({ header }) => header.fill(header[200] === 1 ? 2 : 1, 200, 201)),
      "rejectSender",
      /not the block's/,
    ],
  ];
  test.each(offers)("%s", async (_, offer, result, reason) => {
    const { app, store } = emptyNode();
    const answer = await app.offerSnapshot({ snapshot: offer(), appHash: root });
    expect(answer.result).toBe(result);
    expect(answer.reason).toMatch(reason);
    expect(contents(store, Bucket.meta)).toEqual([]);
  });

  test("for another state root", async () => {
    const { app } = emptyNode();
    const answer = await app.offerSnapshot({ snapshot: taken.snapshot, appHash: new Uint8Array(32).fill(9) });
    expect(answer.result).toBe("rejectSender");
  });

  test("where there is a block", async () => {
    const { app, block } = await recordedChain();
    await block([]);
    expect((await app.offerSnapshot({ snapshot: taken.snapshot, appHash: root })).result).toBe("abort");
  });
});

describe("a restore that does not come to its end", () => {
  async function interrupted() {
    const node = emptyNode();
    await node.app.offerSnapshot({ snapshot: taken.snapshot, appHash: root });
    await node.app.applySnapshotChunk({ index: 0, chunk: taken.chunks[0] as Uint8Array, sender: "honest" });
    return node;
  }

  test("gives no state to readers", async () => {
    const { app } = await interrupted();
    expect(app.info().lastBlockHeight).toBe(0);
    expect(() => app.view(0)).toThrow(/being restored/);
    expect(() => app.parameters()).toThrow(StateError);
  });

  test("is cleared away by the next one, also in a new process", async () => {
    const { store } = await interrupted();
    const { app } = emptyNode({ store });
    const chunk = taken.chunks[1] as Uint8Array;
    expect((await app.applySnapshotChunk({ index: 1, chunk, sender: "honest" })).result).toBe("abort");
    await restore(app, taken, root);
    const { store: fresh, app: other } = emptyNode();
    await restore(other, taken, root);
    for (const bucket of Object.values(Bucket)) expect(contents(store, bucket)).toEqual(contents(fresh, bucket));
  });

  test("is cleared away by a genesis, in bounded batches", async () => {
    const { store } = await interrupted();
    const junk = Array.from({ length: CLEAR_BATCH + 5 }, (_, i) => Buffer.from(`junk ${i}`));
    await store.commit(junk.map((key) => ({ bucket: Bucket.state, key, value: key })));
    const fromGenesis = await openChain(
      { contracts, store },
      people.map((person) => person.address),
    );
    await execute(fromGenesis.app, chain.requests.slice(0, 2));
    expect(fromGenesis.app.head.root).toEqual(root);
    expect(digest(take(store, 2))).toEqual(digest(taken));
  });

  test("stops at rows that this version does not know", async () => {
    const { app } = emptyNode({ contracts: [bankContract] });
    await app.offerSnapshot({ snapshot: taken.snapshot, appHash: root });
    const answer = await app.applySnapshotChunk({ index: 0, chunk: taken.chunks[0] as Uint8Array, sender: "honest" });
    expect(answer).toMatchObject({ result: "abort", rejectSenders: [] });
    expect(answer.reason).toContain(`contract ${papers.address}`);
  });
});

test("a node offers what its source has", async () => {
  const source: SnapshotSource = {
    list: async () => [taken.snapshot],
    chunk: async (height, format, index) =>
      height === 2 && format === SNAPSHOT_FORMAT ? taken.chunks[index] : undefined,
  };
  const { app } = emptyNode({ snapshots: source });
  expect(await app.listSnapshots()).toEqual({ snapshots: [taken.snapshot] });
  expect((await app.loadSnapshotChunk({ height: 2, format: 1, chunk: 1 })).chunk).toBe(taken.chunks[1]);
  expect((await app.loadSnapshotChunk({ height: 2, format: 1, chunk: 99 })).chunk).toHaveLength(0);
  expect(await emptyNode().app.listSnapshots()).toEqual({ snapshots: [] });
  expect(bytesToHex((await emptyNode().app.loadSnapshotChunk({ height: 2, format: 1, chunk: 0 })).chunk)).toBe("0x");
});

describe("blocks that are not to be kept", () => {
  const blocks = async (count: number, options: Partial<ApplicationOptions>) => {
    const node = await recordedChain(options);
    for (let i = 0; i < count; i++) await node.block([bankCall("deposit", [], 1n)]);
    return node;
  };

  test("are deleted with their receipts and lookups, the newest stay, and the state is the same", async () => {
    const all = await blocks(8, {});
    const node = await openChain(
      { contracts, keepBlocks: 3 },
      people.map((person) => person.address),
    );
    expect(node.app.blocks.first).toBe(0);
    for (const request of all.requests) {
      await node.app.finalizeBlock(request);
      expect(await node.app.commit()).toEqual({ retainHeight: Math.max(request.height - 2, 0) });
    }
    expect(node.app.head).toEqual(all.app.head);
    expect(node.app.blocks.first).toBe(6);
    for (let height = 0; height <= 8; height++) {
      const block = all.app.blocks.block(height);
      const [tx] = block?.transactions ?? [];
      expect(node.app.blocks.header(height) !== undefined).toBe(height >= 6);
      expect(node.app.blocks.block(height)?.hash).toBe(height >= 6 ? block?.hash : undefined);
      if (block) expect(node.app.blocks.heightOf(block.hash)).toBe(height >= 6 ? height : undefined);
      if (tx) expect(node.app.blocks.placeOf(tx.hash)?.height).toBe(height >= 6 ? height : undefined);
    }
  });

  test("go a few at a time where more were kept before", async () => {
    const { store, requests } = await blocks(MAX_PRUNED_BLOCKS + 5, {});
    const app = Application.open({ contracts, store, keepBlocks: 1 });
    const next = { ...(requests.at(-1) as FinalizeBlockRequest), txs: [] };
    await execute(app, [{ ...next, height: next.height + 1, time: next.time + 1n }]);
    expect(app.blocks.first).toBe(MAX_PRUNED_BLOCKS);
    await execute(app, [{ ...next, height: next.height + 2, time: next.time + 2n }]);
    expect(app.blocks.first).toBe(app.head.height);
    expect(contents(store, Bucket.blocks)).toHaveLength(2);
    expect(contents(store, Bucket.lookup)).toHaveLength(1);
  });

  test("may be those of a restored chain, and its header with them", async () => {
    const { app, store } = emptyNode({ keepBlocks: 2 });
    await restore(app, taken, root);
    expect(app.blocks.first).toBe(3);
    const next = { ...(chain.requests.at(-1) as FinalizeBlockRequest), txs: [] };
    for (const i of [1, 2, 3]) await execute(app, [{ ...next, height: 2 + i, time: next.time + BigInt(i) }]);
    expect(app.blocks.first).toBe(4);
    expect(app.blocks.header(2)).toBeUndefined();
    expect(contents(store, Bucket.blocks)).toHaveLength(4);
  });
});
