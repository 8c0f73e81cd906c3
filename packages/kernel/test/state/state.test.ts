import { Journal, MemoryStore, State, StateError, type StateReader, type Store } from "@ruffchain/kernel";
import { type Crypto, nobleCrypto, verifyMembership, verifyNonMembership } from "@ruffchain/light";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { naiveRoot } from "./naive-tree.js";

const bytes = (key: string) => Buffer.from(key, "latin1");
const crypto: Crypto = nobleCrypto;

/** Keys that collide in their first bits are too rare by chance, so a few hundred keys are drawn from a small space. */
const key = fc.oneof(
  fc.nat(300).map((n) => `\x03key${n}`),
  fc.constantFrom("\x00", "\x00\xff\xff", "\x03", "\x05\x00", "\x7f\xff"),
  fc.nat(40).map((n) => `\x83index${n}`),
);
const value = fc.uint8Array({ minLength: 1, maxLength: 40 });
type Step =
  | { type: "set"; key: string; value: Uint8Array }
  | { type: "delete"; key: string }
  | { type: "nested"; steps: Step[]; keep: boolean }
  | { type: "commit" };
const { step } = fc.letrec<{ step: Step; inner: Step }>((tie) => ({
  inner: fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant("set" as const), key, value }, { noNullPrototype: true }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant("delete" as const), key }, { noNullPrototype: true }) },
    {
      weight: 1,
      arbitrary: fc.record(
        { type: fc.constant("nested" as const), steps: fc.array(tie("inner"), { maxLength: 6 }), keep: fc.boolean() },
        { noNullPrototype: true },
      ),
    },
  ),
  step: fc.oneof(
    { weight: 8, arbitrary: tie("inner") },
    { weight: 2, arbitrary: fc.constant({ type: "commit" as const }) },
  ),
}));

function apply(
  journal: Journal<string>,
  model: Map<string, Uint8Array>,
  steps: readonly Step[],
): Map<string, Uint8Array> {
  let current = model;
  for (const action of steps) {
    if (action.type === "set") {
      journal.set(action.key, action.value);
      current = new Map(current).set(action.key, action.value);
    } else if (action.type === "delete") {
      journal.delete(action.key);
      current = new Map(current);
      current.delete(action.key);
    } else if (action.type === "nested") {
      const checkpoint = journal.checkpoint();
      journal.log("inside");
      const inner = apply(journal, current, action.steps);
      if (action.keep) current = inner;
      else journal.revert(checkpoint);
    }
  }
  return current;
}

function expectSame(reader: StateReader, model: ReadonlyMap<string, Uint8Array>): void {
  const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  const plain = (entries: Iterable<readonly [string, Uint8Array]>) =>
    [...entries].map(([k, v]) => [k, Uint8Array.from(v)]);
  expect(plain(reader.range("\x00", "\xff"))).toStrictEqual(plain(sorted));
  expect(plain(reader.range("\x00", "\xff", true))).toStrictEqual(plain(sorted.reverse()));
  const inside = plain(sorted.reverse()).filter(([k]) => (k as string) >= "\x03key1" && (k as string) < "\x03key2");
  expect(plain(reader.range("\x03key1", "\x03key2"))).toStrictEqual(inside);
  for (const [k, v] of model) expect(Uint8Array.from(reader.get(k) ?? [])).toStrictEqual(Uint8Array.from(v));
  expect(reader.get("\x03absent")).toBeUndefined();
}

function authenticated(model: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  return [...model].filter(([k]) => k.charCodeAt(0) < 0x80);
}

async function commit(store: Store, state: State, height: number, journal: Journal<string>): Promise<void> {
  const staged = state.stage(height, journal);
  await store.commit(staged.writes);
  state.applied(staged);
}

