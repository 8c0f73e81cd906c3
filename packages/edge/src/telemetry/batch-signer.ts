import { batchStatement, deviceUrn, encodeSign1, KID_BYTES, type SenmlRecord, toBeSigned } from "@ruffchain/cose";
import { type Hex, hexToBytes } from "viem";
import type { Clock } from "../clock/clock.js";
import { sha256 } from "../device/node-crypto.js";
import type { Journal } from "../journal/journal.js";
import type { Signer } from "../keys/signer.js";
import type { TelemetryRecord } from "./records.js";

export interface BatchSignerOptions {
  readonly device: Hex;
  readonly boot: number;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly journal: Journal;
}

/**
 * Signs records as the device's batches. Sequences go on over restarts and each batch names the hash of the one before,
 * so signing is one at a time; what is signed waits for the disk together.
 */
export class BatchSigner {
  readonly #options: BatchSignerOptions;
  #sequence: number;
  #previous: Uint8Array;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: BatchSignerOptions) {
    this.#options = options;
    this.#sequence = options.journal.lastBatch;
    this.#previous = options.journal.lastHash;
  }

  /** Resolves when the batch is durable; nobody sees it before. Batches come in the order of the calls. */
  async sign(records: readonly TelemetryRecord[]): Promise<void> {
    const signed = this.#turn.then(() => this.#sign(records));
    this.#turn = signed.catch(() => undefined); // who called hears of it
    const { durable } = await signed;
    await durable;
  }

  async #sign(records: readonly TelemetryRecord[]): Promise<{ readonly durable: Promise<void> }> {
    const { device, boot, signer, clock, journal } = this.#options;
    const sequence = this.#sequence + 1;
    const issuedAt = clock.seconds();
    const baseTime = records.reduce((earliest, { time }) => Math.min(earliest, time), issuedAt);
    const statement = batchStatement({
      algorithm: signer.kind,
      kid: device.slice(0, 2 + 2 * KID_BYTES) as Hex,
      issuedAt,
      bootCount: boot,
      sequence,
      previous: this.#previous,
      timeQuality: clock.quality(),
      pack: {
        baseName: `${deviceUrn(hexToBytes(device))}:`,
        baseTime,
        records: records.map((record): SenmlRecord => ({ ...record, time: record.time - baseTime })),
      },
    });
    const bytes = encodeSign1(statement, await signer.sign(toBeSigned(statement)));
    this.#sequence = sequence;
    this.#previous = sha256(bytes);
    return { durable: journal.addBatch(sequence, issuedAt, bytes) };
  }
}
