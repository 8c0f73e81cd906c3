import { bytesToHex } from "@noble/hashes/utils.js";
import { hashValidators, type Validator } from "../comet/validator.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";

/** Largest set that is read: the time that a stranger's answer can cost stays bounded. */
export const MAX_VALIDATORS = 1000;

/** Most power of a set together, as in CometBFT: an eighth of int64. */
export const MAX_TOTAL_POWER = (2n ** 63n - 1n) / 8n;

/** Checks a set that came from a stranger before anything is computed from it. Throws LightError `tooManyValidators` or `invalidPower`. */
export function checkValidators(validators: readonly Validator[]): void {
  if (validators.length > MAX_VALIDATORS) {
    const details = { validators: validators.length, limit: MAX_VALIDATORS };
    const message = `${validators.length} validators are more than the ${MAX_VALIDATORS} that are read`;
    throw new LightError("tooManyValidators", details, message);
  }
  let total = 0n;
  for (const [index, { power }] of validators.entries()) {
    total += power;
    if (power > 0n && total <= MAX_TOTAL_POWER) continue;
    const message = `validator ${index} has power ${power}: each must be positive, and all at most ${MAX_TOTAL_POWER}`;
    throw new LightError("invalidPower", { index, power }, message);
  }
}

/** Checks that a set is the one that a header names by its hash. Throws LightError `wrongValidators`, or as checkValidators. */
export function checkNamedValidators(
  validators: readonly Validator[],
  hash: Uint8Array,
  height: number,
  crypto: Crypto,
): void {
  checkValidators(validators);
  const [expected, actual] = [bytesToHex(hash), bytesToHex(hashValidators(validators, crypto))];
  if (actual !== expected) {
    const message = `the validators given for height ${height} are not the ones that the header names`;
    throw new LightError("wrongValidators", { height, expected, actual }, message);
  }
}
