import {
  decodeTrustedState,
  encodeTrustedState,
  hashHeader,
  MAX_VALIDATORS,
  trustBlock,
  trustGenesis,
} from "@ruffchain/light";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainId, makeHeader, makeSigners } from "./chain.js";
import { genesisTime, TestChain } from "./light-chain.js";
import { codeOf } from "./refusal.js";

const signers = makeSigners([3n, 9n, 9n, 1n]);

test("property: what was persisted is read as it was", () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const state = fc.record({
    chainId: fc.string({ maxLength: 50 }),
    height: fc.maxSafeNat(),
    time: fc.bigInt({ min: 0n, max: 253_402_300_799_999_999_999n }),
    hash: fc.oneof(bytes(32), bytes(0)),
    nextValidators: fc.array(fc.record({ publicKey: bytes(32), power: fc.bigInt(1n, 1n << 60n) }), { maxLength: 5 }),
  });
  fc.assert(
    fc.property(state, (kept) => {
      expect(decodeTrustedState(encodeTrustedState(kept))).toEqual(kept);
    }),
  );
});

test("error: malformed, a file that was cut off", () => {
  const encoded = encodeTrustedState(new TestChain(() => ({ signers })).trusted(3));
  expect(codeOf(() => decodeTrustedState(encoded.subarray(0, encoded.length - 1)))).toBe("malformed");
});

describe("trustGenesis", () => {
  const genesis = { chainId, time: genesisTime, initialHeight: 5, validators: signers };

  test("puts the validators into CometBFT's order, before the first block", () => {
    const { nextValidators, ...state } = trustGenesis(genesis);
    expect(state).toEqual({ chainId, height: 4, time: genesisTime - 1n, hash: new Uint8Array() });
    expect(nextValidators.map(({ power }) => power)).toEqual([9n, 9n, 3n, 1n]);
    expect(trustGenesis({ ...genesis, validators: signers.toReversed() })).toEqual({ nextValidators, ...state });
  });

  test("error: invalidPower, tooManyValidators", () => {
    const set = (count: number, power: bigint) => ({
      ...genesis,
      validators: Array(count).fill({ ...signers[0], power }),
    });
    expect(codeOf(() => trustGenesis(set(1, 0n)))).toBe("invalidPower");
    expect(codeOf(() => trustGenesis(set(MAX_VALIDATORS + 1, 1n)))).toBe("tooManyValidators");
  });
});

describe("trustBlock", () => {
  const header = makeHeader(signers);
  const hash = hashHeader(header);

  test("begins with a header whose hash is known", () => {
    const { height, time } = header;
    expect(trustBlock(hash, header, signers)).toEqual({ chainId, height, time, hash, nextValidators: signers });
  });

  test("error: wrongTrustedHash, wrongValidators", () => {
    expect(codeOf(() => trustBlock(hash, { ...header, height: 1 }, signers))).toBe("wrongTrustedHash");
    expect(codeOf(() => trustBlock(hash, header, signers.slice(1)))).toBe("wrongValidators");
  });
});
