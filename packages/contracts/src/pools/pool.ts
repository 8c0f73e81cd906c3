import { type Address, addresses, poolAbi, poolPhase, poolPrefix, poolStep, token, tokens } from "@ruffchain/abi";
import { type Context, type Contract, contract, type Row, table, type ViewContext } from "@ruffchain/kernel";
import { interest, runWaterfall } from "../finance.js";

/** Payment dates that one claim works through; the next claim goes on. */
export const MAX_PERIODS_PER_CLAIM = 120;
/** After the last payment date anybody may have later cash distributed, this many seconds apart. */
export const LATE_PERIOD = 30n * 86_400n;

const SECONDS_PER_YEAR = 31_536_000n;
/** Key of tables with one row. */
const ONLY = 0;

const tables = {
  terms: table("uint8", {
    originator: "address",
    currency: "address",
    servicer: "address",
    servicingFee: "uint128",
    recordLag: "uint32",
    tranches: "uint8",
    paymentDates: "uint64[]",
    stepKinds: "uint8[]",
    stepTranches: "uint8[]",
    name: "string",
  }),
  status: table("uint8", {
    phase: "uint8",
    closedAt: "uint64",
    /** Payment dates that are done. */
    periods: "uint32",
    /** Of the pool's money, what belongs to holders, servicer and originator already. */
    owed: "uint256",
    feeShortfall: "uint256",
  }),
  tranches: table("uint8", {
    token: "address",
    face: "uint128",
    rate: "uint64",
    amortization: "uint128",
    subscribed: "uint128",
    balance: "uint256",
    interestShortfall: "uint256",
  }),
  /** By period, from 1. The arrays are by tranche. */
  reports: table("uint32", {
    date: "uint64",
    recordTime: "uint64",
    collected: "uint256",
    feeDue: "uint256",
    feePaid: "uint256",
    residual: "uint256",
    interestDue: "uint256[]",
    interestPaid: "uint256[]",
    principalDue: "uint256[]",
    principalPaid: "uint256[]",
    balance: "uint256[]",
  }),
  /** What holders had: periods up to `period` are paid, but for `remainder` parts of the tranche's face. */
  claims: table(["uint8", "address"], { period: "uint32", remainder: "uint256", claimed: "uint256" }),
  /** What servicer and originator may withdraw. */
  credits: table("address", "uint256"),
};

type Tables = typeof tables;
type View = ViewContext<typeof poolAbi, Tables>;
type Write = Context<typeof poolAbi, Tables>;
type Report = Row<Tables["reports"]>["value"];
type Tranche = Row<Tables["tranches"]>["value"];

function termsOf(ctx: View) {
  const terms = ctx.tables.terms.get(ONLY);
  if (!terms) throw ctx.error("NoPool", ctx.self);
  return terms;
}

function statusOf(ctx: View) {
  const status = ctx.tables.status.get(ONLY);
  if (!status) throw ctx.error("NoPool", ctx.self);
  return status;
}

function trancheOf(ctx: View, id: number): Tranche {
  const tranche = ctx.tables.tranches.get(id);
  if (!tranche) throw ctx.error("UnknownTranche", id);
  return tranche;
}

function tranchesOf(ctx: View): Tranche[] {
  return Array.from({ length: termsOf(ctx).tranches }, (_, id) => trancheOf(ctx, id));
}

function assertPhase(ctx: View, wanted: number): void {
  const { phase } = statusOf(ctx);
  if (phase !== wanted) throw ctx.error("WrongPhase", phase);
}

function credit(ctx: Write, account: Address, amount: bigint): void {
  if (amount > 0n) ctx.tables.credits.set(account, (ctx.tables.credits.get(account) ?? 0n) + amount);
}

/** When money can be distributed next: the payment date, or LATE_PERIOD after the last distribution. */
function nextDate(ctx: View): bigint {
  const { paymentDates } = termsOf(ctx);
  const { periods } = statusOf(ctx);
  return paymentDates[periods] ?? previousDate(ctx) + LATE_PERIOD;
}

