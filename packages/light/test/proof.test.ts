import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import {
  decodeProof,
  type ExistenceProof,
  encodeProof,
  MAX_PROOF_DEPTH,
  type NonExistenceProof,
  nobleCrypto,
  verifyMembership,
  verifyNonMembership,
} from "@ruffchain/light";
import { CommitmentProof } from "cosmjs-types/cosmos/ics23/v1/proofs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeCrypto } from "./node-crypto.js";
import { codeOf } from "./refusal.js";
import { Tree } from "./tree.js";

const key = (index: number) => Uint8Array.of(3, index >> 8, index & 0xff);
const value = (index: number) => Uint8Array.of(7, index >> 8, index & 0xff);
const treeOf = (indexes: Iterable<number>) =>
  new Tree([...indexes].map((index) => [key(index), value(index)] as const));
const exists = (existence: ExistenceProof) => encodeProof({ existence, nonExistence: undefined });
const absent = (nonExistence: NonExistenceProof) => encodeProof({ existence: undefined, nonExistence });

const anySet = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 60 });

describe.each([
  ["noble", nobleCrypto],
  ["node", nodeCrypto],
])("property, with %s crypto", (_, crypto) => {
  test("every key of a tree is proven, every other is proven absent", () => {
    fc.assert(
      fc.property(anySet, fc.array(fc.integer({ min: 0, max: 999 }), { maxLength: 10 }), (indexes, probes) => {
        const tree = treeOf(indexes);
        const present = new Set(indexes);
        for (const index of [...indexes, ...probes]) {
          const proof = tree.prove(key(index));
          const membership = codeOf(() => verifyMembership(tree.root, key(index), value(index), proof, crypto));
          const absence = codeOf(() => verifyNonMembership(tree.root, key(index), proof, crypto));
          expect([membership, absence]).toEqual(
            present.has(index) ? [undefined, "proofWrongKind"] : ["proofWrongKind", undefined],
          );
        }
      }),
      { numRuns: 40 },
    );
  });
});

test("property: two leaves prove absence just when they are neighbours around the key", () => {
  const size = 24;
  const tree = treeOf(Array.from({ length: size }, (_, index) => index));
  const slot = fc.integer({ min: -1, max: size - 1 });
  fc.assert(
    fc.property(slot, slot, fc.integer({ min: 0, max: 200 }), (leftAt, rightAt, probe) => {
      const left = tree.entries[leftAt];
      const right = tree.entries[rightAt];
      const proof = absent({
        key: key(probe),
        left: left && tree.existence(left),
        right: right && tree.existence(right),
      });
      const position = bytesToHex(sha256(key(probe)));
      const before = tree.entries.filter((entry) => bytesToHex(entry.position) < position).length;
      const honest =
        probe >= size &&
        (left || right) !== undefined &&
        leftAt === before - 1 &&
        (rightAt === before || (before === size && !right));
      expect(codeOf(() => verifyNonMembership(tree.root, key(probe), proof, nodeCrypto)) === undefined).toBe(honest);
    }),
    { numRuns: 1500 },
  );
  for (let probe = 0; probe < 200; probe++) {
    const proof = absent(tree.nonExistence(key(probe)));
    expect(codeOf(() => verifyNonMembership(tree.root, key(probe), proof, nodeCrypto)) === undefined).toBe(
      probe >= size,
    );
  }
});

test("property: a changed proof proves nothing", () => {
  const tree = treeOf(Array.from({ length: 40 }, (_, index) => index));
  const proofs = [tree.prove(key(5)), tree.prove(key(17)), tree.prove(key(100)), tree.prove(key(105))];
  const edit = fc.oneof(
    fc.record({ kind: fc.constant("flip"), at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ kind: fc.constantFrom("remove", "insert"), at: fc.nat(), bits: fc.nat(255) }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...proofs), fc.array(edit, { minLength: 1, maxLength: 4 }), (original, edits) => {
      const changed = [...original];
      for (const { kind, at, bits } of edits) {
        const index = at % changed.length;
        if (kind === "flip") changed[index] = (changed[index] ?? 0) ^ bits;
        else if (kind === "remove") changed.splice(index, 1);
        else changed.splice(index, 0, bits);
      }
      const proof = Uint8Array.from(changed);
      if (bytesToHex(proof) === bytesToHex(original)) return;
      for (const index of [5, 17, 100, 105]) {
        expect(codeOf(() => verifyMembership(tree.root, key(index), value(index), proof, nodeCrypto))).toBeDefined();
        expect(
          codeOf(() => verifyMembership(tree.root, key(index), Uint8Array.of(0), proof, nodeCrypto)),
        ).toBeDefined();
        expect(codeOf(() => verifyNonMembership(tree.root, key(index), proof, nodeCrypto))).toBeDefined();
      }
    }),
    { numRuns: 1000 },
  );
});

