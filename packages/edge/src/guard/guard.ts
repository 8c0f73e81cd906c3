import type { ReceiptKind } from "@ruffchain/cose";
import {
  type AccessRequest,
  decide,
  decodeGrant,
  followChain,
  type LightBlock,
  LightError,
  MAX_CHALLENGE_AGE_SECONDS,
  MAX_POSITION_AGE_SECONDS,
  type Position,
  type Provider,
  type RightRecord,
  TIME_TOLERANCE_SECONDS,
  type VerifyOptions,
  verifyLightBlock,
  verifyPossession,
} from "@ruffchain/light";
import type { Logger } from "pino";
import { bytesToHex, type Hex, hexToBytes } from "viem";
import type { AccessBoard } from "../board/board.js";
import type { Clock } from "../clock/clock.js";
import type { DeviceState, Session } from "../device/device-state.js";
import { nodeCrypto } from "../device/node-crypto.js";
import { EdgeError } from "../edge-error.js";
import type { Property } from "../thing/property.js";
import type { Thing } from "../thing/thing.js";
import type { Fix, Reading } from "../thing/value.js";
import { isInside, isOutside } from "./area.js";
import { Challenges } from "./challenges.js";
import type { SignedReceipt } from "./receipt.js";

/** A slack that lets phones that were offline for a while still open. */
export const HEADER_SLACK_SECONDS = 600;
/** Longest age of a grant: the longest time that a revocation may take to reach the device. */
export const MAX_GRANT_AGE_SECONDS = 86_400;
/** Less than the 20 days after which validators' stake can still be slashed. */
export const TRUST_PERIOD_SECONDS = 14 * 86_400;
/** From this speed on the thing counts as moving; receivers show a little speed also when they stand. */
export const MOVING_KILOMETRES_PER_HOUR = 3;
/** A speed older than this says nothing. */
export const MAX_SPEED_AGE_SECONDS = 5;
/** More refusals are counted, not listed: who knocks on and on must not fill the device's log. */
export const MAX_REFUSALS_NOTED_PER_MINUTE = 30;
/** How often the seconds outside the area are written down while they grow. */
const SESSION_WRITE_SECONDS = 10;

export interface GuardOptions {
  readonly chainId: string;
  readonly asset: bigint;
  readonly thing: Thing;
  readonly access: AccessBoard;
  readonly state: DeviceState;
  readonly clock: Clock;
  readonly log: Logger;
  /** Notes what happened in the device's signed telemetry. */
  readonly note: (name: string, value: string) => void;
  /** Signs a receipt over the meters as they are now, and resolves when it is durable in the device's log. */
  readonly sign: (kind: ReceiptKind, right: bigint, leftArea: boolean) => Promise<SignedReceipt>;
  /** How much older than the newest header it has seen a grant's header may be. */
  readonly headerSlackSeconds: number;
  /** Longest age of a grant, whatever the right allows. */
  readonly maxGrantAgeSeconds: number;
  /** How long after a trusted block the device follows the chain from it. */
  readonly trustPeriodSeconds: number;
}

export interface Presented extends AccessRequest {
  readonly grant: Uint8Array;
}

/** Done and read back, or not done and why. `receipt` is there when a use began or ended with it. */
export type Answer =
  | { readonly done: true; readonly receipt: SignedReceipt | undefined }
  | { readonly done: false; readonly reason: string; readonly message: string; readonly details: object };

export interface GuardStatus {
  readonly locked: boolean | undefined;
  readonly moving: boolean;
  readonly session:
    | { readonly right: bigint; readonly ended: boolean; readonly leftArea: boolean; readonly secondsOutside: number }
    | undefined;
}

