import { type Address, STAKE_PER_POWER, staking, stakingAbi, validatorProofMessage } from "@ruffchain/abi";
import { bytesToHex, type ChainGenesis, type Contract, contract, GenesisError } from "@ruffchain/kernel";
import { DAY, RATE_ONE } from "../governance/parameters.js";
import { readParameter } from "../governance/read-parameter.js";
import { nextNumber } from "../next-number.js";
import { addStake, delegationOf, mayBeCandidate, removeShares, sharesFor } from "./move-stake.js";
import { currentTotals, settleDelegation, settleStake, settleTotals } from "./rewards.js";
import {
  isOver,
  liableBelow,
  MAX_REDELEGATIONS,
  settleRedelegations,
  slashSomeRedelegations,
  unbondingSlash,
} from "./slashing.js";
import {
  counter,
  jailOf,
  ONLY,
  profileOf,
  stakeOf,
  type Totals,
  tables,
  totalsOf,
  type Write,
  worth,
} from "./tables.js";
import { beginBlock, setMember } from "./validator-set.js";
import { activeSet, delegationOfView, delegationView, unbondingView, validatorView } from "./views.js";

/** Longest name and website of a validator, in UTF-16 units. */
export const MAX_VALIDATOR_NAME_LENGTH = 64;
export const MAX_WEBSITE_LENGTH = 128;
/** Unbondings that one withdrawal pays out. */
export const MAX_WITHDRAWALS = 50;
/** Of genesis validators, who may change it as others may. */
const GENESIS_COMMISSION = { commission: 0, maxCommission: 20_000_000, maxCommissionChange: 1_000_000 };

interface NewValidator {
  readonly publicKey: `0x${string}`;
  readonly name: string;
  readonly website: string;
  readonly commission: number;
  readonly maxCommission: number;
  readonly maxCommissionChange: number;
}

function checkTexts(ctx: Write, name: string, website: string): void {
  if (name.length === 0 || name.length > MAX_VALIDATOR_NAME_LENGTH) {
    throw ctx.error("BadName", name, MAX_VALIDATOR_NAME_LENGTH);
  }
  if (website.length > MAX_WEBSITE_LENGTH) throw ctx.error("BadWebsite", website, MAX_WEBSITE_LENGTH);
}

/** Writes a validator without stake. */
function register(ctx: Write, operator: Address, validator: NewValidator, consensus: Address): void {
  const { publicKey, name, website, commission, maxCommission, maxCommissionChange } = validator;
  ctx.tables.operators.set(consensus, operator);
  ctx.tables.profiles.set(operator, {
    publicKey,
    consensus,
    name,
    website,
    maxCommission,
    maxCommissionChange,
    commissionChangedAt: ctx.time,
  });
  ctx.tables.stakes.set(operator, {
    candidate: false,
    tokens: 0n,
    active: false,
    shares: 0n,
    commission,
    settledIndex: 0n,
    rewardIndex: 0n,
    commissionOwed: 0n,
  });
}

/** The first 20 bytes of the key's SHA-256. */
function consensusAddress(ctx: Write, publicKey: `0x${string}`): Address {
  return ctx.crypto.sha256(publicKey).slice(0, 42) as Address;
}

/** Takes free stake out of a validator, with all that has to be settled before. */
function takeStake(ctx: Write, delegator: Address, validator: Address, amount: bigint) {
  if (amount === 0n) throw ctx.error("ZeroAmount");
  stakeOf(ctx, validator);
  const settled = settleRedelegations(ctx, settleTotals(ctx), delegator, validator);
  const shares = sharesFor(ctx, delegator, validator, settled.lockedShares, amount);
  const removed = removeShares(ctx, settled.totals, delegator, validator, shares);
  return { ...removed, shares, below: liableBelow(ctx, removed.totals, validator) };
}

