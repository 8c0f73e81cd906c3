import { type Address, chainParameter, governance, type Hex, staking, voteChoice } from "@ruffchain/abi";
import {
  MAX_DEMOTIONS,
  MAX_DOCUMENT_LENGTH,
  MAX_OPEN_PROPOSALS,
  MAX_REDELEGATIONS,
  MAX_STAKE,
  MAX_TITLE_LENGTH,
  MAX_VALIDATOR_NAME_LENGTH,
  MAX_VALIDATORS,
  MAX_WEBSITE_LENGTH,
  MAX_WITHDRAWALS,
  RATE_ONE,
  REDELEGATIONS_PER_CALL,
} from "@ruffchain/contracts";
import { SCHEDULED_CALL_GAS } from "@ruffchain/kernel";
import { beforeEach, describe, expect, test } from "vitest";
import { type Account, account, type Chain, errorOf, eventOf, openChain, type TestGenesis } from "./chain.js";
import {
  balanceOf,
  consensusKey,
  createValidator,
  delegate,
  NO_COMMISSION,
  nextEpoch,
  powerIsGone,
  powersOf,
  proofOf,
  stakeOf,
  TOKEN,
  totalsOf,
} from "./stake.js";

const [genesisOperator, val, other, ann, bob] = [account(0), account(1), account(2), account(3), account(4)];
const accounts = [genesisOperator, val, other, ann, bob];
const [genesisKey, valKey, otherKey] = [consensusKey(0), consensusKey(1), consensusKey(2)];
const DAY = 86_400n;
const YEAR = 365n * DAY;
const UNBONDING = 1_000n;

const PARAMETERS = {
  epochBlocks: 5n,
  unbondingTime: UNBONDING,
  issuanceRate: 0n,
  signedWindow: 10n,
  maxMissed: 3n,
  downtimeJail: 50n,
  downtimeSlash: RATE_ONE / 100n,
  doubleSignSlash: RATE_ONE / 10n,
};

function begin(parameters: Partial<Record<string, bigint>> = {}, balance?: bigint): TestGenesis {
  return {
    validators: [{ key: genesisKey, power: 10n, operator: genesisOperator }],
    parameters: { ...PARAMETERS, ...parameters } as Record<string, bigint>,
    ...(balance !== undefined && { balance }),
  };
}

const open = (parameters?: Partial<Record<string, bigint>>) => openChain(accounts, begin(parameters));
const sum = (values: Iterable<bigint>) => [...values].reduce((a, b) => a + b, 0n);

let chain: Chain;
beforeEach(async () => {
  chain = await open();
});

