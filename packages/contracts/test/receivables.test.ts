import { type Address, moveReason, receivableState, receivables } from "@ruffchain/abi";
import {
  MAX_DISCOUNT_RATE,
  MAX_HOLDINGS,
  MAX_INVOICE_NUMBER_LENGTH,
  MAX_ISSUE_DATE_LEAD,
  MAX_TERM,
} from "@ruffchain/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Account, account, type Chain, errorOf, eventOf, openChain, Reverted } from "./chain.js";
import { makeCurrency, totalOf } from "./money.js";

const [bank, firm, garage, parts, funder, stranger] = [0, 1, 2, 3, 4, 5].map(account) as [
  Account,
  Account,
  Account,
  Account,
  Account,
  Account,
];
const everyone = [bank, firm, garage, parts, funder, stranger];
const DAY = 86_400n;
const NOBODY: Address = `0x${"00".repeat(20)}`;
const START = 1_000_000n;

async function open() {
  const chain = await openChain(everyone);
  const currency = await makeCurrency(chain, bank, everyone, START);
  for (const who of everyone) await chain.send(who, currency, "approve", [receivables.address, START]);
  const dueDate = chain.now() + 30n * DAY;
  const invoice = {
    buyer: firm.id,
    number: "INV-0042",
    issueDate: chain.now(),
    dueDate,
    currency: currency.address,
    amount: 90_000n,
    document: `0x${"ab".repeat(32)}` as const,
  };
  /** Registers the invoice with changes, and returns its id. */
  const register = async (changes: Partial<typeof invoice> = {}, seller = garage) => {
    const { events } = await chain.send(seller, receivables, "register", [{ ...invoice, ...changes }]);
    return eventOf(events, "Registered").id as bigint;
  };
  /** Registers and confirms; returns receivable and first holding. */
  const confirmed = async (changes: Partial<typeof invoice> = {}) => {
    const id = await register(changes);
    const { events } = await chain.send(firm, receivables, "confirm", [id]);
    return { id, holding: eventOf(events, "Confirmed").holding as bigint };
  };
  const move = async (
    from: Account,
    holding: bigint,
    to: Address,
    amount: bigint,
    reason: number = moveReason.payment,
  ) => {
    const { events } = await chain.send(from, receivables, "move", [holding, to, amount, reason]);
    return eventOf(events, "Moved").created as bigint;
  };
  const balance = (who: Account) => chain.read(currency, "balanceOf", [who.id]);
  return { chain, currency, invoice, dueDate, register, confirmed, move, balance };
}

