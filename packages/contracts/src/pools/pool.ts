import { type Address, addresses, poolAbi, poolPhase, poolPrefix, token, tokens } from "@ruffchain/abi";
import { type Contract, contract, type Row } from "@ruffchain/kernel";
import { accruedTo } from "./claim.js";
import { credit, distribute, nextDate, schedulePaymentDate } from "./distribution.js";
import {
  ONLY,
  reportOf,
  statusOf,
  stepsOf,
  tables,
  termsOf,
  trancheOf,
  tranchesOf,
  type View,
  type Write,
} from "./tables.js";

function assertPhase(ctx: View, wanted: number): void {
  const { phase } = statusOf(ctx);
  if (phase !== wanted) throw ctx.error("WrongPhase", phase);
}

/** Pays out money that was owed. */
function payOut(ctx: Write, to: Address, amount: bigint): void {
  const status = statusOf(ctx);
  ctx.tables.status.set(ONLY, { ...status, owed: status.owed - amount });
  ctx.call(token(termsOf(ctx).currency), "transfer", to, amount);
}

function reportView(ctx: View, { key: [period], value }: Row<typeof tables.reports>) {
  const { stepDue, stepPaid, interestDue, interestPaid, principalPaid, balance, ...totals } = value;
  const steps = stepsOf(termsOf(ctx)).map((step, i) => ({ ...step, due: stepDue[i] ?? 0n, paid: stepPaid[i] ?? 0n }));
  const tranches = balance.map((left, id) => ({
    interestDue: interestDue[id] ?? 0n,
    interestPaid: interestPaid[id] ?? 0n,
    principalPaid: principalPaid[id] ?? 0n,
    balance: left,
  }));
  return { period, ...totals, steps, tranches };
}

/**
 * One securitization pool. Investors subscribe to tranches until the originator closes it; from then on whatever money
 * reaches the pool's address is split on each payment date, run by the scheduler, by the waterfall of its terms.
 */
export const poolContract: Contract = contract({
  name: "Pool",
  instances: poolPrefix,
  abi: poolAbi,
  tables,
  functions: {
    initialize(ctx, originator, { tranches, steps, ...terms }) {
      if (ctx.sender !== addresses.pools) throw ctx.error("OnlyPools", ctx.sender);
      ctx.tables.terms.set(ONLY, {
        ...terms,
        originator,
        tranches: tranches.length,
        stepKinds: steps.map((step) => step.kind),
        stepTargets: steps.map((step) => step.target),
      });
      ctx.tables.status.set(ONLY, {
        phase: poolPhase.open,
        closedAt: 0n,
        periods: 0,
        owed: 0n,
        reserve: 0n,
        retained: 0n,
        feesShort: 0n,
        servicingShort: 0n,
      });
      const decimals = ctx.read(token(terms.currency), "decimals");
      for (const [id, { name, symbol, ...tranche }] of tranches.entries()) {
        const address = ctx.call(tokens, "create", name, symbol, decimals, true);
        ctx.tables.tranches.set(id, { ...tranche, token: address, subscribed: 0n, balance: 0n, interestShort: 0n });
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
      const terms = termsOf(ctx);
      const { originator, paymentDates, recordLag, reserve } = terms;
      if (ctx.sender !== originator) throw ctx.error("NotOriginator", ctx.sender);
      const latest = (paymentDates[0] ?? 0n) - BigInt(recordLag);
      if (ctx.time > latest) throw ctx.error("ClosesTooLate", ctx.time, latest);
      const tranches = tranchesOf(ctx);
      const subscribed = tranches.reduce((sum, tranche) => sum + tranche.subscribed, 0n);
      if (subscribed < reserve) throw ctx.error("ProceedsBelowReserve", subscribed, reserve);
      for (const [id, tranche] of tranches.entries()) {
        // The originator keeps what was not subscribed, so that the supply is the face from now on.
        const kept = tranche.face - tranche.subscribed;
        if (kept > 0n) ctx.call(token(tranche.token), "mint", originator, kept);
        ctx.tables.tranches.set(id, { ...tranche, balance: tranche.face });
      }
      const owed = subscribed - reserve;
      credit(ctx, originator, owed);
      const phase = poolPhase.active;
      ctx.tables.status.set(ONLY, { ...statusOf(ctx), phase, closedAt: ctx.time, owed, reserve });
      schedulePaymentDate(ctx, terms, 0);
      ctx.emit("Closed", owed, reserve);
    },

    /** What the scheduler does on a payment date, for anybody, should it have failed; and for cash after the last one. */
    distribute(ctx) {
      assertPhase(ctx, poolPhase.active);
      const terms = termsOf(ctx);
      const status = statusOf(ctx);
      const due = nextDate(ctx, terms, status);
      if (ctx.time < due) throw ctx.error("NotDue", ctx.time, due);
      distribute(ctx, status.periods < terms.paymentDates.length ? due : ctx.time);
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
      const terms = termsOf(ctx);
      return { ...terms, steps: stepsOf(terms) };
    },

    status(ctx) {
      const status = statusOf(ctx);
      return { ...status, nextPaymentDate: nextDate(ctx, termsOf(ctx), status) };
    },

    trancheOf,
    tranches: tranchesOf,

    report: (ctx, period) => reportView(ctx, { key: [period], value: reportOf(ctx, period) }),

    reports(ctx, cursor, limit) {
      const page = ctx.tables.reports.page([], { cursor, limit });
      return [page.rows.map((row) => reportView(ctx, row)), page.cursor] as const;
    },

    claimable: (ctx, id, holder) => accruedTo(ctx, id, holder).amount,
    claimed: (ctx, id, holder) => ctx.tables.claims.get(id, holder)?.claimed ?? 0n,
    creditOf: (ctx, account) => ctx.tables.credits.get(account) ?? 0n,
  },

  scheduled: {
    runPaymentDate(ctx, period) {
      const status = statusOf(ctx);
      // Somebody may have been quicker with `distribute`.
      if (status.periods + 1 === period) distribute(ctx, nextDate(ctx, termsOf(ctx), status));
    },
  },
});
