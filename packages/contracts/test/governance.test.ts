import { chainParameter, governance, proposalState, staking, voteChoice } from "@ruffchain/abi";
import {
  MAX_CHANGES,
  MAX_DOCUMENT_LENGTH,
  MAX_OPEN_PROPOSALS,
  MAX_TITLE_LENGTH,
  MAX_UPGRADE_HEIGHT,
  MAX_UPGRADE_NAME_LENGTH,
  RATE_ONE,
} from "@ruffchain/contracts";
import { UpgradeError } from "@ruffchain/kernel";
import { beforeEach, describe, expect, test } from "vitest";
import { type Account, account, type Chain, errorOf, eventOf, openChain, UPGRADE_KEY } from "./chain.js";
import { balanceOf, consensusKey, createValidator, delegate, nextEpoch, TOKEN } from "./stake.js";

const [genesisOperator, val, ann, bob, eve] = [account(0), account(1), account(2), account(3), account(4)];
const accounts = [genesisOperator, val, ann, bob, eve];
const [genesisKey, valKey] = [consensusKey(0), consensusKey(1)];
const VOTING_PERIOD = 1_000n;
const DEPOSIT = 5n * TOKEN;
const { none, yes, no, abstain, veto } = voteChoice;

const begin = {
  validators: [{ key: genesisKey, power: 10n, operator: genesisOperator }],
  parameters: {
    epochBlocks: 5n,
    unbondingTime: 2_000n,
    issuanceRate: 0n,
    votingPeriod: VOTING_PERIOD,
    minDeposit: DEPOSIT,
  },
};

let chain: Chain;
beforeEach(async () => {
  chain = await openChain(accounts, begin);
});

type Change = readonly [name: keyof typeof chainParameter, value: bigint];

async function proposeChanges(...changes: readonly Change[]): Promise<bigint> {
  return proposeFor(DEPOSIT, ...changes);
}

async function proposeFor(value: bigint, ...changes: readonly Change[]): Promise<bigint> {
  const list = changes.map(([name, value]) => ({ parameter: chainParameter[name], value }));
  const args = ["title", "https://document", list] as const;
  const { events } = await chain.send(eve, governance, "proposeParameters", args, { value });
  return eventOf(events, "Proposed").id as bigint;
}

async function proposeUpgrade(name: string, height: bigint): Promise<bigint> {
  const args = ["title", "", name, height] as const;
  const { events } = await chain.send(eve, governance, "proposeUpgrade", args, { value: DEPOSIT });
  return eventOf(events, "Proposed").id as bigint;
}

const vote = (from: Account, id: bigint, choice: number, validator: Account = genesisOperator) =>
  chain.send(from, governance, "vote", [id, choice, validator.id]);
const voteAsValidator = (from: Account, id: bigint, choice: number) =>
  chain.send(from, governance, "voteAsValidator", [id, choice]);

/** Lets the vote end. Its state, and what else the end did. */
async function end() {
  const events = await chain.waitUntil(chain.now() + VOTING_PERIOD);
  return { events, state: eventOf(events, "Closed").state };
}

async function pass(...changes: readonly Change[]) {
  const id = await proposeChanges(...changes);
  await voteAsValidator(genesisOperator, id, yes);
  const { state } = await end();
  expect(state).toBe(proposalState.passed);
}

const parameter = (name: keyof typeof chainParameter) => chain.read(governance, "parameter", [chainParameter[name]]);