describe("validators", () => {
  test("of the genesis file are in the set from the beginning, with new stake behind their power", async () => {
    expect(await chain.read(staking, "validator", [genesisOperator.id])).toMatchObject({
      publicKey: genesisKey.publicKey,
      stake: 10n * TOKEN,
      power: 10n,
      active: true,
      candidate: true,
    });
    expect(await totalsOf(chain)).toMatchObject({ active: 10n * TOKEN, bonded: 10n * TOKEN, issued: 10n * TOKEN });
    expect(balanceOf(chain, staking.address)).toBe(10n * TOKEN);
    expect(await chain.read(staking, "operatorOf", [genesisKey.address])).toBe(genesisOperator.address);
  });

  test("that the genesis file gives no operator belong to their own consensus address", async () => {
    const chain = await openChain(accounts, { validators: [{ key: valKey, power: 3n }] });
    const { operator } = await chain.read(staking, "validator", [valKey.address]);
    expect(operator.toLowerCase()).toBe(valKey.address);
  });

  test("a genesis file with validators that Staking would refuse starts no chain", async () => {
    const validators = [
      { key: genesisKey, power: 10n, operator: val },
      { key: valKey, power: 10n, operator: val },
    ];
    await expect(openChain(accounts, { validators })).rejects.toThrow("operates another validator already");
    const few = { validators, parameters: { maxValidators: 1n } };
    await expect(openChain(accounts, few)).rejects.toThrow("are more than");
    const poor = { validators, parameters: { minSelfStake: 11n * TOKEN } };
    await expect(openChain(accounts, poor)).rejects.toThrow("is less stake than");
  });

  test("join at the end of the epoch", async () => {
    const { events } = await createValidator(chain, val, valKey, 20n, [10_000_000, 20_000_000, 1_000_000]);
    expect(eventOf(events, "ValidatorCreated")).toMatchObject({ operator: val.address, publicKey: valKey.publicKey });
    const view = await chain.read(staking, "validator", [val.id]);
    expect(view).toMatchObject({ stake: 20n * TOKEN, candidate: true, active: false, power: 0n });
    const { response, events: atEnd } = await nextEpoch(chain);
    expect(response.validatorUpdates).toEqual([
      { publicKey: { type: "ed25519", bytes: Buffer.from(valKey.publicKey.slice(2), "hex") }, power: 20n },
    ]);
    expect(eventOf(atEnd, "PowerChanged")).toEqual({ operator: val.address, power: 20n });
    expect((await totalsOf(chain)).active).toBe(30n * TOKEN);
    const [byAddress] = await chain.read(staking, "validators", ["0x", 10]);
    expect(byAddress.map(({ operator }) => operator).sort()).toEqual([genesisOperator.address, val.address].sort());
    const [first, cursor] = await chain.read(staking, "candidates", ["0x", 1]);
    expect(first.map(({ operator }) => operator)).toEqual([val.address]);
    const [second, end] = await chain.read(staking, "candidates", [cursor, 1]);
    expect(second.map(({ operator }) => operator)).toEqual([genesisOperator.address]);
    expect(end).toBe("0x");
  });

  test("are refused with what is wrong", async () => {
    const create = (
      from: Account,
      change: { key?: Hex; proof?: Hex; name?: string; website?: string; rates?: readonly [number, number, number] },
      value = TOKEN,
    ) => {
      const { key = valKey.publicKey, proof = proofOf(valKey, from), name = "v", website = "" } = change;
      const [commission, maximum, changeADay] = change.rates ?? NO_COMMISSION;
      const args = [key, proof, name, website, commission, maximum, changeADay] as const;
      return errorOf(chain.send(from, staking, "createValidator", args, { value }));
    };
    expect(await create(genesisOperator, {})).toEqual(["AlreadyValidator", genesisOperator.address]);
    const inUse = { key: genesisKey.publicKey, proof: proofOf(genesisKey, val) };
    expect(await create(val, inUse)).toEqual(["KeyInUse", genesisKey.publicKey]);
    expect(await create(val, { proof: proofOf(valKey, other) })).toEqual(["BadProof", valKey.publicKey]);
    expect(await create(val, { proof: proofOf(valKey, val, 1) })).toEqual(["BadProof", valKey.publicKey]);
    expect(await create(val, { proof: "0x00" })).toEqual(["BadProof", valKey.publicKey]);
    const name = "n".repeat(MAX_VALIDATOR_NAME_LENGTH + 1);
    expect(await create(val, { name })).toEqual(["BadName", name, MAX_VALIDATOR_NAME_LENGTH]);
    expect(await create(val, { name: "" })).toEqual(["BadName", "", MAX_VALIDATOR_NAME_LENGTH]);
    const website = "w".repeat(MAX_WEBSITE_LENGTH + 1);
    expect(await create(val, { website })).toEqual(["BadWebsite", website, MAX_WEBSITE_LENGTH]);
    expect(await create(val, { rates: [2, 1, 1] })).toEqual(["BadCommission", 2, 1]);
    expect(await create(val, { rates: [0, 100_000_001, 1] })).toEqual(["BadCommission", 100_000_001, 100_000_000]);
    expect(await create(val, {}, TOKEN - 1n)).toEqual(["SelfStakeTooLow", TOKEN - 1n, TOKEN]);
    expect(await errorOf(chain.read(staking, "validator", [val.id]))).toEqual(["UnknownValidator", val.address]);
    expect(await errorOf(chain.read(staking, "operatorOf", [val.id]))).toEqual(["UnknownValidator", val.address]);
  });

  test("change their commission once a day, by no more and to no more than they promised", async () => {
    await createValidator(chain, val, valKey, 1n, [5_000_000, 7_000_000, 1_000_000]);
    const edit = (commission: number) => chain.send(val, staking, "editValidator", ["new", "https://x", commission]);
    const created = chain.now();
    expect(await errorOf(edit(6_000_000))).toEqual(["CommissionChangedToday", created, created + DAY]);
    await edit(5_000_000);
    expect(await chain.read(staking, "validator", [val.id])).toMatchObject({ name: "new", website: "https://x" });
    await chain.waitUntil(created + DAY);
    expect(await errorOf(edit(6_000_001))).toEqual(["CommissionChangeTooLarge", 6_000_001, 5_000_000, 1_000_000]);
    expect(await errorOf(edit(3_999_999))).toEqual(["CommissionChangeTooLarge", 3_999_999, 5_000_000, 1_000_000]);
    expect(await errorOf(edit(7_000_001))).toEqual(["BadCommission", 7_000_001, 7_000_000]);
    await edit(6_000_000);
    expect((await errorOf(edit(7_000_000)))[0]).toBe("CommissionChangedToday");
    const stranger = chain.send(ann, staking, "editValidator", ["n", "", 0]);
    expect(await errorOf(stranger)).toEqual(["UnknownValidator", ann.address]);
  });
});

