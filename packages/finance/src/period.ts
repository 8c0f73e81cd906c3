import type { Fraction } from "./day-count.js";

/** What a deal carries from one payment date to the next. Arrays are by class, or by payee of the senior fees. */
export interface DealState {
  readonly balances: readonly bigint[];
  readonly interestShort: readonly bigint[];
  readonly reserve: bigint;
  /** Cash that no step took. */
  readonly retained: bigint;
  readonly feesShort: readonly bigint[];
  /** Senior fees paid under the cap in `feeYear`. */
  readonly feesPaidInYear: bigint;
  readonly feeYear: number;
  readonly servicingShort: bigint;
  readonly subordinatedShort: bigint;
}

/**
 * How regular principal is sized and shared: down to the target overcollateralization, class after class (sequential)
 * or in proportion to the balances (proRata); or all of the notes, class after class (turbo).
 */
export type PrincipalMode = "sequential" | "proRata" | "turbo";

/** What happened since the last payment date. */
export interface WaterfallInputs {
  /** Days since 1970-01-01. */
  readonly paymentDate: number;
  readonly availableFunds: bigint;
  /** Securitization value of the assets at the beginning and at the end of the period. */
  readonly valueBegin: bigint;
  readonly valueEnd: bigint;
  /** By payee. */
  readonly seniorFees: readonly bigint[];
  /** Subordinated amounts that became due, capped fees apart. */
  readonly subordinated: bigint;
  /** The part of a year for which each class accrues interest. */
  readonly accruals: readonly Fraction[];
  readonly mode: PrincipalMode;
  /** Those that are on. */
  readonly triggers: ReadonlySet<string>;
}

/** A deal on its first day. */
export function initialState(balances: readonly bigint[], reserve: bigint, feePayees: number): DealState {
  return {
    balances,
    interestShort: balances.map(() => 0n),
    reserve,
    retained: 0n,
    feesShort: new Array<bigint>(feePayees).fill(0n),
    feesPaidInYear: 0n,
    feeYear: 0,
    servicingShort: 0n,
    subordinatedShort: 0n,
  };
}
