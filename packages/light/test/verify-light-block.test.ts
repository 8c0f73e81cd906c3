import {
  type CommitSig,
  DEFAULT_CLOCK_DRIFT,
  hashHeader,
  type LightBlock,
  type LightErrorCode,
  MAX_TOTAL_POWER,
  MAX_VALIDATORS,
  nobleCrypto,
  trustGenesis,
  type VerifyOptions,
  verifyLightBlock,
} from "@ruffchain/light";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainId, makeCommit, makeSigners, type Signer } from "./chain.js";
import { genesisTime, ordered, SECOND, TestChain } from "./light-chain.js";
import { nodeCrypto } from "./node-crypto.js";
import { codeOf } from "./refusal.js";

/** Nine validators of equal power; from height 15 on six of them are others. */
const old = ordered(makeSigners(Array(9).fill(10n)));
const six = makeSigners(Array(6).fill(10n), "six");
const chain = new TestChain((height) => ({ signers: height < 15 ? old : ordered([...old.slice(0, 3), ...six]) }));
const trusted = chain.trusted(10);
const options: VerifyOptions = { now: genesisTime + 1000n * SECOND, trustPeriod: 10_000n * SECOND };
const adjacent = chain.block(11);
const far = chain.block(14);

/** The block with another header, signed anew by its validators. */
function resigned(
  block: LightBlock,
  header: Partial<LightBlock["header"]>,
  rest: Partial<LightBlock> = {},
): LightBlock {
  const made = { ...block.header, ...header };
  return { ...block, header: made, commit: makeCommit(block.validators as Signer[], made), ...rest };
}

function withSlot(block: LightBlock, index: number, change: Partial<CommitSig>): LightBlock {
  const signatures = block.commit.signatures.map((slot, at) => (at === index ? { ...slot, ...change } : slot));
  return { ...block, commit: { ...block.commit, signatures } };
}

const verify = (block: LightBlock, change: Partial<VerifyOptions> = {}, from = trusted, crypto = nodeCrypto) =>
  codeOf(() => verifyLightBlock(from, block, { ...options, ...change }, crypto));

test.each([
  ["noble", nobleCrypto],
  ["node", nodeCrypto],
])("the next block and one further on are taken, with %s crypto", (_, crypto) => {
  expect(verifyLightBlock(trusted, adjacent, options, crypto)).toEqual(chain.trusted(11));
  expect(verifyLightBlock(trusted, far, options, crypto)).toEqual(chain.trusted(14));
});

describe("each reason to refuse, alone", () => {
  const stranger = ordered(makeSigners(Array(9).fill(10n), "stranger"));
  const third = chain.block(20);
  const many = Array.from({ length: MAX_VALIDATORS + 1 }, () => old[0] as Signer);
  const twice = ordered([...old.slice(0, 2), old[0] as Signer, ...six.slice(0, 1)]);
  const powers = (...all: bigint[]) => all.map((power) => ({ publicKey: new Uint8Array(32), power }));
  const refusals: [LightErrorCode, string, () => LightErrorCode | undefined][] = [
    [
      "invalidOption",
      "a trust level below 1/3",
      () => verify(far, { trustLevel: { numerator: 33n, denominator: 100n } }),
    ],
    ["invalidOption", "a trust level above 1", () => verify(far, { trustLevel: { numerator: 4n, denominator: 3n } })],
    [
      "invalidOption",
      "a trust level of nothing",
      () => verify(far, { trustLevel: { numerator: 1n, denominator: 0n } }),
    ],
    [
      "invalidOption",
      "a negative trust level",
      () => verify(far, { trustLevel: { numerator: -1n, denominator: -2n } }),
    ],
    ["invalidOption", "no trust period", () => verify(far, { trustPeriod: 0n })],
    ["invalidOption", "a negative clock drift", () => verify(far, { clockDrift: -1n })],
    [
      "trustExpired",
      "a trusted block at the end of the period",
      () => verify(far, { now: trusted.time + options.trustPeriod }),
    ],
    ["wrongChain", "another chain", () => verify(resigned(far, { chainId: "another" }))],
    ["wrongHeight", "a commit for another height", () => verify({ ...far, commit: { ...far.commit, height: 15 } })],
    ["wrongHeight", "the trusted height again", () => verify(chain.block(10))],
    [
      "wrongBlockHash",
      "a changed header",
      () => verify({ ...far, header: { ...far.header, appHash: new Uint8Array(32) } }),
    ],
    ["timeNotLater", "the trusted block's time", () => verify(resigned(far, { time: trusted.time }))],
    [
      "headerFromFuture",
      "a time at the end of the drift",
      () => verify(far, { now: far.header.time - DEFAULT_CLOCK_DRIFT }),
    ],
    ["tooManyValidators", "a set beyond the limit", () => verify({ ...far, validators: many })],
    ["tooManyValidators", "a next set beyond the limit", () => verify({ ...far, nextValidators: many })],
    [
      "invalidPower",
      "a power that takes others' weight away",
      () => verify({ ...far, validators: [{ publicKey: new Uint8Array(32), power: -80n }] }),
    ],
    [
      "invalidPower",
      "no power",
      () => verify({ ...far, nextValidators: [{ publicKey: new Uint8Array(32), power: 0n }] }),
    ],
    [
      "invalidPower",
      "more power than a set may have",
      () => verify({ ...far, validators: powers(MAX_TOTAL_POWER, 1n) }),
    ],
    ["wrongValidators", "another set than the header names", () => verify({ ...far, validators: stranger })],
    ["wrongValidators", "another next set than the header names", () => verify({ ...far, nextValidators: stranger })],
    [
      "unknownValidators",
      "a next block of strangers",
      () => {
        const strangers = new TestChain(() => ({ signers: stranger }));
        return verify(strangers.block(11));
      },
    ],
    ["insufficientTrust", "a third exactly of the trusted power", () => verify(third)],
    ["insufficientTrust", "a block of strangers", () => verify(new TestChain(() => ({ signers: stranger })).block(14))],
    [
      "duplicateSigner",
      "a trusted validator in two slots",
      () => verify(new TestChain(() => ({ signers: twice })).block(14)),
    ],
    [
      "invalidSignature",
      "a forged signature that would be trusted",
      () => verify(withSlot(far, 0, { signature: new Uint8Array(64) })),
    ],
    [
      "invalidSignature",
      "a forged signature of the next block",
      () => verify(withSlot(adjacent, 0, { signature: new Uint8Array(64) })),
    ],
    [
      "wrongSignatureCount",
      "a slot too few",
      () => verify({ ...far, commit: { ...far.commit, signatures: far.commit.signatures.slice(1) } }),
    ],
    [
      "wrongSigner",
      "a slot of somebody else",
      () =>
        verify(withSlot(far, 5, { validatorAddress: far.commit.signatures[4]?.validatorAddress ?? new Uint8Array() })),
    ],
    [
      "insufficientPower",
      "two thirds exactly of the power",
      () => {
        const some = new TestChain(() => ({ signers: old, flags: [2, 2, 2, 2, 2, 2, 1, 1, 3] }));
        return verify(some.block(14));
      },
    ],
  ];
  test.each(refusals)("error: %s, %s", (code, _, refusal) => expect(refusal()).toBe(code));
});

