import {
  compareWitness,
  encodeCommit,
  encodeHeader,
  type Followed,
  type FollowOptions,
  followChain,
  LightError,
  MAX_BISECTION_STEPS,
  type Provider,
  rpcProvider,
  type SignedHeader,
  type TrustedState,
  verifyAncestors,
} from "@ruffchain/light";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeCommit, makeHeader, makeSigners, type Signer } from "./chain.js";
import { genesisTime, ordered, SECOND, TestChain, type Turn } from "./light-chain.js";
import { nodeCrypto } from "./node-crypto.js";
import { codeOf } from "./refusal.js";

const options: FollowOptions = { now: genesisTime + 10_000n * SECOND, trustPeriod: 100_000n * SECOND };
const keys = makeSigners(Array(12).fill(10n));
const from = (start: number, count = 4) => ordered(keys.slice(start, start + count));
const follow = (state: TrustedState, provider: Provider, change: Partial<FollowOptions> = {}) =>
  followChain(state, provider, { ...options, ...change }, nodeCrypto);

const heights = (blocks: readonly SignedHeader[]) => blocks.map(({ header }) => header.height);

/** The code of the LightError that it ends with, or what it returned. */
async function outcome<T>(call: Promise<T>): Promise<T | string> {
  return call.catch((error: unknown) => {
    if (error instanceof LightError) return error.code;
    throw error;
  });
}

const steady = new TestChain(() => ({ signers: from(0) }));
/** Every ten blocks one of four validators goes, and another comes. */
const moving = new TestChain((height) => ({ signers: from(Math.floor(height / 10)) }));
/** Every ten blocks all of them change: only who was named as the next set leads over. */
const jumping = new TestChain((height) => ({ signers: from(height < 10 ? 0 : height < 20 ? 4 : 8) }));

