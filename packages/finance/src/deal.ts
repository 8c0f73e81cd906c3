import { FinanceError } from "./finance-error.js";
import type { RoundingMode } from "./rounding.js";

/** A class of notes. */
export interface ClassTerms {
  /** 0 for Class A, 1 for Class B, …: classes of the same seniority share interest in proportion to what is due. */
  readonly seniority: number;
  /** Principal goes to the classes in this order; those with the same number share it in proportion to their balances. */
  readonly principalOrder: number;
  /** 1e-8 a year. */
  readonly rate: bigint;
  /** From this day (since 1970) the whole balance is due with priority. */
  readonly legalFinalDate: number;
}

/** A step applies only while the trigger is on (or off). */
export interface Condition {
  readonly trigger: string;
  readonly on: boolean;
}

/**
 * A line of the priority of payments.
 *
 * - seniorFees: the fees and what was left unpaid of them, up to `yearlyCap` a calendar year;
 * - servicingFee: its rate on the value at the beginning, for a month, and what was left unpaid;
 * - classInterest: of the classes of a seniority, with unpaid interest and interest on it;
 * - priorityPrincipal: as much as the notes down to a seniority exceed the value at the end, and what is legally final;
 * - reserve: fills the reserve account up;
 * - regularPrincipal: by the mode of the period;
 * - subordinated: fees above their cap, then other subordinated amounts;
 * - residual: all that is left.
 *
 * What is left without a residual step that applies is kept for the next payment date.
 */
export type Step =
  | { readonly kind: "seniorFees"; readonly yearlyCap?: bigint; readonly condition?: Condition }
  | { readonly kind: "classInterest" | "priorityPrincipal"; readonly target: number; readonly condition?: Condition }
  | {
      readonly kind: "servicingFee" | "reserve" | "regularPrincipal" | "subordinated" | "residual";
      readonly condition?: Condition;
    };

/** What never changes in a securitization. Amounts are minor units, rates 1e-8 a year. */
export interface Deal {
  /** Senior first. */
  readonly classes: readonly ClassTerms[];
  readonly steps: readonly Step[];
  readonly servicingRate: bigint;
  readonly reserveTarget: bigint;
  /** By how much the value of the assets should exceed the notes. */
  readonly targetOvercollateralization: bigint;
  /** Of interest and the servicing fee. */
  readonly rounding: RoundingMode;
}

/** The priority of payments before enforcement, for the classes' seniorities. */
export function standardSteps(seniorities: number): Step[] {
  const byClass = Array.from({ length: seniorities }, (_, target): Step[] => [
    { kind: "classInterest", target },
    { kind: "priorityPrincipal", target },
  ]);
  return [
    { kind: "seniorFees" },
    { kind: "servicingFee" },
    ...byClass.flat(),
    { kind: "reserve" },
    { kind: "regularPrincipal" },
    { kind: "subordinated" },
    { kind: "residual" },
  ];
}

/** Throws FinanceError for a deal that `runWaterfall` could not run. */
export function checkDeal({ classes, steps, servicingRate, reserveTarget, targetOvercollateralization }: Deal): void {
  if (classes.length === 0) throw new FinanceError("classes", "a deal has at least one class");
  classes.forEach(({ seniority, principalOrder, rate, legalFinalDate }, i) => {
    const before = classes[i - 1] ?? { seniority: 0, principalOrder: 0 };
    const isNext = (value: number, last: number) => value === last || (i > 0 && value === last + 1);
    if (!isNext(seniority, before.seniority) || !isNext(principalOrder, before.principalOrder)) {
      throw new FinanceError(
        "classes",
        `class ${i}: list classes senior first, in the order of principal, numbered from 0`,
      );
    }
    if (rate < 0n) throw new FinanceError("negative", `class ${i} has the rate ${rate}`);
    if (!Number.isInteger(legalFinalDate)) throw new FinanceError("date", `class ${i} has no legal final date`);
  });
  if (servicingRate < 0n || reserveTarget < 0n || targetOvercollateralization < 0n) {
    throw new FinanceError(
      "negative",
      "the servicing rate, the reserve and the overcollateralization cannot be negative",
    );
  }
  const lowest = classes.at(-1)?.seniority ?? 0;
  steps.forEach((step, i) => {
    if ("target" in step && !(Number.isInteger(step.target) && step.target >= 0 && step.target <= lowest)) {
      throw new FinanceError("steps", `step ${i} is for seniority ${step.target}, which no class has`);
    }
    if (step.kind === "seniorFees" && step.yearlyCap !== undefined && step.yearlyCap < 0n) {
      throw new FinanceError("negative", `step ${i} has the cap ${step.yearlyCap}`);
    }
    if (steps.slice(0, i).some((earlier) => isSameLine(earlier, step) && canBothApply(earlier, step))) {
      throw new FinanceError("steps", `step ${i} comes twice: give both opposite conditions`);
    }
    if (step.kind === "residual" && steps.slice(i + 1).some((later) => later.kind !== "residual")) {
      throw new FinanceError("steps", `step ${i} takes all that is left: nothing can follow it`);
    }
  });
}

function isSameLine(a: Step, b: Step): boolean {
  return a.kind === b.kind && ("target" in a ? a.target : 0) === ("target" in b ? b.target : 0);
}

function canBothApply({ condition: a }: Step, { condition: b }: Step): boolean {
  return !a || !b || a.trigger !== b.trigger || a.on === b.on;
}
