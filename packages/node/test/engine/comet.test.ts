import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemContracts } from "@ruffchain/contracts";
import { Application } from "@ruffchain/kernel";
import {
  LmdbStore,
  MAX_GOSSIP_BYTES,
  MAX_GOSSIP_TXS,
  MAX_UNCHECKED_PEER_TXS,
  MAX_WAITING_PEER_BYTES,
  REOFFER_BLOCKS,
} from "@ruffchain/node";
import {
  bytesToHex,
  concat,
  fromRlp,
  hexToBytes,
  keccak256,
  serializeTransaction,
  type TransactionSerializableEIP1559,
  toHex,
  toRlp,
} from "viem";
import { afterEach, describe, expect, test } from "vitest";
import { p256Key, signTempo } from "../../../kernel/test/account/tempo.js";
import { accounts, alice, bob, type TestNodeOptions } from "../running-node.js";
import { startDrivenNode } from "./comet-driver.js";

const [, , carol, dave] = accounts as [unknown, unknown, typeof alice, typeof alice];
const GWEI = 10n ** 9n;

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** A node that has begun its chain. */
async function start(options: TestNodeOptions = {}) {
  const driven = await startDrivenNode(options);
  opened.push(driven.close);
  const { chain, comet } = driven;
  if ((await comet.info()).lastBlockHeight === 0n) await comet.initChain();
  const fields = (changes: Partial<TransactionSerializableEIP1559>): TransactionSerializableEIP1559 => ({
    type: "eip1559",
    chainId: chain.chain.id,
    nonce: 0,
    gas: 21_000n,
    maxFeePerGas: 100n * GWEI,
    maxPriorityFeePerGas: GWEI,
    to: dave.address,
    value: 1n,
    ...changes,
  });
  return {
    ...driven,
    fields,
    signed: async (from: typeof alice, changes: Partial<TransactionSerializableEIP1559> = {}) =>
      hexToBytes(await from.signTransaction(fields(changes))),
    submit: (raw: Uint8Array) => chain.node.submit(raw),
    pooled: (raw: Uint8Array) => chain.node.mempool.has(keccak256(raw)),
  };
}

const hex = (txs: readonly Uint8Array[]) => txs.map((tx) => toHex(tx));

/** A message to the peers with several transactions, and the transactions of one. */
const batch = (...txs: readonly Uint8Array[]) => hexToBytes(concat(["0x00", toRlp(hex(txs))]));
const unbatched = (message: Uint8Array) =>
  message[0] === 0 ? (fromRlp(bytesToHex(message.subarray(1))) as readonly string[]) : [toHex(message)];

