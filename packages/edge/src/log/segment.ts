import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { EdgeError } from "../edge-error.js";
import { syncFolder } from "../files/replace-file.js";
import { decodeRecord, encodeRecord, type LogRecord, RECORD_HEADER_BYTES } from "./record.js";

const MAGIC = Buffer.from("RUFFLOG1", "latin1");
const NAME = /^(\d{16})\.log$/;

/** Where the records of one file of the log are. */
export interface Segment {
  readonly path: string;
  /** The index of its first record. */
  readonly first: number;
  /** Where each record begins. */
  readonly offsets: number[];
  readonly kinds: number[];
  bytes: number;
  /** Odd while the file is being rewritten and the offsets may not be the file's; grows with each time. */
  generation: number;
}

/** The index of the first record in a file of this name; undefined for other files. */
export function firstIndexOf(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Begins a new file, durably. */
export async function createSegment(folder: string, first: number): Promise<{ segment: Segment; file: FileHandle }> {
  const path = join(folder, `${String(first).padStart(16, "0")}.log`);
  const file = await open(path, "w", 0o600);
  await file.write(MAGIC);
  await file.sync();
  await syncFolder(folder);
  return { segment: emptySegment(path, first), file };
}

/** Reads a file of the log up to its first incomplete or damaged record; `lost` is how many bytes come from there on. */
export async function scanSegment(path: string): Promise<{ segment: Segment; lost: number }> {
  const bytes = await readFile(path);
  const segment = emptySegment(path, firstIndexOf(basename(path)) ?? 0);
  if (bytes.length < MAGIC.length) return { segment: { ...segment, bytes: 0 }, lost: bytes.length };
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    const problem = "it is not a log of this version";
    throw new EdgeError("invalidFile", { file: path, problem }, `${path}: ${problem}; move the log away to begin anew`);
  }
  for (let record = decodeRecord(bytes, segment.bytes); record; record = decodeRecord(bytes, segment.bytes)) {
    segment.offsets.push(segment.bytes);
    segment.kinds.push(record.kind);
    segment.bytes += RECORD_HEADER_BYTES + record.payload.length;
  }
  return { segment, lost: bytes.length - segment.bytes };
}

/** Opens the newest file to go on writing, without what a crash has left behind its last whole record. */
export async function reopenSegment(segment: Segment): Promise<FileHandle> {
  const file = await open(segment.path, "r+");
  await file.truncate(segment.bytes);
  if (segment.bytes === 0) {
    await file.write(MAGIC, 0, MAGIC.length, 0);
    segment.bytes = MAGIC.length;
  }
  await file.sync();
  return file;
}

/** The records of one file, in memory. */
export async function readSegment(segment: Segment): Promise<LogRecord[]> {
  const bytes = await readFile(segment.path);
  return segment.offsets.map((offset) => {
    const record = decodeRecord(bytes, offset);
    if (record) return record;
    const problem = `the record at ${offset} is damaged`;
    throw new EdgeError("invalidFile", { file: segment.path, problem }, `${segment.path}: ${problem}`);
  });
}

/** Replaces the records of a file; after a crash either all or none are replaced. */
export async function rewriteSegment(segment: Segment, records: readonly LogRecord[]): Promise<void> {
  const encoded = records.map(encodeRecord);
  const temporary = `${segment.path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(Buffer.concat([MAGIC, ...encoded]));
    await file.sync();
  } finally {
    await file.close();
  }
  segment.generation += 1;
  await rename(temporary, segment.path);
  segment.bytes = MAGIC.length;
  encoded.forEach(({ length }, position) => {
    segment.offsets[position] = segment.bytes;
    segment.bytes += length;
  });
  records.forEach(({ kind }, position) => {
    segment.kinds[position] = kind;
  });
  segment.generation += 1;
  await syncFolder(dirname(segment.path));
}

function emptySegment(path: string, first: number): Segment {
  return { path, first, offsets: [], kinds: [], bytes: MAGIC.length, generation: 0 };
}
