import type { Pause } from "@ruffchain/kernel";

/** Milliseconds after which a call that takes long lets blocks and other calls have a turn. */
const TURN_MS = 10;

/** The pauses of one call. */
export function newPause(): Pause {
  let since = performance.now();
  return () => {
    if (performance.now() - since < TURN_MS) return undefined;
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        since = performance.now();
        resolve();
      });
    });
  };
}
