import { type FileHandle, mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { EdgeError } from "../edge-error.js";
import { decodeRecord, encodeRecord, type LogRecord, MAX_RECORD_BYTES, RECORD_HEADER_BYTES } from "./record.js";
import {
  createSegment,
  firstIndexOf,
  readSegment,
  reopenSegment,
  rewriteSegment,
  type Segment,
  scanSegment,
} from "./segment.js";

/** A new file of the log is begun when the newest has this many bytes. */
export const SEGMENT_BYTES = 1 << 20;
/** What the log may take on disk by default. */
export const LOG_QUOTA_BYTES = 64 << 20;

export interface LogOptions {
  readonly folder: string;
  readonly log: Logger;
  readonly segmentBytes?: number;
  readonly quotaBytes?: number;
  /**
   * What becomes of records of these kinds when the log outgrows its quota, oldest files first: a smaller record in
   * their place. Records of other kinds are never touched.
   */
  readonly thin?: ReadonlyMap<number, (payload: Uint8Array) => LogRecord>;
}

interface Waiting {
  readonly record: LogRecord;
  readonly bytes: Buffer;
  readonly resolve: (index: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An append-only log in files. A record has an index, counted from 0 without gaps; `append` resolves when it is on the
 * disk, and all records that wait at that moment share one fsync. After a crash at any moment all records that were
 * answered are there. Nothing from outside can empty or shorten it.
 */
export class Log {
  readonly #options: Required<LogOptions>;
  readonly #segments: Segment[];
  #file: FileHandle;
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #next: number;
  #failure: unknown;

  private constructor(options: Required<LogOptions>, segments: Segment[], file: FileHandle) {
    this.#options = options;
    this.#segments = segments;
    this.#file = file;
    this.#next = endOf(this.#newest);
  }

  /** Opens the log of a folder, or begins it. What a crash left behind the last whole record is cut off. */
  static async open(options: LogOptions): Promise<Log> {
    const { folder, log } = options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(folder)).filter((name) => firstIndexOf(name) !== undefined).sort();
    const segments: Segment[] = [];
    for (const name of names) {
      const { segment, lost } = await scanSegment(join(folder, name));
      if (lost > 0) log.warn({ file: segment.path, bytes: lost }, "the end of a log file is not whole");
      segments.push(segment);
    }
    const all = { segmentBytes: SEGMENT_BYTES, quotaBytes: LOG_QUOTA_BYTES, thin: new Map(), ...options };
    const newest = segments.at(-1);
    if (newest) return new Log(all, segments, await reopenSegment(newest));
    const { segment, file } = await createSegment(folder, 0);
    return new Log(all, [segment], file);
  }

  /** The index of the next record to be appended. */
  get next(): number {
    return this.#next;
  }

  /** What it takes on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /**
   * Appends a record and resolves with its index when it is durable. The order is that of the calls. Throws EdgeError
   * `recordTooLarge`, `logFull` or `logClosed`, and after a disk error that error for good.
   */
  append(record: LogRecord): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      const { length } = record.payload;
      if (length > MAX_RECORD_BYTES) {
        const details = { bytes: length, limit: MAX_RECORD_BYTES };
        throw new EdgeError("recordTooLarge", details, `a record of ${length} bytes: at most ${MAX_RECORD_BYTES}`);
      }
      this.#next += 1;
      this.#queue.push({ record, bytes: encodeRecord(record), resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** A durable record; undefined if there is none of this index, or it was lost to damage. */
  async read(index: number): Promise<LogRecord | undefined> {
    for (;;) {
      const segment = this.#segments.findLast(({ first }) => first <= index);
      const offset = segment?.offsets[index - segment.first];
      if (segment === undefined || offset === undefined) return undefined;
      const { generation } = segment;
      const end = segment.offsets[index - segment.first + 1] ?? segment.bytes;
      const record = await readAt(segment.path, offset, end);
      if (record) return record;
      if (generation === segment.generation && generation % 2 === 0) {
        const problem = `the record at ${offset} is damaged`;
        throw new EdgeError("invalidFile", { file: segment.path, problem }, `${segment.path}: ${problem}`);
      }
    }
  }

  /** All durable records with their indices, oldest first: to rebuild what is known from them at a start. */
  async *records(): AsyncGenerator<LogRecord & { readonly index: number }> {
    for (const segment of this.#segments) {
      const records = await readSegment(segment);
      for (const [position, record] of records.entries()) yield { ...record, index: segment.first + position };
    }
  }

  /** Resolves when all that was appended is durable and the files are closed. */
  async close(): Promise<void> {
    this.#failure ??= new EdgeError("logClosed", {}, "the log was closed");
    await this.#flushing;
    await this.#file.close();
  }

  get #newest(): Segment {
    const segment = this.#segments.at(-1);
    if (!segment) throw new Error("a log has a file");
    return segment;
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#write(batch);
      } catch (error) {
        this.#fail(error, batch);
      }
    }
    this.#flushing = undefined;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    if (this.#newest.bytes >= this.#options.segmentBytes) await this.#roll();
    const segment = this.#newest;
    const bytes = Buffer.concat(batch.map((waiting) => waiting.bytes));
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, segment.bytes + written);
      written += bytesWritten;
    }
    await this.#file.datasync();
    for (const { record, resolve } of batch) {
      segment.offsets.push(segment.bytes);
      segment.kinds.push(record.kind);
      segment.bytes += RECORD_HEADER_BYTES + record.payload.length;
      resolve(endOf(segment) - 1);
    }
  }

  /** After a failed write or fsync nobody knows what the disk has: all that wait fail, and all that come. */
  #fail(error: unknown, batch: readonly Waiting[]): void {
    this.#failure = error;
    for (const { reject } of [...batch, ...this.#queue]) reject(error);
    this.#queue = [];
    this.#options.log.error({ err: error }, "the log cannot be written");
  }

  async #roll(): Promise<void> {
    await this.#thin();
    await this.#file.close();
    const { segment, file } = await createSegment(this.#options.folder, endOf(this.#newest));
    this.#segments.push(segment);
    this.#file = file;
  }

  async #thin(): Promise<void> {
    const { quotaBytes: quota, segmentBytes, thin, log } = this.#options;
    for (const segment of this.#segments.slice(0, -1)) {
      if (this.bytes + segmentBytes <= quota) return;
      if (!segment.kinds.some((kind) => thin.has(kind))) continue;
      const before = segment.bytes;
      const records = await readSegment(segment);
      await rewriteSegment(
        segment,
        records.map((record) => thin.get(record.kind)?.(record.payload) ?? record),
      );
      log.warn({ file: segment.path, before, after: segment.bytes, quota }, "raw data thinned to keep the quota");
    }
    const { bytes } = this;
    if (bytes + segmentBytes <= quota) return;
    throw new EdgeError(
      "logFull",
      { bytes, quota },
      `the log has ${bytes} bytes of its quota ${quota}: raise the quota`,
    );
  }
}

function endOf(segment: Segment): number {
  return segment.first + segment.offsets.length;
}

async function readAt(path: string, offset: number, end: number): Promise<LogRecord | undefined> {
  const file = await open(path, "r");
  try {
    const bytes = Buffer.alloc(end - offset);
    await file.read(bytes, 0, bytes.length, offset);
    return decodeRecord(bytes, 0);
  } finally {
    await file.close();
  }
}