describe("registering", () => {
  test("stores the invoice and finds it by its key", async () => {
    const { chain, invoice, register } = await open();
    const id = await register();
    const key = await chain.read(receivables, "keyOf", [garage.id, invoice]);
    const view = await chain.read(receivables, "receivableByKey", [key]);
    expect(view).toEqual(await chain.read(receivables, "receivable", [id]));
    expect(view).toMatchObject({ id, state: receivableState.registered, similarTo: 0n, paid: 0n, holdings: 0 });
    expect(view.seller.toLowerCase()).toBe(garage.id);
    expect(view.invoice).toMatchObject({ number: "INV-0042", amount: 90_000n, document: invoice.document });
  });

  test("the key is the documented SHA-256", async () => {
    const { chain } = await open();
    const invoice = {
      buyer: `0x${"22".repeat(20)}`,
      number: "A 1",
      issueDate: 5n,
      dueDate: 9n,
      currency: `0x${"33".repeat(20)}`,
      amount: 258n,
      document: `0x${"00".repeat(32)}`,
    } as const;
    const preimage = `${"11".repeat(20)}${"22".repeat(20)}${"33".repeat(20)}${"00".repeat(7)}05${"00".repeat(30)}0102412031`;
    const { createHash } = await import("node:crypto");
    const expected = createHash("sha256").update(Buffer.from(preimage, "hex")).digest("hex");
    expect(await chain.read(receivables, "keyOf", [`0x${"11".repeat(20)}`, invoice])).toBe(`0x${expected}`);
  });

  test("an invoice is registered once only, even after it was cancelled", async () => {
    const { chain, invoice, register } = await open();
    const id = await register();
    const key = await chain.read(receivables, "keyOf", [garage.id, invoice]);
    expect(await errorOf(register())).toEqual(["AlreadyRegistered", id, key]);
    expect(await errorOf(register({ dueDate: invoice.dueDate + DAY }))).toEqual(["AlreadyRegistered", id, key]);
    await chain.send(garage, receivables, "cancel", [id]);
    expect(await errorOf(register())).toEqual(["AlreadyRegistered", id, key]);
  });

  test.each([
    ["another amount", { amount: 90_001n }],
    ["another spelling", { number: "inv 42" }],
    ["another date", { issueDate: 1n }],
  ])("one that differs only by %s is marked as similar", async (_, changes) => {
    const { chain, register } = await open();
    const first = await register();
    const second = await register(changes);
    expect(await chain.read(receivables, "receivable", [second])).toMatchObject({ similarTo: first });
  });

  test.each([
    ["another number", { number: "INV-0043" }],
    ["zeros inside", { number: "INV-4002" }],
  ])("one with %s is not", async (_, changes) => {
    const { chain, register } = await open();
    await register();
    expect(await chain.read(receivables, "receivable", [await register(changes)])).toMatchObject({ similarTo: 0n });
  });

  test("any two invoices are taken unless they agree in all that the key is made of", async () => {
    const { chain, currency, invoice } = await open();
    const other = await makeCurrency(chain, bank, [], 0n);
    const registered = new Set<string>();
    const draft = fc.record({
      seller: fc.constantFrom(garage, parts),
      buyer: fc.constantFrom(firm.id, funder.id),
      number: fc.constantFrom("1", "01", "1 "),
      issueDate: fc.constantFrom(1n, 2n),
      currency: fc.constantFrom(currency.address, other.address),
      amount: fc.constantFrom(1n, 256n),
      dueDate: fc.constantFrom(invoice.dueDate, invoice.dueDate + 1n),
    });
    await fc.assert(
      fc.asyncProperty(draft, async ({ seller, ...changes }) => {
        const { dueDate, ...keyed } = changes;
        const key = JSON.stringify([seller.id, keyed], (_, value) => (typeof value === "bigint" ? `${value}` : value));
        const sending = chain.send(seller, receivables, "register", [{ ...invoice, ...keyed, dueDate }]);
        if (registered.has(key)) expect((await errorOf(sending))[0]).toBe("AlreadyRegistered");
        else await sending;
        registered.add(key);
      }),
      { numRuns: 150, endOnFailure: true },
    );
  });

  test("lists receivables of a seller and of a buyer by cursor", async () => {
    const { chain, register } = await open();
    const ids = [await register(), await register({ number: "2" }), await register({ number: "3" })];
    await register({ number: "4", buyer: garage.id }, parts);
    const [first, cursor] = await chain.read(receivables, "receivablesOfSeller", [garage.id, "0x", 2]);
    const [rest, end] = await chain.read(receivables, "receivablesOfSeller", [garage.id, cursor, 2]);
    expect([...first, ...rest].map(({ id }) => id)).toEqual(ids);
    expect(end).toBe("0x");
    const [bought] = await chain.read(receivables, "receivablesOfBuyer", [firm.id, "0x", 9]);
    expect(bought.map(({ id }) => id)).toEqual(ids);
  });

  test("refuses what is not an invoice, each for its reason", async () => {
    const { chain, register } = await open();
    const soon = () => chain.now() + 1n;
    expect(await errorOf(register({ buyer: garage.id }))).toEqual(["SelfInvoice", expect.anything()]);
    for (const number of ["", "--", "№ 5", "x".repeat(MAX_INVOICE_NUMBER_LENGTH + 1)]) {
      expect(await errorOf(register({ number }))).toEqual(["BadInvoiceNumber", number]);
    }
    await register({ number: "x".repeat(MAX_INVOICE_NUMBER_LENGTH) });
    expect(await errorOf(register({ amount: 0n }))).toEqual(["ZeroAmount"]);
    expect(await errorOf(register({ currency: receivables.address }))).toEqual(["NotACurrency", expect.anything()]);
    const latestIssue = soon() + MAX_ISSUE_DATE_LEAD;
    expect(await errorOf(register({ issueDate: latestIssue + 1n }))).toEqual([
      "BadIssueDate",
      latestIssue + 1n,
      latestIssue,
    ]);
    await register({ number: "a1", issueDate: soon() + MAX_ISSUE_DATE_LEAD });
    const now = soon();
    expect(await errorOf(register({ dueDate: now }))).toEqual(["BadDueDate", now, now + 1n, now + MAX_TERM]);
    expect((await errorOf(register({ dueDate: soon() + MAX_TERM + 1n })))[0]).toBe("BadDueDate");
    await register({ number: "a2", dueDate: soon() + MAX_TERM });
    await register({ number: "a3", dueDate: soon() + 1n });
    expect(await errorOf(chain.read(receivables, "receivable", [99n]))).toEqual(["UnknownReceivable", 99n]);
    const key = `0x${"00".repeat(32)}` as const;
    expect(await errorOf(chain.read(receivables, "receivableByKey", [key]))).toEqual(["UnknownKey", key]);
  });
});