describe("a proposal", () => {
  test("is built from the pool by tip and nonce; what waits for a nonce stays", async () => {
    const { comet, signed, submit, pooled } = await start();
    const [a0, a1, b0, b2, c0] = await Promise.all([
      signed(alice, { maxPriorityFeePerGas: GWEI }),
      signed(alice, { nonce: 1, maxPriorityFeePerGas: 9n * GWEI }),
      signed(bob, { maxPriorityFeePerGas: 5n * GWEI }),
      signed(bob, { nonce: 2, maxPriorityFeePerGas: 9n * GWEI }),
      signed(carol, { maxPriorityFeePerGas: 3n * GWEI }),
    ]);
    for (const raw of [b2, a1, a0, c0, b0]) await submit(raw);
    const { txs } = await comet.decide();
    expect(hex(txs)).toStrictEqual(hex([b0, c0, a0, a1]));
    expect(pooled(b2)).toBe(true);
    await submit(await signed(bob, { nonce: 1 }));
    expect((await comet.decide()).txs).toHaveLength(2);
    expect((await comet.decide()).txs).toHaveLength(0);
  });

  test("keeps to the size that CometBFT allows", async () => {
    const { comet, signed, submit } = await start();
    const raw = await Promise.all([alice, bob, carol].map((from) => signed(from)));
    for (const each of raw) await submit(each);
    const [size = 0] = raw.map(({ length }) => length);
    expect((await comet.prepare(BigInt(2 * (size + 4)))).txs).toHaveLength(2);
    expect((await comet.prepare(BigInt(size))).txs).toHaveLength(0);
    expect((await comet.prepare()).txs).toHaveLength(3);
  });

  test("is smaller after one that took too long to execute, and grows again", async () => {
    const { comet, signed, submit, chain } = await start();
    const count = 8;
    for (let nonce = 0; nonce < count; nonce++) await submit(await signed(alice, { nonce }));
    const { application } = chain.node;
    const prepare = application.prepareProposal.bind(application);
    application.prepareProposal = async (request) => {
      await sleep(1_000);
      return prepare(request);
    };
    const proposed = async () => (await comet.prepare()).txs.length;
    expect(await proposed()).toBe(count);
    application.prepareProposal = prepare;
    expect(await proposed()).toBeLessThanOrEqual(count / 2);
    await expect.poll(proposed).toBe(count);
  });

  test("is accepted where it is correct, also from another node with transactions that this one has not seen", async () => {
    const { comet, signed, submit, chain } = await start();
    expect(await comet.process(comet.block([]))).toBe(true);
    const own = await signed(alice);
    await submit(own);
    const block = comet.block([own, await signed(bob), await signed(alice, { nonce: 1 })]);
    expect(await comet.process(block)).toBe(true);
    expect(await comet.process(await comet.prepare())).toBe(true);
    const { txResults } = await comet.finalize(block);
    await comet.commit();
    expect(txResults.map(({ code }) => code)).toStrictEqual([0, 0, 0]);
    expect(await chain.client.getBalance({ address: dave.address })).toBe(10n ** 24n + 3n);
    expect(chain.node.mempool.status()).toStrictEqual({ pending: 0, queued: 0, bytes: 0 });
  });

  test("is refused with one transaction that may not be in it, whatever is wrong with that", async () => {
    const { comet, signed, fields, chain } = await start({ app: { blockGasLimit: 5_000_000 } });
    const first = await signed(alice);
    const broken = await alice.signTransaction(fields({ nonce: 1 }));
    const highS = serializeTransaction(fields({ nonce: 1 }), {
      r: toHex(1n, { size: 32 }),
      s: toHex(2n ** 256n - 2n ** 32n, { size: 32 }),
      yParity: 0,
    });
    const wrong: Record<string, Uint8Array> = {
      "is no transaction": Buffer.from("garbage"),
      "is empty": new Uint8Array(0),
      "has bytes after its end": hexToBytes(`${broken}00`),
      "has a type that there is not": Buffer.concat([Buffer.of(0x05), hexToBytes(broken).subarray(1)]),
      "has no valid signature": hexToBytes(highS),
      "is of another chain": await signed(alice, { nonce: 1, chainId: 1 }),
      "is twice in it": first,
      "is ahead of its sender's nonce": await signed(alice, { nonce: 2 }),
      "cannot be paid": await signed(alice, { nonce: 1, value: 10n ** 24n }),
      "offers less than the base fee": await signed(alice, { nonce: 1, maxFeePerGas: 1n, maxPriorityFeePerGas: 0n }),
      "has too little gas": await signed(alice, { nonce: 1, gas: 20_999n }),
      "has more gas than a block": await signed(alice, { nonce: 1, gas: 5_000_001n }),
      "is too large": await signed(alice, { nonce: 1, gas: 5_000_000n, data: `0x${"01".repeat(140_000)}` }),
    };
    expect(await comet.process(comet.block([first]))).toBe(true);
    for (const [what, raw] of Object.entries(wrong)) {
      expect(await comet.process(comet.block([first, raw])), `a transaction that ${what}`).toBe(false);
    }
    expect(chain.node.application.head.height).toBe(0);
    expect(await comet.process(comet.block([first, await signed(alice, { nonce: 1 })]))).toBe(true);
  });

  test("with what a block before has already executed is refused", async () => {
    const { comet, signed, submit } = await start();
    const raw = await signed(alice);
    await submit(raw);
    await comet.decide();
    expect(await comet.process(comet.block([raw]))).toBe(false);
  });
});

