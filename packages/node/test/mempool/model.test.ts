import type { Address } from "@ruffchain/abi";
import { type Transaction, TransactionError } from "@ruffchain/kernel";
import { type AccountState, Mempool } from "@ruffchain/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NaiveMempool } from "./naive-mempool.js";
import { transaction } from "./transactions.js";

const SENDERS = ["01", "02", "03", "04"].map((byte): Address => `0x${byte.repeat(20)}`);
const LIMITS = { txs: 8, bytes: 1_400, txsPerSender: 5, queuedPerSender: 2, nonceGap: 4 };

const sender = fc.constantFrom(...SENDERS);
const baseFee = fc.bigInt(0n, 12n);
const add = fc.record({
  type: fc.constant("add" as const),
  sender,
  nonceAhead: fc.integer({ min: -1, max: 6 }),
  fee: fc.nat(20),
  tipBelowFee: fc.nat(20),
  gasLimit: fc.constantFrom(21_000, 21_000, 50_000),
  size: fc.constantFrom(100, 100, 300),
});
const command = fc.oneof(
  { weight: 10, arbitrary: add },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("again" as const), at: fc.nat(), sender }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("remove" as const), at: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("pay" as const), sender, balance: fc.bigInt(0n, 3_000_000n) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("block" as const), gasLimit: fc.nat(150_000), baseFee }) },
);

/** What happened, to be the same in the pool and in the model. */
function outcome(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    if (error instanceof TransactionError) return error.code;
    throw error;
  }
}

const refusals = new Set<unknown>();

test("the pool does what the naive pool does", () => {
  const run = fc.property(baseFee, fc.array(command, { minLength: 20, maxLength: 60 }), (firstBaseFee, commands) => {
    const accounts = new Map(
      SENDERS.map((address): [Address, AccountState] => [address, { nonce: 0, balance: 3_000_000n }]),
    );
    const account = (address: Address) => accounts.get(address) ?? { nonce: 0, balance: 0n };
    const pool = new Mempool({ account, baseFee: firstBaseFee, limits: LIMITS });
    const model = new NaiveMempool(account, firstBaseFee, LIMITS);

    const execute = (tx: Transaction) => {
      const item = model.items.find((each) => each.tx === tx);
      const { nonce, balance } = account(item?.sender as Address);
      accounts.set(item?.sender as Address, {
        nonce: nonce + 1,
        balance: balance - BigInt(tx.gasLimit) * tx.maxFeePerGas,
      });
      return item?.sender as Address;
    };

    for (const step of commands) {
      if (step.type === "add") {
        const nonce = Math.max(0, account(step.sender).nonce + step.nonceAhead);
        const tx = transaction({ ...step, nonce, tip: Math.max(0, step.fee - step.tipBelowFee) });
        const refused = outcome(() => pool.add(tx, step.sender));
        expect(refused).toBe(model.add(tx, step.sender));
        refusals.add(refused);
      } else if (step.type === "again" && model.items.length > 0) {
        const { tx } = model.items[step.at % model.items.length] as { tx: Transaction };
        expect(outcome(() => pool.add(tx, step.sender))).toBe("alreadyKnown");
      } else if (step.type === "remove" && model.items.length > 0) {
        const { tx } = model.items[step.at % model.items.length] as { tx: Transaction };
        pool.remove(tx.hash);
        model.remove(tx.hash);
      } else if (step.type === "pay") {
        accounts.set(step.sender, { ...account(step.sender), balance: step.balance });
        pool.committed({ senders: [step.sender], baseFee: model.baseFee });
        model.committed([step.sender], model.baseFee);
      } else if (step.type === "block") {
        const selected = pool.select({ gasLimit: step.gasLimit, maxBytes: 1_000_000 });
        expect(selected).toEqual(model.select(step.gasLimit));
        const senders = selected.map(execute);
        pool.committed({ senders, baseFee: step.baseFee });
        model.committed(senders, step.baseFee);
      }
      expectEqual(pool, model);
    }
  });
  fc.assert(run, { numRuns: 400 });
  expect([...refusals].sort()).toEqual(
    [
      "insufficientFunds",
      "nonceTooHigh",
      "nonceTooLow",
      "poolFull",
      "senderLimit",
      "underpricedReplacement",
      undefined,
    ].sort(),
  );
});

function expectEqual(pool: Mempool, model: NaiveMempool): void {
  let pending = 0;
  for (const address of SENDERS) {
    const content = model.contentFrom(address);
    pending += content.pending.length;
    expect(pool.pendingNonce(address)).toBe(model.pendingNonce(address));
    expect(hashes(pool.contentFrom(address))).toEqual(hashes(content));
  }
  expect(pool.status()).toEqual({
    pending,
    queued: model.items.length - pending,
    bytes: model.items.reduce((sum, { tx }) => sum + tx.raw.length, 0),
  });
}

function hashes(content: {
  readonly pending: readonly Transaction[];
  readonly queued: readonly Transaction[];
}): unknown {
  return { pending: content.pending.map(({ hash }) => hash), queued: content.queued.map(({ hash }) => hash) };
}