describe("the set", () => {
  test("is the candidates with the most stake, and tells the engine what changed", async () => {
    chain = await open({ maxValidators: 2n });
    await createValidator(chain, val, valKey, 20n);
    await createValidator(chain, other, otherKey, 5n);
    await nextEpoch(chain);
    expect(await powersOf(chain)).toEqual(
      new Map([
        [genesisKey.publicKey, 10n],
        [valKey.publicKey, 20n],
      ]),
    );
    await delegate(chain, ann, other, 6n);
    await chain.send(val, staking, "undelegate", [val.id, 5n * TOKEN]);
    const { response } = await nextEpoch(chain);
    const updates = response.validatorUpdates.map(({ publicKey: { bytes }, power }) => [
      `0x${Buffer.from(bytes).toString("hex")}`,
      power,
    ]);
    expect(new Map(updates as [Hex, bigint][])).toEqual(
      new Map([
        [genesisKey.publicKey, 0n],
        [otherKey.publicKey, 11n],
        [valKey.publicKey, 15n],
      ]),
    );
    expect((await chain.read(staking, "validator", [genesisOperator.id])).active).toBe(false);
    expect((await nextEpoch(chain)).response.validatorUpdates).toEqual([]);
  });

  test("is never empty, even if the last validator's operator leaves", async () => {
    await chain.send(genesisOperator, staking, "undelegate", [genesisOperator.id, 10n * TOKEN]);
    const { response } = await nextEpoch(chain);
    expect(response.validatorUpdates).toEqual([]);
    expect((await chain.read(staking, "activeSet", [])).length).toBe(1);
    await chain.block([], chain.now() + 1n, { misbehavior: [{ address: genesisKey.address, height: 1 }] });
    expect((await chain.read(staking, "activeSet", [])).length).toBe(1);
    await createValidator(chain, val, valKey, 1n);
    await nextEpoch(chain);
    expect(await powersOf(chain)).toEqual(new Map([[valKey.publicKey, 1n]]));
  });

  test("stays as it is where the genesis file fixes it", async () => {
    chain = await open({ fixedValidators: 1n });
    await createValidator(chain, val, valKey, 50n);
    for (let i = 0; i < 7; i++) {
      const { response } = await chain.block([], chain.now() + 1n, { absent: [genesisKey.address] });
      expect(response.validatorUpdates).toEqual([]);
    }
    expect(await powersOf(chain)).toEqual(new Map([[genesisKey.publicKey, 10n]]));
    expect((await chain.read(staking, "validator", [genesisOperator.id])).jailed).toBe(false);
  });

  test("leaves out who has too little stake of its own, until it has more", async () => {
    await createValidator(chain, val, valKey, 20n);
    await delegate(chain, ann, val, 100n);
    await nextEpoch(chain);
    await chain.send(val, staking, "undelegate", [val.id, 20n * TOKEN - 1n]);
    expect((await chain.read(staking, "validator", [val.id])).candidate).toBe(false);
    await nextEpoch(chain);
    expect(await powersOf(chain)).toEqual(new Map([[genesisKey.publicKey, 10n]]));
    await delegate(chain, val, val, 1n);
    await nextEpoch(chain);
    expect((await powersOf(chain)).get(valKey.publicKey)).toBe(101n);
  });

  test("keeps the members that qualify, however many others a higher minimum takes off the list", async () => {
    const operators = Array.from({ length: MAX_DEMOTIONS + 20 }, (_, i) => account(100 + i));
    const poor = operators.slice(10);
    const rich = operators.slice(0, 10);
    chain = await openChain([...accounts, ...operators], {
      ...begin({ maxValidators: MAX_VALIDATORS, minDeposit: 0n, votingPeriod: 1_000n }),
      validators: operators.map((operator, i) => ({ key: consensusKey(i), power: i < 10 ? 5n : 1n, operator })),
    });
    for (const operator of poor) await delegate(chain, ann, operator, 10n); // before the rich in the list
    const changes = [{ parameter: chainParameter.minSelfStake, value: 2n * TOKEN }];
    await chain.send(ann, governance, "proposeParameters", ["t", "", changes]);
    for (const operator of poor.slice(0, 60)) {
      await chain.send(operator, governance, "voteAsValidator", [1n, voteChoice.yes]);
    }
    await nextEpoch(chain);
    const members = async () => new Set((await chain.read(staking, "activeSet", [])).map(({ operator }) => operator));
    expect((await members()).size).toBe(operators.length);
    await chain.waitUntil(chain.now() + 1_000n);
    await nextEpoch(chain);
    expect(await members()).toEqual(new Set(rich.map(({ address }) => address)));
    const [candidates] = await chain.read(staking, "candidates", ["0x", 200]);
    expect(candidates.length).toBe(operators.length - MAX_DEMOTIONS);
    await nextEpoch(chain);
    expect(await members()).toEqual(new Set(rich.map(({ address }) => address)));
    expect((await chain.read(staking, "candidates", ["0x", 200]))[0].length).toBe(rich.length);
  });

  test("has bounds that hold the work of a block", () => {
    expect(MAX_VALIDATORS).toBe(200n);
    expect(MAX_DEMOTIONS).toBe(100);
  });
});

