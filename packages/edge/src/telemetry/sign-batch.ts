import { batchStatement, deviceUrn, encodeSign1, KID_BYTES, type SenmlRecord, toBeSigned } from "@ruffchain/cose";
import { type Hex, hexToBytes } from "viem";
import type { Clock } from "../clock/clock.js";
import type { Journal } from "../journal/journal.js";
import type { Signer } from "../keys/signer.js";
import type { TelemetryRecord } from "./records.js";

export interface BatchSigner {
  readonly device: Hex;
  readonly boot: number;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly journal: Journal;
}

/**
 * Signs records as the device's next batch and resolves when it is durable; only then anybody may see it. Sequences go
 * on over restarts, and each batch names the hash of the one before. One at a time.
 */
export async function signBatch(by: BatchSigner, records: readonly TelemetryRecord[]): Promise<void> {
  const { device, boot, signer, clock, journal } = by;
  const sequence = journal.lastBatch + 1;
  const issuedAt = clock.seconds();
  const baseTime = records.reduce((earliest, { time }) => Math.min(earliest, time), issuedAt);
  const statement = batchStatement({
    algorithm: signer.kind,
    kid: device.slice(0, 2 + 2 * KID_BYTES) as Hex,
    issuedAt,
    bootCount: boot,
    sequence,
    previous: journal.lastHash,
    timeQuality: clock.quality(),
    pack: {
      baseName: `${deviceUrn(hexToBytes(device))}:`,
      baseTime,
      records: records.map((record): SenmlRecord => ({ ...record, time: record.time - baseTime })),
    },
  });
  const signature = await signer.sign(toBeSigned(statement));
  await journal.addBatch(sequence, issuedAt, encodeSign1(statement, signature));
}
