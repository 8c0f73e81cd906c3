import { bytesToHex } from "@noble/hashes/utils.js";
import {
  absentCommitSig,
  attackEvidence,
  blockIdFlag,
  type Commit,
  compareWitness,
  encodeCommit,
  encodeHeader,
  followChain,
  type Header,
  hashHeader,
  hashValidators,
  type LightBlock,
  type LightClientAttack,
  lightClientAttack,
  nobleCrypto,
  timeToString,
  type Validator,
} from "@ruffchain/light";
import { expect, test } from "vitest";
import { makeCommit, makeSigners, type Signer } from "./chain.js";
import { genesisTime, ordered, SECOND, TestChain } from "./light-chain.js";
import { type JsonLightBlock, nanoseconds, signedHeader, validatorSet } from "./light-json.js";
import { nodeCrypto } from "./node-crypto.js";

const options = { now: genesisTime + 10_000n * SECOND, trustPeriod: 100_000n * SECOND };
const set = ordered(makeSigners([40n, 30n, 20n, 10n]));
const [largest, second, third, smallest] = set as [Signer, Signer, Signer, Signer];
const chain = new TestChain(() => ({ signers: set }));
const { absent, commit: forBlock, nil } = blockIdFlag;

/** Another block of height 9, by validators of its own. */
function forge(
  change: Partial<Header>,
  signers: readonly Signer[],
  flags: readonly number[] = [],
  round = 0,
): LightBlock {
  const validators = ordered(signers);
  const header = {
    ...chain.block(9).header,
    validatorsHash: hashValidators(validators),
    nextValidatorsHash: hashValidators(validators),
    ...change,
  };
  const commit = makeCommit(validators, header, flags, round, hashHeader(header));
  return { header, commit, validators, nextValidators: validators };
}

const lie = { appHash: new Uint8Array(32) };
const another = { dataHash: new Uint8Array(32) };

async function attackOf(conflicting: LightBlock): Promise<LightClientAttack> {
  const way = [chain.block(6), conflicting];
  const attack = await lightClientAttack(chain.trusted(3), way, chain.provider(20), nodeCrypto);
  if (!attack) throw new Error("there is no attack");
  return attack;
}

const keysOf = (validators: readonly Validator[]) => validators.map(({ publicKey }) => publicKey);

test("a block that cannot follow: all who signed it, since the last shared block", async () => {
  const { common, byzantine, conflicting } = await attackOf(forge(lie, [third, largest]));
  expect(common.header).toEqual(chain.block(7).header);
  expect(keysOf(common.validators)).toEqual(keysOf(set));
  expect(byzantine).toEqual([largest, third]);
  expect(conflicting.validators).toHaveLength(2);
});

test("strangers who signed it cannot be slashed", async () => {
  const strangers = makeSigners([100n, 5n], "stranger");
  const { byzantine } = await attackOf(forge(lie, [...strangers, second], [forBlock, forBlock, forBlock]));
  expect(byzantine).toEqual([second]);
});

test("two votes in one round: who has signed both", async () => {
  const node = new TestChain(() => ({ signers: set, flags: [forBlock, forBlock, forBlock, nil] }));
  const { header } = node.block(9);
  const conflicting = {
    ...forge(another, set, [forBlock, absent, forBlock, forBlock]),
    validators: node.validators(9),
  };
  const trusted = node.trusted(3);
  const { common, byzantine } = (await lightClientAttack(trusted, [conflicting], node.provider(20))) ?? expect.fail();
  expect(common.header).toEqual(header);
  expect(byzantine).toEqual([largest, third]);
});

test("votes in different rounds: nobody that CometBFT could name", async () => {
  const { common, byzantine } = await attackOf(forge(another, set, [], 1));
  expect(common.header.height).toBe(9);
  expect(byzantine).toEqual([]);
});

test("the block right after the last shared one: since that", async () => {
  const way = [chain.block(8), forge(lie, [largest])];
  expect((await lightClientAttack(chain.trusted(3), way, chain.provider(20)))?.common.header.height).toBe(8);
});

