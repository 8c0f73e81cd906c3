import { blockIdFlag, type Commit, type CommitSig, nobleCrypto, verifyCommit } from "@ruffchain/light";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainId, makeCommit, makeHeader, makeSigners } from "./chain.js";
import { nodeCrypto } from "./node-crypto.js";
import { codeOf } from "./refusal.js";

const signers = makeSigners([10n, 10n, 10n, 10n]);
const header = makeHeader(signers);
const commit = makeCommit(signers, header);
const { commit: forBlock, nil, absent } = blockIdFlag;

function withSlot(index: number, change: Partial<CommitSig>): Commit {
  return { ...commit, signatures: commit.signatures.map((slot, at) => (at === index ? { ...slot, ...change } : slot)) };
}

describe.each([
  ["noble", nobleCrypto],
  ["node", nodeCrypto],
])("verifyCommit with %s crypto", (_, crypto) => {
  const verify = (changed: Commit, of = header, validators = signers, id = chainId) =>
    codeOf(() => verifyCommit(validators, id, of, changed, crypto));

  test("a commit by all", () => expect(verify(commit)).toBeUndefined());

  test("three of four suffice, whoever is absent or voted for nothing", () => {
    expect(verify(makeCommit(signers, header, [forBlock, absent, forBlock, forBlock]))).toBeUndefined();
    expect(verify(makeCommit(signers, header, [nil, forBlock, forBlock, forBlock], 3))).toBeUndefined();
  });

  test("error: wrongChain", () => {
    const other = makeHeader(signers, { chainId: "another" });
    expect(verify(makeCommit(signers, other), other)).toBe("wrongChain");
  });

  test("error: unknownValidators", () => {
    const other = makeSigners([10n, 10n, 10n, 10n], "other");
    const forged = makeHeader(other);
    expect(verify(makeCommit(other, forged), forged)).toBe("unknownValidators");
  });

  test("error: wrongHeight", () => {
    const later = makeCommit(signers, makeHeader(signers, { height: header.height + 1 }));
    expect(verify({ ...later, blockId: commit.blockId })).toBe("wrongHeight");
  });

  test("error: wrongBlockHash", () => {
    expect(verify(commit, { ...header, appHash: new Uint8Array(32) })).toBe("wrongBlockHash");
  });

  test("error: wrongSignatureCount", () => {
    expect(verify({ ...commit, signatures: commit.signatures.slice(0, 3) })).toBe("wrongSignatureCount");
  });

  test("error: wrongSigner, one validator's signature in two slots", () => {
    const [first] = commit.signatures;
    expect(verify(withSlot(1, first ?? {}))).toBe("wrongSigner");
  });

  test("error: invalidSignature, of another time, round, chain, block, flag or length", () => {
    const [first] = commit.signatures;
    expect(verify(withSlot(0, { time: header.time }))).toBe("invalidSignature");
    expect(verify({ ...commit, round: 1 })).toBe("invalidSignature");
    expect(verify(withSlot(0, { signature: (first?.signature ?? new Uint8Array()).slice(0, 63) }))).toBe(
      "invalidSignature",
    );
    const elsewhere = makeCommit(signers, { ...header, chainId: "another" });
    expect(verify({ ...elsewhere, blockId: commit.blockId })).toBe("invalidSignature");
    const nothing = makeCommit(signers, header, [nil, nil, nil, nil]);
    const claimed = nothing.signatures.map((slot) => ({ ...slot, flag: forBlock }));
    expect(verify({ ...nothing, signatures: claimed })).toBe("invalidSignature");
  });

  test("error: insufficientPower, at two thirds exactly", () => {
    const three = makeSigners([1n, 1n, 1n]);
    const of = makeHeader(three);
    expect(verify(makeCommit(three, of, [forBlock, forBlock, absent]), of, three)).toBe("insufficientPower");
    expect(verify(makeCommit(signers, header, [forBlock, nil, absent, forBlock]))).toBe("insufficientPower");
    expect(verify(makeCommit([], makeHeader([])), makeHeader([]), [])).toBe("insufficientPower");
  });
});

test("no signature is checked once more than two thirds are reached", () => {
  let checked = 0;
  const counting = { ...nodeCrypto, verifyEd25519: () => ++checked > 0 };
  verifyCommit(signers, chainId, header, commit, counting);
  expect(checked).toBe(3);
});

test("property: accepted just when more than two thirds of the power voted for the block", () => {
  const vote = fc.constantFrom(forBlock, nil, absent);
  const validator = fc.tuple(fc.bigInt({ min: 1n, max: 1n << 55n }), vote);
  fc.assert(
    fc.property(fc.array(validator, { minLength: 1, maxLength: 6 }), (validators) => {
      const set = makeSigners(validators.map(([power]) => power));
      const of = makeHeader(set);
      const flags = validators.map(([, flag]) => flag);
      const total = validators.reduce((sum, [power]) => sum + power, 0n);
      const signed = validators.reduce((sum, [power, flag]) => (flag === forBlock ? sum + power : sum), 0n);
      const code = codeOf(() => verifyCommit(set, chainId, of, makeCommit(set, of, flags), nodeCrypto));
      expect(code).toBe(signed * 3n > total * 2n ? undefined : "insufficientPower");
    }),
    { numRuns: 40 },
  );
});
