import { FinanceError } from "./finance-error.js";

/** Where n/d goes that is not whole: to the nearest (a half up, or to the even neighbour), down, or up. */
export type RoundingMode = "halfUp" | "halfEven" | "floor" | "ceiling";

/** n / d in whole units; n ≥ 0, d > 0. Throws FinanceError. */
export function divide(n: bigint, d: bigint, mode: RoundingMode): bigint {
  if (d <= 0n) throw new FinanceError("divisor", `cannot divide by ${d}: the divisor must be positive`);
  if (n < 0n) throw new FinanceError("negative", `${n} is negative: round its absolute value`);
  const floor = n / d;
  const rest = n % d;
  switch (mode) {
    case "floor":
      return floor;
    case "ceiling":
      return rest === 0n ? floor : floor + 1n;
    case "halfUp":
      return 2n * rest >= d ? floor + 1n : floor;
    case "halfEven":
      return 2n * rest > d || (2n * rest === d && floor % 2n === 1n) ? floor + 1n : floor;
  }
}

/** n / d to the nearest whole unit, a half up; n ≥ 0, d > 0. Throws FinanceError. */
export function roundHalfUp(n: bigint, d: bigint): bigint {
  return divide(n, d, "halfUp");
}
