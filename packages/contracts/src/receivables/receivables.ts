import { type Address, moveReason, receivableState, receivables, receivablesAbi, token, tokens } from "@ruffchain/abi";
import { discount } from "@ruffchain/finance";
import { type Context, type Contract, contract, Revert, type Row, table, type ViewContext } from "@ruffchain/kernel";
import { nextNumber } from "../next-number.js";
import { ZERO_ADDRESS } from "../zero.js";
import { invoicePreimage, isInvoiceNumber, similarPreimage } from "./invoice-key.js";

const DAY = 86_400n;
/** Longest time from registration to maturity, in seconds. */
export const MAX_TERM = 366n * DAY;
/** How far an invoice's date may be ahead of the block, in seconds: the day begins earlier in the east. */
export const MAX_ISSUE_DATE_LEAD = DAY;
/** Live holdings in one receivable. */
export const MAX_HOLDINGS = 256;
/** Highest discount rate of an ask, in 1e-8 a year. */
export const MAX_DISCOUNT_RATE = 50_000_000n;

const COUNTER = { receivable: 0, holding: 1 } as const;
const REASONS: readonly number[] = Object.values(moveReason);

const tables = {
  receivables: table(
    "uint64",
    {
      seller: "address",
      buyer: "address",
      currency: "address",
      amount: "uint256",
      /** Of the amount, what holders have received. */
      paid: "uint256",
      issueDate: "uint64",
      dueDate: "uint64",
      state: "uint8",
      holdings: "uint32",
      similarTo: "uint64",
      document: "bytes32",
      number: "string",
    },
    { indexes: { bySeller: ["seller"], byBuyer: ["buyer"] } },
  ),
  /** Every key that was ever registered. */
  keys: table("bytes32", "uint64"),
  /** The first receivable whose number reads the same. */
  similar: table("bytes32", "uint64"),
  holdings: table(
    "uint64",
    { receivable: "uint64", holder: "address", amount: "uint256", parent: "uint64", tier: "uint32" },
    { indexes: { byHolder: ["holder"], byReceivable: ["receivable"] } },
  ),
  /** By holding: the part of it that is for sale, and at which rate. */
  asks: table("uint64", { amount: "uint256", rate: "uint64" }),
  counters: table("uint8", "uint64"),
};

type Tables = typeof tables;
type View = ViewContext<typeof receivablesAbi, Tables>;
type Write = Context<typeof receivablesAbi, Tables>;
type Receivable = Row<Tables["receivables"]>["value"];
type Holding = Row<Tables["holdings"]>["value"];

function receivableOf(ctx: View, id: bigint): Receivable {
  const receivable = ctx.tables.receivables.get(id);
  if (!receivable) throw ctx.error("UnknownReceivable", id);
  return receivable;
}

function holdingOf(ctx: View, id: bigint): Holding {
  const holding = ctx.tables.holdings.get(id);
  if (!holding) throw ctx.error("UnknownHolding", id);
  return holding;
}

function ownHolding(ctx: Write, id: bigint): Holding {
  const holding = holdingOf(ctx, id);
  if (holding.holder !== ctx.sender) throw ctx.error("NotHolder", id, ctx.sender);
  return holding;
}

/** What `amount` of a holding costs now: the amount less the discount from today to the due date, days rounded up. */
function priceOf(ctx: View, { dueDate }: Receivable, amount: bigint, rate: bigint): bigint {
  const days = (dueDate - ctx.time + DAY - 1n) / DAY;
  return amount - discount(amount, rate, days);
}

/** A holding for sale and its receivable, while it can be bought. */
function openAsk(ctx: View, id: bigint) {
  const holding = holdingOf(ctx, id);
  const ask = ctx.tables.asks.get(id);
  if (!ask) throw ctx.error("NoAsk", id);
  const receivable = receivableOf(ctx, holding.receivable);
  if (receivable.state !== receivableState.confirmed) {
    throw ctx.error("WrongState", holding.receivable, receivable.state);
  }
  if (ctx.time >= receivable.dueDate) throw ctx.error("PastDue", holding.receivable, receivable.dueDate);
  return { holding, ask, receivable };
}

