import type { Address } from "@ruffchain/abi";
import { STAKE_PER_POWER } from "@ruffchain/abi";
import type { ValidatorUpdate } from "@ruffchain/kernel";
import { type ChainBlock, hexToBytes } from "@ruffchain/kernel";
import { readParameter } from "../governance/read-parameter.js";
import { delegationOf, mayBeCandidate } from "./move-stake.js";
import { settleStake, settleTotals } from "./rewards.js";
import { accuseEarlier, jailForDowntime, missesTooMany, punish } from "./slashing.js";
import { jailOf, ONLY, profileOf, type Stake, stakeOf, type Totals, totalsOf, type Write, worth } from "./tables.js";

/** Candidates with too little stake of their own that one epoch takes off the list. */
export const MAX_DEMOTIONS = 100;

/** New powers by consensus address; 0 for who leaves. */
type Powers = Map<Address, bigint>;

/**
 * What Staking does at the beginning of a block. Without evidence, the end of an epoch or missing votes it reads one row;
 * who has a vote missing costs two more.
 */
export function beginBlock(ctx: Write, { absent, misbehavior }: ChainBlock): readonly ValidatorUpdate[] {
  const before = totalsOf(ctx);
  const isEpoch = ctx.height >= before.nextEpoch;
  if (absent.length === 0 && misbehavior.length === 0 && !isEpoch) return [];

  const isFixed = readParameter(ctx, "fixedValidators") === 1n;
  const powers: Powers = new Map();
  let settled: Totals | undefined;
  const totals = () => (settled ??= settleTotals(ctx));
  for (const { validator, height } of misbehavior) {
    const operator = ctx.tables.operators.get(validator);
    if (!operator) continue;
    if (jailOf(ctx, operator).tombstoned) {
      accuseEarlier(ctx, operator, height);
      continue;
    }
    const punished = punish(ctx, totals(), operator, height);
    settled = isFixed ? punished : leave(ctx, punished, operator, powers);
  }
  for (const consensus of isFixed ? [] : absent) {
    const member = ctx.tables.members.get(consensus);
    const isLast = (settled ?? before).members === 1;
    if (!member || isLast || !missesTooMany(ctx, member.operator)) continue;
    settled = leave(ctx, jailForDowntime(ctx, totals(), member.operator), member.operator, powers);
  }
  if (isEpoch) {
    const chosen = isFixed ? totals() : choose(ctx, totals(), powers);
    settled = { ...chosen, nextEpoch: ctx.height + Number(readParameter(ctx, "epochBlocks")) };
  }
  if (settled) ctx.tables.totals.set(ONLY, settled);
  return [...powers].map(([consensus, power]) => update(ctx, consensus, power));
}

function update(ctx: Write, consensus: Address, power: bigint): ValidatorUpdate {
  const { publicKey } = profileOf(ctx, ctx.tables.operators.get(consensus) as Address);
  return { publicKey: { type: "ed25519", bytes: hexToBytes(publicKey) }, power };
}

/** Takes a member out of the set at once, unless it is the last: an engine without validators stands for ever. */
function leave(ctx: Write, totals: Totals, operator: Address, powers: Powers): Totals {
  const { consensus } = profileOf(ctx, operator);
  if (totals.members <= 1 || !ctx.tables.members.has(consensus)) return totals;
  return removeMember(ctx, totals, operator, consensus, powers);
}

function removeMember(ctx: Write, totals: Totals, operator: Address, consensus: Address, powers: Powers): Totals {
  const stake = settleStake(stakeOf(ctx, operator), totals);
  ctx.tables.members.delete(consensus);
  ctx.tables.missed.delete(operator);
  ctx.tables.stakes.set(operator, { ...stake, active: false });
  powers.set(consensus, 0n);
  ctx.emit("PowerChanged", operator, 0n);
  return { ...totals, members: totals.members - 1, active: totals.active - stake.tokens };
}

/** Writes a member with its power; new ones earn from now on. */
export function setMember(ctx: Write, totals: Totals, operator: Address, powers: Powers): Totals {
  const { consensus } = profileOf(ctx, operator);
  const stake = stakeOf(ctx, operator);
  const power = stake.tokens / STAKE_PER_POWER;
  const known = ctx.tables.members.get(consensus);
  if (known?.power === power) return totals;
  ctx.tables.members.set(consensus, { operator, power });
  powers.set(consensus, power);
  ctx.emit("PowerChanged", operator, power);
  if (known) return totals;
  ctx.tables.stakes.set(operator, { ...settleStake(stake, totals), active: true });
  return { ...totals, members: totals.members + 1, active: totals.active + stake.tokens };
}

/** Makes the candidates with the most stake the set. It stays as it is where there is no candidate. */
function choose(ctx: Write, before: Totals, powers: Powers): Totals {
  const chosen = candidates(ctx);
  if (chosen.size === 0) return before;
  let totals = before;
  for (const { key, value } of [...ctx.tables.members.rows([])]) {
    if (!chosen.has(value.operator)) totals = removeMember(ctx, totals, value.operator, key[0], powers);
  }
  for (const operator of chosen) totals = setMember(ctx, totals, operator, powers);
  return totals;
}

function candidates(ctx: Write): ReadonlySet<Address> {
  const most = Number(readParameter(ctx, "maxValidators"));
  const chosen = new Set<Address>();
  const demoted: Address[] = [];
  for (const { key, value } of ctx.tables.stakes.rowsBy("byStake", [true], { reverse: true })) {
    const [operator] = key;
    if (qualifies(ctx, operator, value)) chosen.add(operator);
    else demoted.push(operator);
    if (chosen.size === most || demoted.length === MAX_DEMOTIONS) break;
  }
  for (const operator of demoted) ctx.tables.stakes.set(operator, { ...stakeOf(ctx, operator), candidate: false });
  if (demoted.length === MAX_DEMOTIONS) keepMembers(ctx, chosen, most);
  return chosen;
}

function qualifies(ctx: Write, operator: Address, stake: Stake): boolean {
  return mayBeCandidate(ctx, operator, worth(stake, delegationOf(ctx, operator, operator).shares));
}

/** Members that qualify stay where the list was not walked to its end, those with the most stake first. */
function keepMembers(ctx: Write, chosen: Set<Address>, most: number): void {
  const members = [...ctx.tables.members.rows([])].map(({ value: { operator } }) => ({
    operator,
    stake: stakeOf(ctx, operator),
  }));
  const qualified = members.filter(({ operator, stake }) => stake.candidate && qualifies(ctx, operator, stake));
  for (const { operator } of qualified.sort((a, b) => Number(b.stake.tokens - a.stake.tokens))) {
    if (chosen.size < most) chosen.add(operator);
  }
}
