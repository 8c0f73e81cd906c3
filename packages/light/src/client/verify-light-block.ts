import { bytesToHex } from "@noble/hashes/utils.js";
import { CommitSignatures } from "../comet/commit-signatures.js";
import { type Header, hashHeader } from "../comet/header.js";
import type { LightBlock } from "../comet/light-block.js";
import { hashValidators } from "../comet/validator.js";
import { checkChain, checkCommittedBlock } from "../comet/verify-commit.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";
import { checkNamedValidators } from "./check-validators.js";
import { checkedOptions, type VerifyOptions } from "./options.js";
import type { TrustedState } from "./trusted-state.js";

/**
 * One step of CometBFT's light client: from a trusted block to a later one; returns the state to trust from then on.
 * The next block must have the validators that the trusted one named. For a block further on, more than the trust level
 * of those validators must have signed it. Each must be signed by more than two thirds of its own validators. Throws
 * LightError with one of the codes of ClientFailures or CommitFailures; after `insufficientTrust`, a block between the two may lead
 * on.
 */
export function verifyLightBlock(
  trusted: TrustedState,
  block: LightBlock,
  options: VerifyOptions,
  crypto: Crypto = nobleCrypto,
): TrustedState {
  const checked = checkedOptions(options);
  const { header, commit, validators, nextValidators } = block;
  checkTrustPeriod(trusted, checked);
  checkChain(trusted.chainId, header);
  checkCommittedBlock(block, crypto);
  checkOrder(trusted, header, checked);
  checkNamedValidators(validators, header.validatorsHash, header.height, crypto);
  const signatures = new CommitSignatures(trusted.chainId, commit, crypto);
  if (header.height === trusted.height + 1) checkPromised(trusted, header, crypto);
  else signatures.checkTrust(trusted.nextValidators, checked.trustLevel);
  signatures.checkSet(validators);
  checkNamedValidators(nextValidators, header.nextValidatorsHash, header.height + 1, crypto);
  const { chainId, height, time } = header;
  return { chainId, height, time, hash: commit.blockId.hash, nextValidators };
}

/**
 * The block of the trusted height, signed: within the trust period, the one that is trusted, and by its own validators. Throws
 * LightError `trustExpired`, `wrongTrustedHash`, `wrongValidators` or one of the codes of CommitFailures.
 */
export function verifyTrustedBlock(
  trusted: TrustedState,
  block: LightBlock,
  options: VerifyOptions,
  crypto: Crypto,
): void {
  checkTrustPeriod(trusted, options);
  const { header, commit, validators } = block;
  const { height, validatorsHash } = header;
  const [expected, actual] = [bytesToHex(trusted.hash), bytesToHex(hashHeader(header, crypto))];
  if (actual !== expected) {
    const message = `height ${height} was verified with another hash before: the node lies, or the chain has forked`;
    throw new LightError("wrongTrustedHash", { height, expected, actual }, message);
  }
  checkCommittedBlock(block, crypto);
  checkNamedValidators(validators, validatorsHash, height, crypto);
  new CommitSignatures(trusted.chainId, commit, crypto).checkSet(validators);
}

function checkTrustPeriod({ time: trustedTime }: TrustedState, { now, trustPeriod }: VerifyOptions): void {
  if (trustedTime + trustPeriod > now) return;
  throw new LightError(
    "trustExpired",
    { trustedTime, trustPeriod, now },
    "the trusted block is older than the trust period: begin again with the height and hash of a newer block, " +
      "from a source that you trust",
  );
}

function checkOrder(trusted: TrustedState, header: Header, { now, clockDrift }: Required<VerifyOptions>): void {
  const { height, time: headerTime } = header;
  if (height <= trusted.height) {
    const details = { expected: trusted.height + 1, actual: height };
    throw new LightError("wrongHeight", details, `height ${height} is not after the trusted ${trusted.height}`);
  }
  if (headerTime <= trusted.time) {
    const details = { trusted: trusted.time, header: headerTime };
    throw new LightError("timeNotLater", details, "the header is not later than the one it follows");
  }
  if (headerTime >= now + clockDrift) {
    const message = `the header is ${(headerTime - now) / 1_000_000n} ms ahead of this clock: is it right?`;
    throw new LightError("headerFromFuture", { headerTime, now, clockDrift }, message);
  }
}

function checkPromised({ nextValidators }: TrustedState, header: Header, crypto: Crypto): void {
  const trusted = bytesToHex(hashValidators(nextValidators, crypto));
  const named = bytesToHex(header.validatorsHash);
  if (trusted !== named) {
    const details = { trusted, header: named };
    const message = "the header's validators are not the ones that its predecessor named";
    throw new LightError("unknownValidators", details, message);
  }
}
