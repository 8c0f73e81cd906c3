import { bytesToHex } from "@noble/hashes/utils.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";
import type { Commit } from "./commit.js";
import { CommitSignatures } from "./commit-signatures.js";
import { type Header, hashHeader } from "./header.js";
import type { SignedHeader } from "./light-block.js";
import { hashValidators, type Validator } from "./validator.js";

/**
 * Checks that validators with more than two thirds of the power have signed this header. Only as many signatures
 * as that takes are checked, from the first. Returns nothing; throws LightError with one of the codes of
 * CommitFailures.
 */
export function verifyCommit(
  validators: readonly Validator[],
  chainId: string,
  header: Header,
  commit: Commit,
  crypto: Crypto = nobleCrypto,
): void {
  checkChain(chainId, header);
  const trusted = bytesToHex(hashValidators(validators, crypto));
  const named = bytesToHex(header.validatorsHash);
  if (trusted !== named) {
    const details = { trusted, header: named };
    throw new LightError(
      "unknownValidators",
      details,
      "the header's validators are not the trusted ones: follow the changes first",
    );
  }
  checkCommittedBlock({ header, commit }, crypto);
  new CommitSignatures(chainId, commit, crypto).checkSet(validators);
}

/** Throws LightError `wrongChain`. */
export function checkChain(chainId: string, header: Header): void {
  if (header.chainId !== chainId) {
    const details = { expected: chainId, actual: header.chainId };
    throw new LightError("wrongChain", details, `the header is of chain ${header.chainId}, not ${chainId}`);
  }
}

/** Checks that the commit is for this header, whoever signed it; throws LightError `wrongHeight` or `wrongBlockHash`. */
export function checkCommittedBlock({ header, commit }: SignedHeader, crypto: Crypto): void {
  if (commit.height !== header.height) {
    const details = { expected: header.height, actual: commit.height };
    throw new LightError(
      "wrongHeight",
      details,
      `the commit is for height ${commit.height}, the header for ${header.height}`,
    );
  }
  const hash = bytesToHex(hashHeader(header, crypto));
  const committed = bytesToHex(commit.blockId.hash);
  if (hash !== committed) {
    const details = { header: hash, commit: committed };
    throw new LightError("wrongBlockHash", details, "the commit is for another block than this header's");
  }
}