describe("confirming", () => {
  test("gives the seller one holding of the whole amount", async () => {
    const { chain, confirmed } = await open();
    const { id, holding } = await confirmed();
    const view = await chain.read(receivables, "holding", [holding]);
    expect(view).toMatchObject({ receivable: id, amount: 90_000n, parent: 0n, tier: 0 });
    expect(view.holder.toLowerCase()).toBe(garage.id);
    const { state, holdings } = await chain.read(receivables, "receivable", [id]);
    expect({ state, holdings }).toEqual({ state: receivableState.confirmed, holdings: 1 });
  });

  test("is the buyer's alone, once, before the due date", async () => {
    const { chain, register, dueDate } = await open();
    const id = await register();
    expect(await errorOf(chain.send(garage, receivables, "confirm", [id]))).toEqual([
      "NotBuyer",
      id,
      expect.anything(),
    ]);
    await chain.send(firm, receivables, "confirm", [id]);
    expect(await errorOf(chain.send(firm, receivables, "confirm", [id]))).toEqual([
      "WrongState",
      id,
      receivableState.confirmed,
    ]);
    const late = await register({ number: "late" });
    await chain.waitUntil(dueDate);
    expect(await errorOf(chain.send(firm, receivables, "confirm", [late]))).toEqual(["PastDue", late, dueDate]);
  });
});

describe("cancelling", () => {
  test("is the seller's while nobody else holds a part", async () => {
    const { chain, register, confirmed, move, dueDate } = await open();
    const draft = await register();
    expect(await errorOf(chain.send(firm, receivables, "cancel", [draft]))).toEqual([
      "NotSeller",
      draft,
      expect.anything(),
    ]);
    await chain.send(garage, receivables, "cancel", [draft]);
    expect(await errorOf(chain.send(garage, receivables, "cancel", [draft]))).toEqual([
      "WrongState",
      draft,
      receivableState.cancelled,
    ]);

    const { id, holding } = await confirmed({ number: "2" });
    const part = await move(garage, holding, parts.id, 10n);
    expect(await errorOf(chain.send(garage, receivables, "cancel", [id]))).toEqual(["HeldByOthers", id]);
    await move(parts, part, garage.id, 10n);
    await chain.send(garage, receivables, "ask", [holding, 5n, 0n]);
    await chain.send(garage, receivables, "cancel", [id]);
    expect(await chain.read(receivables, "holdingsIn", [id, "0x", 9])).toEqual([[], "0x"]);
    expect(await chain.read(receivables, "asks", ["0x", 9])).toEqual([[], "0x"]);
    // Nothing falls due.
    expect(await chain.waitUntil(dueDate)).toEqual([]);
    expect(await chain.read(receivables, "receivable", [id])).toMatchObject({ state: receivableState.cancelled });
  });
});

