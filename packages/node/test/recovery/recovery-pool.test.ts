import type { Worker } from "node:worker_threads";
import {
  decodeRlp,
  decodeTransaction,
  encodeRlp,
  hexToBytes,
  type RlpInput,
  type RlpItem,
  type TempoTransaction,
  type Transaction,
} from "@ruffchain/kernel";
import { MAX_RECOVERY_BATCH, MAX_RECOVERY_QUEUE, RecoveryPool, type RecoveryPoolOptions } from "@ruffchain/node";
import { privateKeyToAccount } from "viem/accounts";
import { afterEach, expect, test } from "vitest";
import { secp256k1Key, signTempo, webAuthnKey } from "../../../kernel/test/account/tempo.js";

const pools: RecoveryPool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

function newPool(options: RecoveryPoolOptions): RecoveryPool {
  const pool = new RecoveryPool(options);
  pools.push(pool);
  return pool;
}

async function signed(nonce: number): Promise<{ tx: Transaction; sender: string }> {
  const account = privateKeyToAccount(`0x${String(1 + (nonce % 3)).padStart(64, "0")}`);
  const raw = await account.signTransaction({ type: "eip1559", chainId: 1, nonce, gas: 21_000n, to: account.address });
  return { tx: decodeTransaction(hexToBytes(raw)), sender: account.address.toLowerCase() };
}

const all = await Promise.all(Array.from({ length: 60 }, (_, nonce) => signed(nonce)));
const transactions = all.map(({ tx }) => tx);
const senders = all.map(({ sender }) => sender);
const [first] = transactions as [Transaction];

/** A transaction to the pool, at no cost to make. */
function fake(hash: number, signature = first.signature): Transaction {
  return { ...first, hash: `0x${hash}`, signature, signingHash: () => first.signingHash() };
}

test.each([0, 1, 3])("with %i threads every transaction gets its own sender", async (threads) => {
  const pool = newPool({ threads });
  expect(await Promise.all(transactions.map((tx) => pool.recover(tx)))).toEqual(senders);
  expect(await pool.recoverMany(transactions)).toEqual(senders);
});

test.each([0, 1])("with %i threads those of type 0x76 get all their signers, among others", async (threads) => {
  const [user, firm] = [webAuthnKey(), secp256k1Key()];
  const signedBatch = (nonce: bigint) => decodeTransaction(signTempo(user, { nonce }, firm)) as TempoTransaction;
  const batches = Array.from({ length: 40 }, (_, i) => signedBatch(BigInt(i)));
  const mixed = batches.flatMap((batch, i) => [batch, transactions[i] as Transaction]);
  const pool = newPool({ threads });
  const recovered = await pool.recoverMany(mixed);
  expect(recovered).toEqual(batches.flatMap((_, i) => [user.address, senders[i]]));
  for (const batch of batches) expect(batch.signers()).toEqual({ sender: user.address, feePayer: firm.address });
  const raw = signTempo(user, {}, firm);
  const unpaid = decodeTransaction(raw) as TempoTransaction;
  const refused = { ...unpaid, raw: withoutFeePayer(raw) };
  await expect(pool.recover(refused)).rejects.toMatchObject({ code: "invalidFeePayer" });
});

/** With r = 1 and s = 0 in the fee payer's signature. */
function withoutFeePayer(raw: Uint8Array): Uint8Array {
  const items = [...(decodeRlp(raw.subarray(1)) as RlpItem[])];
  items[11] = [new Uint8Array(0), Uint8Array.of(1), new Uint8Array(0)];
  return Buffer.concat([raw.subarray(0, 1), encodeRlp(items as RlpInput)]);
}

test("a transaction that is asked for again while it is under way is recovered once", async () => {
  let signingHashes = 0;
  const signingHash = () => {
    signingHashes++;
    return first.signingHash();
  };
  const tx = { ...first, signingHash };
  const pool = newPool({ threads: 1 });
  const both = [pool.recover(tx), pool.recover(tx), pool.recoverMany([tx, tx])];
  expect(await Promise.all(both)).toEqual([senders[0], senders[0], [senders[0], senders[0]]]);
  expect(signingHashes).toBe(1);
});

test.each([0, 1])("with %i threads an invalid signature is refused, and only that", async (threads) => {
  const invalid = fake(1, new Uint8Array(64));
  const pool = newPool({ threads });
  const [good, bad] = [pool.recover(first), pool.recover(invalid)];
  await expect(bad).rejects.toMatchObject({ name: "TransactionError", code: "invalidSignature" });
  expect(await good).toBe(senders[0]);
  expect(await pool.recoverMany([invalid, first, invalid])).toEqual([undefined, senders[0], undefined]);
});

test("a full queue refuses what comes from outside, but not a block, which goes first", async () => {
  const pool = newPool({ threads: 1 });
  let recovered = 0;
  const waiting = Array.from({ length: MAX_RECOVERY_QUEUE }, (_, i) => pool.recover(fake(i)));
  for (const each of waiting) {
    const count = () => recovered++;
    each.then(count, () => {});
  }
  await expect(pool.recover(first)).rejects.toMatchObject({ code: "busy", details: { limit: MAX_RECOVERY_QUEUE } });
  expect(await pool.recoverMany(transactions)).toEqual(senders);
  expect(recovered).toBeLessThan(MAX_RECOVERY_BATCH);
});

test("what workers that die had is recovered all the same, and each death is told", async () => {
  const workers: Worker[] = [];
  const collect = (worker: Worker) => workers.push(worker);
  process.on("worker", collect);
  const errors: Error[] = [];
  const pool = newPool({ threads: 2, onWorkerError: (error) => errors.push(error) });
  const recovered = [pool.recoverMany(transactions), ...transactions.map((tx) => pool.recover(tx))];
  await new Promise(setImmediate);
  process.off("worker", collect);
  await Promise.all(workers.map((worker) => worker.terminate()));
  expect(await Promise.all(recovered)).toEqual([senders, ...senders]);
  expect(errors).toHaveLength(2);
});

test("closing refuses what waits and what comes", async () => {
  const pool = newPool({ threads: 1 });
  const waiting = pool.recover(first);
  const closing = pool.close();
  await expect(waiting).rejects.toMatchObject({ code: "closed" });
  await closing;
  await expect(pool.recover(first)).rejects.toMatchObject({ code: "closed" });
  await expect(pool.recoverMany([first])).rejects.toMatchObject({ code: "closed" });
});
