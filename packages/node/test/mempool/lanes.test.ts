import type { Address } from "@ruffchain/abi";
import { EXPIRING_NONCE_KEY, type Signers, TEMPO_TYPE, type TempoTransaction } from "@ruffchain/kernel";
import { type AccountState, Mempool, type MempoolLimits } from "@ruffchain/node";
import { describe, expect, test } from "vitest";
import { alice, bob, transaction } from "./transactions.js";

const WHOLE_BLOCK = { gasLimit: 300_000_000, maxBytes: 20_000_000 };
const firm: Address = `0x${"f1".repeat(20)}`;

interface Fields {
  readonly nonce?: number;
  readonly nonceKey?: bigint;
  readonly fee?: number;
  readonly value?: bigint;
  readonly feePayer?: Address;
  readonly validAfter?: number;
  readonly validBefore?: number;
}

/** A transaction of type 0x76 of Alice's as the pool sees it, its signers recovered. */
function tempo(fields: Fields = {}): TempoTransaction {
  const { nonce = 0, nonceKey = 0n, fee = 10, value = 0n, feePayer, validAfter = 0, validBefore } = fields;
  const { raw, hash, accessList, signingHash, ...base } = transaction({ nonce, fee });
  const signers: Signers = { sender: alice, ...(feePayer && { feePayer }) };
  return {
    type: TEMPO_TYPE,
    ...{ raw, hash, accessList, signingHash, nonce, nonceKey, validAfter, validBefore },
    ...{ chainId: base.chainId, gasLimit: base.gasLimit },
    ...{ maxFeePerGas: base.maxFeePerGas, maxPriorityFeePerGas: base.maxPriorityFeePerGas },
    calls: [{ to: bob, value, data: new Uint8Array() }],
    signature: new Uint8Array(65),
    feePayerSignature: feePayer && new Uint8Array(65),
    keyAuthorization: undefined,
    signers: () => signers,
    adopt: () => {},
  };
}

const FEE = 21_000n * 10n;

function setUp({ balances = {} as Record<Address, bigint>, limits = {} as Partial<MempoolLimits> } = {}) {
  const nonces = new Map<Address, number>();
  const lanes = new Map<bigint, number>();
  const reads: Address[] = [];
  const account = (address: Address): AccountState => {
    reads.push(address);
    return { nonce: nonces.get(address) ?? 0, balance: balances[address] ?? 10n ** 18n };
  };
  const laneNonce = (tx: TempoTransaction) =>
    tx.nonceKey === EXPIRING_NONCE_KEY ? tx.nonce : (lanes.get(tx.nonceKey) ?? 0);
  const pool = new Mempool({ account, laneNonce, baseFee: 0n, limits });
  const select = (time?: number) => pool.select({ ...WHOLE_BLOCK, ...(time !== undefined && { time }) });
  return { pool, lanes, balances, reads, select };
}

const refusal = (code: string) => expect.objectContaining({ name: "TransactionError", code });

describe("lanes", () => {
  test("do not wait for each other", () => {
    const { pool, select } = setUp();
    const own = tempo({ nonce: 1 });
    const [first, second] = [tempo({ nonceKey: 5n }), tempo({ nonceKey: 5n, nonce: 1, fee: 90 })];
    const late = tempo({ nonceKey: 6n, nonce: 1 });
    const expiring = [8, 3].map((nonce) => tempo({ nonceKey: EXPIRING_NONCE_KEY, nonce, validBefore: 100, fee: 5 }));
    for (const tx of [own, second, first, late, ...expiring]) pool.add(tx, alice);
    expect(select()).toEqual([first, second, ...expiring]);
    expect(pool.status()).toMatchObject({ pending: 4, queued: 2 });
    // What is listed by sender is the account's own lane.
    expect(pool.contentFrom(alice)).toEqual({ pending: [], queued: [own] });
    expect([...pool.content()].map(([sender]) => sender)).toEqual([alice]);
    expect(pool.pendingNonce(alice)).toBe(0);
  });

  test("go on after a block", () => {
    const { pool, lanes, select } = setUp();
    const [first, second] = [tempo({ nonceKey: 5n }), tempo({ nonceKey: 5n, nonce: 1 })];
    for (const tx of [first, second]) pool.add(tx, alice);
    lanes.set(5n, 1);
    pool.committed({ senders: [alice], baseFee: 0n });
    expect(select()).toEqual([second]);
    expect(() => pool.add(tempo({ nonceKey: 5n }), alice)).toThrow(refusal("nonceTooLow"));
  });

  test("are all brought up to date by one look at their sender's account", () => {
    const { pool, lanes, reads, select } = setUp();
    const [own, next] = [tempo(), tempo({ nonceKey: 5n, nonce: 1 })];
    for (const tx of [own, tempo({ nonceKey: 5n }), next, tempo({ nonceKey: 6n })]) pool.add(tx, alice);
    reads.length = 0;
    lanes.set(5n, 1).set(6n, 1);
    pool.committed({ senders: [alice, bob], baseFee: 0n });
    expect(reads).toEqual([alice]);
    expect(select()).toEqual([own, next]);
  });

  test("replace a transaction of the same nonce for a better price", () => {
    const { pool, select } = setUp();
    const better = tempo({ nonceKey: 5n, fee: 20 });
    pool.add(tempo({ nonceKey: 5n }), alice);
    expect(() => pool.add(tempo({ nonceKey: 5n }), alice)).toThrow(refusal("underpricedReplacement"));
    pool.add(better, alice);
    expect(select()).toEqual([better]);
  });

  test("share the limit and the balance of their sender", () => {
    const { pool, balances } = setUp({ balances: { [alice]: 3n * FEE }, limits: { txsPerSender: 3 } });
    pool.add(tempo(), alice);
    pool.add(tempo({ nonceKey: 1n }), alice);
    expect(() => pool.add(tempo({ nonceKey: 2n, value: 1n }), alice)).toThrow(refusal("insufficientFunds"));
    pool.add(tempo({ nonceKey: 2n }), alice);
    balances[alice] = 10n ** 18n;
    expect(() => pool.add(tempo({ nonceKey: 3n }), alice)).toThrow(refusal("senderLimit"));
    expect(() => pool.add(tempo({ nonce: 1 }), alice)).toThrow(refusal("senderLimit"));
  });
});

