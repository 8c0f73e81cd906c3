import type { Fraction } from "./day-count.js";
import { divide, type RoundingMode } from "./rounding.js";

/** Rates are in 1e-8 a year: 2.49584 % is 2_495_840n. */
export const RATE_SCALE = 100_000_000n;

/** Simple interest for a part of a year, divided and rounded once. Throws FinanceError. */
export function interest(balance: bigint, rate: bigint, part: Fraction, mode: RoundingMode = "halfUp"): bigint {
  return divide(balance * rate * part.numerator, RATE_SCALE * part.denominator, mode);
}

/** What is taken off an amount that falls due in so many days: amount × rate × days / 365, a half up. Throws FinanceError. */
export function discount(amount: bigint, rate: bigint, days: bigint): bigint {
  return interest(amount, rate, { numerator: days, denominator: 365n });
}