test("property: cosmjs-types writes and reads the same bytes", () => {
  const tree = treeOf(Array.from({ length: 30 }, (_, index) => index));
  for (let index = 0; index < 60; index++) {
    const proof = tree.prove(key(index));
    const theirs = CommitmentProof.decode(proof);
    expect(bytesToHex(CommitmentProof.encode(theirs).finish())).toBe(bytesToHex(proof));
    expect(bytesToHex(encodeProof(decodeProof(proof)))).toBe(bytesToHex(proof));
    expect(theirs.exist?.path.length).toBe(decodeProof(proof).existence?.path.length);
  }
});

describe("a tree of one leaf", () => {
  const tree = treeOf([1]);
  test("its root is the leaf", () => {
    const [entry] = tree.entries;
    expect(bytesToHex(tree.root)).toBe(
      bytesToHex(sha256(concatBytes(Uint8Array.of(0), sha256(key(1)), sha256(value(1))))),
    );
    expect(entry && tree.existence(entry).path).toEqual([]);
    expect(codeOf(() => verifyMembership(tree.root, key(1), value(1), tree.prove(key(1))))).toBeUndefined();
    expect(codeOf(() => verifyNonMembership(tree.root, key(2), tree.prove(key(2))))).toBeUndefined();
  });
});

describe("refused", () => {
  const tree = treeOf(Array.from({ length: 32 }, (_, index) => index));
  const entry = tree.entries[9] as Tree["entries"][number];
  const good = tree.existence(entry);
  const leaf = good.leaf as NonNullable<ExistenceProof["leaf"]>;
  const [deepest] = good.path;
  const step = deepest as NonNullable<typeof deepest>;
  const sibling = concatBytes(step.prefix, step.suffix);
  const none = new Uint8Array();
  const check = (proof: ExistenceProof, root = tree.root) =>
    codeOf(() => verifyMembership(root, entry.key, entry.value, exists(proof), nodeCrypto));
  const withStep = (change: Partial<typeof step>) =>
    check({ ...good, path: [{ ...step, ...change }, ...good.path.slice(1)] });

  test("nothing, if nothing is wrong", () => expect(check(good)).toBeUndefined());

  test("malformed: no proof, both proofs, a batch proof, trailing bytes", () => {
    const both = encodeProof({ existence: good, nonExistence: tree.nonExistence(key(100)) });
    for (const proof of [none, both, Uint8Array.of(0x1a, 0), concatBytes(exists(good), Uint8Array.of(0))]) {
      expect(codeOf(() => verifyMembership(tree.root, entry.key, entry.value, proof))).toBe("malformed");
    }
  });

  test("proofWrongKey, proofWrongValue", () => {
    expect(codeOf(() => verifyMembership(tree.root, key(100), entry.value, exists(good)))).toBe("proofWrongKey");
    expect(codeOf(() => verifyMembership(tree.root, entry.key, none, exists(good)))).toBe("proofWrongValue");
    expect(codeOf(() => verifyNonMembership(tree.root, key(101), tree.prove(key(100))))).toBe("proofWrongKey");
  });

  test("proofWrongRoot: another root, another value that the proof claims", () => {
    expect(check(good, new Uint8Array(32))).toBe("proofWrongRoot");
    const claimed = { ...good, value: Uint8Array.of(9) };
    expect(codeOf(() => verifyMembership(tree.root, entry.key, claimed.value, exists(claimed)))).toBe("proofWrongRoot");
  });

  test("proofWrongOperation: leaf hashed in another way", () => {
    const changes = [
      { hash: 2 },
      { prehashKey: 0 },
      { prehashValue: 0 },
      { length: 1 },
      { prefix: none },
      { prefix: Uint8Array.of(1) },
    ];
    for (const change of [...changes, { prefix: Uint8Array.of(0, 0) }]) {
      expect(check({ ...good, leaf: { ...leaf, ...change } })).toBe("proofWrongOperation");
    }
    expect(check({ ...good, leaf: undefined })).toBe("proofWrongOperation");
  });

  test("proofWrongOperation: inner node hashed in another way, siblings on both sides, too short, too long, missing", () => {
    expect(withStep({ hash: 2 })).toBe("proofWrongOperation");
    expect(withStep({ prefix: sibling, suffix: sibling })).toBe("proofWrongOperation");
    expect(withStep({ prefix: sibling.slice(0, 16), suffix: sibling.slice(16) })).toBe("proofWrongOperation");
    expect(withStep({ prefix: sibling.slice(1), suffix: none })).toBe("proofWrongOperation");
    expect(withStep({ prefix: concatBytes(sibling, sibling), suffix: none })).toBe("proofWrongOperation");
    expect(withStep({ prefix: none, suffix: none })).toBe("proofWrongOperation");
  });

  test("proofOffPath: the sibling on the other side", () => {
    expect(withStep({ prefix: step.suffix, suffix: step.prefix })).toBe("proofOffPath");
  });

  test("proofOffPath: a tree that puts a key where it does not belong proves nothing by it", () => {
    const turn = ((entry.position[0] ?? 0) & 0x80) === 0;
    const leafHash = sha256(concatBytes(Uint8Array.of(0), entry.position, sha256(entry.value)));
    const misplaced = turn ? { hash: 1, prefix: sibling, suffix: none } : { hash: 1, prefix: none, suffix: sibling };
    const root = sha256(concatBytes(misplaced.prefix, leafHash, misplaced.suffix));
    expect(check({ ...good, path: [misplaced] }, root)).toBe("proofOffPath");
  });

  test("proofTooDeep: one step more than SHA-256 has bits", () => {
    const turns = (length: number) =>
      Array.from({ length }, (_, index) => {
        const level = length - 1 - index;
        const right = ((entry.position[level >> 3] ?? 0) >> (7 - (level % 8))) & 1;
        return right ? { hash: 1, prefix: sibling, suffix: none } : { hash: 1, prefix: none, suffix: sibling };
      });
    expect(check({ ...good, path: turns(MAX_PROOF_DEPTH) })).toBe("proofWrongRoot");
    expect(check({ ...good, path: turns(MAX_PROOF_DEPTH + 1) })).toBe("proofTooDeep");
  });

  test("proofWrongKind", () => {
    expect(codeOf(() => verifyMembership(tree.root, key(100), none, tree.prove(key(100))))).toBe("proofWrongKind");
    expect(codeOf(() => verifyNonMembership(tree.root, entry.key, exists(good)))).toBe("proofWrongKind");
  });

  test("proofWrongOrder: the key itself, or neighbours on the wrong side", () => {
    const { left, right } = tree.nonExistence(key(100));
    const verify = (proof: NonExistenceProof) => codeOf(() => verifyNonMembership(tree.root, proof.key, absent(proof)));
    expect(verify({ key: key(100), left: right, right: left })).toBe("proofWrongOrder");
    expect(verify({ key: entry.key, left: good, right: undefined })).toBe("proofWrongOrder");
    expect(verify({ key: entry.key, left: undefined, right: good })).toBe("proofWrongOrder");
  });

  test("proofNotAdjacent: one neighbour withheld, one farther away, none", () => {
    const { left, right } = tree.nonExistence(key(100));
    const verify = (proof: Omit<NonExistenceProof, "key">) =>
      codeOf(() => verifyNonMembership(tree.root, key(100), absent({ key: key(100), ...proof })));
    expect(verify({ left, right })).toBeUndefined();
    expect(verify({ left, right: undefined })).toBe("proofNotAdjacent");
    expect(verify({ left: undefined, right })).toBe("proofNotAdjacent");
    expect(verify({ left: undefined, right: undefined })).toBe("proofNotAdjacent");
    const last = tree.entries.at(-1);
    expect(verify({ left, right: last && tree.existence(last) })).toBe("proofNotAdjacent");
  });
});
