import { equalBytes } from "@noble/curves/utils.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { rightScope } from "@ruffchain/abi";
import { decodeCommit } from "../comet/commit.js";
import { decodeHeader, type Header } from "../comet/header.js";
import type { Validator } from "../comet/validator.js";
import { verifyCommit } from "../comet/verify-commit.js";
import type { Crypto } from "../crypto.js";
import { LightError, type LightErrorCode } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";
import { decodeProof } from "../proof/commitment-proof.js";
import { verifyExistence } from "../proof/existence.js";
import type { ClockBounds } from "./clock.js";
import { decodeGrant } from "./grant.js";
import { type Command, verifyPossession } from "./possession.js";
import { decodeRight, type RightRecord, rightKey } from "./right-record.js";

/** How far the device's clock and the window of a right may be apart. */
export const TIME_TOLERANCE_SECONDS = 60;
export const MAX_POSITION_AGE_SECONDS = 30;
export const MAX_CHALLENGE_AGE_SECONDS = 30;
/** Length of the random challenge that a device issues. */
export const CHALLENGE_BYTES = 16;

/** What the one who asks says: nothing of it is believed before it is proven. */
export interface AccessRequest {
  readonly right: bigint;
  readonly command: Command;
  readonly challenge: Uint8Array;
  /** "eip191": see verifyPossession. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

/** Where a device is: int32 in 1e-7 degrees. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMetres: number;
  /** Seconds since the fix. */
  readonly age: number;
}

/** What the device knows by itself. Times are seconds since 1970. */
export interface Device {
  readonly chainId: string;
  /** The asset that the device belongs to. */
  readonly asset: bigint;
  readonly validators: readonly Validator[];
  /** Time of the newest verified header it has ever seen. */
  readonly newestHeaderTime: number;
  /** How much older than that one a grant's header may be, in seconds. */
  readonly headerSlack: number;
  /** Longest age of a grant's header, in seconds, whatever the right's own terms say. */
  readonly maxGrantAge: number;
  /** undefined: the clock was lost and not set since. */
  readonly clock: ClockBounds | undefined;
  /** The last valid fix. */
  readonly position: Position | undefined;
  /** Whether the position, with its accuracy, is inside the encoded area. */
  readonly contains: (area: Uint8Array, position: Position) => boolean;
  /** The challenge it issued last, seconds ago, and whether an access was granted on it. */
  readonly challenge: { readonly nonce: Uint8Array; readonly age: number; readonly used: boolean } | undefined;
}

/**
 * `headerTime` is there once the grant's header was verified: the device raises its `newestHeaderTime` to it. It is no later
 * than the device's clock allows, and not there without a clock: else one header from a far future would shut out all honest
 * ones for good.
 */
export type Decision =
  | { readonly open: true; readonly right: RightRecord; readonly headerTime: number | undefined }
  | {
      readonly open: false;
      readonly reason: LightErrorCode;
      readonly details: LightError["details"];
      readonly message: string;
      readonly headerTime: number | undefined;
    };

/**
 * Decides whether the device does what is asked, from what is presented and what the device knows, and from nothing
 * else: no clock, no network, no state. To lock needs neither time nor place: what was opened can always be locked.
 * The caller marks the challenge as used before it acts. Comparisons are written so that NaN refuses.
 */
export function decide(
  { grant, request, device }: { grant: Uint8Array; request: AccessRequest; device: Device },
  crypto: Crypto = nobleCrypto,
): Decision {
  let learnt: number | undefined;
  try {
    const { header: headerBytes, commit, proof, area } = decodeGrant(grant);
    const header = decodeHeader(headerBytes);
    verifyCommit(device.validators, device.chainId, header, decodeCommit(commit), crypto);
    const headerTime = Number(header.time / 1_000_000_000n);
    learnt = device.clock && Math.min(headerTime, device.clock.hi + TIME_TOLERANCE_SECONDS);
    checkFloor(headerTime, device);
    const right = provenRight(header, proof, request.right, crypto);
    checkTerms(right, request.command, device);
    if (request.command !== "lock") {
      checkTime(right, headerTime, device);
      checkPlace(right, area, device, crypto);
    }
    checkChallenge(request, device);
    const { chainId, asset } = device;
    verifyPossession(right.holder, { ...request, chainId, asset }, request.algorithm, request.signature, crypto);
    return { open: true, right, headerTime: learnt };
  } catch (error) {
    if (!(error instanceof LightError)) throw error;
    return { open: false, reason: error.code, details: error.details, message: error.message, headerTime: learnt };
  }
}

