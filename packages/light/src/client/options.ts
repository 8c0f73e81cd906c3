import type { Fraction } from "../comet/commit-signatures.js";
import { LightError } from "../light-error.js";

/** More than this share of a trusted set must have signed a later block: then one honest validator did. */
export const DEFAULT_TRUST_LEVEL: Fraction = { numerator: 1n, denominator: 3n };
/** How far a header's time may be ahead of the caller's clock, in nanoseconds. */
export const DEFAULT_CLOCK_DRIFT = 10_000_000_000n;

/** How far to trust, and when. Times are nanoseconds. */
export interface VerifyOptions {
  /** The caller's time, since 1970. */
  readonly now: bigint;
  /** How long after a header's time its validators are trusted: shorter than the time in which stake is unbonded. */
  readonly trustPeriod: bigint;
  /** From 1/3 to 1. */
  readonly trustLevel?: Fraction;
  readonly clockDrift?: bigint;
}

/** The options with the defaults filled in; throws LightError `invalidOption`. */
export function checkedOptions(options: VerifyOptions): Required<VerifyOptions> {
  const { now, trustPeriod, trustLevel = DEFAULT_TRUST_LEVEL, clockDrift = DEFAULT_CLOCK_DRIFT } = options;
  const { numerator, denominator } = trustLevel;
  if (!(denominator > 0n && numerator * 3n >= denominator && numerator <= denominator)) {
    throw invalidOption("trustLevel", `must be from 1/3 to 1, not ${numerator}/${denominator}`);
  }
  if (!(trustPeriod > 0n)) throw invalidOption("trustPeriod", `must be more than 0 ns, not ${trustPeriod}`);
  if (!(clockDrift >= 0n)) throw invalidOption("clockDrift", `must be 0 ns or more, not ${clockDrift}`);
  return { now, trustPeriod, trustLevel, clockDrift };
}

export function invalidOption(option: string, problem: string): LightError<"invalidOption"> {
  return new LightError("invalidOption", { option, problem }, `${option} ${problem}`);
}
