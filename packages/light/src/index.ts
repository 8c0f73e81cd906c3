export { attackEvidence } from "./client/attack-evidence.js";
export { MAX_TOTAL_POWER, MAX_VALIDATORS } from "./client/check-validators.js";
export { compareWitness, type ForkEvidence } from "./client/compare-witness.js";
export { type Followed, type FollowOptions, followChain, MAX_BISECTION_STEPS } from "./client/follow-chain.js";
export { type LightClientAttack, lightClientAttack } from "./client/light-client-attack.js";
export { DEFAULT_CLOCK_DRIFT, DEFAULT_TRUST_LEVEL, type VerifyOptions } from "./client/options.js";
export { type Provider, rpcProvider } from "./client/provider.js";
export {
  decodeTrustedState,
  encodeTrustedState,
  type GenesisTrust,
  type TrustedState,
  trustBlock,
  trustGenesis,
} from "./client/trusted-state.js";
export { verifyAncestors } from "./client/verify-ancestors.js";
export { verifyLightBlock } from "./client/verify-light-block.js";
export { type BlockId, emptyBlockId } from "./comet/block-id.js";
export {
  absentCommitSig,
  blockIdFlag,
  type Commit,
  type CommitSig,
  commitVote,
  decodeCommit,
  encodeCommit,
  hashCommit,
} from "./comet/commit.js";
export type { Fraction } from "./comet/commit-signatures.js";
export { type BlockParams, consensusHash, hashResults, type ResultDigest } from "./comet/consensus-hash.js";
export { decodeHeader, encodeHeader, type Header, hashHeader } from "./comet/header.js";
export type { LightBlock, SignedHeader } from "./comet/light-block.js";
export { dataHash, merkleRoot } from "./comet/merkle.js";
export { timeToString } from "./comet/time.js";
export { trimCommit } from "./comet/trim-commit.js";
export { hashValidators, type Validator, validatorAddress } from "./comet/validator.js";
export { verifyCommit } from "./comet/verify-commit.js";
export { type Vote, voteSignBytes, voteType } from "./comet/vote.js";
export type { Crypto } from "./crypto.js";
export { CLOCK_DRIFT_PPM, type ClockBounds, clockBounds } from "./grant/clock.js";
export {
  type AccessRequest,
  CHALLENGE_BYTES,
  type Decision,
  type Device,
  decide,
  MAX_CHALLENGE_AGE_SECONDS,
  MAX_POSITION_AGE_SECONDS,
  type Position,
  TIME_TOLERANCE_SECONDS,
} from "./grant/decide.js";
export { decodeGrant, encodeGrant, type Grant, MAX_GRANT_BYTES } from "./grant/grant.js";
export { type Access, accessText, type Command, verifyPossession } from "./grant/possession.js";
export { decodeRight, type RightRecord, rightKey } from "./grant/right-record.js";
export {
  type ClientFailures,
  type CommitFailures,
  type FormatFailures,
  type GrantFailures,
  LightError,
  type LightErrorCode,
  type LightFailures,
  type ProofFailures,
} from "./light-error.js";
export { nobleCrypto } from "./noble-crypto.js";
export {
  type CommitmentProof,
  decodeProof,
  type ExistenceProof,
  encodeProof,
  type InnerOp,
  type LeafOp,
  type NonExistenceProof,
} from "./proof/commitment-proof.js";
export { MAX_PROOF_DEPTH } from "./proof/existence.js";
export { verifyMembership } from "./proof/verify-membership.js";
export { verifyNonMembership } from "./proof/verify-non-membership.js";
export { decodeRecord, type FieldValue, type RecordOf } from "./record.js";
export { withZip215 } from "./zip215.js";
