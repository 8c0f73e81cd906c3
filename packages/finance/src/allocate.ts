import { FinanceError } from "./finance-error.js";

/**
 * Splits a total over weights without losing a unit (largest remainder): each gets its share rounded down, and what is
 * left goes, one unit each, to the largest remainders, the earlier first among equals. Without any weight all get
 * nothing. If the total is at most the sum of the weights, nobody gets more than the weight. Throws FinanceError.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  if (total < 0n) throw new FinanceError("negative", `cannot split ${total}`);
  const negative = weights.find((weight) => weight < 0n);
  if (negative !== undefined) throw new FinanceError("negative", `a weight is ${negative}`);
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (sum === 0n) return weights.map(() => 0n);
  const parts = weights.map((weight) => (total * weight) / sum);
  const left = Number(total - parts.reduce((a, b) => a + b, 0n));
  weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
    .slice(0, left)
    .forEach(({ index }) => {
      parts[index] = (parts[index] ?? 0n) + 1n;
    });
  return parts;
}
