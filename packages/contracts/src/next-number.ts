interface Counters {
  get(counter: number): bigint | undefined;
  set(counter: number, value: bigint): void;
}

/** Counts on one row of a `table("uint8", "uint64")`: 1, 2, 3 … */
export function nextNumber(counters: Counters, counter: number): bigint {
  const number = (counters.get(counter) ?? 0n) + 1n;
  counters.set(counter, number);
  return number;
}