function previousDate(ctx: View): bigint {
  const { closedAt, periods } = statusOf(ctx);
  return ctx.tables.reports.get(periods)?.date ?? closedAt;
}

/** Interest and principal that a tranche is due in a period that is `seconds` long. */
function dueTo(tranche: Tranche, seconds: bigint, payments: bigint, isFinal: boolean) {
  const { face, rate, amortization, balance, interestShortfall } = tranche;
  const accrued = (principal: bigint) => interest(principal, rate, seconds, SECONDS_PER_YEAR);
  const scheduled = face - amortization * payments;
  const target = isFinal || scheduled < 0n ? 0n : scheduled;
  return {
    interestDue: accrued(balance) + interestShortfall + accrued(interestShortfall),
    principalDue: balance > target ? balance - target : 0n,
  };
}

/** Splits the cash that came in since the last payment date. Moves no money: holders claim it. */
function runPeriod(ctx: Write, date: bigint): void {
  const terms = termsOf(ctx);
  const status = statusOf(ctx);
  const period = status.periods + 1;
  const balance = ctx.read(token(terms.currency), "balanceOf", ctx.self);
  const collected = balance > status.owed ? balance - status.owed : 0n;
  const seconds = date - previousDate(ctx);
  const isFinal = period >= terms.paymentDates.length;
  const tranches = tranchesOf(ctx);
  const dues = tranches.map((tranche) => dueTo(tranche, seconds, BigInt(period), isFinal));
  const feeDue = terms.servicingFee + status.feeShortfall;

  const steps = terms.stepKinds.map((kind, i) => ({ kind, tranche: terms.stepTranches[i] ?? 0 }));
  const { paid, residual } = runWaterfall(
    collected,
    steps.map(({ kind, tranche }) => {
      if (kind === poolStep.servicingFee) return feeDue;
      const due = dues[tranche];
      return (kind === poolStep.interest ? due?.interestDue : due?.principalDue) ?? 0n;
    }),
  );
  const paidTo = (wanted: number, of: number) =>
    paid[steps.findIndex(({ kind, tranche }) => kind === wanted && tranche === of)] ?? 0n;

  const feePaid = paidTo(poolStep.servicingFee, 0);
  const lines = tranches.map((tranche, id) => {
    const { interestDue, principalDue } = dues[id] as (typeof dues)[number];
    const interestPaid = paidTo(poolStep.interest, id);
    const principalPaid = paidTo(poolStep.principal, id);
    const left = tranche.balance - principalPaid;
    ctx.tables.tranches.set(id, { ...tranche, balance: left, interestShortfall: interestDue - interestPaid });
    ctx.emit("TranchePaid", period, id, interestDue, interestPaid, principalDue, principalPaid, left);
    return { interestDue, interestPaid, principalDue, principalPaid, balance: left };
  });
  const recordTime = date - BigInt(terms.recordLag);
  ctx.tables.reports.set(period, {
    date,
    recordTime,
    collected,
    feeDue,
    feePaid,
    residual,
    interestDue: lines.map((line) => line.interestDue),
    interestPaid: lines.map((line) => line.interestPaid),
    principalDue: lines.map((line) => line.principalDue),
    principalPaid: lines.map((line) => line.principalPaid),
    balance: lines.map((line) => line.balance),
  });
  credit(ctx, terms.servicer, feePaid);
  credit(ctx, terms.originator, residual);
  const owed = status.owed + collected;
  ctx.tables.status.set(ONLY, { ...status, periods: period, owed, feeShortfall: feeDue - feePaid });
  ctx.emit("Distributed", period, date, recordTime, collected, feePaid, residual);
  schedulePaymentDate(ctx);
}

function schedulePaymentDate(ctx: Write): void {
  const { periods } = statusOf(ctx);
  const date = termsOf(ctx).paymentDates[periods];
  if (date !== undefined) ctx.schedule(date, "runPaymentDate", periods + 1);
}

/**
 * What a holder can claim now. The supply never changes, so that each period's right is units × paid / face; what the
 * division leaves is kept as a remainder and paid once it makes a whole unit of money.
 */
