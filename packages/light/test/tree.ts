import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { type ExistenceProof, encodeProof, type InnerOp, type NonExistenceProof } from "@ruffchain/light";

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly position: Uint8Array;
}

type Node = { readonly hash: Uint8Array; readonly entry?: Entry; readonly children?: readonly [Node, Node] };

const EMPTY: Node = { hash: new Uint8Array(32) };
const LEAF_OP = { hash: 1, prehashKey: 1, prehashValue: 1, length: 0, prefix: Uint8Array.of(0) };

/** The state tree in its plainest form: built whole from a sorted list. */
export class Tree {
  readonly entries: readonly Entry[];
  readonly #root: Node;

  constructor(pairs: Iterable<readonly [key: Uint8Array, value: Uint8Array]>) {
    this.entries = [...pairs]
      .map(([key, value]) => ({ key, value, position: sha256(key) }))
      .sort((a, b) => (bytesToHex(a.position) < bytesToHex(b.position) ? -1 : 1));
    this.#root = build(this.entries, 0);
  }

  get root(): Uint8Array {
    return this.#root.hash;
  }

  existence(entry: Entry): ExistenceProof {
    const path: InnerOp[] = [];
    let node = this.#root;
    for (let level = 0; node.children; level++) {
      const [left, right] = node.children;
      const none = new Uint8Array();
      const turn = bit(entry.position, level);
      path.unshift(
        turn === 0 ? { hash: 1, prefix: none, suffix: right.hash } : { hash: 1, prefix: left.hash, suffix: none },
      );
      node = turn === 0 ? left : right;
    }
    return { key: entry.key, value: entry.value, leaf: LEAF_OP, path };
  }

  nonExistence(key: Uint8Array): NonExistenceProof {
    const position = bytesToHex(sha256(key));
    const left = this.entries.findLast((entry) => bytesToHex(entry.position) < position);
    const right = this.entries.find((entry) => bytesToHex(entry.position) > position);
    return { key, left: left && this.existence(left), right: right && this.existence(right) };
  }

  /** The encoded proof that the key has its value, or that there is no such key. */
  prove(key: Uint8Array): Uint8Array {
    const entry = this.entries.find((candidate) => bytesToHex(candidate.key) === bytesToHex(key));
    return entry
      ? encodeProof({ existence: this.existence(entry), nonExistence: undefined })
      : encodeProof({ existence: undefined, nonExistence: this.nonExistence(key) });
  }
}

function bit(position: Uint8Array, level: number): number {
  return ((position[level >> 3] ?? 0) >> (7 - (level % 8))) & 1;
}

function build(entries: readonly Entry[], level: number): Node {
  const [entry] = entries;
  if (entry === undefined) return EMPTY;
  if (entries.length === 1)
    return { hash: sha256(concatBytes(Uint8Array.of(0), entry.position, sha256(entry.value))), entry };
  const left = build(
    entries.filter(({ position }) => bit(position, level) === 0),
    level + 1,
  );
  const right = build(
    entries.filter(({ position }) => bit(position, level) === 1),
    level + 1,
  );
  return { hash: sha256(concatBytes(left.hash, right.hash)), children: [left, right] };
}