describe("stake", () => {
  test("goes in, waits for the unbonding time and comes back", async () => {
    await delegate(chain, ann, genesisOperator, 5n);
    expect(await stakeOf(chain, ann, genesisOperator)).toBe(5n * TOKEN);
    const before = balanceOf(chain, ann.id);
    const { events } = await chain.send(ann, staking, "undelegate", [genesisOperator.id, 2n * TOKEN]);
    const until = chain.now() + UNBONDING;
    expect(eventOf(events, "Undelegated")).toMatchObject({ amount: 2n * TOKEN, until });
    expect(await chain.read(staking, "unbondingsOf", [ann.id, "0x", 10])).toEqual([
      [{ validator: genesisOperator.address, amount: 2n * TOKEN, until }],
      "0x",
    ]);
    expect((await totalsOf(chain)).unbonding).toBe(2n * TOKEN);
    await powerIsGone(chain);
    await chain.waitUntil(until - 2n);
    expect(await errorOf(chain.send(ann, staking, "withdraw", []))).toEqual(["NothingToWithdraw", ann.address]);
    await chain.send(ann, staking, "withdraw", []);
    expect(balanceOf(chain, ann.id)).toBe(before + 2n * TOKEN);
    const [page] = await chain.read(staking, "delegationsOf", [ann.id, "0x", 10]);
    expect(page).toMatchObject([{ validator: genesisOperator.address, stake: 3n * TOKEN, lockedShares: 0n }]);
    const [holders] = await chain.read(staking, "delegationsTo", [genesisOperator.id, "0x", 10]);
    expect(new Set(holders.map(({ delegator }) => delegator))).toEqual(new Set([genesisOperator.address, ann.address]));
  });

  test("comes back in bounded numbers of parts", async () => {
    await delegate(chain, ann, genesisOperator, 1n);
    for (let i = 0; i < MAX_WITHDRAWALS + 1; i++) {
      await chain.send(ann, staking, "undelegate", [genesisOperator.id, 1_000n]);
    }
    await powerIsGone(chain);
    await chain.waitUntil(chain.now() + UNBONDING);
    const first = await chain.send(ann, staking, "withdraw", []);
    expect(eventOf(first.events, "Withdrawn").paid).toBe(BigInt(MAX_WITHDRAWALS) * 1_000n);
    const second = await chain.send(ann, staking, "withdraw", []);
    expect(eventOf(second.events, "Withdrawn").paid).toBe(1_000n);
  });

  test("that is not there cannot move", async () => {
    const call = (name: "undelegate", args: readonly [Address, bigint]) =>
      errorOf(chain.send(ann, staking, name, args));
    expect(await errorOf(chain.send(ann, staking, "delegate", [genesisOperator.id]))).toEqual(["ZeroAmount"]);
    expect(await errorOf(delegate(chain, ann, bob, 1n))).toEqual(["UnknownValidator", bob.address]);
    expect(await call("undelegate", [genesisOperator.id, 0n])).toEqual(["ZeroAmount"]);
    expect(await call("undelegate", [bob.id, 1n])).toEqual(["UnknownValidator", bob.address]);
    const none = ["NotEnoughStake", ann.address, genesisOperator.address, 0n, 1n];
    expect(await call("undelegate", [genesisOperator.id, 1n])).toEqual(none);
    await delegate(chain, ann, genesisOperator, 1n);
    const tooMuch = ["NotEnoughStake", ann.address, genesisOperator.address, TOKEN, TOKEN + 1n];
    expect(await call("undelegate", [genesisOperator.id, TOKEN + 1n])).toEqual(tooMuch);
    const unknown = chain.send(ann, staking, "redelegate", [genesisOperator.id, bob.id, 1n]);
    expect(await errorOf(unknown)).toEqual(["UnknownValidator", bob.address]);
    const same = chain.send(ann, staking, "redelegate", [genesisOperator.id, genesisOperator.id, 1n]);
    expect(await errorOf(same)).toEqual(["SameValidator", genesisOperator.address]);
  });

  test("stays within what the engine's powers can say", async () => {
    const chain = await openChain(accounts, begin({}, 2n * MAX_STAKE));
    const left = MAX_STAKE - 10n * TOKEN;
    const send = (value: bigint) => chain.send(ann, staking, "delegate", [genesisOperator.id], { value });
    expect(await errorOf(send(left + 1n))).toEqual(["StakeTooHigh", MAX_STAKE + 1n, MAX_STAKE]);
    await send(left);
    await nextEpoch(chain);
    expect(sum((await powersOf(chain)).values())).toBe((2n ** 63n - 1n) / 8n);
  });

  test("moves to another validator at once, and stays there for the unbonding time", async () => {
    await createValidator(chain, val, valKey, 1n);
    await delegate(chain, ann, genesisOperator, 5n);
    const { events } = await chain.send(ann, staking, "redelegate", [genesisOperator.id, val.id, 5n * TOKEN]);
    const until = chain.now() + UNBONDING;
    expect(eventOf(events, "Redelegated")).toMatchObject({ amount: 5n * TOKEN, until });
    expect(await stakeOf(chain, ann, val)).toBe(5n * TOKEN);
    const away = () => chain.send(ann, staking, "redelegate", [val.id, genesisOperator.id, 1n]);
    expect(await errorOf(away())).toEqual(["NotEnoughStake", ann.address, val.address, 0n, 1n]);
    const out = () => chain.send(ann, staking, "undelegate", [val.id, TOKEN]);
    expect(await errorOf(out())).toEqual(["NotEnoughStake", ann.address, val.address, 0n, TOKEN]);
    await delegate(chain, ann, val, 1n);
    await out();
    expect(await chain.read(staking, "redelegationsOf", [ann.id, "0x", 10])).toEqual([
      [{ from: genesisOperator.address, to: val.address, shares: 5n * TOKEN, until }],
      "0x",
    ]);
    await chain.waitUntil(until);
    await away();
    await out();
    expect(await stakeOf(chain, ann, val)).toBe(4n * TOKEN - 1n);
  });

  test("moves to one validator a bounded number of times", async () => {
    await createValidator(chain, val, valKey, 1n);
    await delegate(chain, ann, genesisOperator, 20n);
    const move = () => chain.send(ann, staking, "redelegate", [genesisOperator.id, val.id, TOKEN]);
    for (let i = 0; i < MAX_REDELEGATIONS; i++) await move();
    expect(await errorOf(move())).toEqual(["TooManyRedelegations", ann.address, val.address, MAX_REDELEGATIONS]);
    await chain.waitUntil(chain.now() + UNBONDING);
    await move();
  });
});

