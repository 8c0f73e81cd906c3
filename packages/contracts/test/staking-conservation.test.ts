import { chainParameter, governance, type Hex, proposalState, staking, voteChoice } from "@ruffchain/abi";
import { RATE_ONE } from "@ruffchain/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Account, account, BALANCE, type Chain, openChain, Reverted } from "./chain.js";
import {
  balanceOf,
  consensusKey,
  createValidator,
  delegate,
  followUpdates,
  powersOf,
  TOKEN,
  totalsOf,
} from "./stake.js";

const people = [account(0), account(1), account(2), account(3), account(4)];
const keys = [consensusKey(0), consensusKey(1), consensusKey(2)];
const DEPOSIT = TOKEN;
/** Proposals that are voted on. */
const PROPOSALS = 6;

/** What is put to the vote. */
const change = fc.oneof(
  ...(
    [
      ["maxValidators", 1n, 3n],
      ["epochBlocks", 1n, 6n],
      ["minSelfStake", TOKEN, 9n * TOKEN],
      ["issuanceRate", 0n, RATE_ONE / 5n],
      ["maxMissed", 1n, 3n],
      ["downtimeJail", 0n, 30n],
      ["downtimeSlash", 0n, RATE_ONE / 10n],
      ["doubleSignSlash", 0n, RATE_ONE / 2n],
      ["fixedValidators", 0n, 1n],
      ["quorum", RATE_ONE / 100n, RATE_ONE / 2n],
      ["minDeposit", 0n, DEPOSIT],
    ] as const
  ).map(([name, min, max]) =>
    fc.bigInt({ min, max }).map((value) => ({ parameter: chainParameter[name] as number, value })),
  ),
);