/**
 * Decides by itself who may use the thing, and acts. It never locks or stops anything of its own accord: the end of a
 * right refuses the next start.
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #challenges: Challenges;
  readonly #unobserve: () => void;
  #turn: Promise<unknown> = Promise.resolve();
  /** When it was last seen outside the session's area; undefined while it is inside. */
  #outsideAt: number | undefined;
  #secondsOutside: number;
  #refusals = { minute: 0, count: 0 };
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#challenges = new Challenges(() => options.clock.monotonic());
    this.#secondsOutside = options.state.session?.secondsOutside ?? 0;
    this.#unobserve = this.#property("position").observe((reading) => this.#watch(reading));
  }

  /** A new challenge, to be signed within MAX_CHALLENGE_AGE_SECONDS. */
  challenge(): Uint8Array {
    return this.#challenges.issue();
  }

  /** Unlocks or locks for who proves the right to it. The first unlocking begins the use and gives its receipt. */
  access(presented: Presented): Promise<Answer> {
    return this.#inTurn(() => this.#access(presented));
  }

  /** Locks and ends the use: for its holder only, who needs no grant for it, and not while it moves. */
  return(request: Omit<AccessRequest, "command">): Promise<Answer> {
    return this.#inTurn(() => this.#return(request));
  }

  /**
   * Takes a newer block from whoever brings one: so the device follows changes of the validators, and learns what is
   * newest. Where too many of them changed, blocks between must be brought first. Throws LightError.
   */
  async follow(block: LightBlock): Promise<void> {
    const { state } = this.#options;
    await state.trust(verifyLightBlock(state.trusted, block, this.#verifyOptions(), nodeCrypto));
  }

  /** Goes to the newest block that a node has. Throws LightError, and what hinders the provider. */
  async followChain(provider: Provider): Promise<void> {
    const { state } = this.#options;
    const { state: newest } = await followChain(state.trusted, provider, this.#verifyOptions(), nodeCrypto);
    await state.trust(newest);
  }

  /** Without a trustworthy clock nothing can be followed: who knows how old the trusted block is? */
  #verifyOptions(): VerifyOptions {
    const { clock, state, trustPeriodSeconds } = this.#options;
    const bounds = clock.bounds();
    if (!bounds) {
      const details = { headerTime: state.newestHeaderTime, hi: undefined };
      throw new LightError(
        "clockUnknown",
        details,
        "this device does not know the time: wait until it has set its clock",
      );
    }
    return {
      now: nanoseconds(bounds.hi),
      trustPeriod: nanoseconds(trustPeriodSeconds),
      clockDrift: nanoseconds(TIME_TOLERANCE_SECONDS),
    };
  }

  status(): GuardStatus {
    const { session } = this.#options.state;
    const locked = this.#latest("locked")?.value;
    return {
      locked: typeof locked === "boolean" ? locked : undefined,
      moving: this.#isMoving(),
      session: session
        ? {
            right: BigInt(session.right),
            ended: this.#hasEnded(session),
            leftArea: session.leftArea,
            secondsOutside: Math.floor(this.#secondsOutside),
          }
        : undefined,
    };
  }

  async close(): Promise<void> {
    this.#unobserve();
    await this.#turn;
  }

  /** One after the other: two phones at one door must not mix. */
  #inTurn(task: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#turn.then(task);
    this.#turn = answer.catch(() => undefined); // who asked hears of it
    return answer;
  }

  async #access({ grant, ...request }: Presented): Promise<Answer> {
    const { chainId, asset, state, clock, headerSlackSeconds, maxGrantAgeSeconds } = this.#options;
    const device = {
      chainId,
      asset,
      validators: state.trusted.nextValidators,
      newestHeaderTime: state.newestHeaderTime,
      headerSlack: headerSlackSeconds,
      maxGrantAge: maxGrantAgeSeconds,
      clock: clock.bounds(),
      position: this.#position(),
      contains: isInside,
      challenge: this.#challenges.find(request.challenge),
    };
    const decision = decide({ grant, request, device }, nodeCrypto);
    if (decision.headerTime !== undefined) await state.raiseHeaderTime(decision.headerTime);
    if (!decision.open) return this.#refuse(decision.reason, decision.details, decision.message);
    this.#challenges.use(request.challenge);
    if (request.command === "lock") return this.#lock(request.right);
    if (request.command === "unlock") return this.#unlock(request.right, decision.right, decodeGrant(grant).area);
    const { command } = request;
    return this.#refuse("unsupportedCommand", { command }, `this device cannot ${command}, only unlock and lock`);
  }

  #lock(id: bigint): Promise<Answer> {
    const { thing, access, note } = this.#options;
    return this.#act(async () => {
      await thing.action(access.lock).invoke();
      note("access/locked", id.toString());
      return undefined;
    });
  }

  async #unlock(id: bigint, right: RightRecord, area: Uint8Array): Promise<Answer> {
    const { thing, access, state, note } = this.#options;
    const { session } = state;
    const goesOn = session?.right === id.toString();
    if (session && !goesOn && this.#isMoving()) return this.#refuseMoving();
    return this.#act(async () => {
      if (session && !goesOn) await this.#end(session);
      await thing.action(access.unlock).invoke();
      note("access/unlocked", id.toString());
      return goesOn ? undefined : this.#begin(id, right, area);
    });
  }

  async #return(request: Omit<AccessRequest, "command">): Promise<Answer> {
    const { chainId, asset, state, thing, access } = this.#options;
    const { session } = state;
    if (session?.right !== request.right.toString()) {
      return this.#refuse("notInUse", { right: request.right }, `right ${request.right} is not in use here`);
    }
    try {
      this.#checkChallenge(request.challenge);
      const spoken = { ...request, chainId, asset, command: "lock" } as const;
      verifyPossession(session.holder, spoken, request.algorithm, request.signature, nodeCrypto);
    } catch (error) {
      if (error instanceof LightError) return this.#refuse(error.code, error.details, error.message);
      throw error;
    }
    if (this.#isMoving()) return this.#refuseMoving();
    this.#challenges.use(request.challenge);
    return this.#act(async () => {
      await thing.action(access.lock).invoke();
      return this.#end(session);
    });
  }

  /** As `decide` checks it. */
  #checkChallenge(nonce: Uint8Array): void {
    const challenge = this.#challenges.find(nonce);
    if (!challenge) throw new LightError("wrongChallenge", {}, "the challenge is not this device's: ask for a new one");
    const { age, used } = challenge;
    if (!(age <= MAX_CHALLENGE_AGE_SECONDS)) {
      const details = { age, limit: MAX_CHALLENGE_AGE_SECONDS };
      throw new LightError("challengeTooOld", details, `the challenge is ${age} s old: ask for a new one`);
    }
    if (used) throw new LightError("challengeUsed", {}, "the challenge was used: ask for a new one");
  }

  async #begin(id: bigint, right: RightRecord, area: Uint8Array): Promise<SignedReceipt> {
    const { sign, state, log } = this.#options;
    const receipt = await sign("checkOut", id, false);
    this.#outsideAt = undefined;
    this.#secondsOutside = 0;
    await state.setSession({
      right: id.toString(),
      holder: right.holder,
      area: bytesToHex(area),
      until: right.until.toString(),
      leftArea: false,
      secondsOutside: 0,
      endAnnounced: false,
    });
    log.info({ right: id.toString() }, "use begins");
    return receipt;
  }

  async #end({ right }: Session): Promise<SignedReceipt> {
    const { state, note, sign, log } = this.#options;
    const leftArea = state.session?.leftArea ?? false;
    const secondsOutside = Math.floor(this.#secondsOutside);
    const receipt = await sign("checkIn", BigInt(right), leftArea);
    note("access/returned", right);
    if (leftArea) note("area/secondsOutside", String(secondsOutside));
    await state.setSession(null);
    log.info({ right, leftArea, secondsOutside }, "use ends");
    return receipt;
  }

  /** Acts, and answers with what the equipment said if it did not work. */
  async #act(action: () => Promise<SignedReceipt | undefined>): Promise<Answer> {
    try {
      return { done: true, receipt: await action() };
    } catch (error) {
      if (!(error instanceof EdgeError)) throw error;
      return this.#refuse(error.code, error.details, error.message);
    }
  }

  #refuseMoving(): Answer {
    return this.#refuse("moving", {}, "it moves: stop first");
  }

  #refuse(reason: string, details: object, message: string): Answer {
    this.#noteRefusal(reason);
    this.#options.log.info({ reason, message }, "access refused");
    return { done: false, reason, details, message };
  }

  #noteRefusal(reason: string): void {
    const { note, clock } = this.#options;
    const minute = Math.floor(clock.monotonic() / 60_000);
    if (minute !== this.#refusals.minute) {
      const notListed = this.#refusals.count - MAX_REFUSALS_NOTED_PER_MINUTE;
      if (notListed > 0) note("access/refusalsNotListed", String(notListed));
      this.#refusals = { minute, count: 0 };
    }
    this.#refusals.count += 1;
    if (this.#refusals.count <= MAX_REFUSALS_NOTED_PER_MINUTE) note("access/refused", reason);
  }

  /** Follows a running use: where it goes and when its right ends. It only looks: whatever it sees, nothing is stopped. */
  #watch({ value, at }: Reading): void {
    const { state, note } = this.#options;
    const { session } = state;
    if (!session) return;
    const endAnnounced = session.endAnnounced || this.#hasEnded(session);
    if (endAnnounced && !session.endAnnounced) note("access/ended", session.right);
    const outside = session.area !== "0x" && isOutside(hexToBytes(session.area as Hex), value as Fix);
    const wasOutside = this.#outsideAt !== undefined;
    if (outside && !wasOutside) note("area/left", session.right);
    if (!outside && wasOutside) note("area/entered", session.right);
    const elapsed = (at - (this.#outsideAt ?? at)) / 1000;
    this.#secondsOutside += Math.min(elapsed, MAX_POSITION_AGE_SECONDS);
    this.#outsideAt = outside ? at : undefined;
    const isNews = outside !== wasOutside || endAnnounced !== session.endAnnounced;
    const isDue = outside && at - this.#writtenAt >= SESSION_WRITE_SECONDS * 1000;
    if (!isNews && !isDue) return;
    this.#writtenAt = at;
    const leftArea = session.leftArea || outside;
    const written = state.setSession({ ...session, endAnnounced, leftArea, secondsOutside: this.#secondsOutside });
    written.catch((error: unknown) => this.#options.log.error({ err: error }, "the session cannot be written"));
  }

  #hasEnded(session: Session): boolean {
    return this.#options.clock.seconds() >= Number(session.until);
  }

  #isMoving(): boolean {
    const reading = this.#latest("speed");
    if (!reading || this.#age(reading) > MAX_SPEED_AGE_SECONDS) return false;
    return (reading.value as number) >= MOVING_KILOMETRES_PER_HOUR;
  }

  #position(): Position | undefined {
    const reading = this.#latest("position");
    return reading && { ...(reading.value as Fix), age: this.#age(reading) };
  }

  #latest(role: "position" | "speed" | "locked"): Reading | undefined {
    return this.#property(role).latest;
  }

  /** The board was checked: the property is there and has the type that its role needs. */
  #property(role: "position" | "speed" | "locked"): Property {
    return this.#options.thing.property(this.#options.access[role]);
  }

  #age({ at }: Reading): number {
    return (this.#options.clock.monotonic() - at) / 1000;
  }
}

function nanoseconds(seconds: number): bigint {
  return BigInt(seconds) * 1_000_000_000n;
}