describe("moving", () => {
  test("splits a holding and keeps parent and tier", async () => {
    const { chain, confirmed, move } = await open();
    const { id, holding } = await confirmed();
    const first = await move(garage, holding, parts.id, 30_000n);
    const second = await move(parts, first, funder.id, 30_000n, moveReason.sale);
    expect(await chain.read(receivables, "holding", [second])).toMatchObject({
      parent: first,
      tier: 2,
      amount: 30_000n,
    });
    expect(await chain.read(receivables, "holding", [holding])).toMatchObject({ amount: 60_000n, tier: 0 });
    expect(await errorOf(chain.read(receivables, "holding", [first]))).toEqual(["UnknownHolding", first]);
    const [rows] = await chain.read(receivables, "holdingsIn", [id, "0x", 9]);
    expect(rows.map((row) => row.id)).toEqual([holding, second]);
    const [mine] = await chain.read(receivables, "holdingsOf", [funder.id, "0x", 9]);
    expect(mine.map((row) => row.id)).toEqual([second]);
    expect(await chain.read(receivables, "receivable", [id])).toMatchObject({ holdings: 2 });
  });

  test("refuses each wrong move for its reason", async () => {
    const { chain, confirmed, move, dueDate, currency } = await open();
    const { id, holding } = await confirmed();
    expect(await errorOf(move(parts, holding, parts.id, 1n))).toEqual(["NotHolder", holding, expect.anything()]);
    expect(await errorOf(move(garage, 99n, parts.id, 1n))).toEqual(["UnknownHolding", 99n]);
    expect(await errorOf(move(garage, holding, parts.id, 0n))).toEqual(["ZeroAmount"]);
    expect(await errorOf(move(garage, holding, parts.id, 90_001n))).toEqual([
      "AmountTooHigh",
      holding,
      90_001n,
      90_000n,
    ]);
    expect(await errorOf(move(garage, holding, NOBODY, 1n))).toEqual(["BadRecipient", NOBODY]);
    expect(await errorOf(move(garage, holding, parts.id, 1n, 0))).toEqual(["BadReason", 0]);
    expect(await errorOf(move(garage, holding, parts.id, 1n, 4))).toEqual(["BadReason", 4]);
    await chain.waitUntil(dueDate);
    expect(await errorOf(move(garage, holding, parts.id, 1n))).toEqual(["WrongState", id, receivableState.settled]);
    expect(await chain.read(currency, "balanceOf", [receivables.address])).toBe(90_000n);
  });

  test("stops at MAX_HOLDINGS", async () => {
    const { chain, confirmed, move } = await open();
    const { id, holding } = await confirmed();
    for (let i = 1; i < MAX_HOLDINGS; i++) await move(garage, holding, parts.id, 1n);
    expect(await errorOf(move(garage, holding, parts.id, 1n))).toEqual(["TooManyHoldings", id, MAX_HOLDINGS]);
    // Moving a whole holding adds none.
    await move(garage, holding, parts.id, 90_000n - BigInt(MAX_HOLDINGS - 1));
    expect(await chain.read(receivables, "receivable", [id])).toMatchObject({ holdings: MAX_HOLDINGS });
  });
});

