/** Runs actions in turn, so that whatever else the machine does hits all of them; microseconds of each in the median. */
export function medianMicroseconds(rounds: number, ...actions: readonly (() => void)[]): number[] {
  const times = actions.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, action] of actions.entries()) {
      const start = performance.now();
      action();
      times[index]?.push(performance.now() - start);
    }
  }
  return times.map((measured) => 1000 * median(measured));
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The value below which so many percent of the values are. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