describe("a decided block", () => {
  test("gives the same with and without having been proposed, and whatever else was proposed", async () => {
    const one = await start();
    const { chain } = one;
    const other = await start({ validator: chain.validator, genesis: chain.genesis });
    const block = one.comet.block([await one.signed(alice), await one.signed(bob)]);
    const rival = one.comet.block([await one.signed(carol)]);
    expect(await one.comet.process(block)).toBe(true);
    expect(await one.comet.process(rival)).toBe(true);
    const proposed = await one.comet.finalize(block);
    const replayed = await other.comet.finalize(block);
    expect(toHex(proposed.appHash)).toBe(toHex(replayed.appHash));
    expect(proposed.txResults).toStrictEqual(replayed.txResults);
    await one.comet.commit();
    expect(toHex((await one.comet.info()).lastBlockAppHash)).toBe(toHex(proposed.appHash));
    expect(await chain.client.getBlockNumber({ cacheTime: 0 })).toBe(1n);
  });

  test("is nowhere before Commit, and executed again after a crash in between", async () => {
    const first = await start();
    const { dataDirectory, genesis, validator } = first.chain;
    await first.submit(await first.signed(alice));
    await first.comet.decide();
    const block = first.comet.block([await first.signed(alice, { nonce: 1 })]);
    await first.comet.process(block);
    const { appHash } = await first.comet.finalize(block);
    const before = await first.comet.info();
    expect(before.lastBlockHeight).toBe(1n);
    opened.pop();
    await first.close(true);
    const second = await start({ dataDirectory, genesis, validator });
    expect(await second.comet.info()).toStrictEqual(before);
    expect(toHex((await second.comet.finalize(block)).appHash)).toBe(toHex(appHash));
    await second.comet.commit();
    expect(await second.comet.info()).toMatchObject({ lastBlockHeight: 2n, lastBlockAppHash: appHash });
  });

  test("is on disk when Commit is answered", async () => {
    const { comet, signed, submit, chain } = await start();
    const copies = mkdtempSync(join(tmpdir(), "ruff-copies-"));
    opened.push(async () => rmSync(copies, { recursive: true }));
    for (let height = 1; height <= 5; height++) {
      await submit(await signed(alice, { nonce: height - 1 }));
      const block = await comet.prepare();
      const { appHash } = await comet.finalize(block);
      await comet.commit();
      const copy = join(copies, String(height));
      cpSync(join(chain.dataDirectory, "chain"), copy, { recursive: true });
      const store = new LmdbStore(copy);
      const { lastBlockHeight, lastBlockAppHash } = Application.open({ store, contracts: systemContracts }).info();
      expect(lastBlockHeight).toBe(height);
      expect(toHex(lastBlockAppHash)).toBe(toHex(appHash));
      await store.close();
    }
  });
});

