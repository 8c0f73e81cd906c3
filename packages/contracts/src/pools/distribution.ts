import { type Address, token } from "@ruffchain/abi";
import { type DealState, runWaterfall, type WaterfallInputs } from "@ruffchain/finance";
import { accrual, dayOf, toDeal, toPrincipalMode } from "./deal.js";
import {
  ONLY,
  type Status,
  statusOf,
  stepsOf,
  type Terms,
  type Tranche,
  termsOf,
  tranchesOf,
  type View,
  type Write,
} from "./tables.js";

/** After the last payment date anybody may have later cash distributed, this many seconds apart. */
export const LATE_PERIOD = 30n * 86_400n;

/** When money can be distributed next: the payment date, or LATE_PERIOD after the last distribution. */
export function nextDate(ctx: View, { paymentDates }: Terms, status: Status): bigint {
  return paymentDates[status.periods] ?? previousDate(ctx, status) + LATE_PERIOD;
}

function previousDate(ctx: View, { closedAt, periods }: Status): bigint {
  return ctx.tables.reports.get(periods)?.date ?? closedAt;
}

export function schedulePaymentDate(ctx: Write, { paymentDates }: Terms, periods: number): void {
  const date = paymentDates[periods];
  if (date !== undefined) ctx.schedule(date, "runPaymentDate", periods + 1);
}

export function credit(ctx: Write, account: Address, amount: bigint): void {
  if (amount > 0n) ctx.tables.credits.set(account, (ctx.tables.credits.get(account) ?? 0n) + amount);
}

function stateOf(tranches: readonly Tranche[], { reserve, retained, feesShort, servicingShort }: Status): DealState {
  return {
    balances: tranches.map(({ balance }) => balance),
    interestShort: tranches.map(({ interestShort }) => interestShort),
    reserve,
    retained,
    feesShort: [feesShort],
    feesPaidInYear: 0n,
    feeYear: 0,
    servicingShort,
    subordinatedShort: 0n,
  };
}

/** What the assets were worth at the end of a period; 0 is the pool's beginning. */
function valueAfter({ initialValue, values }: Terms, period: number): bigint {
  return period === 0 ? initialValue : (values[Math.min(period, values.length) - 1] ?? 0n);
}

/** Splits the cash that came in since the last payment date. Moves no money: holders claim it. */
export function distribute(ctx: Write, date: bigint): void {
  const terms = termsOf(ctx);
  const status = statusOf(ctx);
  const tranches = tranchesOf(ctx);
  const period = status.periods + 1;
  const begin = previousDate(ctx, status);
  const known = status.owed + status.reserve + status.retained;
  const balance = ctx.read(token(terms.currency), "balanceOf", ctx.self);
  const collected = balance > known ? balance - known : 0n;

  const day = dayOf(date);
  const isFinal = period >= terms.paymentDates.length;
  const steps = stepsOf(terms);
  const deal = toDeal({ ...terms, steps, tranches }, isFinal ? day : day + 1);
  const inputs: WaterfallInputs = {
    paymentDate: day,
    availableFunds: collected,
    valueBegin: valueAfter(terms, period - 1),
    valueEnd: valueAfter(terms, period),
    seniorFees: [terms.seniorFee],
    subordinated: 0n,
    accruals: tranches.map(({ dayCount }) => accrual(dayCount, begin, date)),
    mode: toPrincipalMode(terms.principalMode) ?? "sequential",
    triggers: new Set(),
  };
  const result = runWaterfall(deal, stateOf(tranches, status), inputs);
  const { state, classes, residual, reserveDraw } = result;

  for (const [id, tranche] of tranches.entries()) {
    const { interestDue, interestPaid, principalPaid, balance: left } = classes[id] as (typeof classes)[number];
    ctx.tables.tranches.set(id, { ...tranche, balance: left, interestShort: interestDue - interestPaid });
    ctx.emit("TranchePaid", period, id, interestDue, interestPaid, principalPaid, left);
  }
  const paidToTranches = classes.reduce(
    (sum, { interestPaid, principalPaid }) => sum + interestPaid + principalPaid,
    0n,
  );
  const fees = known + collected - status.owed - state.reserve - state.retained - paidToTranches - residual;
  credit(ctx, terms.servicer, fees);
  credit(ctx, terms.originator, residual);
  const recordTime = date - BigInt(terms.recordLag);
  ctx.tables.reports.set(period, {
    date,
    recordTime,
    collected,
    value: inputs.valueEnd,
    reserveDraw,
    fees,
    residual,
    stepDue: result.steps.map(({ due }) => due),
    stepPaid: result.steps.map(({ paid }) => paid),
    interestDue: classes.map(({ interestDue }) => interestDue),
    interestPaid: classes.map(({ interestPaid }) => interestPaid),
    principalPaid: classes.map(({ principalPaid }) => principalPaid),
    balance: classes.map(({ balance: left }) => left),
  });
  ctx.tables.status.set(ONLY, {
    ...status,
    periods: period,
    owed: status.owed + paidToTranches + fees + residual,
    reserve: state.reserve,
    retained: state.retained,
    feesShort: state.feesShort[0] ?? 0n,
    servicingShort: state.servicingShort,
  });
  ctx.emit("Distributed", period, date, recordTime, collected, reserveDraw, fees, residual);
  schedulePaymentDate(ctx, terms, period);
}
