/** Why a header or commit was not accepted. */
export interface CommitFailures {
  /** The header is of another chain. */
  wrongChain: { expected: string; actual: string };
  /** Commit and header speak of different heights, or a header does not follow the trusted one. */
  wrongHeight: { expected: number; actual: number };
  /** The commit is for another block than this header's. */
  wrongBlockHash: { header: string; commit: string };
  /** The validators that the header names are not the ones that are trusted. */
  unknownValidators: { trusted: string; header: string };
  /** The commit does not have one signature slot per validator. */
  wrongSignatureCount: { validators: number; signatures: number };
  /** The signature at this index is attributed to another validator than the one that sits there. */
  wrongSigner: { index: number; expected: string; actual: string };
  /** The signature at this index is not the validator's. */
  invalidSignature: { index: number; validator: string };
  /** Valid signatures for the block hold no more than two thirds of the power. */
  insufficientPower: { signed: bigint; total: bigint };
  /** A header is not later than the one it follows. */
  timeNotLater: { trusted: bigint; header: bigint };
}

/** Why a light client does not take a block as trusted, apart from the failures of its commit. Times in nanoseconds. */
export interface ClientFailures {
  /** An option is out of its range. */
  invalidOption: { option: string; problem: string };
  /** The trusted state is too old to trust its validators further. */
  trustExpired: { trustedTime: bigint; trustPeriod: bigint; now: bigint };
  /** The header's time is ahead of the caller's clock by more than the drift. */
  headerFromFuture: { headerTime: bigint; now: bigint; clockDrift: bigint };
  /** The newest header that the node gives is older than the caller accepts. */
  headerStale: { headerTime: bigint; now: bigint; maxHeaderAge: bigint };
  /** Too little of the trusted power signed: a block between must be verified first. */
  insufficientTrust: { signed: bigint; total: bigint };
  /** One validator's address is in two slots of the commit. */
  duplicateSigner: { index: number; validator: string };
  /** The validators that were given for this height are not the ones that the header names. */
  wrongValidators: { height: number; expected: string; actual: string };
  tooManyValidators: { validators: number; limit: number };
  /** A validator's power is not positive, or brings the set above MAX_TOTAL_POWER. */
  invalidPower: { index: number; power: bigint };
  /** The header at a height that is trusted already has another hash than the trusted one. */
  wrongTrustedHash: { height: number; expected: string; actual: string };
  /** So many blocks were verified and the one asked for is not reached. */
  tooManySteps: { limit: number; reached: number; height: number };
}

/** Why a state proof was not accepted. */
export interface ProofFailures {
  /** Existence was expected and absence is proven, or the other way round. */
  proofWrongKind: { expected: "existence" | "nonExistence" };
  /** The proof is for another key. */
  proofWrongKey: { expected: string; actual: string };
  /** The proof is for another value. */
  proofWrongValue: { key: string };
  /** A leaf or inner operation is not the one of this chain's tree. */
  proofWrongOperation: { operation: "leaf" | "inner"; index: number };
  /** The path is longer than MAX_PROOF_DEPTH. */
  proofTooDeep: { depth: number; limit: number };
  /** The path turns where the bits of SHA-256(key) do not. */
  proofOffPath: { level: number };
  /** The path does not end in the root. */
  proofWrongRoot: { expected: string; actual: string };
  /** The two keys of an absence proof do not lie on both sides of the absent one. */
  proofWrongOrder: { key: string };
  /** Another leaf may lie between the two keys of an absence proof. */
  proofNotAdjacent: { key: string };
}

/** Why bytes could not be read. */
export interface FormatFailures {
  /** The bytes are not the canonical encoding of the named thing. */
  malformed: { what: string; problem: string };
}

/** Why a device does not act on an access grant, apart from the failures of its commit and its proof. */
export interface GrantFailures {
  grantTooLarge: { bytes: number; limit: number };
  /** The grant is of a format version that this device does not know. */
  unknownVersion: { version: number };
  /** The header is older than the newest one this device has seen, by more than its slack. Times in seconds. */
  headerTooOld: { headerTime: number; floor: number };
  /** The proven record is not the one of the named right. */
  wrongRecord: { expected: string; actual: string };
  wrongAsset: { expected: bigint; actual: bigint };
  commandOutOfScope: { command: string; scope: number };
  /** The device has no trustworthy time. */
  clockUnknown: { headerTime: number; hi: number | undefined };
  /** The right has not begun. Times in seconds. */
  tooEarly: { from: bigint; now: number };
  /** The right has ended. Times in seconds. */
  ended: { until: bigint; now: number };
  /** The grant's header is older than the asset's terms or the device allow. In seconds. */
  grantTooOld: { age: number; limit: number };
  /** The area that came with the grant is not the one that the right names. */
  wrongArea: { expected: string; actual: string };
  /** The right has an area and the device does not know where it is. */
  positionUnknown: Record<never, never>;
  /** The last position fix is too old. In seconds. */
  positionTooOld: { age: number; limit: number };
  outsideArea: { accuracyMetres: number };
  /** The challenge is not one that this device has issued. */
  wrongChallenge: Record<never, never>;
  challengeTooOld: { age: number; limit: number };
  challengeUsed: Record<never, never>;
  /** The proof of possession is of a kind that this device does not know. */
  unknownAlgorithm: { algorithm: string };
  /** The signature's s is in the upper half of the order: a second form of the same signature. */
  highSignature: Record<never, never>;
  /** Someone else than the holder signed the challenge. */
  wrongHolder: { expected: string; actual: string | undefined };
}

export interface LightFailures extends CommitFailures, ClientFailures, ProofFailures, FormatFailures, GrantFailures {}
export type LightErrorCode = keyof LightFailures;

/** Something was not proven. `code` says what, `details` has the values that disagree. */
export class LightError<C extends LightErrorCode = LightErrorCode> extends Error {
  override readonly name = "LightError";
  readonly code: C;
  readonly details: LightFailures[C];

  constructor(code: C, details: LightFailures[C], message: string) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
