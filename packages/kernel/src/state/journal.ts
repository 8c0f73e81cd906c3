import SortedBTree from "sorted-btree";
import { mergeRange } from "./merge-range.js";
import type { StateKey, StateReader } from "./reader.js";

// The package is CommonJS: its class is the default export of its default export.
const BTree = SortedBTree.default;

interface Undo {
  readonly key: StateKey;
  /** What the journal held for the key: undefined if nothing. */
  readonly before: Uint8Array | null | undefined;
}

/**
 * Writes over a state that is not changed, with nested checkpoints. Going back costs as much as was written since the
 * checkpoint, whatever exists. Logs of type L go back with the writes.
 */
export class Journal<L> implements StateReader {
  readonly #base: StateReader;
  /** Null is a deletion. */
  readonly #written = new Map<StateKey, Uint8Array | null>();
  /** Keys that the base does not have: only these need an order of their own. */
  readonly #created = new BTree<StateKey, true>();
  readonly #undo: (Undo | "log")[] = [];
  readonly #logs: L[] = [];

  constructor(base: StateReader) {
    this.#base = base;
  }

  get logs(): readonly L[] {
    return this.#logs;
  }

  get(key: StateKey): Uint8Array | undefined {
    const written = this.#written.get(key);
    return written === undefined ? this.#base.get(key) : (written ?? undefined);
  }

  set(key: StateKey, value: Uint8Array): void {
    const before = this.#written.get(key);
    if (before === undefined && this.#base.get(key) === undefined) this.#created.set(key, true);
    this.#undo.push({ key, before });
    this.#written.set(key, value);
  }

  delete(key: StateKey): void {
    const before = this.#written.get(key);
    if (before === undefined && this.#base.get(key) === undefined) return;
    this.#undo.push({ key, before });
    this.#written.set(key, null);
  }

  log(entry: L): void {
    this.#logs.push(entry);
    this.#undo.push("log");
  }

  /** A point to go back to. Leaving it alone keeps what came after. */
  checkpoint(): number {
    return this.#undo.length;
  }

  /** Undoes everything since the checkpoint. */
  revert(checkpoint: number): void {
    while (this.#undo.length > checkpoint) {
      const undo = this.#undo.pop() as Undo | "log";
      if (undo === "log") {
        this.#logs.pop();
      } else if (undo.before === undefined) {
        this.#written.delete(undo.key);
        this.#created.delete(undo.key);
      } else {
        this.#written.set(undo.key, undo.before);
      }
    }
  }

  /** Writing during the walk is safe: what lies ahead is seen as it is when the walk gets there. */
  range(start: StateKey, end: StateKey, reverse = false): Iterable<readonly [StateKey, Uint8Array]> {
    return mergeRange(
      this.#base.range(start, end, reverse),
      reverse ? (after) => this.#createdBelow(after ?? end, start) : (after) => this.#createdFrom(after, start, end),
      (key, base) => {
        const written = this.#written.get(key);
        return written === undefined ? base : (written ?? undefined);
      },
      reverse,
    );
  }

  /** Everything written, by key; null is a deletion. A value may be the same as in the base. */
  changes(): ReadonlyMap<StateKey, Uint8Array | null> {
    return this.#written;
  }

  #createdFrom(after: StateKey | undefined, start: StateKey, end: StateKey): StateKey | undefined {
    const key =
      after === undefined ? this.#created.getPairOrNextHigher(start)?.[0] : this.#created.nextHigherKey(after);
    return key !== undefined && key < end ? key : undefined;
  }

  #createdBelow(before: StateKey, start: StateKey): StateKey | undefined {
    const key = this.#created.nextLowerKey(before);
    return key !== undefined && key >= start ? key : undefined;
  }
}
