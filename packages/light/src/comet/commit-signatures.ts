import { bytesToHex } from "@noble/hashes/utils.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { blockIdFlag, type Commit, type CommitSig, commitVote } from "./commit.js";
import { type Validator, validatorAddress } from "./validator.js";
import { voteSignBytes } from "./vote.js";

/** A share of the voting power. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * Checks the signatures of one commit: each at most once, only as many as are needed, and none where the power that
 * claims to have signed is too little anyway.
 */
export class CommitSignatures {
  readonly #chainId: string;
  readonly #commit: Commit;
  readonly #crypto: Crypto;
  readonly #valid = new Set<number>();

  constructor(chainId: string, commit: Commit, crypto: Crypto) {
    this.#chainId = chainId;
    this.#commit = commit;
    this.#crypto = crypto;
  }

  /**
   * More than two thirds of the set that the commit belongs to have signed. Throws LightError `wrongSignatureCount`,
   * `wrongSigner`, `insufficientPower` or `invalidSignature`.
   */
  checkSet(validators: readonly Validator[]): void {
    const signers = decidingSigners(this.#commit, validators);
    for (const { index, slot, publicKey } of signers) {
      const validator = bytesToHex(validatorAddress(publicKey, this.#crypto));
      const signer = bytesToHex(slot.validatorAddress);
      if (signer !== validator) {
        const details = { index, expected: validator, actual: signer };
        throw new LightError(
          "wrongSigner",
          details,
          `slot ${index} of the commit belongs to ${validator}, not to ${signer}`,
        );
      }
    }
    this.#check(signers);
  }

  /**
   * More than the level of an earlier, trusted set have signed: whoever of them still sits somewhere in the commit.
   * Throws LightError `duplicateSigner`, `insufficientTrust` or `invalidSignature`.
   */
  checkTrust(trusted: readonly Validator[], level: Fraction): void {
    const byAddress = new Map(
      trusted.map((validator) => [bytesToHex(validatorAddress(validator.publicKey, this.#crypto)), validator]),
    );
    const total = totalPower(trusted);
    const seen = new Set<string>();
    const signers: Signer[] = [];
    let signed = 0n;
    for (const [index, slot] of this.#commit.signatures.entries()) {
      if (slot.flag !== blockIdFlag.commit) continue;
      const address = bytesToHex(slot.validatorAddress);
      const validator = byAddress.get(address);
      if (validator === undefined) continue;
      if (seen.has(address)) {
        throw new LightError(
          "duplicateSigner",
          { index, validator: address },
          `${address} has two slots in the commit`,
        );
      }
      seen.add(address);
      signers.push({ index, slot, publicKey: validator.publicKey });
      signed += validator.power;
      if (signed * level.denominator > total * level.numerator) return this.#check(signers);
    }
    throw new LightError(
      "insufficientTrust",
      { signed, total },
      `${signed} of ${total} trusted power signed, not more than ${level.numerator}/${level.denominator}: ` +
        "verify a block between first",
    );
  }

  /** The address in a slot is the public key's: so a slot is always checked with the same key. */
  #check(signers: readonly Signer[]): void {
    for (const { index, slot, publicKey } of signers) {
      if (this.#valid.has(index)) continue;
      const message = voteSignBytes(this.#chainId, commitVote(this.#commit, slot));
      if (!this.#crypto.verifyEd25519(publicKey, message, slot.signature)) {
        const validator = bytesToHex(slot.validatorAddress);
        throw new LightError(
          "invalidSignature",
          { index, validator },
          `signature ${index} of the commit is not ${validator}'s`,
        );
      }
      this.#valid.add(index);
    }
  }
}

/**
 * Those whose votes decide: from the first, who has the largest power, as many as hold more than two thirds of it together.
 * Throws LightError `wrongSignatureCount` or `insufficientPower`.
 */
export function decidingSigners({ signatures }: Commit, validators: readonly Validator[]): readonly Signer[] {
  if (signatures.length !== validators.length) {
    const details = { validators: validators.length, signatures: signatures.length };
    throw new LightError("wrongSignatureCount", details, "the commit does not have one slot per validator");
  }
  const total = totalPower(validators);
  const signers: Signer[] = [];
  let signed = 0n;
  for (const [index, { publicKey, power }] of validators.entries()) {
    const slot = signatures[index];
    if (slot?.flag !== blockIdFlag.commit) continue;
    signers.push({ index, slot, publicKey });
    signed += power;
    if (signed * 3n > total * 2n) return signers;
  }
  throw new LightError(
    "insufficientPower",
    { signed, total },
    `${signed} of ${total} power signed: more than two thirds are needed`,
  );
}

interface Signer {
  readonly index: number;
  readonly slot: CommitSig;
  readonly publicKey: Uint8Array;
}

function totalPower(validators: readonly Validator[]): bigint {
  return validators.reduce((sum, { power }) => sum + power, 0n);
}
