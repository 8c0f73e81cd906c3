/** What a device knows of the time, in seconds since 1970: not before `lo`, not after `hi`. */
export interface ClockBounds {
  readonly lo: number;
  readonly hi: number;
}

/** How far a device's monotonic clock may be off, in millionths of what it counted. */
export const CLOCK_DRIFT_PPM = 50;

/**
 * The bounds of the time, `elapsed` seconds by the monotonic clock after it was `syncedAt` (seconds since 1970, from a
 * GNSS fix, NTP or an online header). A verified header proves only that it is not earlier than `headerTime`.
 */
export function clockBounds(syncedAt: number, elapsed: number, headerTime: number): ClockBounds {
  const drift = (elapsed * CLOCK_DRIFT_PPM) / 1_000_000;
  return {
    lo: Math.max(headerTime, Math.floor(syncedAt + elapsed - drift)),
    hi: Math.ceil(syncedAt + elapsed + drift),
  };
}