describe("financing", () => {
  test("swaps a part for its discounted price in one transaction", async () => {
    const { chain, confirmed, balance } = await open();
    const { holding } = await confirmed();
    await chain.send(garage, receivables, "ask", [holding, 50_000n, 7_300_000n]);
    // 30 days at 7.3 %: 40,000 × 0.073 × 30 / 365 = 240.
    expect(await chain.read(receivables, "price", [holding, 40_000n])).toBe(39_760n);
    const { events } = await chain.send(funder, receivables, "finance", [holding, 40_000n, 39_760n]);
    const { created } = eventOf(events, "Financed");
    expect(eventOf(events, "Financed")).toMatchObject({ amount: 40_000n, price: 39_760n });
    expect(await balance(garage)).toBe(START + 39_760n);
    expect(await balance(funder)).toBe(START - 39_760n);
    expect(await chain.read(receivables, "holding", [created as bigint])).toMatchObject({ amount: 40_000n, tier: 1 });
    expect(await chain.read(receivables, "holding", [holding])).toMatchObject({ amount: 50_000n });
    expect(await chain.read(receivables, "askOn", [holding])).toMatchObject({ amount: 10_000n, rate: 7_300_000n });
    await chain.send(funder, receivables, "finance", [holding, 10_000n, 10_000n]);
    expect(await errorOf(chain.read(receivables, "askOn", [holding]))).toEqual(["NoAsk", holding]);
  });

  test("neither money nor holding moves when the money is not there", async () => {
    const { chain, confirmed, currency, balance } = await open();
    const { id, holding } = await confirmed();
    await chain.send(garage, receivables, "ask", [holding, 90_000n, 0n]);
    await chain.send(funder, currency, "transfer", [bank.id, START - 89_999n]);
    await expect(chain.send(funder, receivables, "finance", [holding, 90_000n, 90_000n])).rejects.toThrow(Reverted);
    expect(await balance(funder)).toBe(89_999n);
    expect(await balance(garage)).toBe(START);
    const [rows] = await chain.read(receivables, "holdingsIn", [id, "0x", 9]);
    expect(rows.map((row) => row.id)).toEqual([holding]);
    expect(await chain.read(receivables, "askOn", [holding])).toMatchObject({ amount: 90_000n });
  });

  test("an ask shrinks with its holding and goes with it", async () => {
    const { chain, confirmed, move } = await open();
    const { holding } = await confirmed();
    await chain.send(garage, receivables, "ask", [holding, 80_000n, 0n]);
    await move(garage, holding, parts.id, 60_000n);
    expect(await chain.read(receivables, "askOn", [holding])).toMatchObject({ amount: 30_000n });
    await move(garage, holding, parts.id, 30_000n);
    expect(await chain.read(receivables, "asks", ["0x", 9])).toEqual([[], "0x"]);
  });

  test("refuses each wrong ask and purchase for its reason", async () => {
    const { chain, confirmed, dueDate } = await open();
    const { id, holding } = await confirmed();
    const ask = (who: Account, amount: bigint, rate = 0n) =>
      chain.send(who, receivables, "ask", [holding, amount, rate]);
    const buy = (amount: bigint, limit = START) => chain.send(funder, receivables, "finance", [holding, amount, limit]);
    expect(await errorOf(ask(parts, 1n))).toEqual(["NotHolder", holding, expect.anything()]);
    expect(await errorOf(ask(garage, 0n))).toEqual(["ZeroAmount"]);
    expect(await errorOf(ask(garage, 90_001n))).toEqual(["AmountTooHigh", holding, 90_001n, 90_000n]);
    expect(await errorOf(ask(garage, 1n, MAX_DISCOUNT_RATE + 1n))).toEqual([
      "BadRate",
      MAX_DISCOUNT_RATE + 1n,
      MAX_DISCOUNT_RATE,
    ]);
    expect(await errorOf(buy(1n))).toEqual(["NoAsk", holding]);
    expect(await errorOf(chain.send(garage, receivables, "withdrawAsk", [holding]))).toEqual(["NoAsk", holding]);
    await ask(garage, 100n, MAX_DISCOUNT_RATE);
    expect(await errorOf(buy(101n))).toEqual(["AmountTooHigh", holding, 101n, 100n]);
    expect(await errorOf(buy(100n, 1n))).toEqual(["PriceAboveLimit", 96n, 1n]);
    expect(await errorOf(buy(0n))).toEqual(["ZeroAmount"]);
    await chain.send(garage, receivables, "withdrawAsk", [holding]);
    expect(await errorOf(buy(1n))).toEqual(["NoAsk", holding]);
    await ask(garage, 100n);
    await chain.send(firm, await currencyOf(chain, id), "approve", [receivables.address, 0n]);
    await chain.waitUntil(dueDate);
    expect(await errorOf(buy(1n))).toEqual(["WrongState", id, receivableState.defaulted]);
  });
});