describe("parameters", () => {
  test("are listed with the bounds of a vote, under the numbers of the ABI", async () => {
    const all = await chain.read(governance, "parameters", []);
    expect(Object.fromEntries(all.map(({ name, parameter: number }) => [name, number]))).toEqual(chainParameter);
    const outside = all.filter(({ value, lowest, highest }) => value < lowest || value > highest);
    expect(outside.map(({ name }) => name)).toEqual(["unbondingTime"]); // the genesis file may have less
    expect(await parameter("unbondingTime")).toBe(2_000n);
    expect(await parameter("blockGasLimit")).toBe(300_000_000n);
    expect(await parameter("feeCollector")).toBe(BigInt(staking.address));
    expect(await errorOf(chain.read(governance, "parameter", [99]))).toEqual(["UnknownParameter", 99]);
  });

  test("of the genesis file must be known, within their bounds and agree", async () => {
    const open = (parameters: Record<string, bigint>) => openChain(accounts, { parameters });
    await expect(open({ nonsense: 1n })).rejects.toThrow("app_state.parameters.nonsense is unknown");
    await expect(open({ blockGasLimit: 10_000_000n })).rejects.toThrow("app_state.parameters.blockGasLimit is unknown");
    await expect(open({ maxValidators: 201n })).rejects.toThrow("must be from 1 to 200");
    await expect(open({ unbondingTime: 59n })).rejects.toThrow("must be from 60 to 31536000");
    await expect(open({ signedWindow: 10n })).rejects.toThrow("does not go together with signedWindow");
  });

  const bounds: readonly (readonly [keyof typeof chainParameter, lowest: bigint, highest: bigint])[] = [
    ["blockGasLimit", 5_000_000n, 3_000_000_000n],
    ["minBaseFee", 0n, 10n ** 12n],
    ["scheduledGasLimit", 5_000_000n, 1_000_000_000n],
    ["maxBlockBytes", 1_048_576n, 104_857_600n],
    ["unbondingTime", 86_400n, 365n * 86_400n],
    ["minDeposit", 0n, 10n ** 6n * TOKEN],
    ["quorum", RATE_ONE / 100n, (RATE_ONE * 67n) / 100n],
    ["threshold", RATE_ONE / 2n, (RATE_ONE * 80n) / 100n],
    ["veto", RATE_ONE / 10n, RATE_ONE],
  ];
  test.each(bounds)("%s is not put to the vote out of its bounds", async (name, lowest, highest) => {
    const outside = lowest > 0n ? [lowest - 1n, highest + 1n] : [highest + 1n];
    for (const value of outside) {
      const refusal = ["ParameterOutOfRange", chainParameter[name], value, lowest, highest];
      expect(await errorOf(proposeChanges([name, value]))).toEqual(refusal);
    }
    await proposeChanges([name, lowest]);
    await proposeChanges([name, highest]);
  });

  test("a vote can take the fees away", async () => {
    await pass(["maxBaseFee", 0n]);
    const { record } = await chain.block();
    expect(record.header.baseFeePerGas).toBe(0n);
    expect(chain.app.parameters()).toMatchObject({ minBaseFee: 0n, maxBaseFee: 0n });
  });

  test("change by vote: Governance's own, and the kernel's from the next block on", async () => {
    const collector = account(7).id;
    await pass(
      ["blockGasLimit", 20_000_000n],
      ["minBaseFee", 7n],
      ["scheduledGasLimit", 6_000_000n],
      ["feeCollector", BigInt(collector)],
      ["maxValidators", 3n],
    );
    expect(chain.app.parameters()).toMatchObject({
      blockGasLimit: 20_000_000,
      minBaseFee: 7n,
      scheduledGasLimit: 6_000_000,
      feeCollector: collector,
    });
    expect(await parameter("maxValidators")).toBe(3n);
    const { record } = await chain.block();
    expect(record.header).toMatchObject({ gasLimit: 20_000_000, baseFeePerGas: 7n });
  });

  test("that the engine follows are told to it once", async () => {
    const id = await proposeChanges(["maxBlockBytes", 2_000_000n]);
    await voteAsValidator(genesisOperator, id, yes);
    const { response } = await chain.block([], chain.now() + VOTING_PERIOD);
    expect(response.consensusParamUpdates).toEqual({ block: { maxBytes: 2_000_000 } });
    expect((await chain.block()).response.consensusParamUpdates).toBeUndefined();
  });

  test("open a set that the genesis file has fixed", async () => {
    chain = await openChain(accounts, { ...begin, parameters: { ...begin.parameters, fixedValidators: 1n } });
    await createValidator(chain, val, valKey, 20n);
    await pass(["fixedValidators", 0n]);
    await nextEpoch(chain);
    expect((await chain.read(staking, "activeSet", [])).length).toBe(2);
  });
});

