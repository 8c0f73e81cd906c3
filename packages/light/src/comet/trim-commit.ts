import { absentCommitSig, type Commit } from "./commit.js";
import { decidingSigners } from "./commit-signatures.js";
import type { Validator } from "./validator.js";

/**
 * The commit with the signatures that verifyCommit looks at and no others: from the largest power on, until more than two
 * thirds have signed; every other slot is absent. Nobody misses them: the whole commit is what `lastCommitHash` of the
 * header after names, and who is shown one header with its commit does not have that one. Where the block follows on a change
 * of validators, the whole commit leads further: trust counts all of the earlier ones that signed. No signature is
 * checked. Throws LightError `wrongSignatureCount` or `insufficientPower`.
 */
export function trimCommit(commit: Commit, validators: readonly Validator[]): Commit {
  const needed = new Set(decidingSigners(commit, validators).map(({ index }) => index));
  const signatures = commit.signatures.map((slot, index) => (needed.has(index) ? slot : absentCommitSig));
  return { ...commit, signatures };
}
