import { bytesToHex } from "@noble/hashes/utils.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";
import type { Commit } from "./commit.js";
import type { Header } from "./header.js";
import type { Validator } from "./validator.js";
import { verifyCommit } from "./verify-commit.js";

/** A header with the commit for it and the validators that made the commit. */
export interface LightBlock {
  readonly header: Header;
  readonly commit: Commit;
  readonly validators: readonly Validator[];
}

/**
 * Checks the block right after a trusted header. The trusted header names the next validators, so a changed set is
 * followed here. Throws LightError with one of the codes of CommitFailures.
 */
export function verifyAdjacent(trusted: Header, next: LightBlock, crypto: Crypto = nobleCrypto): void {
  const { header, commit, validators } = next;
  if (header.height !== trusted.height + 1) {
    const details = { expected: trusted.height + 1, actual: header.height };
    throw new LightError("wrongHeight", details, `height ${header.height} does not follow ${trusted.height}`);
  }
  if (header.time <= trusted.time) {
    const details = { trusted: trusted.time, header: header.time };
    throw new LightError("timeNotLater", details, "the header is not later than the one it follows");
  }
  const promised = bytesToHex(trusted.nextValidatorsHash);
  const named = bytesToHex(header.validatorsHash);
  if (promised !== named) {
    const details = { trusted: promised, header: named };
    throw new LightError(
      "unknownValidators",
      details,
      "the header's validators are not the ones that its predecessor named",
    );
  }
  verifyCommit(validators, trusted.chainId, header, commit, crypto);
}