async function currencyOf(chain: Chain, id: bigint) {
  const { token } = await import("@ruffchain/abi");
  return token((await chain.read(receivables, "receivable", [id])).invoice.currency);
}

describe("maturity", () => {
  test("the scheduler takes the sum from the firm when its time has come, and holders claim", async () => {
    const { chain, confirmed, move, dueDate, balance, currency } = await open();
    const { id, holding } = await confirmed();
    const part = await move(garage, holding, parts.id, 30_000n);
    await chain.send(garage, receivables, "ask", [holding, 10n, 0n]);
    expect(await errorOf(chain.send(garage, receivables, "settle", [id]))).toEqual(["NotDue", id, dueDate]);
    expect(await errorOf(chain.send(garage, receivables, "claim", [holding]))).toEqual([
      "WrongState",
      id,
      receivableState.confirmed,
    ]);
    expect(await chain.waitUntil(dueDate - 1n)).toEqual([]);
    expect(eventOf(await chain.waitUntil(dueDate), "Settled")).toEqual({ id, amount: 90_000n });
    expect(await balance(firm)).toBe(START - 90_000n);
    // Anybody may hand a holder its money.
    await chain.send(stranger, receivables, "claim", [part]);
    await chain.send(garage, receivables, "claim", [holding]);
    expect(await balance(parts)).toBe(START + 30_000n);
    expect(await balance(garage)).toBe(START + 60_000n);
    expect(await chain.read(currency, "balanceOf", [receivables.address])).toBe(0n);
    expect(await errorOf(chain.send(garage, receivables, "claim", [holding]))).toEqual(["UnknownHolding", holding]);
    expect(await chain.read(receivables, "receivable", [id])).toMatchObject({ paid: 90_000n, holdings: 0 });
    expect(await chain.read(receivables, "asks", ["0x", 9])).toEqual([[], "0x"]);
    expect(await errorOf(chain.send(garage, receivables, "settle", [id]))).toEqual([
      "WrongState",
      id,
      receivableState.settled,
    ]);
  });

  test("nobody but the scheduler can declare it", async () => {
    const { chain, confirmed } = await open();
    const { id } = await confirmed();
    await expect(chain.send(firm, receivables, "mature", [id])).rejects.toThrow(/only the scheduler/);
  });

  test("a firm without the money defaults with the amounts; claims stay and can be settled later", async () => {
    const { chain, confirmed, move, dueDate, balance, currency } = await open();
    const { id, holding } = await confirmed();
    await chain.send(firm, currency, "transfer", [bank.id, START - 50n]);
    const events = await chain.waitUntil(dueDate);
    expect(eventOf(events, "Defaulted")).toEqual({ id, amount: 90_000n, balance: 50n, allowance: START });
    expect(await balance(firm)).toBe(50n);
    expect(await errorOf(chain.send(parts, receivables, "claim", [holding]))).toEqual([
      "WrongState",
      id,
      receivableState.defaulted,
    ]);
    // The claim is still the holder's to pass on.
    const moved = await move(garage, holding, funder.id, 90_000n, moveReason.sale);
    await expect(chain.send(stranger, receivables, "settle", [id])).rejects.toThrow(Reverted);
    await chain.send(bank, currency, "transfer", [firm.id, 90_000n]);
    await chain.send(stranger, receivables, "settle", [id]);
    await chain.send(funder, receivables, "claim", [moved]);
    expect(await balance(funder)).toBe(START + 90_000n);
  });

  test("a paused currency loses no claim and holds up no other receivable", async () => {
    const { chain, confirmed, dueDate, currency } = await open();
    const other = await makeCurrency(chain, bank, [firm], START);
    await chain.send(firm, other, "approve", [receivables.address, START]);
    const first = await confirmed();
    const second = await confirmed({ number: "2", currency: other.address });
    await chain.send(bank, currency, "pause", []);
    const events = await chain.waitUntil(dueDate);
    expect(eventOf(events, "Defaulted")).toMatchObject({ id: first.id, balance: START });
    expect(eventOf(events, "Settled")).toMatchObject({ id: second.id });
    await chain.send(bank, currency, "unpause", []);
    await chain.send(stranger, receivables, "settle", [first.id]);
    await chain.send(stranger, receivables, "claim", [first.holding]);
    expect(await chain.read(receivables, "receivable", [first.id])).toMatchObject({ paid: 90_000n });
  });
});

