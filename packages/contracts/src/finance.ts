/** Rates are in 1e-8 a year. */
const RATE_SCALE = 100_000_000n;
const DAYS_PER_YEAR = 365n;

/** n / d, rounded half up; n ≥ 0, d > 0. */
export function roundHalfUp(n: bigint, d: bigint): bigint {
  return (2n * n + d) / (2n * d);
}

/** Simple interest for n/d of a year, rounded half up once. */
export function interest(principal: bigint, rate: bigint, n: bigint, d: bigint): bigint {
  return roundHalfUp(principal * rate * n, RATE_SCALE * d);
}

/** What is taken off an amount that is due in so many days: amount × rate × days / 365. */
export function discount(amount: bigint, rate: bigint, days: bigint): bigint {
  return interest(amount, rate, days, DAYS_PER_YEAR);
}

/** Pays dues in their order while the cash lasts. */
export function runWaterfall(cash: bigint, dues: readonly bigint[]) {
  let residual = cash;
  const paid = dues.map((due) => {
    const payment = due < residual ? due : residual;
    residual -= payment;
    return payment;
  });
  return { paid, residual };
}
