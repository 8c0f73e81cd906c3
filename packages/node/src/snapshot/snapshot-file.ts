import { type FileHandle, open } from "node:fs/promises";
import { decodeRlp, encodeRlp, RlpError, rlpBytes, rlpList, rlpNumber, type Snapshot } from "@ruffchain/kernel";
import { decodeCommit, decodeHeader, encodeCommit, encodeHeader, LightError } from "@ruffchain/light";
import { decodeRecord, encodeRecord, type SoloRecord } from "../engine/solo-record.js";
import type { SoloBlock } from "../engine/solo-replay.js";
import { BackupError } from "./backup-error.js";

const MAGIC = Buffer.from("RUFFSNAP");
/** The layout of the file (docs/snapshots.md). */
export const SNAPSHOT_FILE_VERSION = 1;
/** A longer frame is no frame: the file is damaged. */
export const MAX_SNAPSHOT_FRAME_BYTES = 2 ** 28;

/** What a file says before the chunks. */
export interface SnapshotFileHead {
  readonly chainId: string;
  readonly snapshot: Snapshot;
  /** What the engine kept of the snapshot's block. */
  readonly record: SoloRecord;
  /** How many blocks follow: the first one's header proves the snapshot. */
  readonly blocks: number;
}

/**
 * Writes a file: magic ‖ version (4) ‖ frames. A frame is its length (4) and its bytes: first the head, then the blocks
 * after the snapshot's, then its chunks. It needs no checksum: all of it is checked against a header.
 */
export class SnapshotFileWriter {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Throws BackupError exists. */
  static async create(path: string, head: SnapshotFileHead): Promise<SnapshotFileWriter> {
    const writer = new SnapshotFileWriter(await openNew(path));
    await writer.#file.write(Buffer.concat([MAGIC, uint32(SNAPSHOT_FILE_VERSION)]));
    const { height, format, chunks, hash, metadata } = head.snapshot;
    const chainId = Buffer.from(head.chainId, "utf8");
    await writer.#frame(
      encodeRlp([chainId, height, format, chunks, hash, metadata, encodeRecord(head.record), head.blocks]),
    );
    return writer;
  }

  block({ signed: { header, commit }, txs }: SoloBlock): Promise<void> {
    return this.#frame(encodeRlp([encodeHeader(header), encodeCommit(commit), txs]));
  }

  chunk(bytes: Uint8Array): Promise<void> {
    return this.#frame(bytes);
  }

  async close(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }

  async #frame(bytes: Uint8Array): Promise<void> {
    await this.#file.write(uint32(bytes.length));
    await this.#file.write(bytes);
  }
}

/** Reads a file: the head at once, then the blocks, then the chunks. Throws BackupError notASnapshotFile. */
export class SnapshotFileReader {
  readonly head: SnapshotFileHead;
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, head: SnapshotFileHead) {
    this.#path = path;
    this.#file = file;
    this.head = head;
  }

  static async open(path: string): Promise<SnapshotFileReader> {
    const file = await open(path, "r");
    try {
      const magic = await read(file, MAGIC.length + 4, path);
      if (!magic.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged(path, "it begins otherwise");
      const version = magic.readUInt32BE(MAGIC.length);
      if (version !== SNAPSHOT_FILE_VERSION) {
        throw damaged(path, `it has version ${version}, this program reads ${SNAPSHOT_FILE_VERSION}`);
      }
      return new SnapshotFileReader(path, file, readHead(await readFrame(file, path), path));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async block(): Promise<SoloBlock> {
    const frame = await readFrame(this.#file, this.#path);
    return decoded(this.#path, () => {
      const [header, commit, txs] = rlpList(decodeRlp(frame), 3);
      return {
        signed: { header: decodeHeader(rlpBytes(header)), commit: decodeCommit(rlpBytes(commit)) },
        txs: rlpList(txs).map((tx) => rlpBytes(tx)),
      };
    });
  }

  chunk(): Promise<Uint8Array> {
    return readFrame(this.#file, this.#path);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function readHead(frame: Uint8Array, path: string): SnapshotFileHead {
  return decoded(path, () => {
    const [chainId, height, format, chunks, hash, metadata, record, blocks] = rlpList(decodeRlp(frame), 8);
    return {
      chainId: Buffer.from(rlpBytes(chainId)).toString("utf8"),
      snapshot: {
        height: rlpNumber(height),
        format: rlpNumber(format),
        chunks: rlpNumber(chunks),
        hash: rlpBytes(hash, 32),
        metadata: rlpBytes(metadata),
      },
      record: decodeRecord(Buffer.from(rlpBytes(record))),
      blocks: rlpNumber(blocks),
    };
  });
}

/** Runs a decoder; whatever it throws at strange bytes says that the file is damaged. */
function decoded<T>(path: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof RlpError || error instanceof LightError || error instanceof RangeError) {
      throw damaged(path, error.message);
    }
    throw error;
  }
}

async function readFrame(file: FileHandle, path: string): Promise<Buffer> {
  const length = (await read(file, 4, path)).readUInt32BE(0);
  if (length > MAX_SNAPSHOT_FRAME_BYTES) throw damaged(path, `a part claims ${length} bytes`);
  return read(file, length, path);
}

async function read(file: FileHandle, length: number, path: string): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at);
    if (bytesRead === 0) throw damaged(path, "it ends too early");
    at += bytesRead;
  }
  return bytes;
}

function damaged(path: string, problem: string): BackupError {
  return new BackupError("notASnapshotFile", { path, problem });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx", 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw new BackupError("exists", { path });
    throw error;
  }
}
