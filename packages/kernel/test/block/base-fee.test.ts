import { nextBaseFee, UNLIMITED_BASE_FEE } from "@ruffchain/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("nextBaseFee", () => {
  // The cases of go-ethereum's TestCalcBaseFee: a gas limit of 20,000,000, so a target of half of it.
  test.each([
    ["at the target", 10_000_000, 1_000_000_000n],
    ["below the target", 9_000_000, 987_500_000n],
    ["above the target", 11_000_000, 1_012_500_000n],
    ["full", 20_000_000, 1_125_000_000n],
    ["empty", 0, 875_000_000n],
  ])("%s", (_, parentGasUsed, expected) => {
    const fee = nextBaseFee({
      parentBaseFee: 1_000_000_000n,
      parentGasUsed,
      gasTarget: 10_000_000,
      minimum: 0n,
      maximum: UNLIMITED_BASE_FEE,
    });
    expect(fee).toBe(expected);
  });

  test("rises by at least 1 wei above the target", () => {
    expect(
      nextBaseFee({ parentBaseFee: 7n, parentGasUsed: 11, gasTarget: 10, minimum: 7n, maximum: UNLIMITED_BASE_FEE }),
    ).toBe(8n);
  });

  test("never falls below the minimum", () => {
    expect(
      nextBaseFee({
        parentBaseFee: 1000n,
        parentGasUsed: 0,
        gasTarget: 10,
        minimum: 900n,
        maximum: UNLIMITED_BASE_FEE,
      }),
    ).toBe(900n);
    expect(
      nextBaseFee({ parentBaseFee: 7n, parentGasUsed: 0, gasTarget: 10, minimum: 7n, maximum: UNLIMITED_BASE_FEE }),
    ).toBe(7n);
  });

  test("never rises above the maximum", () => {
    expect(nextBaseFee({ parentBaseFee: 1000n, parentGasUsed: 20, gasTarget: 10, minimum: 0n, maximum: 1100n })).toBe(
      1100n,
    );
    expect(nextBaseFee({ parentBaseFee: 0n, parentGasUsed: 20, gasTarget: 10, minimum: 0n, maximum: 0n })).toBe(0n);
  });

  test("is the formula of EIP-1559", () => {
    const gas = fc.integer({ min: 1, max: 100_000_000 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 14n }), gas, gas, (parentBaseFee, parentGasUsed, gasTarget) => {
        const [used, target] = [BigInt(parentGasUsed), BigInt(gasTarget)];
        let expected = parentBaseFee;
        if (used > target) {
          const delta = (parentBaseFee * (used - target)) / target / 8n;
          expected += delta > 1n ? delta : 1n;
        } else if (used < target) {
          expected -= (parentBaseFee * (target - used)) / target / 8n;
        }
        expect(nextBaseFee({ parentBaseFee, parentGasUsed, gasTarget, minimum: 0n, maximum: UNLIMITED_BASE_FEE })).toBe(
          expected,
        );
      }),
    );
  });
});
