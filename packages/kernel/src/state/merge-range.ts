import type { StateKey } from "./reader.js";

type Entry = readonly [key: StateKey, value: Uint8Array];

/**
 * Walks a base in key order with other entries laid over it. `next` gives the overlay's first key behind the given one
 * (or the first at all), and `effective` the value that counts for a key: undefined where it is deleted. Both are asked
 * anew at each step, so the overlay may change during the walk: what lies ahead then is seen as it is then.
 */
export function* mergeRange(
  base: Iterable<Entry>,
  next: (after: StateKey | undefined) => StateKey | undefined,
  effective: (key: StateKey, base: Uint8Array | undefined) => Uint8Array | undefined,
  reverse: boolean,
): Generator<Entry> {
  const iterator = base[Symbol.iterator]();
  try {
    let fromBase = iterator.next();
    let last: StateKey | undefined;
    for (;;) {
      const over = next(last);
      if (fromBase.done && over === undefined) return;
      const baseKey = fromBase.done ? undefined : fromBase.value[0];
      const takeBase = baseKey !== undefined && (over === undefined || (reverse ? baseKey >= over : baseKey <= over));
      const key = (takeBase ? baseKey : over) as StateKey;
      const value = effective(key, takeBase && !fromBase.done ? fromBase.value[1] : undefined);
      if (takeBase) fromBase = iterator.next();
      last = key;
      if (value !== undefined) yield [key, value];
    }
  } finally {
    iterator.return?.();
  }
}
