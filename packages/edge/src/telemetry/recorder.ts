import { MAX_BATCH_BYTES } from "@ruffchain/cose";
import type { Logger } from "pino";
import type { TelemetryBoard } from "../board/board.js";
import { splitName } from "../board/parse-board.js";
import type { Clock } from "../clock/clock.js";
import type { Property } from "../thing/property.js";
import type { Thing } from "../thing/thing.js";
import type { Reading } from "../thing/value.js";
import type { BatchSigner } from "./batch-signer.js";
import { estimatedBytes, type TelemetryRecord, toRecords } from "./records.js";

/** What signature, headers and base name take of a batch. */
const ENVELOPE_BYTES = 256;

export interface RecorderOptions {
  readonly telemetry: TelemetryBoard;
  readonly things: ReadonlyMap<string, Thing>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signer: BatchSigner;
}

/**
 * Collects readings and events and has them signed in batches: when one is full, when its time is over, and at once
 * when something changed that the board names in `onChange`.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #unobserve: (() => void)[] = [];
  #records: TelemetryRecord[] = [];
  #bytes = 0;
  #signing: Promise<unknown> = Promise.resolve();

  constructor(options: RecorderOptions) {
    this.#options = options;
    const { sample, onChange, batchSeconds } = options.telemetry;
    for (const [name, seconds] of Object.entries(sample)) this.#sample(this.#property(name), seconds);
    for (const name of onChange) this.#follow(this.#property(name));
    this.#every(batchSeconds, () => void this.flush());
  }

  /** Records an event of the runtime itself, now. */
  note(name: string, value: string): void {
    this.#add([{ name, value, time: this.#options.clock.seconds() }]);
  }

  /** Has signed what was collected, and resolves when all of it is durable or was given up with an error in the log. */
  flush(): Promise<unknown> {
    const records = this.#records;
    if (records.length === 0) return this.#signing;
    this.#records = [];
    this.#bytes = 0;
    const signed = this.#options.signer.sign(records).catch((error: unknown) => {
      this.#options.log.error({ err: error, records: records.length }, "a batch was lost");
    });
    this.#signing = Promise.all([this.#signing, signed]);
    return this.#signing;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const end of this.#unobserve) end();
    await this.flush();
  }

  #sample(property: Property, seconds: number): void {
    let sampledAt = Number.NEGATIVE_INFINITY;
    this.#every(seconds, () => {
      const reading = property.latest;
      if (!reading || reading.at <= sampledAt) return;
      sampledAt = reading.at;
      this.#read(property, reading);
    });
  }

  #follow(property: Property): void {
    let last = property.latest?.value;
    this.#unobserve.push(
      property.observe((reading) => {
        if (reading.value === last) return;
        last = reading.value;
        this.#read(property, reading);
        void this.flush();
      }),
    );
  }

  #read(property: Property, { value, at }: Reading): void {
    const { clock } = this.#options;
    const age = Math.round((clock.monotonic() - at) / 1000);
    this.#add(toRecords(property.name, property.board, value, clock.seconds() - age));
  }

  #add(records: readonly TelemetryRecord[]): void {
    const bytes = records.reduce((sum, record) => sum + estimatedBytes(record), 0);
    if (this.#bytes + bytes > MAX_BATCH_BYTES - ENVELOPE_BYTES) void this.flush();
    this.#records.push(...records);
    this.#bytes += bytes;
  }

  #every(seconds: number, task: () => void): void {
    this.#timers.push(setInterval(task, seconds * 1000).unref());
  }

  #property(name: string): Property {
    const [thing, property] = splitName(name);
    const found = this.#options.things.get(thing)?.properties.get(property);
    if (!found) throw new Error(`no property ${name}`); // boards are checked before
    return found;
  }
}
