import { hexToBytes } from "@noble/hashes/utils.js";
import { decodeRight, rightKey, verifyMembership, verifyNonMembership } from "@ruffchain/light";
import { describe, expect, test } from "vitest";
import vectors from "./data/proof-vectors.json" with { type: "json" };
import { codeOf } from "./refusal.js";

describe.each(vectors.trees)("docs/state.md: $name", ({ root, proofs }) => {
  const wrongRoot = hexToBytes(root).map((byte) => byte ^ 1);

  test.each(proofs)("$name $key", ({ key, value, proof }) => {
    const verify = (against: Uint8Array) =>
      codeOf(() =>
        value === null
          ? verifyNonMembership(against, hexToBytes(key), hexToBytes(proof))
          : verifyMembership(against, hexToBytes(key), hexToBytes(value), hexToBytes(proof)),
      );
    expect(verify(hexToBytes(root))).toBeUndefined();
    expect(verify(wrongRoot)).toBe("proofWrongRoot");
  });
});

test("docs/state.md: the key and the record of a right", () => {
  const [[key, record] = []] = vectors.trees[0]?.entries ?? [];
  expect(rightKey(1n)).toEqual(hexToBytes(key as string));
  expect(decodeRight(hexToBytes(record as string))).toEqual({
    asset: 7n,
    holder: `0x${"11".repeat(20)}`,
    from: 1793570000n,
    until: 1793577200n,
    area: `0x${"a5".repeat(32)}`,
    scope: 7,
    maxAge: 3600,
    terms: 2n,
    ticket: (1793577200n << 64n) | 5n,
  });
});
