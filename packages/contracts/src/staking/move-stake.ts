import { type Address, governance, STAKE_PER_POWER } from "@ruffchain/abi";
import { readParameter } from "../governance/read-parameter.js";
import { settleDelegation, settleStake } from "./rewards.js";
import { type Delegation, jailOf, type Stake, stakeOf, type Totals, type View, type Write, worth } from "./tables.js";

/** CometBFT's limit of the power of all validators. */
const MAX_TOTAL_POWER = (2n ** 63n - 1n) / 8n;
/** Wei of stake that all validators can have together, so that their power stays within the engine's limit. */
export const MAX_STAKE = MAX_TOTAL_POWER * STAKE_PER_POWER;

export function delegationOf(ctx: View, delegator: Address, validator: Address): Delegation {
  const none = { validator, shares: 0n, index: 0n, rewards: 0n };
  return ctx.tables.delegations.get(delegator, validator) ?? none;
}

/** Whether a validator may be chosen with this self-stake. */
export function mayBeCandidate(ctx: View, operator: Address, selfStake: bigint): boolean {
  return !jailOf(ctx, operator).jailed && selfStake >= readParameter(ctx, "minSelfStake");
}

/** Writes a changed delegation with its validator, both settled. A change of the self-stake decides on candidacy. */
function writeBoth(ctx: Write, delegator: Address, validator: Address, delegation: Delegation, stake: Stake): void {
  const isSelf = delegator === validator;
  const candidate = isSelf ? mayBeCandidate(ctx, validator, worth(stake, delegation.shares)) : stake.candidate;
  ctx.tables.stakes.set(validator, { ...stake, candidate });
  if (delegation.shares === 0n && delegation.rewards === 0n) ctx.tables.delegations.delete(delegator, validator);
  else ctx.tables.delegations.set(delegator, validator, delegation);
}

/** Adds wei that are on the contract's account already to a validator's stake. Returns the new totals and shares. */
export function addStake(
  ctx: Write,
  totals: Totals,
  delegator: Address,
  validator: Address,
  amount: bigint,
): { readonly totals: Totals; readonly shares: bigint } {
  if (jailOf(ctx, validator).tombstoned) throw ctx.error("IsTombstoned", validator);
  const bonded = totals.bonded + amount;
  if (bonded > MAX_STAKE) throw ctx.error("StakeTooHigh", bonded, MAX_STAKE);
  const stake = settleStake(stakeOf(ctx, validator), totals);
  const shares = stake.shares === 0n ? amount : (amount * stake.shares) / stake.tokens;
  if (shares === 0n) throw ctx.error("ZeroAmount");
  const delegation = settleDelegation(delegationOf(ctx, delegator, validator), stake);
  writeBoth(
    ctx,
    delegator,
    validator,
    { ...delegation, shares: delegation.shares + shares },
    { ...stake, tokens: stake.tokens + amount, shares: stake.shares + shares },
  );
  return { totals: { ...totals, bonded, active: totals.active + (stake.active ? amount : 0n) }, shares };
}

/** Takes shares out of a validator; what they are worth is no longer bonded. Open votes follow. */
export function removeShares(
  ctx: Write,
  totals: Totals,
  delegator: Address,
  validator: Address,
  shares: bigint,
): { readonly totals: Totals; readonly amount: bigint } {
  const stake = settleStake(stakeOf(ctx, validator), totals);
  const amount = worth(stake, shares);
  const delegation = settleDelegation(delegationOf(ctx, delegator, validator), stake);
  const left = delegation.shares - shares;
  writeBoth(
    ctx,
    delegator,
    validator,
    { ...delegation, shares: left },
    { ...stake, tokens: stake.tokens - amount, shares: stake.shares - shares },
  );
  ctx.call(governance, "stakeReduced", delegator, validator, left);
  const active = totals.active - (stake.active ? amount : 0n);
  return { totals: { ...totals, bonded: totals.bonded - amount, active }, amount };
}

/**
 * The shares that a delegator gives for an amount. Rounded up; what would be left is taken too where it is worth
 * nothing. Throws NotEnoughStake.
 */
export function sharesFor(
  ctx: View,
  delegator: Address,
  validator: Address,
  lockedShares: bigint,
  amount: bigint,
): bigint {
  const stake = stakeOf(ctx, validator);
  const free = delegationOf(ctx, delegator, validator).shares - lockedShares;
  const highest = worth(stake, free);
  if (amount > highest) throw ctx.error("NotEnoughStake", delegator, validator, highest, amount);
  const shares = (amount * stake.shares + stake.tokens - 1n) / stake.tokens;
  return worth(stake, free - shares) === 0n ? free : shares;
}
