import type { Reading } from "./value.js";

export type Observer = (reading: Reading) => void;

/** One line out of a driver: its newest reading, and who wants to know. */
export class Output {
  #latest: Reading | undefined;
  readonly #observers = new Set<Observer>();

  get latest(): Reading | undefined {
    return this.#latest;
  }

  set(reading: Reading): void {
    this.#latest = reading;
    for (const observer of this.#observers) observer(reading);
  }

  /** Calls back on each new reading, also if the value is the same; returns how to end it. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }
}
