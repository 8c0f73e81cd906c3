/** Element of an array that is known to have it. */
export function at<T>(values: readonly T[], index: number): T {
  return values[index] as T;
}

export function sum(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => a + b, 0n);
}

export function add(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  return a.map((value, i) => value + at(b, i));
}

export function subtract(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  return a.map((value, i) => value - at(b, i));
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