function accruedTo(ctx: View, id: number, holder: Address) {
  const tranche = trancheOf(ctx, id);
  const before = ctx.tables.claims.get(id, holder) ?? { period: 0, remainder: 0n, claimed: 0n };
  const through = Math.min(statusOf(ctx).periods, before.period + MAX_PERIODS_PER_CLAIM);
  let parts = before.remainder;
  for (let period = before.period + 1; period <= through; period++) {
    const { recordTime, interestPaid, principalPaid } = reportOf(ctx, period);
    const paid = (interestPaid[id] ?? 0n) + (principalPaid[id] ?? 0n);
    if (paid > 0n) parts += paid * ctx.read(token(tranche.token), "balanceOfAt", holder, recordTime);
  }
  const amount = parts / tranche.face;
  const after = { period: through, remainder: parts % tranche.face, claimed: before.claimed + amount };
  return { amount, after, isNew: through > before.period };
}

function reportOf(ctx: View, period: number): Report {
  const report = ctx.tables.reports.get(period);
  if (!report) throw ctx.error("UnknownPeriod", period);
  return report;
}

function reportView({ key: [period], value }: Row<Tables["reports"]>) {
  const { interestDue, interestPaid, principalDue, principalPaid, balance, ...totals } = value;
  const lines = balance.map((left, id) => ({
    interestDue: interestDue[id] ?? 0n,
    interestPaid: interestPaid[id] ?? 0n,
    principalDue: principalDue[id] ?? 0n,
    principalPaid: principalPaid[id] ?? 0n,
    balance: left,
  }));
  return { period, ...totals, lines };
}

/** Pays out money that was owed. */
function payOut(ctx: Write, to: Address, amount: bigint): void {
  const status = statusOf(ctx);
  ctx.tables.status.set(ONLY, { ...status, owed: status.owed - amount });
  ctx.call(token(termsOf(ctx).currency), "transfer", to, amount);
}

/**
 * One securitization pool. Investors subscribe to tranches until the originator closes it; from then on whatever money
 * reaches the pool's address is split on each payment date, run by the scheduler, in the order of the steps.
 */