/** Makes the validators of the genesis file validators here; their stake is part of the genesis supply. */
function writeGenesisValidators(ctx: Write, { initialHeight, validators, operators }: ChainGenesis): void {
  const nextEpoch = initialHeight - 1 + Number(readParameter(ctx, "epochBlocks"));
  let totals: Totals = { ...totalsOf(ctx), settledAt: ctx.time, nextEpoch };
  if (BigInt(validators.length) > readParameter(ctx, "maxValidators")) {
    throw new GenesisError("validators", "are more than app_state.parameters.maxValidators");
  }
  for (const [index, { publicKey, power }] of validators.entries()) {
    const key = bytesToHex(publicKey.bytes);
    const consensus = consensusAddress(ctx, key);
    const operator = (operators[key] ?? consensus).toLowerCase() as Address;
    const amount = power * STAKE_PER_POWER;
    if (ctx.tables.profiles.has(operator)) {
      throw new GenesisError(`app_state.operators["${key}"]`, "operates another validator already");
    }
    if (amount < readParameter(ctx, "minSelfStake")) {
      throw new GenesisError(`validators.${index}.power`, "is less stake than app_state.parameters.minSelfStake");
    }
    ctx.chain.mint(amount);
    register(ctx, operator, { publicKey: key, name: "", website: "", ...GENESIS_COMMISSION }, consensus);
    totals = { ...totals, issued: totals.issued + amount };
    totals = addStake(ctx, totals, operator, operator, amount).totals;
    totals = setMember(ctx, totals, operator, new Map());
  }
  ctx.tables.totals.set(ONLY, totals);
}