describe("a proposal", () => {
  test("is refused with what is wrong", async () => {
    const change: { parameter: number; value: bigint }[] = [{ parameter: chainParameter.maxValidators, value: 5n }];
    const propose = (
      {
        title = "t",
        document = "",
        changes = change,
      }: Partial<{ title: string; document: string; changes: typeof change }>,
      value = DEPOSIT,
    ) => errorOf(chain.send(eve, governance, "proposeParameters", [title, document, changes], { value }));
    const long = "t".repeat(MAX_TITLE_LENGTH + 1);
    expect(await propose({ title: long })).toEqual(["BadTitle", long, MAX_TITLE_LENGTH]);
    expect(await propose({ title: "" })).toEqual(["BadTitle", "", MAX_TITLE_LENGTH]);
    const document = "d".repeat(MAX_DOCUMENT_LENGTH + 1);
    expect(await propose({ document })).toEqual(["BadDocument", document, MAX_DOCUMENT_LENGTH]);
    expect(await propose({}, DEPOSIT - 1n)).toEqual(["DepositTooLow", DEPOSIT - 1n, DEPOSIT]);
    expect(await propose({ changes: [] })).toEqual(["BadChangeCount", 0n, MAX_CHANGES]);
    const many = Array.from({ length: MAX_CHANGES + 1 }, () => change[0] as (typeof change)[number]);
    expect(await propose({ changes: many })).toEqual(["BadChangeCount", BigInt(MAX_CHANGES + 1), MAX_CHANGES]);
    expect(await propose({ changes: [{ parameter: 99, value: 0n }] })).toEqual(["UnknownParameter", 99]);
    const { maxValidators, maxMissed, signedWindow } = chainParameter;
    const outOfRange = ["ParameterOutOfRange", maxValidators, 201n, 1n, 200n];
    expect(await propose({ changes: [{ parameter: maxValidators, value: 201n }] })).toEqual(outOfRange);
    const disagree = ["ParametersDisagree", maxMissed, signedWindow];
    expect(await propose({ changes: [{ parameter: signedWindow, value: 500n }] })).toEqual(disagree);
    const crossed = {
      changes: [
        { parameter: chainParameter.minBaseFee, value: 3n },
        { parameter: chainParameter.maxBaseFee, value: 2n },
      ],
    };
    expect(await propose(crossed)).toEqual([
      "ParametersDisagree",
      chainParameter.minBaseFee,
      chainParameter.maxBaseFee,
    ]);

    const upgrade = (name: string, height: bigint) =>
      errorOf(chain.send(eve, governance, "proposeUpgrade", ["t", "", name, height], { value: DEPOSIT }));
    const name = "n".repeat(MAX_UPGRADE_NAME_LENGTH + 1);
    expect(await upgrade(name, 1_000n)).toEqual(["BadUpgradeName", name, MAX_UPGRADE_NAME_LENGTH]);
    const height = BigInt(chain.app.head.height) + 1n;
    expect(await upgrade("known", height)).toEqual(["UpgradeTooEarly", height, height + 1n]);
    const tooLate = ["UpgradeTooLate", MAX_UPGRADE_HEIGHT + 1n, MAX_UPGRADE_HEIGHT];
    expect(await upgrade("known", MAX_UPGRADE_HEIGHT + 1n)).toEqual(tooLate);
  });

  test("waits where too many are open", async () => {
    for (let i = 0; i < MAX_OPEN_PROPOSALS; i++) await proposeChanges(["maxValidators", 5n]);
    expect((await chain.read(governance, "openProposals", [])).length).toBe(MAX_OPEN_PROPOSALS);
    expect(await errorOf(proposeChanges(["maxValidators", 5n]))).toEqual(["TooManyProposals", MAX_OPEN_PROPOSALS]);
    await chain.waitUntil(chain.now() + VOTING_PERIOD);
    await chain.block(); // what the block's budget left
    await proposeChanges(["maxValidators", 5n]);
  });

  test("displaces the one with the lowest deposit where too many are open, unless its deposit is safe", async () => {
    const least = (n: number) => (n < 4 ? DEPOSIT : 3n * DEPOSIT);
    const ids: bigint[] = [];
    for (let i = 0; i < MAX_OPEN_PROPOSALS; i++) ids.push(await proposeFor(least(i), ["maxValidators", 5n]));
    const [unseen, safe, vetoed, newest, other] = ids as [bigint, bigint, bigint, bigint, bigint];
    await voteAsValidator(genesisOperator, safe, abstain);
    await voteAsValidator(genesisOperator, vetoed, veto);
    const state = async (id: bigint) => (await chain.read(governance, "proposal", [id])).state;
    const tooMany = ["TooManyProposals", MAX_OPEN_PROPOSALS];
    expect(await errorOf(proposeFor(2n * DEPOSIT - 1n, ["maxValidators", 5n]))).toEqual(tooMany);
    for (const displaced of [newest, vetoed, unseen]) {
      expect(await state(displaced)).toBe(proposalState.voting);
      await proposeFor(2n * DEPOSIT, ["maxValidators", 5n]);
      expect(await state(displaced)).toBe(proposalState.displaced);
    }
    expect(await errorOf(proposeFor(2n * DEPOSIT, ["maxValidators", 5n]))).toEqual(tooMany);
    expect(await Promise.all([safe, other].map(state))).toEqual([proposalState.voting, proposalState.voting]);
    expect((await chain.read(governance, "openProposals", [])).length).toBe(MAX_OPEN_PROPOSALS);

    expect(await errorOf(vote(genesisOperator, vetoed, yes))).toEqual(["NotVoting", vetoed]);
    const before = balanceOf(chain, eve.id);
    await chain.send(bob, governance, "withdrawDeposit", [vetoed]);
    expect(balanceOf(chain, eve.id)).toBe(before + DEPOSIT);
    await chain.waitUntil(chain.now() + VOTING_PERIOD);
    await chain.block(); // what the block's budget left
    expect(await Promise.all([unseen, safe].map(state))).toEqual([proposalState.displaced, proposalState.rejected]);
    expect(balanceOf(chain, governance.address)).toBe(3n * DEPOSIT); // of unseen, safe and newest
  });

  test("is listed, newest first, with its votes so far", async () => {
    await proposeChanges(["maxValidators", 5n]);
    const id = await proposeUpgrade("known", 10_000n);
    await voteAsValidator(genesisOperator, id, abstain);
    const [[newest], cursor] = await chain.read(governance, "proposals", ["0x", 1]);
    expect(newest).toMatchObject({
      id,
      proposer: eve.address,
      state: proposalState.voting,
      upgradeName: "known",
      upgradeHeight: 10_000n,
      deposit: DEPOSIT,
      tally: { active: 10n * TOKEN, abstain: 10n * TOKEN, yes: 0n },
    });
    const [[first]] = await chain.read(governance, "proposals", [cursor, 1]);
    expect(first).toEqual(await chain.read(governance, "proposal", [1n]));
    expect(await errorOf(chain.read(governance, "proposal", [9n]))).toEqual(["UnknownProposal", 9n]);
  });
});