/** Makes a new holding from `amount` of another and gives it to `to`. What is left stays with its holder. */
function moveHolding(ctx: Write, id: bigint, from: Holding, to: Address, amount: bigint, reason: number): bigint {
  const { receivables, holdings, asks, counters } = ctx.tables;
  if (amount === 0n) throw ctx.error("ZeroAmount");
  if (amount > from.amount) throw ctx.error("AmountTooHigh", id, amount, from.amount);
  if (to === ZERO_ADDRESS) throw ctx.error("BadRecipient", to);
  const left = from.amount - amount;
  const ask = asks.get(id);
  if (left === 0n) {
    holdings.delete(id);
    asks.delete(id);
  } else {
    const receivable = receivableOf(ctx, from.receivable);
    if (receivable.holdings === MAX_HOLDINGS) throw ctx.error("TooManyHoldings", from.receivable, MAX_HOLDINGS);
    receivables.set(from.receivable, { ...receivable, holdings: receivable.holdings + 1 });
    holdings.set(id, { ...from, amount: left });
    if (ask && ask.amount > left) asks.set(id, { ...ask, amount: left });
  }
  const created = nextNumber(counters, COUNTER.holding);
  holdings.set(created, { receivable: from.receivable, holder: to, amount, parent: id, tier: from.tier + 1 });
  ctx.emit("Moved", from.receivable, id, created, from.holder, to, amount, reason);
  return created;
}

/** Takes the whole amount from the buyer's allowance. Reverts with the token's error if it cannot be had. */
function collect(ctx: Write, id: bigint, receivable: Receivable): void {
  ctx.call(token(receivable.currency), "transferFrom", receivable.buyer, ctx.self, receivable.amount);
  ctx.tables.receivables.set(id, { ...receivable, state: receivableState.settled });
  ctx.emit("Settled", id, receivable.amount);
}

function receivableView({ key: [id], value }: Row<Tables["receivables"]>) {
  const { seller, state, similarTo, paid, holdings, ...invoice } = value;
  return { id, seller, invoice, state, similarTo, paid, holdings };
}

function holdingView({ key: [id], value }: Row<Tables["holdings"]>) {
  return { id, ...value };
}

function askView(ctx: View, { key: [holding], value }: Row<Tables["asks"]>) {
  const { receivable, holder } = holdingOf(ctx, holding);
  return { holding, receivable, seller: holder, ...value };
}

/**
 * Supply-chain finance: an invoice is registered once, confirmed by its buyer, held in parts that can be passed on and
 * sold, paid in one sum at maturity and claimed by whoever holds it then.
 */
