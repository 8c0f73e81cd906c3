import type { Address } from "@ruffchain/abi";
import type { Transaction } from "@ruffchain/kernel";
import {
  type AccountState,
  MAX_NONCE_GAP,
  MAX_POOL_BYTES,
  MAX_POOL_TXS,
  MAX_QUEUED_PER_SENDER,
  MAX_SELECT_MISFITS,
  MAX_TXS_PER_SENDER,
  Mempool,
  type MempoolLimits,
} from "@ruffchain/node";
import { describe, expect, test } from "vitest";
import { alice, bob, transaction } from "./transactions.js";

const RICH = 10n ** 24n;
const WHOLE_BLOCK = { gasLimit: 300_000_000, maxBytes: 20_000_000 };

function setUp({ baseFee = 0n, limits = {} as Partial<MempoolLimits> } = {}) {
  const accounts = new Map<Address, AccountState>();
  const account = (address: Address) => accounts.get(address) ?? { nonce: 0, balance: RICH };
  return { accounts, pool: new Mempool({ account, baseFee, limits }) };
}

function addresses(count: number): Address[] {
  return Array.from({ length: count }, (_, i): Address => `0x${(i + 1).toString(16).padStart(40, "0")}`);
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** Checks that the pool refuses this and is the same as before. */
function expectRefusal(pool: Mempool, tx: Transaction, sender: Address, code: string, details: object): void {
  const before = { status: pool.status(), content: [...pool.content()], known: pool.has(tx.hash) };
  expect(errorOf(() => pool.add(tx, sender))).toMatchObject({ name: "TransactionError", code, details });
  expect({ status: pool.status(), content: [...pool.content()], known: pool.has(tx.hash) }).toEqual(before);
}

describe("the order of a block", () => {
  test("is by tip, and by nonce for one sender, and by arrival where tips are equal", () => {
    const { pool } = setUp();
    const [a0, a1, b0, b1] = [
      transaction({ nonce: 0, fee: 10 }),
      transaction({ nonce: 1, fee: 90 }),
      transaction({ nonce: 0, fee: 50 }),
      transaction({ nonce: 1, fee: 10 }),
    ] as const;
    for (const [tx, sender] of [
      [b1, bob],
      [a1, alice],
      [a0, alice],
      [b0, bob],
    ] as const)
      pool.add(tx, sender);
    expect(pool.select(WHOLE_BLOCK)).toEqual([b0, b1, a0, a1]);
  });

  test("is by what the proposer gets at the base fee", () => {
    const { pool } = setUp({ baseFee: 100n });
    const capped = transaction({ nonce: 0, fee: 101, tip: 90 });
    const open = transaction({ nonce: 0, fee: 1_000, tip: 2 });
    pool.add(capped, alice);
    pool.add(open, bob);
    expect(pool.select(WHOLE_BLOCK)).toEqual([open, capped]);
  });

  test("leaves out what cannot pay the base fee, and what comes behind it, until the base fee falls", () => {
    const { pool } = setUp({ baseFee: 100n });
    const cheap = transaction({ nonce: 0, fee: 99 });
    const behind = transaction({ nonce: 1, fee: 500 });
    pool.add(cheap, alice);
    pool.add(behind, alice);
    expect(pool.select(WHOLE_BLOCK)).toEqual([]);
    pool.committed({ senders: [], baseFee: 99n });
    expect(pool.select(WHOLE_BLOCK)).toEqual([cheap, behind]);
  });

  test("holds for fees beyond 2^53", () => {
    const { pool } = setUp();
    const [first, second] = [2n ** 60n, 2n ** 61n].map((fee) => transaction({ nonce: 0, fee, gasLimit: 1 })) as [
      Transaction,
      Transaction,
    ];
    pool.add(first, alice);
    pool.add(second, bob);
    expect(pool.select({ ...WHOLE_BLOCK })).toEqual([first, second]);
  });

  test("passes over what does not fit, with all that comes behind it", () => {
    const { pool } = setUp();
    const large = transaction({ nonce: 0, fee: 9, gasLimit: 80_000 });
    const behind = transaction({ nonce: 1, fee: 9 });
    const small = transaction({ nonce: 0, fee: 1 });
    pool.add(large, alice);
    pool.add(behind, alice);
    pool.add(small, bob);
    expect(pool.select({ gasLimit: 79_999, maxBytes: 10_000 })).toEqual([small]);
    expect(pool.select({ gasLimit: 122_000, maxBytes: 10_000 })).toEqual([large, behind, small]);
    expect(pool.select({ gasLimit: 101_000, maxBytes: 10_000 })).toEqual([large, behind]);
  });

  test("takes each transaction with its frame in the block into account", () => {
    const { pool } = setUp();
    for (const sender of [alice, bob]) pool.add(transaction({ nonce: 0, fee: 1, size: 1_000 }), sender);
    expect(pool.select({ ...WHOLE_BLOCK, maxBytes: 2_007 })).toHaveLength(1);
    expect(pool.select({ ...WHOLE_BLOCK, maxBytes: 2_008 })).toHaveLength(2);
  });

  test(`ends after ${MAX_SELECT_MISFITS} that do not fit`, () => {
    const { pool } = setUp();
    const small = transaction({ nonce: 0, fee: 1 });
    pool.add(small, bob);
    const large = addresses(MAX_SELECT_MISFITS).map((sender) => ({
      sender,
      tx: transaction({ nonce: 0, fee: 2, gasLimit: 50_000 }),
    }));
    for (const { tx, sender } of large.slice(1)) pool.add(tx, sender);
    expect(pool.select({ ...WHOLE_BLOCK, gasLimit: 49_000 })).toEqual([small]);
    for (const { tx, sender } of large.slice(0, 1)) pool.add(tx, sender);
    expect(pool.select({ ...WHOLE_BLOCK, gasLimit: 49_000 })).toEqual([]);
  });
});

describe("nonces", () => {
  test("with a gap wait until it is filled", () => {
    const { pool } = setUp();
    const [n0, n1, n3] = [0, 1, 3].map((nonce) => transaction({ nonce, fee: 1 })) as [
      Transaction,
      Transaction,
      Transaction,
    ];
    pool.add(n3, alice);
    pool.add(n1, alice);
    expect(pool.status()).toMatchObject({ pending: 0, queued: 2 });
    expect(pool.pendingNonce(alice)).toBe(0);
    pool.add(n0, alice);
    expect(pool.contentFrom(alice)).toEqual({ pending: [n0, n1], queued: [n3] });
    expect(pool.pendingNonce(alice)).toBe(2);
    expect(pool.select(WHOLE_BLOCK)).toEqual([n0, n1]);
  });

  test("of an account that the pool does not know are the state's", () => {
    const { pool, accounts } = setUp();
    accounts.set(alice, { nonce: 7, balance: RICH });
    expect(pool.pendingNonce(alice)).toBe(7);
  });

  test("are told to listeners when they become pending, in their order", () => {
    const { pool } = setUp();
    const seen: number[] = [];
    const end = pool.onPending(({ nonce }) => seen.push(nonce));
    for (const nonce of [2, 1, 0]) pool.add(transaction({ nonce, fee: 1 }), alice);
    pool.add(transaction({ nonce: 1, fee: 2 }), alice);
    end();
    pool.add(transaction({ nonce: 3, fee: 1 }), alice);
    expect(seen).toEqual([0, 1, 2, 1]);
  });
});

describe("after a commit", () => {
  test("what is executed is gone, also where another's block had another transaction with the nonce", () => {
    const { pool, accounts } = setUp();
    const all = [0, 1, 2, 4].map((nonce) => transaction({ nonce, fee: 1 }));
    for (const tx of all) pool.add(tx, alice);
    accounts.set(alice, { nonce: 2, balance: RICH });
    pool.committed({ senders: [alice, alice, bob], baseFee: 0n });
    expect(all.map(({ hash }) => pool.has(hash))).toEqual([false, false, true, true]);
    expect(pool.contentFrom(alice)).toEqual({ pending: [all[2]], queued: [all[3]] });
    accounts.set(alice, { nonce: 4, balance: RICH });
    pool.committed({ senders: [alice], baseFee: 0n });
    expect(pool.contentFrom(alice)).toEqual({ pending: [all[3]], queued: [] });
    accounts.set(alice, { nonce: 5, balance: RICH });
    pool.committed({ senders: [alice], baseFee: 0n });
    expect(pool.status()).toEqual({ pending: 0, queued: 0, bytes: 0 });
    expect([...pool.content()]).toEqual([]);
  });

  test("what the sender can no longer pay is dropped, the last first", () => {
    const { pool, accounts } = setUp();
    const all = [0, 1, 2, 9].map((nonce) => transaction({ nonce, fee: 1 }));
    for (const tx of all) pool.add(tx, alice);
    accounts.set(alice, { nonce: 0, balance: 50_000n });
    pool.committed({ senders: [alice], baseFee: 0n });
    expect(pool.contentFrom(alice)).toEqual({ pending: all.slice(0, 2), queued: [] });
    expect(pool.status()).toEqual({ pending: 2, queued: 0, bytes: 220 });
  });

  test("only the accounts of the block's senders are read", () => {
    const reads: Address[] = [];
    const account = (address: Address) => {
      reads.push(address);
      return { nonce: 0, balance: RICH };
    };
    const pool = new Mempool({ account, baseFee: 0n });
    for (const sender of addresses(20)) pool.add(transaction({ nonce: 0, fee: 1 }), sender);
    reads.length = 0;
    pool.committed({ senders: [alice, ...addresses(2)], baseFee: 0n });
    expect(reads).toEqual(addresses(2));
  });
});

describe("removal", () => {
  test("of one makes those behind it wait", () => {
    const { pool } = setUp();
    const all = [0, 1, 2].map((nonce) => transaction({ nonce, fee: 1 })) as [Transaction, Transaction, Transaction];
    for (const tx of all) pool.add(tx, alice);
    expect(pool.remove(all[1].hash)).toBe(true);
    expect(pool.remove(all[1].hash)).toBe(false);
    expect(pool.contentFrom(alice)).toEqual({ pending: [all[0]], queued: [all[2]] });
    expect(pool.status()).toEqual({ pending: 1, queued: 1, bytes: 220 });
    pool.add(all[1], alice);
    expect(pool.select(WHOLE_BLOCK)).toEqual(all);
  });
});

describe("replacement", () => {
  test("needs a tenth more in both caps, rounded up", () => {
    const { pool } = setUp();
    const old = transaction({ nonce: 0, fee: 101, tip: 11 });
    pool.add(old, alice);
    const refusal = (minimumFeePerGas: bigint) => ({ hash: old.hash, minimumFeePerGas });
    const lowFee = transaction({ nonce: 0, fee: 111, tip: 100 });
    expectRefusal(pool, lowFee, alice, "underpricedReplacement", refusal(112n));
    const lowTip = transaction({ nonce: 0, fee: 1_000, tip: 12 });
    expectRefusal(pool, lowTip, alice, "underpricedReplacement", refusal(13n));
    const better = transaction({ nonce: 0, fee: 112, tip: 13 });
    pool.add(better, alice);
    expect(pool.get(better.hash)).toMatchObject({ tx: better, sender: alice });
    expect(pool.get(old.hash)).toBeUndefined();
    expect(pool.select(WHOLE_BLOCK)).toEqual([better]);
  });

  test("keeps what comes behind pending, and counts the new costs and bytes only", () => {
    const { pool, accounts } = setUp();
    accounts.set(alice, { nonce: 0, balance: 21_000n * 32n });
    pool.add(transaction({ nonce: 0, fee: 10, size: 1_000 }), alice);
    pool.add(transaction({ nonce: 1, fee: 10 }), alice);
    pool.add(transaction({ nonce: 0, fee: 22, size: 200 }), alice);
    expect(pool.status()).toEqual({ pending: 2, queued: 0, bytes: 310 });
    expectRefusal(pool, transaction({ nonce: 2, fee: 1 }), alice, "insufficientFunds", { want: 21_000n * 33n });
  });
});

describe("refuses", () => {
  test("what it has", () => {
    const { pool } = setUp();
    const tx = transaction({ nonce: 0, fee: 1 });
    pool.add(tx, alice);
    expectRefusal(pool, tx, alice, "alreadyKnown", { hash: tx.hash });
  });

  test("a nonce that is executed", () => {
    const { pool, accounts } = setUp();
    accounts.set(alice, { nonce: 5, balance: RICH });
    const details = { sender: alice, nonce: 4, expected: 5 };
    expectRefusal(pool, transaction({ nonce: 4, fee: 1 }), alice, "nonceTooLow", details);
  });

  test(`a nonce more than ${MAX_NONCE_GAP} ahead`, () => {
    const { pool } = setUp();
    const nonce = MAX_NONCE_GAP + 1;
    const details = { sender: alice, nonce, expected: 0 };
    expectRefusal(pool, transaction({ nonce, fee: 1 }), alice, "nonceTooHigh", details);
    pool.add(transaction({ nonce: 0, fee: 1 }), alice);
    pool.add(transaction({ nonce, fee: 1 }), alice);
  });

  test(`more than ${MAX_TXS_PER_SENDER} transactions of one sender, replacements apart`, () => {
    const { pool } = setUp();
    for (let nonce = 0; nonce < MAX_TXS_PER_SENDER; nonce++) pool.add(transaction({ nonce, fee: 1 }), alice);
    const details = { sender: alice, limit: MAX_TXS_PER_SENDER };
    expectRefusal(pool, transaction({ nonce: MAX_TXS_PER_SENDER, fee: 1 }), alice, "senderLimit", details);
    pool.add(transaction({ nonce: 7, fee: 2 }), alice);
    pool.add(transaction({ nonce: 0, fee: 1 }), bob);
  });

  test(`more than ${MAX_QUEUED_PER_SENDER} with a gap of one sender, but not the one that fills it`, () => {
    const { pool } = setUp();
    for (let i = 1; i <= MAX_QUEUED_PER_SENDER; i++) pool.add(transaction({ nonce: i, fee: 1 }), alice);
    const details = { sender: alice, limit: MAX_QUEUED_PER_SENDER };
    expectRefusal(pool, transaction({ nonce: 500, fee: 1 }), alice, "senderLimit", details);
    pool.add(transaction({ nonce: 0, fee: 1 }), alice);
    expect(pool.status().queued).toBe(0);
  });

  test("what the balance does not cover together with what is in the pool, until money has come in", () => {
    const { pool, accounts } = setUp();
    accounts.set(alice, { nonce: 0, balance: 21_000n * 2n + 4n });
    pool.add(transaction({ nonce: 0, fee: 1, value: 3n }), alice);
    const second = transaction({ nonce: 1, fee: 1, value: 2n });
    const details = { sender: alice, have: 42_004n, want: 42_005n };
    expectRefusal(pool, second, alice, "insufficientFunds", details);
    accounts.set(alice, { nonce: 0, balance: 42_005n });
    pool.add(second, alice);
  });
});

describe("a full pool", () => {
  test("has limits", () => {
    expect({ MAX_POOL_TXS, MAX_POOL_BYTES }).toEqual({ MAX_POOL_TXS: 50_000, MAX_POOL_BYTES: 67_108_864 });
  });

  test("gives up the one that pays least, never for one that pays no more", () => {
    const { pool } = setUp({ limits: { txs: 3 } });
    const txs = addresses(3).map((sender, i) => ({ sender, tx: transaction({ nonce: 0, fee: 10 + i }) }));
    for (const { tx, sender } of txs) pool.add(tx, sender);
    expectRefusal(pool, transaction({ nonce: 0, fee: 10 }), alice, "poolFull", { limit: 3 });
    const better = transaction({ nonce: 0, fee: 11 });
    pool.add(better, alice);
    expect(txs.map(({ tx }) => pool.has(tx.hash))).toEqual([false, true, true]);
    pool.add(transaction({ nonce: 0, fee: 12 }), bob);
    expect(pool.has(better.hash)).toBe(false); // it came after the other that pays 11
    expect(pool.status()).toEqual({ pending: 3, queued: 0, bytes: 330 });
  });

  test("gives up what no block can have now before what one can", () => {
    const { pool } = setUp({ baseFee: 100n, limits: { txs: 3 } });
    const gapped = transaction({ nonce: 1, fee: 900 });
    const cheap = transaction({ nonce: 0, fee: 99, tip: 99 });
    const good = transaction({ nonce: 0, fee: 101, tip: 1 });
    const [first, second, third] = addresses(3) as [Address, Address, Address];
    pool.add(gapped, first);
    pool.add(cheap, second);
    pool.add(good, third);
    expectRefusal(pool, transaction({ nonce: 1, fee: 98 }), alice, "poolFull", { limit: 3 });
    pool.add(transaction({ nonce: 0, fee: 100, tip: 0 }), alice);
    expect([gapped, cheap, good].map(({ hash }) => pool.has(hash))).toEqual([true, false, true]);
    pool.add(transaction({ nonce: 0, fee: 100, tip: 0 }), bob);
    expect([gapped, good].map(({ hash }) => pool.has(hash))).toEqual([false, true]);
  });

  test("makes room for bytes too, or changes nothing", () => {
    const { pool } = setUp({ limits: { bytes: 1_000 } });
    const small = addresses(4).map((sender, i) => ({ sender, tx: transaction({ nonce: 0, fee: i, size: 250 }) }));
    for (const { tx, sender } of small) pool.add(tx, sender);
    expectRefusal(pool, transaction({ nonce: 0, fee: 2, size: 501 }), alice, "poolFull", {});
    expectRefusal(pool, transaction({ nonce: 0, fee: 9, size: 1_001 }), alice, "poolFull", {});
    pool.add(transaction({ nonce: 0, fee: 2, size: 500 }), alice);
    expect(small.map(({ tx }) => pool.has(tx.hash))).toEqual([false, false, true, true]);
    expect(pool.status()).toEqual({ pending: 3, queued: 0, bytes: 1_000 });
  });

  test("counts one once that waited meanwhile", () => {
    const { pool } = setUp({ limits: { bytes: 1_000 } });
    const [second, third] = addresses(2) as [Address, Address];
    const first = transaction({ nonce: 0, fee: 9, size: 250 });
    pool.add(first, alice);
    pool.add(transaction({ nonce: 1, fee: 1, size: 250 }), alice);
    pool.add(transaction({ nonce: 0, fee: 7, size: 250 }), second);
    pool.add(transaction({ nonce: 0, fee: 8, size: 250 }), third);
    expectRefusal(pool, transaction({ nonce: 0, fee: 0, size: 250 }), bob, "poolFull", {});
    pool.remove(first.hash);
    pool.add(first, alice);
    expectRefusal(pool, transaction({ nonce: 0, fee: 5, size: 500 }), bob, "poolFull", {});
  });

  test("does not give up what the newcomer itself needs", () => {
    const { pool } = setUp({ limits: { txs: 2 } });
    pool.add(transaction({ nonce: 0, fee: 1 }), alice);
    pool.add(transaction({ nonce: 0, fee: 5 }), bob);
    expectRefusal(pool, transaction({ nonce: 1, fee: 9 }), alice, "poolFull", { limit: 2 });
  });

  test("takes a replacement in the place of the old one", () => {
    const { pool } = setUp({ limits: { txs: 2, bytes: 250 } });
    pool.add(transaction({ nonce: 0, fee: 1, size: 120 }), alice);
    const other = transaction({ nonce: 0, fee: 3, size: 120 });
    pool.add(other, bob);
    pool.add(transaction({ nonce: 0, fee: 2, size: 130 }), alice);
    expect(pool.has(other.hash)).toBe(true);
    expectRefusal(pool, transaction({ nonce: 0, fee: 3, size: 131 }), alice, "poolFull", {});
    pool.add(transaction({ nonce: 0, fee: 4, size: 131 }), alice);
    expect(pool.has(other.hash)).toBe(false);
    expect(pool.status()).toEqual({ pending: 1, queued: 0, bytes: 131 });
  });

  test("makes those wait that stood behind the one it gave up", () => {
    const { pool } = setUp({ limits: { txs: 3 } });
    const all = [1, 9, 9].map((fee, nonce) => transaction({ nonce, fee })) as [Transaction, Transaction, Transaction];
    for (const tx of all) pool.add(tx, alice);
    pool.add(transaction({ nonce: 0, fee: 2 }), bob);
    expect(pool.contentFrom(alice)).toEqual({ pending: [], queued: all.slice(1) });
    expect(pool.status()).toMatchObject({ pending: 1, queued: 2 });
    pool.add(transaction({ nonce: 0, fee: 1 }), addresses(1)[0] as Address); // those behind a gap go first
    expect(pool.has(all[2].hash)).toBe(false);
  });
});