describe("followChain", () => {
  test("with the same validators one header is asked for, and nothing else", async () => {
    const asked: string[] = [];
    const { state, verified, block } = await follow(steady.genesis(), steady.provider(5000, asked));
    expect(state).toEqual(steady.trusted(5000));
    expect(block.header.height).toBe(5000);
    expect([asked, heights(verified)]).toEqual([["header latest"], [5000]]);
  });

  test("over changes of validators it verifies as few blocks as they allow", async () => {
    const asked: string[] = [];
    const { state, verified } = await follow(moving.genesis(), moving.provider(79, asked));
    expect(state).toEqual(moving.trusted(79));
    expect(heights(verified)).toEqual([19, 39, 59, 79]);
    const headers = asked.filter((what) => what.startsWith("header"));
    expect(headers).toEqual(["header latest", "header 39", "header 19", "header 59"]);
  });

  test("where all validators change it finds the blocks that hand over", async () => {
    const { state, verified } = await follow(jumping.genesis(), jumping.provider(25));
    expect(state).toEqual(jumping.trusted(25));
    expect(heights(verified)).toEqual(expect.arrayContaining([9, 19]));
  });

  test("sequential: every block", async () => {
    const { state, verified } = await follow(moving.trusted(3), moving.provider(30), { height: 12, sequential: true });
    expect(state).toEqual(moving.trusted(12));
    expect(heights(verified)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test("the trusted block again changes nothing", async () => {
    const state = steady.trusted(7);
    expect(await follow(state, steady.provider(7))).toEqual({ state, block: steady.block(7), verified: [] });
  });

  test("the trusted block again is verified as any other, by its own validators", async () => {
    const asked: string[] = [];
    const state = moving.trusted(9);
    expect(await follow(state, moving.provider(9, asked))).toMatchObject({ state, verified: [] });
    expect(asked).toEqual(["header latest", "validators 9"]);
  });

  const fork = new TestChain(() => ({ signers: from(0) }), "fork");
  const again = (change: Partial<SignedHeader>, options: Partial<FollowOptions> = {}) => {
    const provider = { ...moving.provider(9), signedHeader: async () => ({ ...moving.block(9), ...change }) };
    return follow(moving.trusted(9), provider, options);
  };
  const { header, commit } = moving.block(9);
  test.each<[string, string, () => Promise<unknown>]>([
    ["trustExpired", "too old", () => again({}, { trustPeriod: options.now - header.time })],
    ["wrongBlockHash", "with another block's commit", () => again({ commit: fork.block(9).commit })],
    ["wrongHeight", "with the commit of another height", () => again({ commit: { ...commit, height: 8 } })],
    ["wrongSignatureCount", "with a commit without signatures", () => again({ commit: { ...commit, signatures: [] } })],
    [
      "invalidSignature",
      "with signatures for another round",
      () => again({ commit: { ...commit, round: commit.round + 1 } }),
    ],
    [
      "insufficientPower",
      "signed by half of the power",
      () => again({ commit: makeCommit(from(0), header, [2, 1, 1, 2]) }),
    ],
    [
      "wrongValidators",
      "with other validators",
      () => follow(moving.trusted(9), { ...moving.provider(9), validators: async () => from(5) }),
    ],
  ])("error: %s, the trusted block %s", async (code, _, call) => expect(await outcome(call())).toBe(code));

  const hermits = Array.from({ length: MAX_BISECTION_STEPS + 2 }, (_, height) => makeSigners([1n], `hermit ${height}`));
  const disjoint = new TestChain((height) => ({ signers: hermits[height - 1] ?? [] }));
  test.each<[string, string, () => Promise<unknown>]>([
    ["wrongTrustedHash", "another block at the trusted height", () => follow(steady.trusted(7), fork.provider(7))],
    ["wrongHeight", "a node that is behind", () => follow(steady.trusted(7), steady.provider(6))],
    [
      "wrongHeight",
      "another height than was asked for",
      () =>
        follow(steady.trusted(7), { ...steady.provider(9), signedHeader: async () => steady.block(8) }, { height: 9 }),
    ],
    [
      "headerStale",
      "a newest header that is too old",
      () =>
        follow(steady.trusted(7), steady.provider(9), { maxHeaderAge: options.now - steady.block(9).header.time - 1n }),
    ],
    ["invalidOption", "a negative age", () => follow(steady.trusted(7), steady.provider(9), { maxHeaderAge: -1n })],
    ["wrongChain", "a node of another chain", () => follow({ ...steady.trusted(7), chainId: "x" }, steady.provider(7))],
    [
      "trustExpired",
      "a trusted state that is too old",
      () => follow(steady.genesis(), steady.provider(9), { trustPeriod: SECOND }),
    ],
    [
      "wrongValidators",
      "other validators than the headers name",
      () => follow(moving.genesis(), { ...moving.provider(15), validators: async () => from(8) }),
    ],
    [
      "invalidPower",
      "a power that fits no int64",
      () => {
        const validators = async () => [{ publicKey: new Uint8Array(32), power: 10n ** 19n }];
        return follow(moving.genesis(), { ...moving.provider(15), validators });
      },
    ],
    [
      "tooManySteps",
      "more changes of all validators than it follows at once",
      () => follow(disjoint.genesis(), disjoint.provider(MAX_BISECTION_STEPS + 1)),
    ],
  ])("error: %s, %s", async (code, _, call) => expect(await outcome(call())).toBe(code));

  test("as many changes as the limit allows", async () => {
    const { verified } = await follow(disjoint.genesis(), disjoint.provider(MAX_BISECTION_STEPS));
    expect(verified).toHaveLength(MAX_BISECTION_STEPS);
  });

  test("a header of exactly the age that is allowed", async () => {
    const maxHeaderAge = options.now - steady.block(9).header.time;
    expect((await follow(steady.trusted(7), steady.provider(9), { maxHeaderAge })).state).toEqual(steady.trusted(9));
  });

  test("what the provider throws comes through", async () => {
    const gone = { ...steady.provider(9), signedHeader: () => Promise.reject(new Error("no such host")) };
    await expect(follow(steady.genesis(), gone)).rejects.toThrow("no such host");
  });
});

/** A pool of nine keys, of whose sets no more than a third of the power are liars, and always enough vote. */
const walk = fc
  .array(fc.tuple(fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 9 }), fc.infiniteStream(fc.bigInt(1n, 40n))), {
    minLength: 2,
    maxLength: 14,
  })
  .map((steps) => {
    const pool = makeSigners(Array(9).fill(1n), "walk");
    return steps.map(([members, powers]) =>
      ordered(members.map((at) => ({ ...(pool[at] as Signer), power: powers.next().value as bigint }))),
    );
  });

/** Who may be away: from the last, as long as more than two thirds are there. */
function turn(signers: readonly Signer[], away: number): Turn {
  const total = signers.reduce((sum, { power }) => sum + power, 0n);
  const flags = signers.map(() => 2);
  let signing = total;
  for (const index of [...signers.keys()].reverse().slice(0, away)) {
    signing -= signers[index]?.power ?? 0n;
    if (signing * 3n <= total * 2n) break;
    flags[index] = 1;
  }
  return { signers, flags };
}

function walkChain(sets: readonly Signer[][], blocksPerSet: number, away: number, mark = ""): TestChain {
  const at = (height: number) => sets[Math.min(Math.floor((height - 1) / blocksPerSet), sets.length - 1)] ?? [];
  return new TestChain((height) => turn(at(height), away), mark);
}

test("property: whatever way the validators go, skipping comes where verifying every block comes", async () => {
  await fc.assert(
    fc.asyncProperty(walk, fc.integer({ min: 1, max: 4 }), fc.nat(3), async (sets, blocksPerSet, away) => {
      const chain = walkChain(sets, blocksPerSet, away);
      const newest = sets.length * blocksPerSet;
      const skipped = await follow(chain.genesis(), chain.provider(newest));
      const sequential = await follow(chain.genesis(), chain.provider(newest), { sequential: true });
      expect(skipped.state).toEqual(sequential.state);
      expect(skipped.state).toEqual(chain.trusted(newest));
      expect(skipped.verified.length).toBeLessThanOrEqual(sequential.verified.length);
    }),
    { numRuns: 25 },
  );
});

test("property: a node with up to a third of each set on its side cannot pass a block of its own", async () => {
  const liars = makeSigners([1000n, 1000n], "liar");
  await fc.assert(
    fc.asyncProperty(walk, fc.nat(8), fc.nat(13), fc.boolean(), async (sets, corrupt, since, ownSet) => {
      const bought = makeSigners(Array(9).fill(1n), "walk")[corrupt]?.secretKey;
      const isBought = ({ secretKey }: Signer) => secretKey.toString() === bought?.toString();
      const isMinority = (set: Signer[]) => {
        const power = set.filter(isBought).reduce((sum, signer) => sum + signer.power, 0n);
        return power * 3n <= set.reduce((sum, signer) => sum + signer.power, 0n);
      };
      fc.pre(sets.every(isMinority));
      const honest = walkChain(sets, 2, 0);
      const newest = sets.length * 2;
      const first = Math.min(since + 1, newest);
      const forged = walkChain(sets, 2, 0, "forged");
      const lie = (height: number) => {
        const real = forged.block(height);
        const known = real.validators as Signer[];
        const signers = ownSet ? ordered([...known.filter(isBought), ...liars]) : known;
        const header = makeHeader(signers, { ...real.header, validatorsHash: makeHeader(signers).validatorsHash });
        const flags = signers.map((signer) => (ownSet || isBought(signer) ? 2 : 1));
        return { header, commit: makeCommit(signers, header, flags), signers };
      };
      const asked = (height: number | "latest") => (height === "latest" ? newest : height);
      const liar: Provider = {
        signedHeader: async (height) => (asked(height) < first ? honest.block(asked(height)) : lie(asked(height))),
        validators: async (height) => (height < first ? honest.validators(height) : lie(height).signers),
      };
      expect(await outcome(follow(honest.genesis(), liar))).toMatch(
        /^(insufficientPower|insufficientTrust|unknownValidators|wrongValidators)$/,
      );
    }),
    { numRuns: 40 },
  );
});

describe("compareWitness", () => {
  const common = moving.genesis();
  const fork = new TestChain((height) => ({ signers: from(Math.floor(height / 10)) }), "fork");
  const compare = async (witness: Provider) => {
    const followed: Followed = await follow(common, moving.provider(25));
    return compareWitness(common, followed, witness, options, nodeCrypto);
  };

  test("a witness that has the same block has nothing to say", async () => {
    expect(await compare(moving.provider(40))).toBeUndefined();
  });

  test("two blocks that both verify are evidence", async () => {
    const evidence = await compare(fork.provider(40));
    const { verified } = await follow(common, moving.provider(25));
    const other = await follow(common, fork.provider(25));
    expect(heights(verified)).toEqual(heights(other.verified));
    expect(evidence).toEqual({ common, ways: [verified, other.verified] });
    expect(verified.at(-1)).toEqual(moving.block(25));
  });

  test("error: a witness that cannot prove its block", async () => {
    const strangers = new TestChain(() => ({ signers: makeSigners([1n, 1n], "stranger") }), "stranger");
    expect(await outcome(compare(strangers.provider(40)))).toBe("unknownValidators");
  });
});

describe("verifyAncestors", () => {
  const signers = from(0);
  const headers = [makeHeader(signers, { height: 1 })];
  for (let height = 2; height <= 5; height++) {
    const { blockId } = makeCommit(signers, headers[0] ?? makeHeader(signers));
    headers.unshift(makeHeader(signers, { height, lastBlockId: blockId }));
  }
  const { hash } = makeCommit(signers, headers[0] ?? makeHeader(signers)).blockId;
  const verify = (list: typeof headers) => codeOf(() => verifyAncestors(hash, list, nodeCrypto));

  test("a trusted hash makes all headers before it trusted", () => expect(verify(headers)).toBeUndefined());

  test("error: wrongBlockHash, one is missing, changed or not the trusted one", () => {
    expect(verify(headers.slice(1))).toBe("wrongBlockHash");
    expect(verify(headers.toSpliced(2, 1))).toBe("wrongBlockHash");
    expect(verify(headers.map((header, at) => (at === 3 ? { ...header, appHash: hash } : header)))).toBe(
      "wrongBlockHash",
    );
  });
});

describe("rpcProvider", () => {
  const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}`;
  const { header, commit } = steady.block(26);
  const validators = from(0).map(({ publicKey, power }) => ({ publicKey: hex(publicKey), power: power.toString() }));
  const good: Record<string, unknown> = {
    ruff_getCommit: { header: hex(encodeHeader(header)), commit: hex(encodeCommit(commit)) },
    ruff_getValidators: { validators },
  };

  test("asks by JSON-RPC", async () => {
    const asked: unknown[] = [];
    const provider = rpcProvider(async (method, params) => {
      asked.push([method, ...params]);
      return good[method];
    });
    expect((await follow(steady.genesis(), provider)).state).toEqual(steady.trusted(26));
    expect(await provider.validators(26)).toEqual(from(0).map(({ publicKey, power }) => ({ publicKey, power })));
    await provider.signedHeader(26);
    expect(asked).toEqual([
      ["ruff_getCommit", "latest"],
      ["ruff_getValidators", "0x1a"],
      ["ruff_getCommit", "0x1a"],
    ]);
  });

  test.each([
    ["nothing", null, null],
    ["no header", { commit: "0x" }, {}],
    ["a header that is no hex", { header: "0xzz", commit: "0x" }, { validators: {} }],
    ["bytes that are no header", { header: "0x00", commit: "0x" }, { validators: [null] }],
    [
      "a power that is no number",
      { header: "0x0", commit: "0x" },
      { validators: [{ publicKey: "0x00", power: "-1" }] },
    ],
    ["a key that is no hex", { header: 5, commit: "0x" }, { validators: [{ publicKey: "00", power: "1" }] }],
  ])("error: malformed, %s", async (_, signed, set) => {
    const provider = rpcProvider(async (method) => (method === "ruff_getCommit" ? signed : set));
    expect(await outcome(provider.signedHeader("latest"))).toBe("malformed");
    expect(await outcome(provider.validators(1))).toBe("malformed");
  });
});
