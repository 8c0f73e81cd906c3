import { poolDayCount, poolPrincipal, poolStep } from "@ruffchain/abi";
import {
  type DayCountConvention,
  type Deal,
  dayCount,
  type Fraction,
  type PrincipalMode,
  type Step,
} from "@ruffchain/finance";

const SECONDS_PER_DAY = 86_400n;
const SECONDS_PER_YEAR = 31_536_000n;

type StepKind = Step["kind"];
/** Kinds by their number in the ABI. */
const STEP_KINDS = Object.keys(poolStep) as readonly (keyof typeof poolStep & StepKind)[];
const PRINCIPAL_MODES = Object.keys(poolPrincipal) as readonly (keyof typeof poolPrincipal & PrincipalMode)[];
const CONVENTIONS: Readonly<Record<number, DayCountConvention>> = {
  [poolDayCount.actual360]: "ACT/360",
  [poolDayCount.actual365Fixed]: "ACT/365F",
  [poolDayCount.actualActual]: "ACT/ACT-ISDA",
  [poolDayCount.thirtyE360]: "30E/360",
  [poolDayCount.thirty360Us]: "30/360-US",
};

/** What the priority of payments needs of a pool's terms. */
export interface DealTerms {
  readonly servicingRate: bigint;
  readonly reserve: bigint;
  readonly overcollateralization: bigint;
  readonly steps: readonly { readonly kind: number; readonly target: number }[];
  readonly tranches: readonly { readonly rate: bigint }[];
}

/** A step of the ABI as the waterfall takes it; undefined for an unknown kind, or a target where there is none. */
export function toStep({ kind, target }: { readonly kind: number; readonly target: number }): Step | undefined {
  const name = STEP_KINDS[kind];
  if (name === "classInterest" || name === "priorityPrincipal") return { kind: name, target };
  return name === undefined || target !== 0 ? undefined : { kind: name };
}

/** The deal for a payment date: on a final one all principal is due with priority. Unknown steps are left out. */
export function toDeal(
  { servicingRate, reserve, overcollateralization, steps, tranches }: DealTerms,
  legalFinalDate: number,
): Deal {
  return {
    classes: tranches.map(({ rate }, rank) => ({ seniority: rank, principalOrder: rank, rate, legalFinalDate })),
    steps: steps.flatMap((step) => toStep(step) ?? []),
    servicingRate,
    reserveTarget: reserve,
    targetOvercollateralization: overcollateralization,
    rounding: "halfUp",
  };
}

export function toPrincipalMode(principalMode: number): PrincipalMode | undefined {
  return PRINCIPAL_MODES[principalMode];
}

export function isDayCount(value: number): boolean {
  return value === poolDayCount.seconds365 || CONVENTIONS[value] !== undefined;
}

/** The day of a time, since 1970. */
export function dayOf(time: bigint): number {
  return Number(time / SECONDS_PER_DAY);
}

/** The part of a year between two times, as one of poolDayCount counts it. */
export function accrual(kind: number, from: bigint, to: bigint): Fraction {
  const convention = CONVENTIONS[kind];
  if (convention) return dayCount(convention, dayOf(from), dayOf(to));
  return { numerator: to - from, denominator: SECONDS_PER_YEAR };
}
