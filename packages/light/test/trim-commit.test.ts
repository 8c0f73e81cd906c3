import {
  absentCommitSig,
  blockIdFlag,
  decide,
  encodeCommit,
  hashCommit,
  hashValidators,
  MAX_GRANT_BYTES,
  trimCommit,
  verifyCommit,
} from "@ruffchain/light";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_VALIDATORS } from "../../contracts/dist/index.js";
import * as world from "./access.js";
import { chainId, makeCommit, makeHeader, makeSigners, type Signer } from "./chain.js";
import { nodeCrypto } from "./node-crypto.js";
import { codeOf } from "./refusal.js";

const { commit: forBlock, nil, absent } = blockIdFlag;
const powers = (count: number, power: bigint) => Array<bigint>(count).fill(power);

/** Powers, what each did (see makeCommit), and how many signatures are needed. */
const sets: readonly [string, readonly bigint[], readonly number[], number][] = [
  ["100 of equal power", powers(100, 10n), [], 67],
  ["200 of equal power", powers(200, 10n), [], 134],
  ["200 of equal power, the first third absent", powers(200, 10n), Array(66).fill(absent), 134],
  ["4 large and 120 tiny ones", [...powers(4, 1_000_000n), ...powers(120, 1n)], [], 3],
  ["4 large, one of them absent, and 120 tiny ones", [...powers(4, 1_000_000n), ...powers(120, 1n)], [absent], 3],
  ["the most that can be needed: one with almost a third absent", [99n, ...powers(199, 1n)], [absent], 199],
];

describe.each(sets)("%s", (_, of, flags, needed) => {
  const set = makeSigners(of);
  const parts = world.grantParts(world.encodeRight(world.right), { validatorsHash: hashValidators(set) }, 1000);
  const whole = makeCommit(set, parts.header, flags);
  const commit = trimCommit(whole, set);

  test(`${needed} signatures suffice`, () => {
    expect(commit.signatures).toHaveLength(set.length);
    expect(commit.signatures.filter(({ flag }) => flag === forBlock)).toHaveLength(needed);
    expect(commit.signatures.filter((slot) => slot === absentCommitSig)).toHaveLength(set.length - needed);
    expect(codeOf(() => verifyCommit(set, chainId, parts.header, commit, nodeCrypto))).toBeUndefined();
    expect(trimCommit(commit, set)).toEqual(commit);
  });

  test("the grant is read and opens", async () => {
    const grant = world.pack({ ...parts, commit });
    expect(grant.length).toBeLessThanOrEqual(MAX_GRANT_BYTES);
    const device = { ...world.device, validators: set };
    expect(decide({ grant, request: await world.ask(), device }, nodeCrypto)).toMatchObject({ open: true });
  });
});

test("the chain has no larger set", () => {
  expect(Math.max(...sets.map(([, { length }]) => length))).toBe(Number(MAX_VALIDATORS));
});

describe("of four", () => {
  const set = makeSigners(powers(4, 10n));
  const header = makeHeader(set);
  const trim = (flags: readonly number[], of: readonly Signer[] = set) =>
    trimCommit(makeCommit(set, header, flags), of);

  test("votes for nothing are left out, and the rest is as it was", () => {
    const flags = [forBlock, nil, forBlock, forBlock];
    const whole = makeCommit(set, header, flags);
    const { signatures, ...rest } = whole;
    expect(trim(flags)).toEqual({ ...rest, signatures: signatures.with(1, absentCommitSig) });
    expect(encodeCommit(trim([])).length).toBeLessThan(encodeCommit(makeCommit(set, header)).length);
    expect(hashCommit(trim([]))).not.toEqual(hashCommit(makeCommit(set, header)));
  });

  test("error: insufficientPower, fewer have signed than are needed", () => {
    expect(codeOf(() => trim([forBlock, nil, absent, forBlock]))).toBe("insufficientPower");
  });

  test("error: wrongSignatureCount, of other validators", () => {
    expect(codeOf(() => trim([], set.slice(1)))).toBe("wrongSignatureCount");
  });
});

test("property: what is left is accepted just when the whole is", () => {
  const validator = fc.tuple(fc.bigInt({ min: 1n, max: 1n << 55n }), fc.constantFrom(forBlock, forBlock, nil, absent));
  fc.assert(
    fc.property(fc.array(validator, { minLength: 1, maxLength: 6 }), (validators) => {
      const set = makeSigners(validators.map(([power]) => power));
      const header = makeHeader(set);
      const whole = makeCommit(
        set,
        header,
        validators.map(([, flag]) => flag),
      );
      const code = codeOf(() => verifyCommit(set, chainId, header, whole, nodeCrypto));
      expect(codeOf(() => verifyCommit(set, chainId, header, trimCommit(whole, set), nodeCrypto))).toBe(code);
    }),
    { numRuns: 40 },
  );
});
