import type { Address } from "@ruffchain/abi";
import type { Row } from "@ruffchain/kernel";
import { delegationOf } from "./move-stake.js";
import { currentTotals, settleDelegation, settleStake } from "./rewards.js";
import { isOver, unbondingSlash } from "./slashing.js";
import {
  type Delegation,
  jailOf,
  profileOf,
  type Stake,
  stakeOf,
  type Totals,
  type tables,
  type View,
  worth,
} from "./tables.js";

export function validatorView(ctx: View, totals: Totals, operator: Address, unsettled: Stake) {
  const { publicKey, consensus, name, website, maxCommission, maxCommissionChange } = profileOf(ctx, operator);
  const stake = settleStake(unsettled, totals);
  const { jailed, until, tombstoned } = jailOf(ctx, operator);
  return {
    operator,
    publicKey,
    consensus,
    name,
    website,
    commission: stake.commission,
    maxCommission,
    maxCommissionChange,
    commissionOwed: stake.commissionOwed,
    stake: stake.tokens,
    shares: stake.shares,
    candidate: stake.candidate,
    active: stake.active,
    power: ctx.tables.members.get(consensus)?.power ?? 0n,
    jailed,
    jailedUntil: until,
    tombstoned,
    missed: ctx.tables.missed.get(operator)?.count ?? 0,
  };
}

/** The set as the engine was told; at most MAX_VALIDATORS. */
export function activeSet(ctx: View) {
  return [...ctx.tables.members.rows([])].map(({ value: { operator, power } }) => {
    const { tokens, shares } = stakeOf(ctx, operator);
    return { operator, publicKey: profileOf(ctx, operator).publicKey, stake: tokens, shares, power };
  });
}

export function delegationView(ctx: View, totals: Totals, delegator: Address, row: Delegation) {
  const { validator } = row;
  const stake = settleStake(stakeOf(ctx, validator), totals);
  const { shares, rewards } = settleDelegation(row, stake);
  let lockedShares = 0n;
  for (const { value } of ctx.tables.redelegations.rows([delegator, validator])) {
    if (!isOver(value, ctx.time, ctx.height)) lockedShares += value.shares;
  }
  return { delegator, validator, shares, stake: worth(stake, shares), lockedShares, rewards };
}

/** What a delegator has with a validator, zeros included. */
export function delegationOfView(ctx: View, delegator: Address, validator: Address) {
  return delegationView(ctx, currentTotals(ctx), delegator, delegationOf(ctx, delegator, validator));
}

export function unbondingView(ctx: View, { key: [, until], value }: Row<typeof tables.unbondings>) {
  return { validator: value.validator, amount: value.amount - unbondingSlash(ctx, value, until), until };
}