function checkFloor(headerTime: number, device: Device): void {
  const floor = device.newestHeaderTime - device.headerSlack;
  if (!(headerTime >= floor)) {
    const message = `the grant is ${floor - headerTime} s older than this device accepts: fetch a newer one`;
    throw new LightError("headerTooOld", { headerTime, floor }, message);
  }
}

function provenRight(header: Header, proof: Uint8Array, id: bigint, crypto: Crypto): RightRecord {
  const { existence } = decodeProof(proof);
  if (existence === undefined) {
    throw new LightError("proofWrongKind", { expected: "existence" }, "the proof says that there is no such right");
  }
  const expected = bytesToHex(rightKey(id));
  const actual = bytesToHex(existence.key);
  if (actual !== expected) {
    throw new LightError("wrongRecord", { expected, actual }, `the proven record is not that of right ${id}`);
  }
  verifyExistence(header.appHash, existence, crypto);
  return decodeRight(existence.value);
}

function checkTerms(right: RightRecord, command: Command, device: Device): void {
  if (right.asset !== device.asset) {
    const details = { expected: device.asset, actual: right.asset };
    throw new LightError("wrongAsset", details, `the right is for asset ${right.asset}, this is asset ${device.asset}`);
  }
  if ((right.scope & rightScope[command]) === 0) {
    throw new LightError(
      "commandOutOfScope",
      { command, scope: right.scope },
      `the right does not allow to ${command}`,
    );
  }
}

function checkTime(right: RightRecord, headerTime: number, { clock, maxGrantAge }: Device): void {
  if (clock === undefined || !(Math.max(clock.lo, headerTime) <= clock.hi + TIME_TOLERANCE_SECONDS)) {
    const message = "this device does not know the time: wait until it has set its clock";
    throw new LightError("clockUnknown", { headerTime, hi: clock?.hi }, message);
  }
  const lo = Math.max(clock.lo, headerTime);
  const hi = Math.max(clock.hi, headerTime);
  if (!(lo + TIME_TOLERANCE_SECONDS >= right.from)) {
    throw new LightError("tooEarly", { from: right.from, now: lo }, `the right begins in ${Number(right.from) - lo} s`);
  }
  if (!(hi - TIME_TOLERANCE_SECONDS <= right.until)) {
    throw new LightError("ended", { until: right.until, now: hi }, `the right ended ${hi - Number(right.until)} s ago`);
  }
  const age = hi - headerTime;
  const limit = Math.min(right.maxAge, maxGrantAge);
  if (!(age <= limit)) {
    throw new LightError(
      "grantTooOld",
      { age, limit },
      `the grant is ${age} s old, more than ${limit} s: fetch a newer one`,
    );
  }
}

const NO_AREA = "00".repeat(32);

function checkPlace(right: RightRecord, area: Uint8Array, { position, contains }: Device, crypto: Crypto): void {
  const expected = right.area.slice(2);
  const actual = area.length === 0 ? NO_AREA : bytesToHex(crypto.sha256(area));
  if (actual !== expected)
    throw new LightError("wrongArea", { expected, actual }, "the grant's area is not the one that the right names");
  if (area.length === 0) return;
  if (position === undefined) {
    throw new LightError("positionUnknown", {}, "this device does not know where it is: wait for a position fix");
  }
  if (!(position.age < MAX_POSITION_AGE_SECONDS)) {
    const details = { age: position.age, limit: MAX_POSITION_AGE_SECONDS };
    throw new LightError(
      "positionTooOld",
      details,
      `the last position fix is ${position.age} s old: wait for a new one`,
    );
  }
  if (!contains(area, position)) {
    const { accuracyMetres } = position;
    throw new LightError(
      "outsideArea",
      { accuracyMetres },
      `the position, known to ${accuracyMetres} m, is not inside the right's area`,
    );
  }
}

function checkChallenge(request: AccessRequest, { challenge }: Device): void {
  if (challenge === undefined || !equalBytes(challenge.nonce, request.challenge)) {
    throw new LightError("wrongChallenge", {}, "the challenge is not this device's last one: ask for a new one");
  }
  if (!(challenge.age <= MAX_CHALLENGE_AGE_SECONDS)) {
    const details = { age: challenge.age, limit: MAX_CHALLENGE_AGE_SECONDS };
    throw new LightError("challengeTooOld", details, `the challenge is ${challenge.age} s old: ask for a new one`);
  }
  if (challenge.used) throw new LightError("challengeUsed", {}, "the challenge was used: ask for a new one");
}