describe("rewards", () => {
  test("are the tips, by stake, less the commission", async () => {
    await createValidator(chain, val, valKey, 10n, [25_000_000, 25_000_000, 0]);
    await delegate(chain, ann, val, 30n);
    await nextEpoch(chain); // active: 10 of genesis, 40 of val
    const { gasUsed } = await chain.send(bob, staking, "delegate", [genesisOperator.id], {
      value: 50n * TOKEN,
      tip: 1_000_000n,
    });
    const fees = BigInt(gasUsed) * 1_000_000n;
    await chain.block();
    // The tips came after bob's stake: half of all is genesis's and bob's, 40% val's.
    const share = (whole: bigint, part: bigint) => (whole * part) / 100n;
    const near = (value: bigint, expected: bigint) => expect(value >= expected - 2n && value <= expected).toBe(true);
    const rewards = async (who: Account, at: Account) =>
      (await chain.read(staking, "delegation", [who.id, at.id])).rewards;
    near(await rewards(bob, genesisOperator), share(fees, 50n));
    near(await rewards(genesisOperator, genesisOperator), share(fees, 10n));
    near(await rewards(ann, val), (fees * 30n * 75n) / 10_000n);
    const { commissionOwed } = await chain.read(staking, "validator", [val.id]);
    near(commissionOwed, share(fees, 10n));

    const before = balanceOf(chain, ann.id);
    const owed = await rewards(ann, val);
    const { events } = await chain.send(ann, staking, "claimRewards", [val.id]);
    expect(eventOf(events, "RewardsClaimed").paid).toBe(owed);
    expect(balanceOf(chain, ann.id)).toBe(before + owed);
    const commission = await chain.send(val, staking, "claimCommission", []);
    expect(eventOf(commission.events, "CommissionClaimed").paid).toBe(commissionOwed);
    expect(await errorOf(chain.send(ann, staking, "claimRewards", [val.id]))).toEqual(["NothingToClaim", ann.address]);
    expect(await errorOf(chain.send(val, staking, "claimCommission", []))).toEqual(["NothingToClaim", val.address]);
  });

  test("are the issuance, by time; whoever is not in the set earns nothing", async () => {
    chain = await open({ issuanceRate: RATE_ONE / 20n });
    await createValidator(chain, val, valKey, 10n); // a candidate until the epoch ends
    const start = chain.now();
    await delegate(chain, ann, genesisOperator, 90n);
    const { issued } = await totalsOf(chain);
    await chain.send(ann, staking, "undelegate", [genesisOperator.id, 1n]);
    await chain.waitUntil(start + 1n + YEAR); // ends the epoch with it
    const { issued: after } = await totalsOf(chain);
    const expected = (100n * TOKEN) / 20n;
    expect(after - issued > expected - 10n ** 12n && after - issued <= expected).toBe(true);
    expect((await chain.read(staking, "delegation", [val.id, val.id])).rewards).toBe(0n);
    const { rewards } = await chain.read(staking, "delegation", [ann.id, genesisOperator.id]);
    expect(rewards > (expected * 9n) / 10n - 10n ** 12n && rewards <= (expected * 9n) / 10n + 10n).toBe(true);
    await chain.send(ann, staking, "claimRewards", [genesisOperator.id]);
  });

  test("outlive the stake that earned them", async () => {
    chain = await open({ issuanceRate: RATE_ONE / 20n });
    await delegate(chain, ann, genesisOperator, 10n);
    await chain.waitUntil(chain.now() + DAY);
    await chain.send(ann, staking, "undelegate", [genesisOperator.id, 10n * TOKEN]);
    const { rewards, shares } = await chain.read(staking, "delegation", [ann.id, genesisOperator.id]);
    expect(shares).toBe(0n);
    await chain.waitUntil(chain.now() + DAY);
    const { events } = await chain.send(ann, staking, "claimRewards", [genesisOperator.id]);
    expect(eventOf(events, "RewardsClaimed").paid).toBe(rewards);
    expect((await chain.read(staking, "delegationsOf", [ann.id, "0x", 10]))[0]).toEqual([]);
  });
});