const who = fc.integer({ min: 0, max: people.length - 1 });
const at = fc.integer({ min: 0, max: keys.length - 1 });
const id = fc.bigInt({ min: 1n, max: BigInt(PROPOSALS) });
const { yes, no, abstain, veto } = voteChoice;
const choice = fc.constantFrom(yes, yes, yes, no, abstain, veto);
/** Wei, few or many, round or not. */
const amount = fc.oneof(
  fc.bigInt({ min: 1n, max: 5n }),
  fc.bigInt({ min: 1n, max: 8n }).map((tokens) => tokens * TOKEN),
  fc.bigInt({ min: 1n, max: 12n * TOKEN }),
);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ name: fc.constant("delegate" as const), who, at, amount }) },
  { weight: 12, arbitrary: fc.record({ name: fc.constant("undelegate" as const), who, at, amount }) },
  { weight: 12, arbitrary: fc.record({ name: fc.constant("redelegate" as const), who, at, to: at, amount }) },
  { weight: 4, arbitrary: fc.record({ name: fc.constant("claim" as const), who, at }) },
  { weight: 4, arbitrary: fc.record({ name: fc.constant("withdraw" as const), who }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constant("commission" as const), who: at }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constant("unjail" as const), who: at }) },
  { weight: 4, arbitrary: fc.record({ name: fc.constant("vote" as const), who, at, id, choice }) },
  { weight: 6, arbitrary: fc.record({ name: fc.constant("voteAsValidator" as const), who: at, id, choice }) },
  { weight: 4, arbitrary: fc.record({ name: fc.constant("propose" as const), who, change, amount }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constant("withdrawDeposit" as const), who, id }) },
  {
    weight: 1,
    arbitrary: fc.record({
      name: fc.constant("edit" as const),
      who: at,
      rate: fc.integer({ min: 0, max: 100_000_000 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ name: fc.constant("wait" as const), seconds: fc.bigInt({ min: 1n, max: 80n }) }),
  },
  { weight: 6, arbitrary: fc.record({ name: fc.constant("miss" as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({ name: fc.constant("double" as const), at, ago: fc.integer({ min: 0, max: 8 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function act(chain: Chain, action: Step): Promise<void> {
  const validatorAt = (index: number) => (people[index] as Account).id; // the first people operate
  const from = "who" in action ? (people[action.who] as Account) : undefined;
  const key = "at" in action ? (keys[action.at] as (typeof keys)[number]) : undefined;
  const tip = { tip: 1_000_000_007n };
  if (action.name === "wait") await chain.waitUntil(chain.now() + action.seconds);
  if (action.name === "miss" && key) await chain.block([], chain.now() + 1n, { absent: [key.address] });
  if (action.name === "double" && key) {
    const height = Math.max(1, chain.app.head.height - action.ago);
    await chain.block([], chain.now() + 1n, { misbehavior: [{ address: key.address, height }] });
  }
  if (!from) return;
  if (action.name === "delegate") {
    await chain.send(from, staking, "delegate", [validatorAt(action.at)], { ...tip, value: action.amount });
  }
  if (action.name === "undelegate") {
    await chain.send(from, staking, "undelegate", [validatorAt(action.at), action.amount], tip);
  }
  if (action.name === "redelegate") {
    const args = [validatorAt(action.at), validatorAt(action.to), action.amount] as const;
    await chain.send(from, staking, "redelegate", args, tip);
  }
  if (action.name === "claim") await chain.send(from, staking, "claimRewards", [validatorAt(action.at)], tip);
  if (action.name === "withdraw") await chain.send(from, staking, "withdraw", [], tip);
  if (action.name === "commission") await chain.send(from, staking, "claimCommission", [], tip);
  if (action.name === "unjail") await chain.send(from, staking, "unjail", [], tip);
  if (action.name === "vote") {
    await chain.send(from, governance, "vote", [action.id, action.choice, validatorAt(action.at)], tip);
  }
  if (action.name === "voteAsValidator") {
    await chain.send(from, governance, "voteAsValidator", [action.id, action.choice], tip);
  }
  if (action.name === "withdrawDeposit") await chain.send(from, governance, "withdrawDeposit", [action.id], tip);
  if (action.name === "edit") await chain.send(from, staking, "editValidator", ["name", "", action.rate], tip);
  if (action.name === "propose") {
    const value = action.amount;
    await chain.send(from, governance, "proposeParameters", ["t", "", [action.change]], { ...tip, value });
  }
}

/** Steps between two checks of everything. */
const CHECK_INTERVAL = 5;
const RATE_ONE_NUMBER = Number(RATE_ONE);
const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n);

/** What the sequences came to: states of proposals, slashes. */
const seen = new Set<number | string>();

/** What must hold after whatever was done. */
async function check(chain: Chain, powers: ReadonlyMap<Hex, bigint>): Promise<void> {
  const totals = await totalsOf(chain);
  const [validators] = await chain.read(staking, "validators", ["0x", 100]);
  expect(sum(validators.map(({ stake }) => stake))).toBe(totals.bonded);
  const members = await chain.read(staking, "activeSet", []);
  expect(sum(members.map(({ stake }) => stake))).toBe(totals.active);
  expect(await powersOf(chain)).toEqual(powers);

  let claims = 0n;
  for (const { operator, shares, stake, commissionOwed } of validators) {
    const [delegations] = await chain.read(staking, "delegationsTo", [operator, "0x", 100]);
    expect(sum(delegations.map((one) => one.shares))).toBe(shares);
    const worth = sum(delegations.map((one) => one.stake));
    expect(worth <= stake && stake - worth <= BigInt(delegations.length)).toBe(true);
    expect(delegations.every((one) => one.lockedShares <= one.shares)).toBe(true);
    claims += commissionOwed + sum(delegations.map(({ rewards }) => rewards));
  }
  // Rounding is down, and leaves less than some wei for each settlement.
  expect(claims <= totals.owed && totals.owed - claims < 100_000n).toBe(true);

  const unbondings = await Promise.all(people.map(({ id }) => chain.read(staking, "unbondingsOf", [id, "0x", 100])));
  const unbonding = sum(unbondings.flatMap(([page]) => page.map((one) => one.amount)));
  const anyTombstoned = validators.some(({ tombstoned }) => tombstoned);
  expect(anyTombstoned ? unbonding <= totals.unbonding : unbonding === totals.unbonding).toBe(true);

  // What the account has is what it owes, but for issuance that the next settlement brings.
  const unissued = totals.bonded + totals.unbonding + totals.owed - balanceOf(chain, staking.address);
  expect(unissued >= 0n && unissued <= totals.issued).toBe(true);
  const [proposals] = await chain.read(governance, "proposals", ["0x", 100]);
  expect(balanceOf(chain, governance.address)).toBe(sum(proposals.map(({ deposit }) => deposit)));
  for (const { state, tally } of proposals) {
    const { active, yes, no, abstain, veto } = tally;
    expect(yes + no + abstain + veto <= active).toBe(true);
    if (state === proposalState.voting) expect(active).toBe(totals.active);
    seen.add(state);
  }
  if (totals.slashed > 0n) seen.add("slashed");
  if (anyTombstoned) seen.add("tombstoned");

  const everywhere = [...people.map(({ id }) => id), staking.address, governance.address];
  const supply = sum(everywhere.map((address) => balanceOf(chain, address)));
  const burnt = totals.slashed + (await chain.read(governance, "burnt", [])) + chain.app.chainHead().burnt;
  expect(supply).toBe(BigInt(people.length) * BALANCE + totals.issued - unissued - burnt);
}

test("whatever is called, nothing is created or lost, and the engine's set is Staking's", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 90 }), async (steps) => {
      const chain = await openChain(people, {
        validators: keys.slice(0, 2).map((key, i) => ({ key, power: 10n, operator: people[i] as Account })),
        parameters: {
          epochBlocks: 4n,
          unbondingTime: 60n,
          issuanceRate: RATE_ONE / 7n,
          signedWindow: 10n,
          maxMissed: 1n,
          downtimeJail: 5n,
          downtimeSlash: RATE_ONE / 33n,
          doubleSignSlash: RATE_ONE / 3n,
          votingPeriod: 100n,
          minDeposit: DEPOSIT,
        },
      });
      const powers = new Map(keys.slice(0, 2).map((key) => [key.publicKey, 10n]));
      chain.app.finalizeBlock = ((finalize) => async (request) => {
        const response = await finalize.call(chain.app, request);
        followUpdates(powers, response);
        return response;
      })(chain.app.finalizeBlock);
      await createValidator(chain, people[2] as Account, keys[2] as (typeof keys)[number], 5n, [
        10_000_000,
        RATE_ONE_NUMBER,
        0,
      ]);
      const first = { parameter: chainParameter.maxValidators, value: 2n };
      await act(chain, { name: "propose", who: 4, change: first, amount: DEPOSIT });
      for (const person of people) {
        for (const validator of people.slice(0, keys.length)) await delegate(chain, person, validator, 10n);
      }
      for (const [i, action] of steps.entries()) {
        try {
          await act(chain, action);
        } catch (error) {
          if (!(error instanceof Reverted)) throw error;
        }
        if (i % CHECK_INTERVAL === 0) await check(chain, powers);
      }
      await check(chain, powers);
    }),
    { numRuns: 20, seed: 1 },
  );
  const { voting, passed, rejected, quorumMissed } = proposalState;
  for (const state of [voting, passed, rejected, quorumMissed, "slashed", "tombstoned"]) expect(seen).toContain(state);
});