export const receivablesContract: Contract = contract({
  name: "Receivables",
  address: receivables.address,
  abi: receivablesAbi,
  tables,
  functions: {
    register(ctx, invoice) {
      const { buyer, number, issueDate, dueDate, currency, amount } = invoice;
      if (buyer === ctx.sender) throw ctx.error("SelfInvoice", buyer);
      if (!isInvoiceNumber(number)) throw ctx.error("BadInvoiceNumber", number);
      if (amount === 0n) throw ctx.error("ZeroAmount");
      if (!ctx.read(tokens, "isToken", currency)) throw ctx.error("NotACurrency", currency);
      const latestIssue = ctx.time + MAX_ISSUE_DATE_LEAD;
      if (issueDate > latestIssue) throw ctx.error("BadIssueDate", issueDate, latestIssue);
      const latestDue = ctx.time + MAX_TERM;
      if (dueDate <= ctx.time || dueDate > latestDue) throw ctx.error("BadDueDate", dueDate, ctx.time + 1n, latestDue);

      const { receivables, keys, similar, counters } = ctx.tables;
      const key = ctx.crypto.sha256(invoicePreimage(ctx.sender, invoice));
      const known = keys.get(key);
      if (known !== undefined) throw ctx.error("AlreadyRegistered", known, key);
      const id = nextNumber(counters, COUNTER.receivable);
      keys.set(key, id);
      const similarKey = ctx.crypto.sha256(similarPreimage(ctx.sender, invoice));
      const similarTo = similar.get(similarKey) ?? 0n;
      if (similarTo === 0n) similar.set(similarKey, id);

      const state = receivableState.registered;
      receivables.set(id, { ...invoice, seller: ctx.sender, state, similarTo, paid: 0n, holdings: 0 });
      ctx.emit("Registered", id, ctx.sender, buyer, key, invoice);
      if (similarTo !== 0n) ctx.emit("Similar", id, similarTo);
      return id;
    },

    confirm(ctx, id) {
      const receivable = receivableOf(ctx, id);
      const { buyer, seller, state, amount, dueDate } = receivable;
      if (buyer !== ctx.sender) throw ctx.error("NotBuyer", id, ctx.sender);
      if (state !== receivableState.registered) throw ctx.error("WrongState", id, state);
      if (ctx.time >= dueDate) throw ctx.error("PastDue", id, dueDate);
      const holding = nextNumber(ctx.tables.counters, COUNTER.holding);
      ctx.tables.holdings.set(holding, { receivable: id, holder: seller, amount, parent: 0n, tier: 0 });
      ctx.tables.receivables.set(id, { ...receivable, state: receivableState.confirmed, holdings: 1 });
      ctx.schedule(dueDate, "mature", id);
      ctx.emit("Confirmed", id, holding, amount, dueDate);
    },

    cancel(ctx, id) {
      const { receivables, holdings, asks } = ctx.tables;
      const receivable = receivableOf(ctx, id);
      const { seller, state } = receivable;
      if (seller !== ctx.sender) throw ctx.error("NotSeller", id, ctx.sender);
      if (state !== receivableState.registered && state !== receivableState.confirmed) {
        throw ctx.error("WrongState", id, state);
      }
      // At most MAX_HOLDINGS.
      for (const { key, value } of [...holdings.rowsBy("byReceivable", [id])]) {
        if (value.holder !== seller) throw ctx.error("HeldByOthers", id);
        holdings.delete(...key);
        asks.delete(...key);
      }
      receivables.set(id, { ...receivable, state: receivableState.cancelled, holdings: 0 });
      ctx.emit("Cancelled", id);
    },

    move(ctx, id, to, amount, reason) {
      const holding = ownHolding(ctx, id);
      const { state } = receivableOf(ctx, holding.receivable);
      if (state !== receivableState.confirmed && state !== receivableState.defaulted) {
        throw ctx.error("WrongState", holding.receivable, state);
      }
      if (!REASONS.includes(reason)) throw ctx.error("BadReason", reason);
      return moveHolding(ctx, id, holding, to, amount, reason);
    },

    ask(ctx, id, amount, rate) {
      const holding = ownHolding(ctx, id);
      if (amount === 0n) throw ctx.error("ZeroAmount");
      if (amount > holding.amount) throw ctx.error("AmountTooHigh", id, amount, holding.amount);
      if (rate > MAX_DISCOUNT_RATE) throw ctx.error("BadRate", rate, MAX_DISCOUNT_RATE);
      ctx.tables.asks.set(id, { amount, rate });
      openAsk(ctx, id);
      ctx.emit("Asked", id, ctx.sender, amount, rate);
    },

    withdrawAsk(ctx, id) {
      ownHolding(ctx, id);
      if (!ctx.tables.asks.delete(id)) throw ctx.error("NoAsk", id);
      ctx.emit("AskWithdrawn", id);
    },

    finance(ctx, id, amount, maxPrice) {
      const { asks } = ctx.tables;
      const { holding, ask, receivable } = openAsk(ctx, id);
      if (amount > ask.amount) throw ctx.error("AmountTooHigh", id, amount, ask.amount);
      const price = priceOf(ctx, receivable, amount, ask.rate);
      if (price > maxPrice) throw ctx.error("PriceAboveLimit", price, maxPrice);
      ctx.call(token(receivable.currency), "transferFrom", ctx.sender, holding.holder, price);
      if (ask.amount === amount) asks.delete(id);
      else asks.set(id, { ...ask, amount: ask.amount - amount });
      const created = moveHolding(ctx, id, holding, ctx.sender, amount, moveReason.sale);
      ctx.emit("Financed", id, created, ctx.sender, amount, price);
      return created;
    },

    settle(ctx, id) {
      const receivable = receivableOf(ctx, id);
      const { state, dueDate } = receivable;
      if (state !== receivableState.confirmed && state !== receivableState.defaulted) {
        throw ctx.error("WrongState", id, state);
      }
      if (ctx.time < dueDate) throw ctx.error("NotDue", id, dueDate);
      collect(ctx, id, receivable);
    },

    claim(ctx, id) {
      const { receivables, holdings, asks } = ctx.tables;
      const { receivable: receivableId, holder, amount } = holdingOf(ctx, id);
      const receivable = receivableOf(ctx, receivableId);
      if (receivable.state !== receivableState.settled) throw ctx.error("WrongState", receivableId, receivable.state);
      holdings.delete(id);
      asks.delete(id);
      const paid = receivable.paid + amount;
      receivables.set(receivableId, { ...receivable, paid, holdings: receivable.holdings - 1 });
      ctx.call(token(receivable.currency), "transfer", holder, amount);
      ctx.emit("Claimed", receivableId, id, holder, amount);
      return amount;
    },

    receivable: (ctx, id) => receivableView({ key: [id], value: receivableOf(ctx, id) }),

    receivableByKey(ctx, key) {
      const id = ctx.tables.keys.get(key);
      if (id === undefined) throw ctx.error("UnknownKey", key);
      return receivableView({ key: [id], value: receivableOf(ctx, id) });
    },

    keyOf: (ctx, seller, invoice) => ctx.crypto.sha256(invoicePreimage(seller, invoice)),

    receivablesOfSeller(ctx, seller, cursor, limit) {
      const page = ctx.tables.receivables.pageBy("bySeller", [seller], { cursor, limit });
      return [page.rows.map(receivableView), page.cursor] as const;
    },

    receivablesOfBuyer(ctx, buyer, cursor, limit) {
      const page = ctx.tables.receivables.pageBy("byBuyer", [buyer], { cursor, limit });
      return [page.rows.map(receivableView), page.cursor] as const;
    },

    holding: (ctx, id) => holdingView({ key: [id], value: holdingOf(ctx, id) }),

    holdingsOf(ctx, holder, cursor, limit) {
      const page = ctx.tables.holdings.pageBy("byHolder", [holder], { cursor, limit });
      return [page.rows.map(holdingView), page.cursor] as const;
    },

    holdingsIn(ctx, receivable, cursor, limit) {
      const page = ctx.tables.holdings.pageBy("byReceivable", [receivable], { cursor, limit });
      return [page.rows.map(holdingView), page.cursor] as const;
    },

    askOn(ctx, id) {
      const ask = ctx.tables.asks.get(id);
      if (!ask) throw ctx.error("NoAsk", id);
      return askView(ctx, { key: [id], value: ask });
    },

    asks(ctx, cursor, limit) {
      const page = ctx.tables.asks.page([], { cursor, limit });
      return [page.rows.map((row) => askView(ctx, row)), page.cursor] as const;
    },

    price(ctx, id, amount) {
      const { ask, receivable } = openAsk(ctx, id);
      return priceOf(ctx, receivable, amount, ask.rate);
    },
  },

  scheduled: {
    /** The due date. What cannot be paid now is in default until somebody calls `settle` with success. */
    mature(ctx, id) {
      const receivable = receivableOf(ctx, id);
      if (receivable.state !== receivableState.confirmed) return;
      try {
        collect(ctx, id, receivable);
      } catch (error) {
        if (!(error instanceof Revert)) throw error;
        const { currency, buyer, amount } = receivable;
        ctx.tables.receivables.set(id, { ...receivable, state: receivableState.defaulted });
        const balance = ctx.read(token(currency), "balanceOf", buyer);
        ctx.emit("Defaulted", id, amount, balance, ctx.read(token(currency), "allowance", buyer, ctx.self));
      }
    },
  },
});