describe("missed blocks", () => {
  const miss = (address: Hex = valKey.address) => chain.block([], chain.now() + 1n, { absent: [address] });
  /** To the first height of a window. */
  async function newWindow() {
    while ((chain.app.head.height + 1) % Number(PARAMETERS.signedWindow) !== 0) await chain.block();
  }
  async function jailVal() {
    await newWindow();
    for (let i = 0; i < 3; i++) await miss();
    return miss();
  }

  beforeEach(async () => {
    await createValidator(chain, val, valKey, 20n);
    await delegate(chain, ann, val, 20n);
    await nextEpoch(chain);
  });

  test("beyond what a window allows jail a validator: out at once, slashed, back when it asks and the time is over", async () => {
    const { response, events } = await jailVal();
    expect(response.validatorUpdates).toMatchObject([{ power: 0n }]);
    expect(eventOf(events, "Jailed")).toEqual({ operator: val.address, until: chain.now() + 50n });
    expect(eventOf(events, "Slashed")).toEqual({ operator: val.address, amount: (40n * TOKEN) / 100n });
    expect(await stakeOf(chain, ann, val)).toBe((20n * TOKEN * 99n) / 100n);
    expect(await powersOf(chain)).toEqual(new Map([[genesisKey.publicKey, 10n]]));
    const until = chain.now() + 50n;
    await miss(); // the last commits still name it
    expect(await errorOf(chain.send(val, staking, "unjail", []))).toEqual(["JailedUntil", val.address, until]);
    await nextEpoch(chain);
    expect((await powersOf(chain)).has(valKey.publicKey)).toBe(false);
    await chain.waitUntil(until);
    await chain.send(val, staking, "unjail", []);
    await nextEpoch(chain);
    expect((await powersOf(chain)).get(valKey.publicKey)).toBe(39n);
    expect(await errorOf(chain.send(val, staking, "unjail", []))).toEqual(["NotJailed", val.address]);
    expect(await errorOf(chain.send(ann, staking, "unjail", []))).toEqual(["UnknownValidator", ann.address]);
  });

  test("within what a window allows, or of somebody unknown, do nothing", async () => {
    for (let i = 0; i < 3; i++) {
      await newWindow();
      for (let j = 0; j < 3; j++) await miss();
    }
    expect(await chain.read(staking, "validator", [val.id])).toMatchObject({ jailed: false, missed: 3 });
    await newWindow();
    for (let j = 0; j < 6; j++) await miss(otherKey.address);
    expect((await chain.read(staking, "activeSet", [])).length).toBe(2);
  });

  test("do not let a validator back without stake of its own", async () => {
    await chain.send(val, staking, "undelegate", [val.id, 19n * TOKEN]);
    await jailVal();
    await chain.waitUntil(chain.now() + 50n);
    const selfStake = (TOKEN * 99n) / 100n;
    expect(await errorOf(chain.send(val, staking, "unjail", []))).toEqual(["SelfStakeTooLow", selfStake, TOKEN]);
    await delegate(chain, val, val, 1n);
    await chain.send(val, staking, "unjail", []);
  });
});

