import type { StateKey, StateReader } from "./reader.js";

/** An overlay of writes on a state, with nested checkpoints. */
export class Journal<L> implements StateReader {
  readonly logs: L[] = [];
  readonly #base: StateReader;
  readonly #written = new Map<StateKey, Uint8Array | null>();
  readonly #undo: { key: StateKey; before: Uint8Array | null | undefined; logs: number }[] = [];
  constructor(base: StateReader) {
    this.#base = base;
  }
  get(key: StateKey): Uint8Array | undefined {
    const value = this.#written.get(key);
    return value === undefined ? this.#base.get(key) : (value ?? undefined);
  }
  set(key: StateKey, value: Uint8Array): void {
    this.#write(key, value);
  }
  delete(key: StateKey): void {
    this.#write(key, null);
  }
  log(entry: L): void {
    this.logs.push(entry);
    this.#undo.push({ key: "", before: undefined, logs: 1 });
  }
  checkpoint(): number {
    return this.#undo.length;
  }
  revert(checkpoint: number): void {
    while (this.#undo.length > checkpoint) {
      const entry = this.#undo.pop();
      if (!entry) break;
      if (entry.logs) this.logs.pop();
      else if (entry.before === undefined) this.#written.delete(entry.key);
      else this.#written.set(entry.key, entry.before);
    }
  }
  *range(start: StateKey, end: StateKey, reverse = false): Iterable<readonly [StateKey, Uint8Array]> {
    const keys = new Set<StateKey>();
    for (const [key] of this.#base.range(start, end)) keys.add(key);
    for (const key of this.#written.keys()) if (key >= start && key < end) keys.add(key);
    const sorted = [...keys].sort();
    if (reverse) sorted.reverse();
    for (const key of sorted) {
      const value = this.get(key);
      if (value) yield [key, value];
    }
  }
  changes(): ReadonlyMap<StateKey, Uint8Array | null> {
    return this.#written;
  }
  #write(key: StateKey, value: Uint8Array | null): void {
    this.#undo.push({ key, before: this.#written.get(key), logs: 0 });
    this.#written.set(key, value);
  }
}