describe("a fee payer", () => {
  test("has to cover all that it pays for, until it is executed or dropped", () => {
    const { pool } = setUp({ balances: { [alice]: 5n, [firm]: 2n * FEE } });
    const [first, second] = [1n, 2n].map((nonceKey) => tempo({ nonceKey, feePayer: firm, value: 2n })) as [
      TempoTransaction,
      TempoTransaction,
    ];
    for (const tx of [first, second]) pool.add(tx, alice);
    const third = tempo({ nonceKey: 3n, feePayer: firm });
    expect(() => pool.add(third, alice)).toThrow(refusal("insufficientFeePayerFunds"));
    expect(() => pool.add(tempo({ nonceKey: 3n, feePayer: bob, value: 2n }), alice)).toThrow(
      refusal("insufficientFunds"),
    );
    pool.remove(first.hash);
    pool.add(third, alice);
    expect(pool.status().pending).toBe(2);
  });

  test("pays with what its own transactions leave", () => {
    const { pool } = setUp({ balances: { [alice]: 0n, [firm]: FEE } });
    pool.add(transaction({ nonce: 0, fee: 10 }), firm);
    expect(() => pool.add(tempo({ feePayer: firm }), alice)).toThrow(refusal("insufficientFeePayerFunds"));
  });
});

describe("a window", () => {
  test("holds a transaction, and those behind it, until it opens", () => {
    const { pool, select } = setUp();
    const [first, second] = [tempo({ validAfter: 50 }), tempo({ nonce: 1 })];
    for (const tx of [first, second]) pool.add(tx, alice);
    expect(select(49)).toEqual([]);
    expect(select(50)).toEqual([first, second]);
  });

  test("that opens first is when the pool has something for a block", () => {
    const { pool } = setUp();
    expect(pool.readyAt()).toBe(Number.POSITIVE_INFINITY);
    pool.add(tempo({ nonceKey: 1n, nonce: 1 }), alice);
    expect(pool.readyAt()).toBe(Number.POSITIVE_INFINITY);
    const [late, early] = [tempo({ validAfter: 50 }), tempo({ nonceKey: 2n, validAfter: 40 })];
    for (const tx of [late, tempo({ nonce: 1 }), early]) pool.add(tx, alice);
    expect(pool.readyAt()).toBe(40);
    pool.remove(early.hash);
    expect(pool.readyAt()).toBe(50);
    pool.add(transaction({ nonce: 0, fee: 1 }), bob);
    expect(pool.readyAt()).toBe(0);
  });

  test("that is over drops it", () => {
    const { pool, select } = setUp();
    const [first, second, third] = [
      tempo({ validBefore: 60 }),
      tempo({ nonceKey: 1n, validBefore: 50 }),
      tempo({ nonceKey: 2n }),
    ] as const;
    for (const tx of [first, second, third]) pool.add(tx, alice);
    pool.committed({ senders: [], baseFee: 0n, time: 50 });
    expect(select()).toEqual([first, third]);
    pool.committed({ senders: [], baseFee: 0n, time: 60 });
    expect(select()).toEqual([third]);
    expect(pool.status()).toMatchObject({ pending: 1, queued: 0 });
  });

  test("does not fill the pool's memory with those that have left", () => {
    const { pool } = setUp();
    for (let i = 0; i < 1_000; i++) {
      const tx = tempo({ nonceKey: 1n, validBefore: 2 ** 40 + i });
      pool.add(tx, alice);
      pool.remove(tx.hash);
    }
    const last = tempo({ nonceKey: 1n, validBefore: 70 });
    pool.add(last, alice);
    pool.committed({ senders: [], baseFee: 0n, time: 70 });
    expect(pool.status()).toMatchObject({ pending: 0, queued: 0, bytes: 0 });
  });
});