describe("state", () => {
  test("is what a Map is, at every kept height, after reverts and reopening; its root is the naive tree's", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 5 }), async (steps, window) => {
        const store = new MemoryStore();
        let state = State.open(store, { window });
        const history = new Map<number, Map<string, Uint8Array>>();
        let model = new Map<string, Uint8Array>();
        let journal = new Journal<string>(state.newest);
        let height = 0;
        for (const action of [...steps, { type: "commit" as const }]) {
          if (action.type !== "commit") {
            model = apply(journal, model, [action]);
            continue;
          }
          expectSame(journal, model);
          height++;
          await commit(store, state, height, journal);
          history.set(height, model);
          expect(Buffer.from(state.head.root)).toStrictEqual(Buffer.from(naiveRoot(authenticated(model))));
          if (height % 3 === 0) state = State.open(store, { window });
          journal = new Journal<string>(state.newest);
        }
        for (const [at, then] of history) {
          if (at < height - window) expect(() => state.view(at)).toThrow(StateError);
          else expectSame(state.view(at), then);
        }
        expectSame(state.newest, model);
      }),
      { numRuns: 60 },
    );
  });

  test("proves presence and absence at every kept height, to the light client", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(fc.tuple(key, fc.option(value))), fc.constant(0)), { minLength: 1, maxLength: 5 }),
        fc.array(key, { minLength: 4, maxLength: 8 }),
        async (blocks, asked) => {
          const store = new MemoryStore();
          const state = State.open(store);
          const history: { root: Uint8Array; model: Map<string, Uint8Array> }[] = [];
          let model = new Map<string, Uint8Array>();
          for (const [changes] of blocks) {
            const journal = new Journal<string>(state.newest);
            model = new Map(model);
            for (const [k, v] of changes) {
              if (v) {
                journal.set(k, v);
                model.set(k, v);
              } else {
                journal.delete(k);
                model.delete(k);
              }
            }
            await commit(store, state, history.length + 1, journal);
            history.push({ root: state.head.root, model });
          }
          history.forEach(({ root, model: then }, i) => {
            for (const k of asked.filter((k) => k.charCodeAt(0) < 0x80)) {
              if (authenticated(then).length === 0) {
                expect(() => state.prove(i + 1, k)).toThrow(StateError);
                continue;
              }
              const proof = state.prove(i + 1, k);
              const v = then.get(k);
              if (v) verifyMembership(root, bytes(k), v, proof, crypto);
              else verifyNonMembership(root, bytes(k), proof, crypto);
              const wrong = Uint8Array.from([...(v ?? []), 1]);
              expect(() => verifyMembership(root, bytes(k), wrong, proof, crypto)).toThrow();
            }
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  test("the root does not depend on the order of history", async () => {
    const entries = Array.from({ length: 700 }, (_, i) => [`\x03${i}`, Uint8Array.of(i & 255, i >> 8)] as const);
    const roots: string[] = [];
    for (const order of [entries, [...entries].reverse()]) {
      const store = new MemoryStore();
      const state = State.open(store);
      for (let at = 0; at < order.length; at += 100) {
        const journal = new Journal<string>(state.newest);
        for (const [k, v] of order.slice(at, at + 100)) journal.set(k, v);
        journal.set(`\x03extra${at}`, Uint8Array.of(1));
        if (at > 0) journal.delete(`\x03extra${at - 100}`);
        await commit(store, state, at / 100 + 1, journal);
      }
      const journal = new Journal<string>(state.newest);
      journal.delete("\x03extra600");
      await commit(store, state, 99, journal);
      roots.push(Buffer.from(state.head.root).toString("hex"));
    }
    expect(roots[0]).toBe(roots[1]);
    expect(roots[0]).toBe(Buffer.from(naiveRoot(entries)).toString("hex"));
  });

  test("deep collisions: keys that share many bits make chains of pages, and collapse again", async () => {
    // Two of some 60,000 keys share about 30 bits: four pages deep.
    const byPrefix = new Map<string, string>();
    let pair: [string, string] | undefined;
    const { createHash } = await import("node:crypto");
    for (let i = 0; !pair; i++) {
      const k = `\x03c${i}`;
      const prefix = createHash("sha256").update(bytes(k)).digest("hex").slice(0, 7);
      const other = byPrefix.get(prefix);
      if (other) pair = [other, k];
      byPrefix.set(prefix, k);
    }
    const [a, b] = pair;
    const store = new MemoryStore();
    const state = State.open(store);
    const journal = new Journal<string>(state.newest);
    journal.set(a, Uint8Array.of(1));
    journal.set(b, Uint8Array.of(2));
    await commit(store, state, 1, journal);
    expect(Buffer.from(state.head.root)).toStrictEqual(
      Buffer.from(
        naiveRoot([
          [a, Uint8Array.of(1)],
          [b, Uint8Array.of(2)],
        ]),
      ),
    );
    verifyMembership(state.head.root, bytes(b), Uint8Array.of(2), state.prove(1, b), crypto);
    const removal = new Journal<string>(state.newest);
    removal.delete(b);
    await commit(store, state, 2, removal);
    expect(Buffer.from(state.head.root)).toStrictEqual(Buffer.from(naiveRoot([[a, Uint8Array.of(1)]])));
    verifyNonMembership(state.head.root, bytes(b), state.prove(2, b), crypto);
    verifyMembership(
      naiveRoot([
        [a, Uint8Array.of(1)],
        [b, Uint8Array.of(2)],
      ]),
      bytes(b),
      Uint8Array.of(2),
      state.prove(1, b),
      crypto,
    );
  });

  test("a staging changes nothing until it is committed, and several may exist", async () => {
    const store = new MemoryStore();
    const state = State.open(store);
    const first = new Journal<string>(state.newest);
    first.set("\x03a", Uint8Array.of(1));
    const second = new Journal<string>(state.newest);
    second.set("\x03a", Uint8Array.of(2));
    const one = state.stage(1, first);
    const two = state.stage(1, second);
    expect(one.root).not.toStrictEqual(two.root);
    expect(state.newest.get("\x03a")).toBeUndefined();
    await store.commit(two.writes);
    state.applied(two);
    expect(state.newest.get("\x03a")).toStrictEqual(Uint8Array.of(2));
  });

  test("pruning leaves nothing of heights that are not kept", async () => {
    const store = new MemoryStore();
    const state = State.open(store, { window: 3 });
    for (let height = 1; height <= 60; height++) {
      const journal = new Journal<string>(state.newest);
      for (let i = 0; i < 20; i++) journal.set(`\x03${i}`, Uint8Array.of(height, i));
      await commit(store, state, height, journal);
    }
    const size = (bucket: 0 | 1 | 2 | 6) => [...store.range(bucket, { start: new Uint8Array(0) })].length;
    expect(size(0)).toBe(20);
    const undone = [...store.range(2, { start: new Uint8Array(0) })].map(([key]) => Buffer.from(key).readUIntBE(1, 6));
    expect(new Set(undone)).toStrictEqual(new Set([58, 59, 60]));
    // Every block changes every page, and keeps each as it was before, with one record of the values.
    expect(size(2)).toBe(3 * (size(1) + 1));
    expect(size(6)).toBeLessThanOrEqual(6);
  });

  test("error: heights in the future or below the window", async () => {
    const store = new MemoryStore();
    const state = State.open(store, { window: 1 });
    for (const height of [1, 2, 3]) {
      const journal = new Journal<string>(state.newest);
      journal.set("\x03a", Uint8Array.of(height));
      await commit(store, state, height, journal);
    }
    expect(() => state.view(1)).toThrow(expect.objectContaining({ code: "heightNotKept" }));
    expect(() => state.view(4)).toThrow(expect.objectContaining({ code: "heightNotKept" }));
    expect(() => state.prove(1, "\x03a")).toThrow(expect.objectContaining({ code: "heightNotKept" }));
  });

  test.each([1, 2, 4, 99])("error: a state of format %i is refused, and why", async (format) => {
    const store = new MemoryStore();
    await store.commit([{ bucket: 6, key: Buffer.from("head"), value: Uint8Array.of(0, format, 0, 0, 0, 0, 0, 1) }]);
    expect(() => State.open(store)).toThrow(
      expect.objectContaining({
        code: "formatVersion",
        message: expect.stringMatching(`has format ${format}, this version reads 3: use the version that wrote it`),
      }),
    );
  });

  test("an archive keeps every height", async () => {
    const store = new MemoryStore();
    const state = State.open(store, { archive: true });
    for (let height = 1; height <= 300; height++) {
      const journal = new Journal<string>(state.newest);
      journal.set("\x03a", Uint8Array.of(height & 255, height >> 8));
      await commit(store, state, height, journal);
    }
    expect(Uint8Array.from(state.view(1).get("\x03a") ?? [])).toStrictEqual(Uint8Array.of(1, 0));
    expect(Uint8Array.from(state.view(299).get("\x03a") ?? [])).toStrictEqual(Uint8Array.of(43, 1));
  });
});

describe("journal", () => {
  test("a walk sees what is written ahead of it, forwards and backwards", () => {
    const state = State.open(new MemoryStore());
    for (const reverse of [false, true]) {
      const journal = new Journal<string>(state.newest);
      for (const k of ["b", "d", "f"]) journal.set(k, Uint8Array.of(1));
      const seen: string[] = [];
      for (const [k] of journal.range("a", "z", reverse)) {
        seen.push(k);
        if (k === "d") {
          journal.set("e", Uint8Array.of(1));
          journal.set("c", Uint8Array.of(1));
          journal.delete(reverse ? "b" : "f");
        }
      }
      expect(seen).toStrictEqual(reverse ? ["f", "d", "c"] : ["b", "d", "e"]);
    }
  });

  test("logs go back with the writes", () => {
    const journal = new Journal<string>(State.open(new MemoryStore()).newest);
    journal.log("kept");
    const checkpoint = journal.checkpoint();
    journal.set("a", Uint8Array.of(1));
    journal.log("undone");
    journal.revert(checkpoint);
    expect(journal.logs).toStrictEqual(["kept"]);
    expect(journal.get("a")).toBeUndefined();
    expect(journal.changes().size).toBe(0);
  });
});