describe("what peers send", () => {
  test("goes into the pool, once, and into the next block", async () => {
    const { comet, signed, pooled } = await start();
    const [raw, ahead] = [await signed(alice), await signed(bob, { nonce: 1 })];
    expect(await comet.insert(raw, ahead, raw)).toStrictEqual([0, 0, 0]);
    while (!pooled(raw) || !pooled(ahead)) await sleep(1);
    expect(hex((await comet.decide()).txs)).toStrictEqual(hex([raw]));
  });

  test("may be a batch: what is wrong in it keeps nothing else out", async () => {
    const { comet, signed, pooled } = await start();
    const [raw, foreign, last] = [await signed(alice), await signed(bob, { chainId: 1 }), await signed(carol)];
    const tooMany = batch(...Array.from({ length: MAX_GOSSIP_TXS + 1 }, () => raw));
    const [nested, cut] = [Buffer.of(0, 0xc2, 0xc1, 0x05), batch(raw, last).subarray(0, -1)];
    expect(await comet.insert(tooMany, nested, cut, Buffer.of(0))).toStrictEqual([2, 2, 2, 2]);
    expect(pooled(raw)).toBe(false);
    expect(await comet.insert(batch(raw, foreign, last))).toStrictEqual([6]);
    await expect.poll(() => pooled(raw) && pooled(last)).toBe(true);
  });

  test("is not checked again when it comes from another peer, but after a refusal", async () => {
    const { comet, signed, submit, pooled, chain } = await start();
    const refusals = async () => {
      const { operatorPort } = chain.node;
      return (await (await fetch(`http://127.0.0.1:${operatorPort}/metrics`)).text()).match(/^ruff_refused.*$/gm) ?? [];
    };
    const raw = await signed(alice);
    await comet.insert(raw);
    await expect.poll(() => pooled(raw)).toBe(true);
    await comet.decide();
    expect(pooled(raw)).toBe(false);
    const poor = await signed(bob, { nonce: 0, value: 10n ** 24n });
    await comet.insert(batch(raw, await signed(alice, { nonce: 1 })), poor);
    await expect.poll(refusals).toStrictEqual(['ruff_refused_transactions_total{code="insufficientFunds"} 1']);
    await submit(await signed(alice, { nonce: 2, to: bob.address, value: 10n ** 18n }));
    await comet.decide();
    await comet.insert(batch(poor, raw));
    await expect.poll(() => pooled(poor)).toBe(true);
  });

  test("is refused by what can be seen of it, before its signature is looked at", async () => {
    const { comet, signed, chain } = await start();
    const codes = await comet.insert(
      Buffer.of(0xc2, 0x01),
      await signed(alice, { chainId: 1 }),
      await signed(alice, { gas: 20_999n }),
      Buffer.of(0x05, 0xc0),
    );
    expect(codes).toStrictEqual([2, 6, 11, 4]);
    expect(chain.node.mempool.status().pending).toBe(0);
    const metrics = await (await fetch(`http://127.0.0.1:${chain.node.operatorPort}/metrics`)).text();
    expect(metrics).toMatch(/ruff_refused_transactions_total\{code="wrongChainId"\} 1/);
  });

  test("a flood of worthless transactions does not keep honest ones out", async () => {
    const { comet, signed, fields, submit, pooled, chain } = await start();
    const worthless = flood(8 * MAX_UNCHECKED_PEER_TXS, fields({}));
    const [fromClient, fromPeer] = [await signed(alice), await signed(bob)];
    const codes = comet.insert(...worthless, fromPeer);
    await submit(fromClient);
    expect(hex((await comet.decide()).txs)).toContain(toHex(fromClient));
    expect(new Set(await codes)).toStrictEqual(new Set([0]));
    while (!pooled(fromPeer)) await sleep(1);
    expect(chain.node.mempool.status()).toMatchObject({ pending: 1, queued: 0 });
    expect(hex((await comet.decide()).txs)).toStrictEqual([toHex(fromPeer)]);
    // Nothing of the flood goes on to other peers.
    expect(await comet.reap()).toHaveLength(0);
  });

  test("is passed over while too much waits, for blocks wait behind it, and taken when it is offered again", async () => {
    const { comet, signed, fields, pooled, chain } = await start();
    const key = p256Key(false);
    const slow = Array.from({ length: MAX_UNCHECKED_PEER_TXS }, (_, nonce) =>
      signTempo(key, { chainId: chain.chain.id, nonce: BigInt(nonce) }),
    );
    const worthless = flood(2_048, fields({ gas: 300_000n, data: `0x${"01".repeat(4_096)}` }));
    expect(worthless.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(2 * MAX_WAITING_PEER_BYTES);
    const honest = await signed(alice);
    expect(new Set(await comet.insert(...slow, ...worthless, honest))).toStrictEqual(new Set([0]));
    const { mempool, operatorPort } = chain.node;
    const metrics = await (await fetch(`http://127.0.0.1:${operatorPort}/metrics`)).text();
    expect(Number(/^ruff_passed_over_transactions_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(100);
    await expect.poll(() => comet.insert(honest).then(() => pooled(honest))).toBe(true);
    expect(mempool.status()).toMatchObject({ pending: 1, queued: 0 });
  });
});

/** Transactions that are signed, after a fashion, by accounts that have nothing. */
function flood(count: number, fields: TransactionSerializableEIP1559): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    hexToBytes(
      serializeTransaction(
        { ...fields, value: BigInt(i), maxPriorityFeePerGas: 50n * GWEI },
        {
          r: toHex(BigInt(i) * 7_919n + 1n, { size: 32 }),
          s: toHex(BigInt(i) * 104_729n + 1n, { size: 32 }),
          yParity: i % 2,
        },
      ),
    ),
  );
}

describe("what peers are sent", () => {
  test("is each transaction that can be executed, once, from clients and from peers", async () => {
    const { comet, signed, submit, pooled } = await start();
    const [own, others, ahead, between] = await Promise.all([
      signed(alice),
      signed(bob),
      signed(carol, { nonce: 1 }),
      signed(carol),
    ]);
    await submit(own);
    await submit(ahead);
    await comet.insert(others);
    while (!pooled(others)) await sleep(1);
    const [message = own, ...more] = await comet.reap();
    expect(more).toHaveLength(0);
    expect(hex([message])).toStrictEqual(hex([batch(own, others)]));
    expect(await comet.reap()).toHaveLength(0);
    await submit(between);
    expect(hex(await comet.reap(1))).toStrictEqual(hex([between]));
    expect(hex(await comet.reap(1))).toStrictEqual(hex([ahead]));
    expect(await comet.reap()).toHaveLength(0);
  });

  test("goes in batches that peers take", async () => {
    const { comet, signed, submit } = await start();
    const other = await start();
    const count = MAX_GOSSIP_TXS + 1;
    const txs: Uint8Array[] = [];
    for (let nonce = 0; nonce < count; nonce++) txs.push(await signed(alice, { nonce }));
    for (const raw of txs) await submit(raw);
    const large = await signed(bob, { gas: 3_000_000n, data: `0x${"00".repeat(MAX_GOSSIP_BYTES)}` });
    await submit(large);
    const messages = await comet.reap();
    expect(messages.map((message) => unbatched(message).length)).toStrictEqual([MAX_GOSSIP_TXS, 1, 1]);
    expect(messages.flatMap(unbatched)).toStrictEqual(hex([...txs, large]));
    expect(await other.comet.insert(...messages)).toStrictEqual([0, 0, 0]);
    await expect.poll(() => other.chain.node.mempool.status().pending).toBe(count + 1);
  });

  test("is sent again after some blocks, as long as it waits", async () => {
    const { comet, signed, submit } = await start();
    const low = await signed(alice, { maxFeePerGas: 1n, maxPriorityFeePerGas: 0n });
    const soon = await signed(bob);
    await submit(low);
    await submit(soon);
    expect((await comet.reap()).flatMap(unbatched)).toHaveLength(2);
    for (let i = 0; i < REOFFER_BLOCKS - 1; i++) await comet.decide();
    expect(await comet.reap()).toHaveLength(0);
    await comet.decide();
    expect(hex(await comet.reap())).toStrictEqual([toHex(low)]);
    expect(await comet.reap()).toHaveLength(0);
  });

  test("is not what has been replaced or executed in the meantime", async () => {
    const { comet, signed, submit } = await start();
    await submit(await signed(alice));
    const better = await signed(alice, { maxFeePerGas: 200n * GWEI, maxPriorityFeePerGas: 2n * GWEI });
    await submit(better);
    expect(hex(await comet.reap())).toStrictEqual([toHex(better)]);
    await submit(await signed(bob));
    await comet.decide();
    expect(await comet.reap()).toHaveLength(0);
  });
});

describe("a question", () => {
  test("is answered with a value and its proof, and never ends the node", async () => {
    const { comet, chain } = await start();
    await comet.decide();
    expect(await comet.query({ path: "/state", data: Buffer.from("00".repeat(20), "hex"), prove: true })).toMatchObject(
      { height: 1n, code: 0, proofOps: { ops: [{ type: "ics23" }] } },
    );
    expect(await comet.query({ path: "/nothing" })).toMatchObject({ code: 1 });
    expect(await comet.query({ path: "/state", data: Buffer.of(1), height: 99n })).toMatchObject({ code: 2 });
    expect((await comet.info()).lastBlockHeight).toBe(1n);
    expect(chain.node.application.head.height).toBe(1);
  });
});

describe("what must halt the node", () => {
  const cases: Record<string, (comet: Awaited<ReturnType<typeof start>>["comet"]) => Promise<unknown>> = {
    "another genesis": (comet) => comet.initChain({ chainId: "other-1" }),
    "another application state": (comet) => comet.initChain({ appStateBytes: Buffer.from("{}") }),
    "a commit of nothing": (comet) => comet.commit(),
    "a height that is missing": (comet) => comet.finalize({ ...comet.block([]), height: 5n }),
  };
  test.each(Object.keys(cases))("%s", async (name) => {
    const { comet, chain } = await start();
    await expect(cases[name]?.(comet)).rejects.toThrow(/exception/);
    expect(await chain.node.failed).toBeInstanceOf(Error);
    const health = await fetch(`http://127.0.0.1:${chain.node.operatorPort}/health`);
    expect(((await health.json()) as { ok: boolean }).ok).toBe(false);
  });
});
