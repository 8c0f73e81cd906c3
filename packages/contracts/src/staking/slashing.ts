import type { Address } from "@ruffchain/abi";
import { RATE_ONE } from "../governance/parameters.js";
import { readParameter } from "../governance/read-parameter.js";
import { removeShares } from "./move-stake.js";
import { settleStake, settleTotals } from "./rewards.js";
import { type Jail, jailOf, ONLY, stakeOf, type Totals, type View, type Write } from "./tables.js";

/** Redelegations of one delegator to one validator that are not over yet. */
export const MAX_REDELEGATIONS = 7;
/** Redelegations that one scheduled call slashes: each can take votes back of every open proposal, some 0.9 M gas. */
export const REDELEGATIONS_PER_CALL = 4;

function burn(ctx: Write, totals: Totals, amount: bigint): Totals {
  if (amount > 0n) ctx.chain.burn(amount);
  return { ...totals, slashed: totals.slashed + amount };
}

/** Burns a part of what every share of a validator is worth. */
function slash(ctx: Write, totals: Totals, operator: Address, rate: bigint): Totals {
  const stake = settleStake(stakeOf(ctx, operator), totals);
  const amount = (stake.tokens * rate) / RATE_ONE;
  ctx.tables.stakes.set(operator, { ...stake, tokens: stake.tokens - amount });
  ctx.emit("Slashed", operator, amount);
  const active = totals.active - (stake.active ? amount : 0n);
  return burn(ctx, { ...totals, bonded: totals.bonded - amount, active }, amount);
}

function lockUp(ctx: Write, operator: Address, jail: Jail): void {
  ctx.tables.jails.set(operator, jail);
  ctx.tables.stakes.set(operator, { ...stakeOf(ctx, operator), candidate: false });
  ctx.tables.missed.delete(operator);
  ctx.emit("Jailed", operator, jail.until);
}

/** Counts a missing vote of a member: whether that was one too many. */
export function missesTooMany(ctx: Write, operator: Address): boolean {
  if (jailOf(ctx, operator).jailed) return false;
  const window = Math.floor(ctx.height / Number(readParameter(ctx, "signedWindow")));
  const before = ctx.tables.missed.get(operator);
  const count = before?.window === window ? before.count + 1 : 1;
  ctx.tables.missed.set(operator, { window, count });
  return count > Number(readParameter(ctx, "maxMissed"));
}

export function jailForDowntime(ctx: Write, totals: Totals, operator: Address): Totals {
  const slashed = slash(ctx, totals, operator, readParameter(ctx, "downtimeSlash"));
  const until = ctx.time + readParameter(ctx, "downtimeJail");
  lockUp(ctx, operator, { ...jailOf(ctx, operator), jailed: true, until });
  return slashed;
}

/** Slashes whoever the evidence is against and shuts it out for ever. */
export function punish(ctx: Write, totals: Totals, operator: Address, infractionHeight: number): Totals {
  const rate = readParameter(ctx, "doubleSignSlash");
  const slashed = slash(ctx, totals, operator, rate);
  const { time: at, height: atHeight } = ctx;
  const until = 2n ** 64n - 1n;
  lockUp(ctx, operator, { jailed: true, until, tombstoned: true, at, atHeight, infractionHeight, slash: Number(rate) });
  ctx.emit("Tombstoned", operator, BigInt(infractionHeight));
  // What has moved on to other validators follows in bounded steps; none of it can leave them before.
  ctx.schedule(at, "slashRedelegations", operator);
  return slashed;
}

/**
 * Evidence of something earlier against who is out already: what left in between answers, too. Nothing is slashed twice, for
 * stake that has been slashed is behind no row that waits.
 */
export function accuseEarlier(ctx: Write, operator: Address, infractionHeight: number): void {
  const jail = jailOf(ctx, operator);
  if (infractionHeight >= jail.infractionHeight) return;
  ctx.tables.jails.set(operator, { ...jail, infractionHeight });
  ctx.emit("Tombstoned", operator, BigInt(infractionHeight));
  ctx.schedule(ctx.time, "slashRedelegations", operator);
}

/** How long stake answers for a validator that it left. */
interface Term {
  readonly until: bigint;
  readonly liableBelow: number;
}

