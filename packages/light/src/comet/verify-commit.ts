import { bytesToHex } from "@noble/hashes/utils.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";
import { blockIdFlag, type Commit, commitVote } from "./commit.js";
import { type Header, hashHeader } from "./header.js";
import { hashValidators, type Validator, validatorAddress } from "./validator.js";
import { voteSignBytes } from "./vote.js";

/**
 * Checks that validators with more than two thirds of the power have signed this header. Signatures are checked in
 * order until that is reached; the rest is not looked at. Returns nothing; throws LightError with one of the codes of
 * CommitFailures.
 */
export function verifyCommit(
  validators: readonly Validator[],
  chainId: string,
  header: Header,
  commit: Commit,
  crypto: Crypto = nobleCrypto,
): void {
  if (header.chainId !== chainId) {
    const details = { expected: chainId, actual: header.chainId };
    throw new LightError("wrongChain", details, `the header is of chain ${header.chainId}, not ${chainId}`);
  }
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
  verifySignatures(validators, chainId, commit, crypto);
}

function verifySignatures(validators: readonly Validator[], chainId: string, commit: Commit, crypto: Crypto): void {
  if (commit.signatures.length !== validators.length) {
    const details = { validators: validators.length, signatures: commit.signatures.length };
    throw new LightError("wrongSignatureCount", details, "the commit does not have one slot per validator");
  }
  const total = validators.reduce((sum, { power }) => sum + power, 0n);
  let signed = 0n;
  for (const [index, { publicKey, power }] of validators.entries()) {
    const slot = commit.signatures[index];
    if (slot?.flag !== blockIdFlag.commit) continue;
    const validator = bytesToHex(validatorAddress(publicKey, crypto));
    const signer = bytesToHex(slot.validatorAddress);
    if (signer !== validator) {
      const details = { index, expected: validator, actual: signer };
      throw new LightError(
        "wrongSigner",
        details,
        `slot ${index} of the commit belongs to ${validator}, not to ${signer}`,
      );
    }
    if (!crypto.verifyEd25519(publicKey, voteSignBytes(chainId, commitVote(commit, slot)), slot.signature)) {
      throw new LightError(
        "invalidSignature",
        { index, validator },
        `signature ${index} of the commit is not ${validator}'s`,
      );
    }
    signed += power;
    if (signed * 3n > total * 2n) return;
  }
  throw new LightError(
    "insufficientPower",
    { signed, total },
    `${signed} of ${total} power signed: more than two thirds are needed`,
  );
}