describe("the vote", () => {
  beforeEach(async () => {
    await createValidator(chain, val, valKey, 30n);
    await delegate(chain, ann, genesisOperator, 40n);
    await delegate(chain, bob, val, 20n);
    await nextEpoch(chain); // genesis 10 + ann 40, val 30 + bob 20
  });
  const tally = (id: bigint) => chain.read(governance, "tally", [id]);
  const tokens = (counts: Record<string, bigint>) =>
    Object.fromEntries(["active", "yes", "no", "abstain", "veto"].map((name) => [name, (counts[name] ?? 0n) * TOKEN]));

  test("of a validator is for those who did not vote themselves; anybody may change their mind", async () => {
    const id = await proposeChanges(["maxValidators", 5n]);
    await voteAsValidator(genesisOperator, id, yes);
    await voteAsValidator(val, id, abstain);
    expect(await tally(id)).toEqual(tokens({ active: 100n, yes: 50n, abstain: 50n }));
    await vote(ann, id, no);
    expect(await tally(id)).toEqual(tokens({ active: 100n, yes: 10n, no: 40n, abstain: 50n }));
    await vote(ann, id, veto);
    await vote(bob, id, yes, val);
    expect(await tally(id)).toEqual(tokens({ active: 100n, yes: 30n, abstain: 30n, veto: 40n }));
    expect(await chain.read(governance, "voteOf", [id, genesisOperator.id, ann.id])).toEqual([veto, 40n * TOKEN]);
    expect(await chain.read(governance, "voteOf", [id, val.id, ann.id])).toEqual([none, 0n]);
    expect(await chain.read(governance, "validatorVoteOf", [id, val.id])).toBe(abstain);
  });

  test("counts the stake that is still there: moving it takes it out, nobody votes twice", async () => {
    const id = await proposeChanges(["maxValidators", 5n]);
    await vote(ann, id, yes);
    await chain.send(ann, staking, "redelegate", [genesisOperator.id, val.id, 30n * TOKEN]);
    expect(await tally(id)).toEqual(tokens({ active: 100n, yes: 10n }));
    await vote(ann, id, yes, val);
    expect(await tally(id)).toEqual(tokens({ active: 100n, yes: 40n }));
    await chain.send(ann, staking, "undelegate", [genesisOperator.id, 10n * TOKEN]);
    expect(await tally(id)).toEqual(tokens({ active: 90n, yes: 30n }));
    await delegate(chain, ann, genesisOperator, 1n); // did not vote with it
    expect(await tally(id)).toEqual(tokens({ active: 91n, yes: 30n }));
    const stranger = chain.send(eve, governance, "stakeReduced", [ann.id, val.id, 0n]);
    expect(await errorOf(stranger)).toEqual(["OnlyStaking", eve.address]);
  });

  test("counts what a slash has left", async () => {
    const id = await proposeChanges(["maxValidators", 5n]);
    await vote(bob, id, no, val);
    await voteAsValidator(val, id, yes);
    await chain.block([], chain.now() + 1n, { misbehavior: [{ address: valKey.address, height: 1 }] });
    expect(await tally(id)).toEqual(tokens({ active: 50n })); // and the validator is out of the set
  });

  test("is refused with what is wrong", async () => {
    const id = await proposeChanges(["maxValidators", 5n]);
    expect(await errorOf(vote(ann, id, none))).toEqual(["BadChoice", none]);
    expect(await errorOf(vote(ann, id, 5))).toEqual(["BadChoice", 5]);
    expect(await errorOf(voteAsValidator(val, id, 5))).toEqual(["BadChoice", 5]);
    expect(await errorOf(vote(eve, id, yes))).toEqual(["NoStake", eve.address, genesisOperator.address]);
    expect(await errorOf(vote(eve, id, yes, bob))).toEqual(["UnknownValidator", bob.address]);
    expect(await errorOf(voteAsValidator(ann, id, yes))).toEqual(["UnknownValidator", ann.address]);
    expect(await errorOf(vote(ann, 9n, yes))).toEqual(["UnknownProposal", 9n]);
    expect(await errorOf(chain.send(eve, governance, "withdrawDeposit", [id]))).toEqual(["NothingToWithdraw", id]);
    await end();
    expect(await errorOf(vote(ann, id, yes))).toEqual(["NotVoting", id]);
    expect(await errorOf(voteAsValidator(val, id, yes))).toEqual(["NotVoting", id]);
  });

  const outcomes: [string, readonly (readonly [Account, number, Account?])[], number][] = [
    ["nobody votes", [], proposalState.quorumMissed],
    ["less than a third votes", [[val, yes, val]], proposalState.quorumMissed],
    [
      "more are for it",
      [
        [ann, yes],
        [bob, no, val],
      ],
      proposalState.passed,
    ],
    [
      "as many are against it",
      [
        [ann, yes],
        [val, no, val],
        [genesisOperator, no],
      ],
      proposalState.rejected,
    ],
    [
      "a third has a veto",
      [
        [ann, yes],
        [bob, veto, val],
      ],
      proposalState.passed,
    ],
    [
      "more than a third has a veto",
      [
        [ann, yes],
        [val, veto, val],
      ],
      proposalState.vetoed,
    ],
    ["all abstain", [[ann, abstain]], proposalState.rejected],
  ];
  test.each(outcomes)("where %s", async (_, votes, expected) => {
    const id = await proposeChanges(["maxValidators", 5n]);
    for (const [who, choice, validator] of votes) await vote(who, id, choice, validator);
    const { state } = await end();
    expect(state).toBe(expected);
    expect(await parameter("maxValidators")).toBe(expected === proposalState.passed ? 5n : 100n);
    const isBurnt = expected === proposalState.quorumMissed || expected === proposalState.vetoed;
    const before = balanceOf(chain, eve.id);
    const back = chain.send(bob, governance, "withdrawDeposit", [id]);
    if (isBurnt) {
      expect(await errorOf(back)).toEqual(["NothingToWithdraw", id]);
      expect(await chain.read(governance, "burnt", [])).toBe(DEPOSIT);
      expect(balanceOf(chain, governance.address)).toBe(0n);
    } else {
      await back;
      expect(balanceOf(chain, eve.id)).toBe(before + DEPOSIT);
      expect((await errorOf(chain.send(eve, governance, "withdrawDeposit", [id])))[0]).toBe("NothingToWithdraw");
    }
  });

  test("fails to be carried out where another one was before it", async () => {
    const window = await proposeChanges(["signedWindow", 600n]);
    const missed = await proposeChanges(["maxMissed", 700n]);
    for (const id of [window, missed]) await vote(ann, id, yes);
    await chain.waitUntil(chain.now() + VOTING_PERIOD);
    expect((await chain.read(governance, "proposal", [window])).state).toBe(proposalState.passed);
    expect((await chain.read(governance, "proposal", [missed])).state).toBe(proposalState.failed);
    expect(await parameter("maxMissed")).toBe(500n);
  });
});