test("since the first block, where trust begins with the genesis file", async () => {
  const way = [forge(lie, [largest])];
  expect((await lightClientAttack(chain.genesis(), way, chain.provider(20)))?.common.header.height).toBe(1);
});

test("a node that has all blocks of the way is told nothing", async () => {
  const way = [chain.block(6), chain.block(9)];
  expect(await lightClientAttack(chain.trusted(3), way, chain.provider(20))).toBeUndefined();
});

test("signatures that an attacker added to spoil the evidence are left out", async () => {
  const forged = forge(lie, [largest, second, third, smallest]);
  const spoilt: Commit = {
    ...forged.commit,
    signatures: forged.commit.signatures.map((slot, index) =>
      index === 2 ? { ...slot, signature: new Uint8Array(64) } : index === 3 ? { ...slot, flag: nil } : slot,
    ),
  };
  const { conflicting, byzantine } = await attackOf({ ...forged, commit: spoilt });
  expect(conflicting.commit.signatures.slice(0, 2)).toEqual(forged.commit.signatures.slice(0, 2));
  expect(conflicting.commit.signatures.slice(2)).toEqual([absentCommitSig, absentCommitSig]);
  expect(byzantine).toEqual([largest, second]);
});

test("each side of a fork that compareWitness finds is an attack to the other", async () => {
  const forked = new TestChain(() => ({ signers: set }), "fork");
  const common = chain.trusted(3);
  const followed = await followChain(common, chain.provider(9), options, nodeCrypto);
  const found = await compareWitness(common, followed, forked.provider(9), options, nodeCrypto);
  const [ours, theirs] = found?.ways ?? [[], []];
  expect((await lightClientAttack(common, ours, forked.provider(10)))?.conflicting.header).toEqual(
    chain.block(9).header,
  );
  expect((await lightClientAttack(common, theirs, chain.provider(10)))?.conflicting.header).toEqual(
    forked.block(9).header,
  );
});

test("CometBFT's JSON has all of it", async () => {
  const attack = await attackOf(forge(lie, [third, largest, smallest], [forBlock, forBlock, absent]));
  const { type, value } = JSON.parse(JSON.stringify(attackEvidence(attack, nobleCrypto))) as {
    type: string;
    value: {
      ConflictingBlock: JsonLightBlock & { validator_set: { proposer: object } };
      CommonHeight: string;
      ByzantineValidators: { address: string; pub_key: object; voting_power: string }[];
      TotalVotingPower: string;
      Timestamp: string;
    };
  };
  expect(type).toBe("tendermint/LightClientAttackEvidence");
  const { header, commit, validators } = attack.conflicting;
  const read = signedHeader(value.ConflictingBlock.signed_header);
  expect(bytesToHex(encodeHeader(read.header))).toBe(bytesToHex(encodeHeader(header)));
  expect(bytesToHex(encodeCommit(read.commit))).toBe(bytesToHex(encodeCommit(commit)));
  const { validator_set } = value.ConflictingBlock;
  expect(validatorSet(validator_set)).toEqual(validators.map(({ publicKey, power }) => ({ publicKey, power })));
  expect(validator_set.validators).toContainEqual(validator_set.proposer);
  expect(value.CommonHeight).toBe("7");
  expect(value.ByzantineValidators.map(({ voting_power }) => voting_power)).toEqual(["40", "20"]);
  expect(value.TotalVotingPower).toBe("100");
  expect(nanoseconds(value.Timestamp)).toBe(chain.block(7).header.time);
});

test("without names CometBFT wants null", async () => {
  const evidence = attackEvidence(await attackOf(forge(another, set, [], 1)));
  expect(evidence).toMatchObject({ value: { ByzantineValidators: null } });
});

test.each([
  [0n, "1970-01-01T00:00:00Z"],
  [1_790_000_000_120_000_000n, "2026-09-21T14:13:20.12Z"],
  [1n, "1970-01-01T00:00:00.000000001Z"],
  [absentCommitSig.time, "0001-01-01T00:00:00Z"],
])("the time %d is %s", (time, text) => expect(timeToString(time)).toBe(text));