describe("any sequence of calls", () => {
  const holders = [garage, parts, funder];
  const often = ["move", "ask", "finance", "claim"] as const;
  const kinds = ["register", "confirm", "cancel", "wait", "spend", "settle", ...often, ...often, ...often] as const;
  const step = fc.record({
    kind: fc.constantFrom(...kinds),
    isHolder: fc.boolean(),
    who: fc.nat(2),
    to: fc.nat(2),
    pick: fc.nat(),
    amount: fc.integer({ min: 1, max: 40_000 }),
  });

  test("conserves money, and live holdings sum to what is confirmed and not paid", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 80 }), fc.boolean(), async (steps, isPoor) => {
        const { chain, currency, register, confirmed, balance } = await open();
        if (isPoor) await chain.send(firm, currency, "transfer", [bank.id, START]);
        for (const number of ["a", "b"]) await confirmed({ number, dueDate: chain.now() + 60_000n });
        let registered = 2n;
        for (const [i, { kind, isHolder, who, to, pick, amount }] of steps.entries()) {
          const id = (BigInt(pick) % registered) + 1n;
          const [rows] = await chain.read(receivables, "holdingsIn", [id, "0x", 100]);
          const row = rows[pick % Math.max(rows.length, 1)];
          const holding = row?.id ?? 1n;
          const owner = isHolder && holders.find((one) => one.id === row?.holder.toLowerCase());
          const from = owner || (holders[who] as Account);
          const receiver = holders[to] as Account;
          const part = BigInt(amount);
          try {
            if (kind === "register") {
              registered = await register({ number: String(i), dueDate: chain.now() + part, amount: part });
            } else if (kind === "confirm") await chain.send(firm, receivables, "confirm", [id]);
            else if (kind === "move") await chain.send(from, receivables, "move", [holding, receiver.id, part, 1]);
            else if (kind === "ask") await chain.send(from, receivables, "ask", [holding, part, 5_000_000n]);
            else if (kind === "finance")
              await chain.send(receiver, receivables, "finance", [holding, part / 2n, START]);
            else if (kind === "cancel") await chain.send(garage, receivables, "cancel", [id]);
            else if (kind === "claim") await chain.send(stranger, receivables, "claim", [holding]);
            else if (kind === "wait") await chain.waitUntil(chain.now() + part + 1n);
            else if (kind === "settle") await chain.send(stranger, receivables, "settle", [id]);
            else if (isHolder) await chain.send(bank, currency, "transfer", [firm.id, 90_000n]);
            else await chain.send(firm, currency, "transfer", [bank.id, await balance(firm)]);
          } catch (error) {
            if (!(error instanceof Reverted)) throw error;
          }
        }
        let owed = 0n;
        for (let id = 1n; id <= registered; id++) {
          const { state, paid, invoice, holdings } = await chain.read(receivables, "receivable", [id]);
          const [rows] = await chain.read(receivables, "holdingsIn", [id, "0x", 200]);
          const live = rows.reduce((sum, row) => sum + row.amount, 0n);
          const isConfirmed = state !== receivableState.registered && state !== receivableState.cancelled;
          expect(live).toBe(isConfirmed ? invoice.amount - paid : 0n);
          expect(holdings).toBe(rows.length);
          if (state === receivableState.settled) owed += live;
          else expect(paid).toBe(0n);
        }
        const [asks] = await chain.read(receivables, "asks", ["0x", 200]);
        for (const { holding, amount } of asks) {
          expect((await chain.read(receivables, "holding", [holding])).amount).toBeGreaterThanOrEqual(amount);
        }
        expect(await chain.read(currency, "balanceOf", [receivables.address])).toBe(owed);
        const all = [...everyone.map((who) => who.id), receivables.address];
        expect(await totalOf(chain, currency, all)).toBe(START * BigInt(everyone.length));
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});