export const poolContract: Contract = contract({
  name: "Pool",
  instances: poolPrefix,
  abi: poolAbi,
  tables,
  functions: {
    initialize(ctx, originator, terms) {
      if (ctx.sender !== addresses.pools) throw ctx.error("OnlyPools", ctx.sender);
      const { tranches, steps, ...rest } = terms;
      ctx.tables.terms.set(ONLY, {
        ...rest,
        originator,
        tranches: tranches.length,
        stepKinds: steps.map((step) => step.kind),
        stepTranches: steps.map((step) => step.tranche),
      });
      const phase = poolPhase.open;
      ctx.tables.status.set(ONLY, { phase, closedAt: 0n, periods: 0, owed: 0n, feeShortfall: 0n });
      const decimals = ctx.read(token(terms.currency), "decimals");
      for (const [id, { name, symbol, face, rate, amortization }] of tranches.entries()) {
        const address = ctx.call(tokens, "create", name, symbol, decimals, true);
        const paidIn = { subscribed: 0n, balance: 0n, interestShortfall: 0n };
        ctx.tables.tranches.set(id, { token: address, face, rate, amortization, ...paidIn });
      }
    },

    subscribe(ctx, id, units) {
      assertPhase(ctx, poolPhase.open);
      const tranche = trancheOf(ctx, id);
      if (units === 0n) throw ctx.error("ZeroAmount");
      const left = tranche.face - tranche.subscribed;
      if (units > left) throw ctx.error("Oversubscribed", id, units, left);
      ctx.tables.tranches.set(id, { ...tranche, subscribed: tranche.subscribed + units });
      ctx.call(token(termsOf(ctx).currency), "transferFrom", ctx.sender, ctx.self, units);
      ctx.call(token(tranche.token), "mint", ctx.sender, units);
      ctx.emit("Subscribed", id, ctx.sender, units);
    },

    unsubscribe(ctx, id, units) {
      assertPhase(ctx, poolPhase.open);
      const tranche = trancheOf(ctx, id);
      if (units === 0n) throw ctx.error("ZeroAmount");
      ctx.call(token(tranche.token), "burn", ctx.sender, units);
      ctx.tables.tranches.set(id, { ...tranche, subscribed: tranche.subscribed - units });
      ctx.call(token(termsOf(ctx).currency), "transfer", ctx.sender, units);
      ctx.emit("Unsubscribed", id, ctx.sender, units);
    },

    close(ctx) {
      assertPhase(ctx, poolPhase.open);
      const { originator, paymentDates, recordLag } = termsOf(ctx);
      if (ctx.sender !== originator) throw ctx.error("NotOriginator", ctx.sender);
      const latest = (paymentDates[0] ?? 0n) - BigInt(recordLag);
      if (ctx.time > latest) throw ctx.error("ClosesTooLate", ctx.time, latest);
      let proceeds = 0n;
      for (const [id, tranche] of tranchesOf(ctx).entries()) {
        // The originator keeps what was not subscribed, so that the supply is the face from now on.
        const kept = tranche.face - tranche.subscribed;
        if (kept > 0n) ctx.call(token(tranche.token), "mint", originator, kept);
        ctx.tables.tranches.set(id, { ...tranche, balance: tranche.face });
        proceeds += tranche.subscribed;
      }
      credit(ctx, originator, proceeds);
      const phase = poolPhase.active;
      ctx.tables.status.set(ONLY, { ...statusOf(ctx), phase, closedAt: ctx.time, owed: proceeds });
      schedulePaymentDate(ctx);
      ctx.emit("Closed", proceeds);
    },

    /** What the scheduler does on a payment date, for anybody, should it have failed; and for cash after the last one. */
    distribute(ctx) {
      assertPhase(ctx, poolPhase.active);
      const due = nextDate(ctx);
      if (ctx.time < due) throw ctx.error("NotDue", ctx.time, due);
      const isLate = statusOf(ctx).periods >= termsOf(ctx).paymentDates.length;
      runPeriod(ctx, isLate ? ctx.time : due);
    },

    claim(ctx, id) {
      const { amount, after, isNew } = accruedTo(ctx, id, ctx.sender);
      if (!isNew) throw ctx.error("NothingToPay", ctx.sender);
      ctx.tables.claims.set(id, ctx.sender, after);
      if (amount > 0n) payOut(ctx, ctx.sender, amount);
      ctx.emit("Claimed", id, ctx.sender, amount, after.period);
      return amount;
    },

    withdraw(ctx) {
      const amount = ctx.tables.credits.get(ctx.sender);
      if (amount === undefined) throw ctx.error("NothingToPay", ctx.sender);
      ctx.tables.credits.delete(ctx.sender);
      payOut(ctx, ctx.sender, amount);
      ctx.emit("Withdrawn", ctx.sender, amount);
      return amount;
    },

    terms(ctx) {
      const { stepKinds, stepTranches, ...terms } = termsOf(ctx);
      const steps = stepKinds.map((kind, i) => ({ kind, tranche: stepTranches[i] ?? 0 }));
      return { ...terms, steps, ...statusOf(ctx) };
    },

    trancheOf,
    tranches: tranchesOf,
    nextPaymentDate: nextDate,

    report: (ctx, period) => reportView({ key: [period], value: reportOf(ctx, period) }),

    reports(ctx, cursor, limit) {
      const page = ctx.tables.reports.page([], { cursor, limit });
      return [page.rows.map(reportView), page.cursor] as const;
    },

    claimable: (ctx, id, holder) => accruedTo(ctx, id, holder).amount,
    claimed: (ctx, id, holder) => ctx.tables.claims.get(id, holder)?.claimed ?? 0n,
    creditOf: (ctx, account) => ctx.tables.credits.get(account) ?? 0n,
  },

  scheduled: {
    runPaymentDate(ctx, period) {
      // Somebody may have been quicker with `distribute`.
      if (statusOf(ctx).periods + 1 === period) runPeriod(ctx, nextDate(ctx));
    },
  },
});
