import { bytesToHex } from "@noble/hashes/utils.js";
import { hashValidators, type Validator } from "../comet/validator.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";

/** Largest set that is read: the time that a stranger's answer can cost stays bounded. */
export const MAX_VALIDATORS = 1000;

/** Checks a set that came from a stranger before anything is computed from it. Throws LightError `tooManyValidators` or `invalidPower`. */
export function checkValidators(validators: readonly Validator[]): void {
  if (validators.length > MAX_VALIDATORS) {
    const details = { validators: validators.length, limit: MAX_VALIDATORS };
    const message = `${validators.length} validators are more than the ${MAX_VALIDATORS} that are read`;
    throw new LightError("tooManyValidators", details, message);
  }
  const index = validators.findIndex(({ power }) => power <= 0n);
  const validator = validators[index];
  if (validator) {
    const { power } = validator;
    throw new LightError(
      "invalidPower",
      { index, power },
      `validator ${index} has power ${power}: it must be positive`,
    );
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