/** Whether the term is over: its time, and the heights at which the stake is still behind the validator's power. */
export function isOver({ until, liableBelow }: Term, time: bigint, height: number): boolean {
  return until <= time && liableBelow <= height;
}

/** The part of stake that left a validator which it loses for what the validator did before, as a rate. */
function liability(ctx: View, validator: Address, term: Term): bigint {
  const { tombstoned, infractionHeight, at, atHeight, slash: rate } = jailOf(ctx, validator);
  return tombstoned && infractionHeight < term.liableBelow && !isOver(term, at, atHeight) ? BigInt(rate) : 0n;
}

/**
 * Below which height infractions concern stake that leaves a validator now: until the engine follows the next epoch. What
 * leaves after the evidence has been slashed already.
 */
export function liableBelow(ctx: View, { nextEpoch }: Totals, validator: Address): number {
  return jailOf(ctx, validator).tombstoned ? 0 : nextEpoch + 2;
}

type Unbonding = NonNullable<ReturnType<Write["tables"]["unbondings"]["get"]>>;

/** What an unbonding loses. */
export function unbondingSlash(ctx: View, { validator, amount, liableBelow }: Unbonding, until: bigint): bigint {
  return (amount * liability(ctx, validator, { until, liableBelow })) / RATE_ONE;
}

type Redelegation = NonNullable<ReturnType<Write["tables"]["redelegations"]["get"]>>;
type RedelegationKey = readonly [delegator: Address, to: Address, number: bigint];

/** Burns what a redelegation loses. Returns undefined where that is nothing. */
function slashRedelegation(
  ctx: Write,
  totals: Totals,
  [delegator, to, number]: RedelegationKey,
  { from, shares, until, liableBelow }: Redelegation,
): Totals | undefined {
  const rate = liability(ctx, from, { until, liableBelow });
  if (rate === 0n) return undefined;
  ctx.tables.redelegations.delete(delegator, to, number);
  const removed = removeShares(ctx, totals, delegator, to, (shares * rate) / RATE_ONE);
  ctx.emit("RedelegationSlashed", delegator, from, to, removed.amount);
  return burn(ctx, removed.totals, removed.amount);
}

/** Ends what is over of a delegator's redelegations to a validator; the shares of the others cannot move yet. */
export function settleRedelegations(
  ctx: Write,
  before: Totals,
  delegator: Address,
  to: Address,
): { readonly totals: Totals; readonly lockedShares: bigint; readonly count: number } {
  let totals = before;
  let lockedShares = 0n;
  let count = 0;
  for (const { key, value } of [...ctx.tables.redelegations.rows([delegator, to])]) {
    const slashed = slashRedelegation(ctx, totals, key, value);
    if (slashed) totals = slashed;
    else if (isOver(value, ctx.time, ctx.height)) ctx.tables.redelegations.delete(...key);
    else {
      lockedShares += value.shares;
      count++;
    }
  }
  return { totals, lockedShares, count };
}

/**
 * Slashes a bounded number of the redelegations that answer for a tombstoned validator, and comes back for the rest. None is
 * visited twice: those whose time was over when the evidence came end here.
 */
export function slashSomeRedelegations(ctx: Write, operator: Address): void {
  const { infractionHeight } = jailOf(ctx, operator);
  const rows: { readonly key: RedelegationKey; readonly value: Redelegation }[] = [];
  for (const row of ctx.tables.redelegations.rowsBy("byFrom", [operator], { reverse: true })) {
    if (row.value.liableBelow <= infractionHeight || rows.length > REDELEGATIONS_PER_CALL) break;
    rows.push(row);
  }
  let totals = settleTotals(ctx);
  for (const { key, value } of rows.slice(0, REDELEGATIONS_PER_CALL)) {
    const slashed = slashRedelegation(ctx, totals, key, value);
    if (slashed) totals = slashed;
    else ctx.tables.redelegations.delete(...key);
  }
  ctx.tables.totals.set(ONLY, totals);
  if (rows.length > REDELEGATIONS_PER_CALL) ctx.schedule(ctx.time, "slashRedelegations", operator);
}