test("the limits are exact: one nanosecond, one validator, one unit of power", () => {
  const rich = makeSigners([MAX_TOTAL_POWER - 1n, 1n], "rich");
  expect(trustGenesis({ chainId, time: 0n, initialHeight: 1, validators: rich }).nextValidators).toHaveLength(2);
  const most = Array.from({ length: MAX_VALIDATORS }, () => ({ publicKey: new Uint8Array(32), power: 1n }));
  expect(verify({ ...far, validators: most })).toBe("wrongValidators");
  expect(verify(far, { now: trusted.time + options.trustPeriod - 1n })).toBeUndefined();
  expect(verify(far, { now: far.header.time - DEFAULT_CLOCK_DRIFT + 1n })).toBeUndefined();
  expect(verify(resigned(far, { time: trusted.time + 1n }))).toBeUndefined();
  expect(verify(far, { trustLevel: { numerator: 8n, denominator: 9n } })).toBeUndefined();
  expect(verify(far, { trustLevel: { numerator: 1n, denominator: 1n } })).toBe("insufficientTrust");
  const four = new TestChain(() => ({ signers: ordered([...old.slice(0, 4), ...six.slice(0, 5)]) }));
  expect(verify(four.block(20))).toBeUndefined();
});

test("who was a validator and is no more cannot sign alone for a third: their successors must agree", () => {
  const leaving = new TestChain(() => ({ signers: ordered([...old.slice(0, 4), ...six]), flags: [2, 2, 2, 2] }));
  const block = leaving.block(20);
  const set = block.validators as Signer[];
  const flags = set.map((signer) => (old.includes(signer) ? 2 : 1));
  expect(verify({ ...block, commit: makeCommit(set, block.header, flags) })).toBe("insufficientPower");
});

test("no signature is checked where too little power claims to have signed", () => {
  const untouched = { ...nodeCrypto, verifyEd25519: () => expect.fail("a signature was checked") };
  expect(verify(chain.block(20), {}, trusted, untouched)).toBe("insufficientTrust");
  const some = new TestChain(() => ({ signers: old, flags: [2, 2, 2, 2, 2, 2, 1, 1, 1] }));
  expect(verify(some.block(11), {}, trusted, untouched)).toBe("insufficientPower");
});

test("a signature is checked once, though it counts twice", () => {
  let checked = 0;
  const counting = {
    ...nodeCrypto,
    verifyEd25519: (...args: Parameters<typeof nodeCrypto.verifyEd25519>) => {
      checked++;
      return nodeCrypto.verifyEd25519(...args);
    },
  };
  verifyLightBlock(trusted, far, options, counting);
  expect(checked).toBe(7);
});

test("property: one flipped bit anywhere in header or commit is not taken as another block", () => {
  const fields = ["lastCommitHash", "dataHash", "validatorsHash", "nextValidatorsHash", "appHash"] as const;
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.nat(31), fc.integer({ min: 1, max: 255 }), (name, at, flip) => {
      const changed = far.header[name].slice();
      changed[at] = (changed[at] ?? 0) ^ flip;
      const header = { ...far.header, [name]: changed };
      expect(verify({ ...far, header })).toBe("wrongBlockHash");
      const blockId = { ...far.commit.blockId, hash: hashHeader(header, nodeCrypto) };
      expect(verify({ ...far, header, commit: { ...far.commit, blockId } })).toMatch(
        /^(invalidSignature|wrongValidators)$/,
      );
    }),
    { numRuns: 60 },
  );
});
