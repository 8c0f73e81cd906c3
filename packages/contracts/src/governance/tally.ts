import { type Address, staking, voteChoice } from "@ruffchain/abi";
import type { View, Write } from "./tables.js";

const NO_VOTES = { choice: voteChoice.none, yes: 0n, no: 0n, abstain: 0n, veto: 0n };

/** Field of a choice in sums. */
const sums = {
  [voteChoice.yes]: "yes",
  [voteChoice.no]: "no",
  [voteChoice.abstain]: "abstain",
  [voteChoice.veto]: "veto",
} as const;
export type Choice = keyof typeof sums;

export function isChoice(choice: number): choice is Choice {
  return choice in sums;
}

/** Adds shares (or takes them, where negative) that vote with one validator. */
export function addShares(ctx: Write, id: bigint, validator: Address, choice: Choice, shares: bigint): void {
  const row = ctx.tables.validatorVotes.get(id, validator) ?? NO_VOTES;
  const sum = sums[choice];
  ctx.tables.validatorVotes.set(id, validator, { ...row, [sum]: row[sum] + shares });
}

export function setValidatorVote(ctx: Write, id: bigint, validator: Address, choice: Choice): void {
  const row = ctx.tables.validatorVotes.get(id, validator) ?? NO_VOTES;
  ctx.tables.validatorVotes.set(id, validator, { ...row, choice });
}

/**
 * The stake behind each choice as it is now. Reads one row a member of the active set, whatever the number of voters:
 * their shares are summed up by validator when they vote.
 */
export function tally(ctx: View, id: bigint) {
  const total = { active: 0n, yes: 0n, no: 0n, abstain: 0n, veto: 0n };
  for (const { operator, stake, shares } of ctx.read(staking, "activeSet")) {
    total.active += stake;
    const row = ctx.tables.validatorVotes.get(id, operator);
    if (!row || shares === 0n) continue;
    for (const sum of Object.values(sums)) total[sum] += (row[sum] * stake) / shares;
    if (!isChoice(row.choice)) continue;
    const silent = shares - row.yes - row.no - row.abstain - row.veto;
    total[sums[row.choice]] += (silent * stake) / shares;
  }
  return total;
}
