import type { poolAbi } from "@ruffchain/abi";
import { type Context, type Row, table, type ViewContext } from "@ruffchain/kernel";

/** Key of tables with one row. */
export const ONLY = 0;

export const tables = {
  terms: table("uint8", {
    originator: "address",
    currency: "address",
    servicer: "address",
    seniorFee: "uint128",
    servicingRate: "uint64",
    reserve: "uint128",
    overcollateralization: "uint128",
    principalMode: "uint8",
    recordLag: "uint32",
    tranches: "uint8",
    initialValue: "uint128",
    paymentDates: "uint64[]",
    values: "uint128[]",
    stepKinds: "uint8[]",
    stepTargets: "uint8[]",
    name: "string",
  }),
  status: table("uint8", {
    phase: "uint8",
    closedAt: "uint64",
    /** Payment dates that are done. */
    periods: "uint32",
    /** Of the pool's money, what belongs to holders, servicer and originator already. */
    owed: "uint256",
    reserve: "uint256",
    /** Cash that no step took. */
    retained: "uint256",
    feesShort: "uint256",
    servicingShort: "uint256",
  }),
  tranches: table("uint8", {
    token: "address",
    face: "uint128",
    rate: "uint64",
    dayCount: "uint8",
    subscribed: "uint128",
    balance: "uint256",
    interestShort: "uint256",
  }),
  /** By period, from 1. The last four arrays are by tranche. */
  reports: table("uint32", {
    date: "uint64",
    recordTime: "uint64",
    collected: "uint256",
    value: "uint256",
    reserveDraw: "uint256",
    fees: "uint256",
    residual: "uint256",
    stepDue: "uint256[]",
    stepPaid: "uint256[]",
    interestDue: "uint256[]",
    interestPaid: "uint256[]",
    principalPaid: "uint256[]",
    balance: "uint256[]",
  }),
  /** What holders had: periods up to `period` are paid, but for `remainder` parts of the tranche's face. */
  claims: table(["uint8", "address"], { period: "uint32", remainder: "uint256", claimed: "uint256" }),
  /** What servicer and originator may withdraw. */
  credits: table("address", "uint256"),
};

type Tables = typeof tables;
export type View = ViewContext<typeof poolAbi, Tables>;
export type Write = Context<typeof poolAbi, Tables>;
export type Terms = Row<Tables["terms"]>["value"];
export type Status = Row<Tables["status"]>["value"];
export type Tranche = Row<Tables["tranches"]>["value"];
export type Report = Row<Tables["reports"]>["value"];

export function termsOf(ctx: View): Terms {
  const terms = ctx.tables.terms.get(ONLY);
  if (!terms) throw ctx.error("NoPool", ctx.self);
  return terms;
}

export function statusOf(ctx: View): Status {
  const status = ctx.tables.status.get(ONLY);
  if (!status) throw ctx.error("NoPool", ctx.self);
  return status;
}

export function trancheOf(ctx: View, id: number): Tranche {
  const tranche = ctx.tables.tranches.get(id);
  if (!tranche) throw ctx.error("UnknownTranche", id);
  return tranche;
}

/** Senior first; at most MAX_TRANCHES. */
export function tranchesOf(ctx: View): Tranche[] {
  return [...ctx.tables.tranches.rows([])].map(({ value }) => value);
}

export function reportOf(ctx: View, period: number): Report {
  const report = ctx.tables.reports.get(period);
  if (!report) throw ctx.error("UnknownPeriod", period);
  return report;
}

export function stepsOf({ stepKinds, stepTargets }: Terms) {
  return stepKinds.map((kind, i) => ({ kind, target: stepTargets[i] ?? 0 }));
}
