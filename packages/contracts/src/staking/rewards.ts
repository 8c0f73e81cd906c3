import { RATE_ONE, YEAR } from "../governance/parameters.js";
import { readParameter } from "../governance/read-parameter.js";
import { type Delegation, type Stake, type Totals, totalsOf, type View, type Write } from "./tables.js";

/** Binary places of the indexes. */
const INDEX_BITS = 128n;

/**
 * Rewards since the totals were settled: the issuance, by time on the active stake, and the fees, which is whatever came
 * onto the contract's account. `received` has come with the call and is no fee.
 */
function accrued(ctx: View, totals: Totals, received: bigint) {
  if (totals.active === 0n) return { issued: 0n, fees: 0n }; // fees wait for somebody to have them
  const { bonded, unbonding, owed, active, settledAt } = totals;
  const fees = ctx.balance(ctx.self) - received - bonded - unbonding - owed;
  const elapsed = ctx.time - settledAt;
  const issued = (active * readParameter(ctx, "issuanceRate") * elapsed) / (RATE_ONE * YEAR);
  return { issued, fees };
}

function withRewards(ctx: View, totals: Totals, { issued, fees }: ReturnType<typeof accrued>): Totals {
  const added = issued + fees;
  return {
    ...totals,
    settledAt: ctx.time,
    index: added === 0n ? totals.index : totals.index + (added << INDEX_BITS) / totals.active,
    owed: totals.owed + added,
    issued: totals.issued + issued,
  };
}

/** The totals as they would be settled now, for views. */
export function currentTotals(ctx: View): Totals {
  const totals = totalsOf(ctx);
  return withRewards(ctx, totals, accrued(ctx, totals, 0n));
}

/** The totals with all rewards up to now, issued onto the account. The caller writes them, with its own changes. */
export function settleTotals(ctx: Write): Totals {
  const totals = totalsOf(ctx);
  const rewards = accrued(ctx, totals, ctx.value);
  if (rewards.issued > 0n) ctx.chain.mint(rewards.issued);
  if (rewards.issued + rewards.fees > 0n) ctx.emit("RewardsAdded", rewards.issued, rewards.fees);
  return withRewards(ctx, totals, rewards);
}

/** A validator's row with its part of the rewards: commission to the operator, the rest to the shares. */
export function settleStake(stake: Stake, { index }: Totals): Stake {
  const { active, tokens, shares, settledIndex } = stake;
  if (!active || shares === 0n) return { ...stake, settledIndex: index };
  const earned = (tokens * (index - settledIndex)) >> INDEX_BITS;
  const commission = (earned * BigInt(stake.commission)) / RATE_ONE;
  return {
    ...stake,
    settledIndex: index,
    commissionOwed: stake.commissionOwed + commission,
    rewardIndex: stake.rewardIndex + ((earned - commission) << INDEX_BITS) / shares,
  };
}

/** A delegation with its part of the validator's rewards; the validator's row is settled. */
export function settleDelegation(delegation: Delegation, { rewardIndex }: Stake): Delegation {
  const { shares, index, rewards } = delegation;
  return { ...delegation, index: rewardIndex, rewards: rewards + ((shares * (rewardIndex - index)) >> INDEX_BITS) };
}
