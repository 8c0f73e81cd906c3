import type { PropertyBoard } from "../board/board.js";
import type { Clock } from "../clock/clock.js";
import { EdgeError } from "../edge-error.js";
import type { Observer, Output } from "./output.js";
import type { Reading } from "./value.js";

/** Something that a thing measures or is. */
export class Property {
  /** `thing/property`, the name in telemetry. */
  readonly name: string;
  readonly board: PropertyBoard;
  readonly #output: Output;
  readonly #clock: Clock;

  constructor(name: string, board: PropertyBoard, output: Output, clock: Clock) {
    this.name = name;
    this.board = board;
    this.#output = output;
    this.#clock = clock;
  }

  /** The newest reading; throws EdgeError `noReading`, or `staleReading` if it is older than the board's maxAgeSeconds. */
  read(): Reading {
    const reading = this.#output.latest;
    if (reading === undefined) {
      throw new EdgeError("noReading", { property: this.name }, `${this.name} has had no reading yet`);
    }
    const age = (this.#clock.monotonic() - reading.at) / 1000;
    const limit = this.board.maxAgeSeconds ?? Number.POSITIVE_INFINITY;
    if (age <= limit) return reading;
    const message = `the last reading of ${this.name} is ${Math.round(age)} s old, more than ${limit} s`;
    throw new EdgeError("staleReading", { property: this.name, age, limit }, message);
  }

  /** The newest reading, however old; undefined if there was none. */
  get latest(): Reading | undefined {
    return this.#output.latest;
  }

  /** Calls back on each new reading; returns how to end it. */
  observe(observer: Observer): () => void {
    return this.#output.observe(observer);
  }
}
