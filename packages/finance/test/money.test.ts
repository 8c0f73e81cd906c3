import { allocate, discount, divide, FinanceError, interest, type RoundingMode, roundHalfUp } from "@ruffchain/finance";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

function codeOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof FinanceError) return error.code;
    throw error;
  }
  return undefined;
}

const amount = fc.bigInt({ min: 0n, max: 10n ** 18n });
const divisor = fc.bigInt({ min: 1n, max: 10n ** 9n });

describe("rounding", () => {
  test.each<[bigint, bigint, Record<RoundingMode, bigint>]>([
    [0n, 7n, { halfUp: 0n, halfEven: 0n, floor: 0n, ceiling: 0n }],
    [14n, 7n, { halfUp: 2n, halfEven: 2n, floor: 2n, ceiling: 2n }],
    [1n, 2n, { halfUp: 1n, halfEven: 0n, floor: 0n, ceiling: 1n }],
    [3n, 2n, { halfUp: 2n, halfEven: 2n, floor: 1n, ceiling: 2n }],
    [5n, 2n, { halfUp: 3n, halfEven: 2n, floor: 2n, ceiling: 3n }],
    [249n, 100n, { halfUp: 2n, halfEven: 2n, floor: 2n, ceiling: 3n }],
    [251n, 100n, { halfUp: 3n, halfEven: 3n, floor: 2n, ceiling: 3n }],
  ])("%s / %s", (n, d, expected) => {
    for (const [mode, result] of Object.entries(expected)) expect(divide(n, d, mode as RoundingMode)).toBe(result);
  });

  test("half up is (2n + d) / 2d", () => {
    fc.assert(
      fc.property(amount, divisor, (n, d) => {
        expect(roundHalfUp(n, d)).toBe((2n * n + d) / (2n * d));
      }),
    );
  });

  test("is never off by more than half a unit to the nearest, or a unit down or up", () => {
    fc.assert(
      fc.property(amount, divisor, (n, d) => {
        for (const mode of ["halfUp", "halfEven"] as const) {
          const error = 2n * (divide(n, d, mode) * d - n);
          expect(-d <= error && error <= d).toBe(true);
        }
        expect(n - divide(n, d, "floor") * d < d).toBe(true);
        expect(divide(n, d, "ceiling") * d - n < d).toBe(true);
        expect(divide(n, d, "floor") * d <= n && n <= divide(n, d, "ceiling") * d).toBe(true);
      }),
    );
  });

  test("refuses what has no meaning", () => {
    expect(codeOf(() => roundHalfUp(1n, 0n))).toBe("divisor");
    expect(codeOf(() => roundHalfUp(1n, -1n))).toBe("divisor");
    expect(codeOf(() => roundHalfUp(-1n, 1n))).toBe("negative");
  });
});

describe("allocation", () => {
  test.each<[bigint, bigint[], bigint[]]>([
    [3n, [23n, 8n, 26n], [1n, 1n, 1n]],
    // One more, and the second gets less: the Alabama paradox.
    [4n, [23n, 8n, 26n], [2n, 0n, 2n]],
    [1n, [1n, 1n], [1n, 0n]],
    [100n, [0n, 1n, 1n, 1n], [0n, 34n, 33n, 33n]],
    [5n, [0n, 0n], [0n, 0n]],
    [5n, [], []],
  ])("of %s over %s", (total, weights, parts) => {
    expect(allocate(total, weights)).toEqual(parts);
  });

  test("gives all of it, each within a unit of the share and none above its weight", () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(weights, fc.nat(1_000_000), (weights, permille) => {
        const sum = weights.reduce((a, b) => a + b, 0n);
        const total = (sum * BigInt(permille)) / 1_000_000n;
        const parts = allocate(total, weights);
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(total);
        parts.forEach((part, i) => {
          const weight = weights[i] ?? 0n;
          const error = part * sum - total * weight;
          expect(-sum <= error && error <= sum).toBe(true);
          expect(part <= weight && part >= 0n).toBe(true);
        });
      }),
    );
  });

  test("refuses negatives", () => {
    expect(codeOf(() => allocate(-1n, [1n]))).toBe("negative");
    expect(codeOf(() => allocate(1n, [2n, -1n]))).toBe("negative");
  });
});

describe("interest", () => {
  test("is rounded once, by the mode", () => {
    // 1,000.00 at 5 % for a day: 13.888… cents.
    const day = { numerator: 1n, denominator: 360n };
    expect(interest(100_000n, 5_000_000n, day)).toBe(14n);
    expect(interest(100_000n, 5_000_000n, day, "floor")).toBe(13n);
    expect(interest(100_000n, 5_000_000n, { numerator: 360n, denominator: 360n })).toBe(5_000n);
  });

  test("discounts a receivable by amount × rate × days / 365", () => {
    expect(discount(100_000_00n, 6_000_000n, 73n)).toBe(1_200_00n);
    expect(discount(40_000n, 7_300_000n, 30n)).toBe(240n);
    expect(discount(365n, 50_000_000n, 1n)).toBe(1n);
    expect(discount(364n, 50_000_000n, 1n)).toBe(0n);
    expect(codeOf(() => discount(1n, 1n, -1n))).toBe("negative");
  });
});
