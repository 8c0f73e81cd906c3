import type { Address, stakingAbi } from "@ruffchain/abi";
import { type Context, table, type ViewContext } from "@ruffchain/kernel";

/** Key of tables with one row. */
export const ONLY = 0;
export const counter = { unbonding: 0, redelegation: 1 } as const;

export const tables = {
  /** Wei, except `index`: rewards for one wei of active stake since genesis, times 2^128. */
  totals: table("uint8", {
    index: "uint256",
    settledAt: "uint64",
    active: "uint256",
    bonded: "uint256",
    unbonding: "uint256",
    owed: "uint256",
    issued: "uint256",
    slashed: "uint256",
    members: "uint16",
    nextEpoch: "uint48",
  }),
  profiles: table("address", {
    publicKey: "bytes32",
    consensus: "address",
    name: "string",
    website: "string",
    maxCommission: "uint32",
    maxCommissionChange: "uint32",
    commissionChangedAt: "uint64",
  }),
  /** `rewardIndex`: rewards for one share since the validator's beginning, times 2^128; `settledIndex`: of the totals. */
  stakes: table(
    "address",
    {
      candidate: "bool",
      tokens: "uint128",
      active: "bool",
      shares: "uint256",
      commission: "uint32",
      settledIndex: "uint256",
      rewardIndex: "uint256",
      commissionOwed: "uint256",
    },
    { indexes: { byStake: ["candidate", "tokens"] } },
  ),
  /** `slash` is what stake that left before the evidence came, at `at` and `atHeight`, still loses. */
  jails: table("address", {
    jailed: "bool",
    until: "uint64",
    tombstoned: "bool",
    at: "uint64",
    atHeight: "uint48",
    infractionHeight: "uint48",
    slash: "uint32",
  }),
  /** Votes that the last commits lacked, in one window of heights. */
  missed: table("address", { window: "uint48", count: "uint32" }),
  /** Operators by consensus address, for ever: evidence may be late. */
  operators: table("address", "address"),
  /** By consensus address: who votes, as the engine was told. */
  members: table("address", { operator: "address", power: "uint64" }),
  /** By delegator and validator. `index` is the validator's rewardIndex when `rewards` was right. */
  delegations: table(
    ["address", "address"],
    { validator: "address", shares: "uint256", index: "uint256", rewards: "uint256" },
    { indexes: { byValidator: ["validator"] } },
  ),
  /** By delegator, end and number. Answers for infractions at heights below `liableBelow`. */
  unbondings: table(["address", "uint64", "uint64"], {
    validator: "address",
    amount: "uint256",
    liableBelow: "uint48",
  }),
  /** By delegator, new validator and number. */
  redelegations: table(
    ["address", "address", "uint64"],
    { from: "address", shares: "uint256", until: "uint64", liableBelow: "uint48" },
    { indexes: { byFrom: ["from", "liableBelow"] } },
  ),
  counters: table("uint8", "uint64"),
};

export type View = ViewContext<typeof stakingAbi, typeof tables>;
export type Write = Context<typeof stakingAbi, typeof tables>;
type Rows = Write["tables"];
export type Totals = NonNullable<ReturnType<Rows["totals"]["get"]>>;
export type Profile = NonNullable<ReturnType<Rows["profiles"]["get"]>>;
export type Stake = NonNullable<ReturnType<Rows["stakes"]["get"]>>;
export type Jail = NonNullable<ReturnType<Rows["jails"]["get"]>>;
export type Delegation = NonNullable<ReturnType<Rows["delegations"]["get"]>>;

const NOTHING: Totals = {
  index: 0n,
  settledAt: 0n,
  active: 0n,
  bonded: 0n,
  unbonding: 0n,
  owed: 0n,
  issued: 0n,
  slashed: 0n,
  members: 0,
  nextEpoch: 0,
};
const FREE: Jail = { jailed: false, until: 0n, tombstoned: false, at: 0n, atHeight: 0, infractionHeight: 0, slash: 0 };

export function totalsOf(ctx: View): Totals {
  return ctx.tables.totals.get(ONLY) ?? NOTHING;
}

export function profileOf(ctx: View, operator: Address): Profile {
  const profile = ctx.tables.profiles.get(operator);
  if (!profile) throw ctx.error("UnknownValidator", operator);
  return profile;
}

export function stakeOf(ctx: View, operator: Address): Stake {
  const stake = ctx.tables.stakes.get(operator);
  if (!stake) throw ctx.error("UnknownValidator", operator);
  return stake;
}

export function jailOf(ctx: View, operator: Address): Jail {
  return ctx.tables.jails.get(operator) ?? FREE;
}

/** What shares of a validator are worth. */
export function worth({ tokens, shares }: Stake, of: bigint): bigint {
  return shares === 0n ? 0n : (of * tokens) / shares;
}