/** Delegated proof of stake with the native token. */
export const stakingContract: Contract = contract({
  name: "Staking",
  address: staking.address,
  abi: stakingAbi,
  tables,
  functions: {
    createValidator(ctx, publicKey, proof, name, website, commission, maxCommission, maxCommissionChange) {
      const operator = ctx.sender;
      if (ctx.tables.profiles.has(operator)) throw ctx.error("AlreadyValidator", operator);
      checkTexts(ctx, name, website);
      if (BigInt(maxCommission) > RATE_ONE) throw ctx.error("BadCommission", maxCommission, Number(RATE_ONE));
      if (commission > maxCommission) throw ctx.error("BadCommission", commission, maxCommission);
      const consensus = consensusAddress(ctx, publicKey);
      if (ctx.tables.operators.has(consensus)) throw ctx.error("KeyInUse", publicKey);
      const message = Buffer.from(validatorProofMessage(ctx.chainId, operator), "utf8");
      if (!ctx.crypto.verifyEd25519(message, proof, publicKey)) throw ctx.error("BadProof", publicKey);
      const least = readParameter(ctx, "minSelfStake");
      if (ctx.value < least) throw ctx.error("SelfStakeTooLow", ctx.value, least);

      const validator = { publicKey, name, website, commission, maxCommission, maxCommissionChange };
      const settled = settleTotals(ctx);
      register(ctx, operator, validator, consensus);
      const { totals, shares } = addStake(ctx, settled, operator, operator, ctx.value);
      ctx.tables.totals.set(ONLY, totals);
      ctx.emit(
        "ValidatorCreated",
        operator,
        publicKey,
        consensus,
        name,
        website,
        commission,
        maxCommission,
        maxCommissionChange,
      );
      ctx.emit("Delegated", operator, operator, ctx.value, shares);
    },

    editValidator(ctx, name, website, commission) {
      const operator = ctx.sender;
      const profile = profileOf(ctx, operator);
      checkTexts(ctx, name, website);
      const totals = settleTotals(ctx);
      const stake = settleStake(stakeOf(ctx, operator), totals);
      const isChanged = commission !== stake.commission;
      if (isChanged) {
        const { maxCommission, maxCommissionChange, commissionChangedAt } = profile;
        if (commission > maxCommission) throw ctx.error("BadCommission", commission, maxCommission);
        const next = commissionChangedAt + DAY;
        if (ctx.time < next) throw ctx.error("CommissionChangedToday", commissionChangedAt, next);
        const change = Math.abs(commission - stake.commission);
        if (change > maxCommissionChange) {
          throw ctx.error("CommissionChangeTooLarge", commission, stake.commission, maxCommissionChange);
        }
      }
      const commissionChangedAt = isChanged ? ctx.time : profile.commissionChangedAt;
      ctx.tables.profiles.set(operator, { ...profile, name, website, commissionChangedAt });
      ctx.tables.stakes.set(operator, { ...stake, commission });
      ctx.tables.totals.set(ONLY, totals);
      ctx.emit("ValidatorEdited", operator, name, website, commission);
    },

    unjail(ctx) {
      const operator = ctx.sender;
      const stake = stakeOf(ctx, operator);
      const jail = jailOf(ctx, operator);
      if (jail.tombstoned) throw ctx.error("IsTombstoned", operator);
      if (!jail.jailed) throw ctx.error("NotJailed", operator);
      if (ctx.time < jail.until) throw ctx.error("JailedUntil", operator, jail.until);
      const selfStake = worth(stake, delegationOf(ctx, operator, operator).shares);
      ctx.tables.jails.set(operator, { ...jail, jailed: false });
      if (!mayBeCandidate(ctx, operator, selfStake)) {
        throw ctx.error("SelfStakeTooLow", selfStake, readParameter(ctx, "minSelfStake"));
      }
      ctx.tables.stakes.set(operator, { ...stake, candidate: true });
      ctx.emit("Unjailed", operator);
    },

    delegate(ctx, validator) {
      if (ctx.value === 0n) throw ctx.error("ZeroAmount");
      const { totals, shares } = addStake(ctx, settleTotals(ctx), ctx.sender, validator, ctx.value);
      ctx.tables.totals.set(ONLY, totals);
      ctx.emit("Delegated", ctx.sender, validator, ctx.value, shares);
    },

    undelegate(ctx, validator, wanted) {
      const { totals, amount, shares, below } = takeStake(ctx, ctx.sender, validator, wanted);
      const until = ctx.time + readParameter(ctx, "unbondingTime");
      const number = nextNumber(ctx.tables.counters, counter.unbonding);
      ctx.tables.unbondings.set(ctx.sender, until, number, { validator, amount, liableBelow: below });
      ctx.tables.totals.set(ONLY, { ...totals, unbonding: totals.unbonding + amount });
      ctx.emit("Undelegated", ctx.sender, validator, amount, shares, until);
      return until;
    },

    redelegate(ctx, from, to, wanted) {
      if (from === to) throw ctx.error("SameValidator", to);
      const taken = takeStake(ctx, ctx.sender, from, wanted);
      const settled = settleRedelegations(ctx, taken.totals, ctx.sender, to);
      if (settled.count >= MAX_REDELEGATIONS) {
        throw ctx.error("TooManyRedelegations", ctx.sender, to, MAX_REDELEGATIONS);
      }
      const { totals, shares } = addStake(ctx, settled.totals, ctx.sender, to, taken.amount);
      const until = ctx.time + readParameter(ctx, "unbondingTime");
      const number = nextNumber(ctx.tables.counters, counter.redelegation);
      ctx.tables.redelegations.set(ctx.sender, to, number, { from, shares, until, liableBelow: taken.below });
      ctx.tables.totals.set(ONLY, totals);
      ctx.emit("Redelegated", ctx.sender, from, to, taken.amount, until);
      return until;
    },

    withdraw(ctx) {
      let paid = 0n;
      let slashed = 0n;
      let count = 0;
      for (const { key, value } of ctx.tables.unbondings.rows([ctx.sender])) {
        const [delegator, until, number] = key;
        if (count === MAX_WITHDRAWALS || !isOver({ ...value, until }, ctx.time, ctx.height)) break;
        const lost = unbondingSlash(ctx, value, until);
        slashed += lost;
        paid += value.amount - lost;
        ctx.tables.unbondings.delete(delegator, until, number);
        count++;
      }
      if (count === 0) throw ctx.error("NothingToWithdraw", ctx.sender);
      const totals = totalsOf(ctx);
      ctx.tables.totals.set(ONLY, {
        ...totals,
        unbonding: totals.unbonding - paid - slashed,
        slashed: totals.slashed + slashed,
      });
      if (slashed > 0n) ctx.chain.burn(slashed);
      ctx.send(ctx.sender, paid);
      ctx.emit("Withdrawn", ctx.sender, paid, slashed);
      return paid;
    },

    claimRewards(ctx, validator) {
      const { totals } = settleRedelegations(ctx, settleTotals(ctx), ctx.sender, validator);
      const stake = settleStake(stakeOf(ctx, validator), totals);
      const delegation = settleDelegation(delegationOf(ctx, ctx.sender, validator), stake);
      const paid = delegation.rewards;
      if (paid === 0n) throw ctx.error("NothingToClaim", ctx.sender);
      ctx.tables.stakes.set(validator, stake);
      if (delegation.shares === 0n) ctx.tables.delegations.delete(ctx.sender, validator);
      else ctx.tables.delegations.set(ctx.sender, validator, { ...delegation, rewards: 0n });
      ctx.tables.totals.set(ONLY, { ...totals, owed: totals.owed - paid });
      ctx.send(ctx.sender, paid);
      ctx.emit("RewardsClaimed", ctx.sender, validator, paid);
      return paid;
    },

    claimCommission(ctx) {
      const operator = ctx.sender;
      const totals = settleTotals(ctx);
      const stake = settleStake(stakeOf(ctx, operator), totals);
      const paid = stake.commissionOwed;
      if (paid === 0n) throw ctx.error("NothingToClaim", operator);
      ctx.tables.stakes.set(operator, { ...stake, commissionOwed: 0n });
      ctx.tables.totals.set(ONLY, { ...totals, owed: totals.owed - paid });
      ctx.send(operator, paid);
      ctx.emit("CommissionClaimed", operator, paid);
      return paid;
    },

    validator: (ctx, operator) => validatorView(ctx, currentTotals(ctx), operator, stakeOf(ctx, operator)),

    operatorOf(ctx, consensus) {
      const operator = ctx.tables.operators.get(consensus);
      if (!operator) throw ctx.error("UnknownValidator", consensus);
      return operator;
    },

    validators(ctx, cursor, limit) {
      const totals = currentTotals(ctx);
      const page = ctx.tables.stakes.page([], { cursor, limit });
      return [page.rows.map(({ key: [id], value }) => validatorView(ctx, totals, id, value)), page.cursor] as const;
    },

    candidates(ctx, cursor, limit) {
      const totals = currentTotals(ctx);
      const page = ctx.tables.stakes.pageBy("byStake", [true], { cursor, limit, reverse: true });
      return [page.rows.map(({ key: [id], value }) => validatorView(ctx, totals, id, value)), page.cursor] as const;
    },

    activeSet,

    delegation: delegationOfView,

    delegationsOf(ctx, delegator, cursor, limit) {
      const totals = currentTotals(ctx);
      const page = ctx.tables.delegations.page([delegator], { cursor, limit });
      return [page.rows.map(({ value }) => delegationView(ctx, totals, delegator, value)), page.cursor] as const;
    },

    delegationsTo(ctx, validator, cursor, limit) {
      const totals = currentTotals(ctx);
      const page = ctx.tables.delegations.pageBy("byValidator", [validator], { cursor, limit });
      return [
        page.rows.map(({ key: [delegator], value }) => delegationView(ctx, totals, delegator, value)),
        page.cursor,
      ] as const;
    },

    unbondingsOf(ctx, delegator, cursor, limit) {
      const page = ctx.tables.unbondings.page([delegator], { cursor, limit });
      return [page.rows.map((row) => unbondingView(ctx, row)), page.cursor] as const;
    },

    redelegationsOf(ctx, delegator, cursor, limit) {
      const page = ctx.tables.redelegations.page([delegator], { cursor, limit });
      const rows = page.rows.map(({ key: [, to], value: { from, shares, until } }) => ({ from, to, shares, until }));
      return [rows, page.cursor] as const;
    },

    totals(ctx) {
      const { active, bonded, unbonding, owed, issued, slashed, nextEpoch } = currentTotals(ctx);
      return { active, bonded, unbonding, owed, issued, slashed, nextEpoch: BigInt(nextEpoch) };
    },
  },
  scheduled: {
    slashRedelegations: slashSomeRedelegations,
  },
  chain: { genesis: writeGenesisValidators, beginBlock },
});