describe("an upgrade", () => {
  async function decide(name: string, height: bigint) {
    const id = await proposeUpgrade(name, height);
    await voteAsValidator(genesisOperator, id, yes);
    return end();
  }

  test("that the version knows is done at its height", async () => {
    const height = BigInt(chain.app.head.height) + 10n;
    const { events } = await decide("known", height);
    expect(eventOf(events, "UpgradeDecided")).toEqual({ name: "known", height });
    expect(await chain.read(governance, "upgrade", [])).toEqual(["known", height]);
    while (BigInt(chain.app.head.height) < height - 1n) await chain.block();
    expect(chain.app.view(chain.app.head.height).get(UPGRADE_KEY)).toBeUndefined();
    await chain.block();
    expect(chain.app.view(chain.app.head.height).get(UPGRADE_KEY)).toEqual(Uint8Array.of(1));
    await chain.block();
  });

  test("that the version does not know stops it right before, and says what to do", async () => {
    const height = BigInt(chain.app.head.height) + 10n;
    await decide("next", height);
    while (BigInt(chain.app.head.height) < height - 1n) await chain.block();
    const stopped = chain.block();
    await expect(stopped).rejects.toThrow(UpgradeError);
    await expect(chain.block()).rejects.toThrow('the upgrade "next", which this version does not know: install');
    expect(BigInt(chain.app.head.height)).toBe(height - 1n);
  });

  test("can be taken back", async () => {
    const height = BigInt(chain.app.head.height) + 10n;
    await decide("next", height);
    await decide("", 0n);
    expect(await chain.read(governance, "upgrade", [])).toEqual(["", 0n]);
    while (BigInt(chain.app.head.height) < height + 1n) await chain.block();
  });

  test("can be decided for the highest height there is", async () => {
    const { state } = await decide("next", MAX_UPGRADE_HEIGHT);
    expect(state).toBe(proposalState.passed);
    expect(await chain.read(governance, "upgrade", [])).toEqual(["next", MAX_UPGRADE_HEIGHT]);
  });

  test("whose height is over when it is decided fails", async () => {
    const id = await proposeUpgrade("next", BigInt(chain.app.head.height) + 3n);
    await voteAsValidator(genesisOperator, id, yes);
    await chain.block();
    expect((await end()).state).toBe(proposalState.failed);
  });
});

test("rates are of one hundred million", async () => {
  expect(await parameter("quorum")).toBe((RATE_ONE * 334n) / 1000n);
});
