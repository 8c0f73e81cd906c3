import { rightRecord } from "@ruffchain/abi";
import { Journal, keyFromBytes, MemoryStore, recordCodec, State } from "@ruffchain/kernel";
import { describe, expect, test } from "vitest";
import vectors from "../data/proof-vectors.json" with { type: "json" };

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const key = (text: string) => keyFromBytes(Buffer.from(text, "hex"));

async function stateOf(entries: readonly (readonly string[])[]): Promise<State> {
  const store = new MemoryStore();
  const state = State.open(store);
  const journal = new Journal<never>(state.newest);
  for (const [name, value] of entries) journal.set(key(name as string), Buffer.from(value as string, "hex"));
  const staged = state.stage(1, journal);
  await store.commit(staged.writes);
  state.applied(staged);
  return state;
}

describe("docs/state.md", () => {
  test.each(vectors.trees)("the root and all proofs of: $name", async ({ entries, root, proofs }) => {
    const state = await stateOf(entries);
    expect(hex(state.head.root)).toBe(root);
    for (const { key: name, proof } of proofs) expect(hex(state.prove(1, key(name)))).toBe(proof);
  });

  test("the root of an empty tree", () => {
    expect(hex(State.open(new MemoryStore()).head.root)).toBe(vectors.emptyRoot);
  });

  test("the record of a right", () => {
    const [[, record] = []] = vectors.trees[0]?.entries ?? [];
    expect(recordCodec(rightRecord).decode(Buffer.from(record as string, "hex"))).toStrictEqual({
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
});
