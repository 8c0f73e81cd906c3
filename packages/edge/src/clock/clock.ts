import { type ClockBounds, clockBounds } from "@ruffchain/light";

/** Where a device gets the time from, apart from verified headers. Tests and other platforms give their own. */
export interface TimeSource {
  /** Milliseconds that only ever grow, also when somebody sets the clock; from an arbitrary start. */
  monotonic(): number;
  /** Milliseconds since 1970 as the platform (NTP, NTS, a real-time clock) has them now. */
  wall(): number;
}

export const systemTime: TimeSource = { monotonic: () => performance.now(), wall: () => Date.now() };

/**
 * The device's own time. The platform's clock is read once and then counted on by the monotonic clock, so that setting
 * it back does not revive a right. It is read again only when verified headers prove that it was behind. GNSS time is
 * not used: receivers report wrong weeks, and old signals can be replayed.
 */
export class Clock {
  readonly #source: TimeSource;
  readonly #newestHeaderTime: () => number;
  #sync: { readonly wall: number; readonly monotonic: number } | undefined;

  /** `newestHeaderTime` gives the time of the newest verified header ever seen, in seconds since 1970. */
  constructor(newestHeaderTime: () => number, source: TimeSource = systemTime) {
    this.#source = source;
    this.#newestHeaderTime = newestHeaderTime;
  }

  /** Milliseconds, only for differences. */
  monotonic(): number {
    return this.#source.monotonic();
  }

  /** Between which seconds since 1970 it is now; undefined as long as the platform's clock is behind a verified header. */
  bounds(): ClockBounds | undefined {
    const bounds = this.#counted();
    if (bounds && bounds.lo <= bounds.hi) return bounds;
    this.#sync = { wall: this.#source.wall() / 1000, monotonic: this.#source.monotonic() };
    const anew = this.#counted();
    if (anew && anew.lo <= anew.hi) return anew;
    this.#sync = undefined;
    return undefined;
  }

  /** The second since 1970 to write down for an event now; with a lost clock the newest header's, which it is later than. */
  seconds(): number {
    return this.bounds()?.lo ?? this.#newestHeaderTime();
  }

  /** How good `seconds` are, as batches state it: 0 unknown, 1 the platform's clock. */
  quality(): 0 | 1 {
    return this.bounds() === undefined ? 0 : 1;
  }

  #counted(): ClockBounds | undefined {
    if (this.#sync === undefined) return undefined;
    const elapsed = (this.#source.monotonic() - this.#sync.monotonic) / 1000;
    return clockBounds(this.#sync.wall, elapsed, this.#newestHeaderTime());
  }
}