describe("a double vote", () => {
  const evidence = (height: number, address: Hex = valKey.address) =>
    chain.block([], chain.now() + 1n, { misbehavior: [{ address, height }] });

  beforeEach(async () => {
    await createValidator(chain, val, valKey, 20n);
    await createValidator(chain, other, otherKey, 20n);
    await delegate(chain, ann, val, 20n);
    await nextEpoch(chain);
    await nextEpoch(chain);
  });

  test("is slashed once, and ends the validator", async () => {
    const { response, events } = await evidence(chain.app.head.height);
    expect(response.validatorUpdates).toMatchObject([{ power: 0n }]);
    expect(eventOf(events, "Slashed").amount).toBe(4n * TOKEN);
    expect(eventOf(events, "Tombstoned").operator).toBe(val.address);
    expect(await stakeOf(chain, ann, val)).toBe(18n * TOKEN);
    const { slashed } = await totalsOf(chain);
    expect(slashed).toBe(4n * TOKEN);
    expect((await evidence(chain.app.head.height - 1)).events).toEqual([]);
    expect((await evidence(1, account(9).id)).events).toEqual([]);
    expect((await totalsOf(chain)).slashed).toBe(slashed);
    expect(await chain.read(staking, "validator", [val.id])).toMatchObject({ tombstoned: true, candidate: false });
    await chain.waitUntil(chain.now() + YEAR);
    expect(await errorOf(chain.send(val, staking, "unjail", []))).toEqual(["IsTombstoned", val.address]);
    expect(await errorOf(delegate(chain, ann, val, 1n))).toEqual(["IsTombstoned", val.address]);
    await delegate(chain, ann, genesisOperator, 1n);
    const back = chain.send(ann, staking, "redelegate", [genesisOperator.id, val.id, 1n]);
    expect(await errorOf(back)).toEqual(["IsTombstoned", val.address]);
  });

  test("is slashed from what left after it, not from what had left before, and not twice", async () => {
    await chain.send(ann, staking, "undelegate", [val.id, 5n * TOKEN]); // before: its power is gone after the epoch
    await nextEpoch(chain);
    await chain.block();
    await chain.block();
    const infraction = chain.app.head.height;
    await chain.send(ann, staking, "undelegate", [val.id, 5n * TOKEN]); // after
    await evidence(infraction);
    await chain.send(ann, staking, "undelegate", [val.id, 9n * TOKEN]); // slashed with the validator
    const [page] = await chain.read(staking, "unbondingsOf", [ann.id, "0x", 10]);
    expect(page.map(({ amount }) => amount)).toEqual([5n * TOKEN, (45n * TOKEN) / 10n, 9n * TOKEN]);
    await chain.waitUntil(chain.now() + UNBONDING);
    const before = balanceOf(chain, ann.id);
    const { events } = await chain.send(ann, staking, "withdraw", []);
    expect(eventOf(events, "Withdrawn")).toMatchObject({ paid: (185n * TOKEN) / 10n, slashed: TOKEN / 2n });
    expect(balanceOf(chain, ann.id)).toBe(before + (185n * TOKEN) / 10n);
    expect((await totalsOf(chain)).unbonding).toBe(0n);
  });

  test("counts from when the engine follows: stake that left in the same epoch still answers", async () => {
    await chain.send(ann, staking, "undelegate", [val.id, 10n * TOKEN]);
    const { nextEpoch: end } = await totalsOf(chain);
    await nextEpoch(chain);
    await chain.block();
    await evidence(Number(end) + 1);
    const [page] = await chain.read(staking, "unbondingsOf", [ann.id, "0x", 10]);
    expect(page.map(({ amount }) => amount)).toEqual([9n * TOKEN]);
  });

  test("comes too late for stake whose unbonding time was over", async () => {
    await chain.send(ann, staking, "undelegate", [val.id, 10n * TOKEN]);
    const infraction = chain.app.head.height;
    await powerIsGone(chain);
    await chain.waitUntil(chain.now() + UNBONDING);
    await evidence(infraction);
    const { events } = await chain.send(ann, staking, "withdraw", []);
    expect(eventOf(events, "Withdrawn")).toMatchObject({ paid: 10n * TOKEN, slashed: 0n });
  });

  test("reaches stake whose unbonding time is over while its power is still in the set", async () => {
    chain = await open({ unbondingTime: 60n, epochBlocks: 600n });
    await createValidator(chain, val, valKey, 1n);
    await delegate(chain, ann, genesisOperator, 5n);
    const { nextEpoch: end } = await totalsOf(chain);
    await chain.send(genesisOperator, staking, "undelegate", [genesisOperator.id, 10n * TOKEN]);
    await chain.send(ann, staking, "redelegate", [genesisOperator.id, val.id, 5n * TOKEN]);
    await chain.waitUntil(chain.now() + 60n);
    const withdraw = () => chain.send(genesisOperator, staking, "withdraw", []);
    expect(await errorOf(withdraw())).toEqual(["NothingToWithdraw", genesisOperator.address]);
    const out = () => chain.send(ann, staking, "undelegate", [val.id, 5n * TOKEN]);
    expect(await errorOf(out())).toEqual(["NotEnoughStake", ann.address, val.address, 0n, 5n * TOKEN]);
    expect((await chain.read(staking, "delegation", [ann.id, val.id])).lockedShares).toBe(5n * TOKEN);
    await evidence(chain.app.head.height, genesisKey.address);
    expect(await stakeOf(chain, ann, val)).toBe((45n * TOKEN) / 10n);
    while (BigInt(chain.app.head.height) < end) await chain.block();
    expect(await errorOf(withdraw())).toEqual(["NothingToWithdraw", genesisOperator.address]);
    const { events } = await withdraw(); // the first height at which the engine has the new set
    expect(eventOf(events, "Withdrawn")).toMatchObject({ paid: 9n * TOKEN, slashed: TOKEN });
  });

  test("that is reported first does not shield an earlier one", async () => {
    await delegate(chain, val, val, 980n);
    await nextEpoch(chain);
    const early = chain.app.head.height;
    await chain.send(val, staking, "undelegate", [val.id, 899n * TOKEN]);
    await chain.send(val, staking, "redelegate", [val.id, other.id, 100n * TOKEN]);
    await chain.send(ann, staking, "undelegate", [val.id, 20n * TOKEN]);
    await powerIsGone(chain);
    const late = chain.app.head.height;
    await evidence(late);
    expect((await totalsOf(chain)).slashed).toBe(TOKEN / 10n);
    expect(await stakeOf(chain, val, other)).toBe(100n * TOKEN);
    await chain.send(val, staking, "undelegate", [val.id, (TOKEN * 9n) / 10n]); // slashed already

    const { events } = await evidence(early);
    expect(eventOf(events, "Tombstoned").infractionHeight).toBe(BigInt(early));
    expect(eventOf(events, "RedelegationSlashed")).toMatchObject({ delegator: val.address, amount: 10n * TOKEN });
    expect(await stakeOf(chain, val, other)).toBe(90n * TOKEN);
    expect((await evidence(early)).events).toEqual([]);
    await chain.waitUntil(chain.now() + UNBONDING);
    await powerIsGone(chain);
    const own = await chain.send(val, staking, "withdraw", []);
    const paid = (8_091n * TOKEN) / 10n + (TOKEN * 9n) / 10n;
    expect(eventOf(own.events, "Withdrawn")).toMatchObject({ paid, slashed: (899n * TOKEN) / 10n });
    const anns = await chain.send(ann, staking, "withdraw", []);
    expect(eventOf(anns.events, "Withdrawn")).toMatchObject({ paid: 18n * TOKEN, slashed: 2n * TOKEN });
    expect((await totalsOf(chain)).slashed).toBe((1_020n * TOKEN) / 10n);
    expect((await totalsOf(chain)).unbonding).toBe(0n);
  });

  test("follows stake to other validators, however many have gone", async () => {
    const movers = Array.from({ length: 60 }, (_, i) => account(100 + i));
    chain = await openChain([...accounts, ...movers], begin());
    await createValidator(chain, val, valKey, 20n);
    await createValidator(chain, other, otherKey, 20n);
    await delegate(chain, ann, val, 20n);
    for (const mover of movers) await delegate(chain, mover, val, 1n);
    await nextEpoch(chain);
    // ann's are over when the evidence comes
    await chain.send(ann, staking, "redelegate", [val.id, other.id, 10n * TOKEN]);
    await chain.waitUntil(chain.now() + UNBONDING);
    const infraction = chain.app.head.height;
    for (const mover of movers) await chain.send(mover, staking, "redelegate", [val.id, other.id, TOKEN / 2n]);
    const { events } = await evidence(infraction);
    expect(events.filter(({ name }) => name === "RedelegationSlashed").length).toBe(movers.length);
    for (const mover of [movers[0], movers[59]] as Account[]) {
      expect(await stakeOf(chain, mover, other)).toBe((TOKEN * 45n) / 100n);
      expect(await stakeOf(chain, mover, val)).toBe((TOKEN * 45n) / 100n);
      await chain.send(mover, staking, "undelegate", [other.id, TOKEN / 10n]); // no longer locked
    }
    expect(await stakeOf(chain, ann, other)).toBe(10n * TOKEN);
    // 10% of what was left with val, and of what had moved on.
    expect((await totalsOf(chain)).slashed).toBe(((20n + 10n + 30n) * TOKEN + 30n * TOKEN) / 10n);
  });

  test("follows stake whose votes all have to be taken back", async () => {
    const movers = Array.from({ length: 2 * REDELEGATIONS_PER_CALL }, (_, i) => account(100 + i));
    chain = await openChain([...accounts, ...movers], begin({ minDeposit: 0n }));
    await createValidator(chain, val, valKey, 20n);
    await createValidator(chain, other, otherKey, 20n);
    for (const mover of movers) await delegate(chain, mover, val, 1n);
    await nextEpoch(chain);
    const infraction = chain.app.head.height;
    const [title, document] = ["€".repeat(MAX_TITLE_LENGTH), "€".repeat(MAX_DOCUMENT_LENGTH)];
    for (const mover of movers) await chain.send(mover, staking, "redelegate", [val.id, other.id, TOKEN]);
    for (let id = 1n; id <= MAX_OPEN_PROPOSALS; id++) {
      await chain.send(ann, governance, "proposeUpgrade", [title, document, "name", 1_000_000n]);
      for (const mover of movers) await chain.send(mover, governance, "vote", [id, voteChoice.yes, other.id]);
    }
    const { events, record } = await evidence(infraction);
    expect(events.filter(({ name }) => name === "RedelegationSlashed").length).toBe(movers.length);
    expect(events.filter(({ name }) => name === "Voted").length).toBe(movers.length * MAX_OPEN_PROPOSALS);
    expect(record.transactions[0]?.gasUsed).toBeLessThan(2 * SCHEDULED_CALL_GAS);
    for (const mover of movers) expect(await stakeOf(chain, mover, other)).toBe((TOKEN * 9n) / 10n);
  });

  test("is slashed from stake that has moved before its rewards are paid", async () => {
    const movers = Array.from({ length: 2 * REDELEGATIONS_PER_CALL }, (_, i) => account(100 + i));
    const genesis = begin({ issuanceRate: RATE_ONE / 20n });
    chain = await openChain([...accounts, ...movers], { ...genesis, scheduledGasLimit: 0 });
    await createValidator(chain, val, valKey, 20n);
    await createValidator(chain, other, otherKey, 20n);
    for (const delegator of [ann, ...movers]) await delegate(chain, delegator, val, 2n);
    await nextEpoch(chain);
    const infraction = chain.app.head.height;
    await chain.send(ann, staking, "redelegate", [val.id, other.id, TOKEN]);
    await nextEpoch(chain);
    // These come before ann's in the calls of the evidence's block and the next.
    for (const mover of movers) await chain.send(mover, staking, "redelegate", [val.id, other.id, TOKEN]);
    await evidence(infraction);
    expect(await stakeOf(chain, ann, other)).toBe(TOKEN);
    const { events } = await chain.send(ann, staking, "claimRewards", [other.id]);
    expect(eventOf(events, "RedelegationSlashed")).toMatchObject({ delegator: ann.address, amount: TOKEN / 10n });
    expect(await stakeOf(chain, ann, other)).toBe((TOKEN * 9n) / 10n);
    const { events: after } = await chain.block();
    expect(after.filter(({ name }) => name === "RedelegationSlashed")).toEqual([]);
  });
});
