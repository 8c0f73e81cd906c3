import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  statfsSync,
} from "node:fs";
import { constants as osConstants } from "node:os";
import { join } from "node:path";
import { Bucket, type Store, type StoreRange, type Write } from "@ruffchain/kernel";
import { type Database, open, type RangeOptions, type RootDatabase, type Transaction } from "lmdb";
import { StoreError } from "./store-error.js";

/** The layout of the files: an LMDB database for each bucket, under the bucket's name. */
export const STORE_FORMAT = 2;
/** LMDB's limit at its page size of 4096 bytes. */
export const MAX_STORE_KEY_BYTES = 1978;
/** Address space reserved at first: LMDB maps more when the file outgrows it. */
const MAP_BYTES = 2 ** 36;
/** A disk with less left is full. */
const FULL_DISK_BYTES = 2 ** 20;
/** In the unnamed database, beside the names of the others. */
const FORMAT_KEY = Buffer.from("ruff:format");
/** In the first page, behind the page header. */
const LMDB_MAGIC_OFFSET = 24;
const LMDB_MAGIC = 0xbeefc0de;
/** LMDB's name for it. */
const DATA_FILE = "data.mdb";
const LEAST_KEY = Uint8Array.of(0);
const BINARY = { keyEncoding: "binary", encoding: "binary" } as const;
/** As BINARY, but what is read comes as a Uint8Array of the caller's own in one copy, not as a Buffer. */
const PLAIN_BINARY = {
  encoding: "binary",
  encoder: { encode: (value: Uint8Array) => value, decode: (shared: Buffer) => copyOf(shared, 0, shared.length) },
  keyEncoder: {
    writeKey(key: Uint8Array, target: Buffer, start: number): number {
      target.set(key, start);
      return start + key.length;
    },
    readKey: copyOf,
  },
} as const;

type Root = RootDatabase<Uint8Array, Uint8Array>;
type BucketDatabase = Database<Uint8Array, Uint8Array>;

/** LMDB must not be opened twice in one process. */
const openDirectories = new Set<string>();

/**
 * A store in a folder of its own, on LMDB. A commit is one LMDB transaction, written and synced by another thread;
 * reads see the newest settled commit, also while the next is being written.
 */
export class LmdbStore implements Store {
  readonly directory: string;
  readonly #root: Root;
  /** Empty when closed. */
  readonly #buckets: Map<Bucket, BucketDatabase>;
  readonly #readOnly: boolean;
  #snapshot: Transaction;

  /**
   * Opens the store for its one node, and makes what is missing. A "reader" sees it as it is now, however it changes
   * meanwhile, beside the node, in another thread or process; close it soon: until then the file keeps all that is
   * replaced. Throws StoreError.
   */
  constructor(directory: string, access: "node" | "reader" = "node") {
    this.#readOnly = access === "reader";
    if (this.#readOnly && !existsSync(join(directory, DATA_FILE))) {
      throw new StoreError("cannotOpen", { directory, reason: "there is no chain in it" });
    }
    this.directory = makeDirectory(directory);
    if (!this.#readOnly && openDirectories.has(this.directory)) {
      throw new StoreError("locked", { directory: this.directory, pids: [process.pid] });
    }
    this.#root = openRoot(this.directory, this.#readOnly);
    try {
      this.#snapshot = this.#readOnly ? this.#root.useReadTransaction() : lock(this.#root, this.directory);
      checkFormat(this.#root, this.directory, this.#readOnly);
      this.#buckets = openBuckets(this.#root);
      this.#renewSnapshot();
    } catch (error) {
      this.#root.close();
      throw error;
    }
    if (!this.#readOnly) openDirectories.add(this.directory);
  }

  /** Writes the store as it is now into a new folder, while it changes. The copy is a store of its own. */
  async copyTo(directory: string): Promise<void> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    await this.#root.backup(directory, true);
  }

  /** The newest committed value, in bytes that are the caller's own. */
  get(bucket: Bucket, key: Uint8Array): Uint8Array | undefined {
    return this.#bucket(bucket).get(key, { transaction: this.#snapshot });
  }

  /** Entries as of the first step, in bytes of the caller's own. Leave the loop or finish it: until then old pages stay. */
  *range(bucket: Bucket, range: StoreRange): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
    const entries = this.#bucket(bucket).getRange({ ...toLmdbRange(range), transaction: this.#snapshot });
    for (const { key, value } of entries) yield [key, value];
  }

  /** Leave keys and values unchanged until the promise settles. Rejects with StoreError: then nothing was applied. */
  async commit(writes: Iterable<Write>): Promise<void> {
    // Nothing may throw inside the batch: that would commit the first part of it.
    const all = [...writes];
    for (const { bucket, key } of all) {
      this.#bucket(bucket);
      checkKey(key);
    }
    try {
      await this.#root.batch(() => {
        for (const { bucket, key, value } of all) {
          if (value === null) this.#bucket(bucket).remove(key);
          else this.#bucket(bucket).put(key, value);
        }
      });
    } catch (error) {
      throw await commitFailure(error, this.directory);
    }
    if (this.#buckets.size > 0) this.#renewSnapshot();
  }

  /** Waits for the commits under way. */
  async close(): Promise<void> {
    if (this.#buckets.size === 0) return;
    this.#buckets.clear();
    await this.#root.flushed;
    this.#snapshot.done();
    await this.#root.close();
    if (!this.#readOnly) openDirectories.delete(this.directory);
  }

  #bucket(bucket: Bucket): BucketDatabase {
    const database = this.#buckets.get(bucket);
    if (!database) throw new StoreError("closed", { directory: this.directory });
    return database;
  }

  /** Keeps the place in the table of readers that locks the folder: takes the new one before it leaves the old one. */
  #renewSnapshot(): void {
    const old = this.#snapshot;
    this.#root.resetReadTxn();
    this.#snapshot = this.#root.useReadTransaction();
    old.done();
  }
}

function makeDirectory(directory: string): string {
  try {
    mkdirSync(directory, { recursive: true });
    return realpathSync(directory);
  } catch (cause) {
    throw cannotOpen(directory, cause);
  }
}

function openRoot(directory: string, readOnly: boolean): Root {
  try {
    accessSync(directory, constants.R_OK | constants.W_OK);
    checkMagic(join(directory, DATA_FILE));
    // Without overlapping sync a transaction becomes visible only once it is on disk, so one that fails leaves nothing.
    // Without event turn batching a commit starts at once, and no promise but its own can reject.
    return open(directory, {
      ...BINARY,
      mapSize: MAP_BYTES,
      noSubdir: false,
      overlappingSync: false,
      eventTurnBatching: false,
      readOnly,
    });
  } catch (cause) {
    throw cannotOpen(directory, cause);
  }
}

/** lmdb 3.5 ends the whole process when the file is not LMDB's. */
function checkMagic(path: string): void {
  const header = new DataView(new ArrayBuffer(LMDB_MAGIC_OFFSET + 4));
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT);
  const read = readSync(file, header);
  closeSync(file);
  if (read === 0) return;
  if (header.getUint32(LMDB_MAGIC_OFFSET, true) !== LMDB_MAGIC) throw new Error("data.mdb is not an LMDB file");
}

function cannotOpen(directory: string, cause: unknown): StoreError {
  return new StoreError("cannotOpen", { directory, reason: (cause as Error).message }, { cause });
}

/**
 * Takes a place in LMDB's table of readers, which the operating system frees when a process ends, however it ends. Two
 * processes that come at once may both be refused, never both let in.
 */
function lock(root: Root, directory: string): Transaction {
  root.readerCheck();
  const snapshot = root.useReadTransaction();
  const others = [...new Set(readerPids(root))].filter((pid) => pid !== process.pid);
  if (others.length === 0) return snapshot;
  snapshot.done();
  throw new StoreError("locked", { directory, pids: others });
}

/** The first column of LMDB's table "pid thread txnid", below its heading. */
function readerPids(root: Root): number[] {
  return [...root.readerList().matchAll(/^\s*(\d+)/gm)].map(([, pid]) => Number(pid));
}

function checkFormat(root: Root, directory: string, readOnly: boolean): void {
  const found = root.get(FORMAT_KEY)?.toString();
  if (found === String(STORE_FORMAT)) return;
  const [foreign] = root.getKeys({ limit: 1 });
  if (found !== undefined || foreign || readOnly) {
    throw new StoreError("wrongFormat", { directory, found: found ?? "unknown", supported: STORE_FORMAT });
  }
  root.putSync(FORMAT_KEY, Buffer.from(String(STORE_FORMAT)));
}

function openBuckets(root: Root): Map<Bucket, BucketDatabase> {
  return new Map(
    Object.entries(Bucket).map(([name, bucket]) => [bucket, root.openDB<Uint8Array, Uint8Array>(name, PLAIN_BINARY)]),
  );
}

/** LMDB's start is where it begins, at the high end in reverse, and it has no empty keys. */
function toLmdbRange({ start, end, reverse = false }: StoreRange): RangeOptions {
  const least = start.length > 0 ? start : LEAST_KEY;
  if (!reverse) return end ? { start: least, end } : { start: least };
  const high = end ? { start: end, exclusiveStart: true } : {};
  return { ...high, end: least, inclusiveEnd: true, reverse: true };
}

function copyOf(shared: Buffer, start: number, end: number): Uint8Array {
  return new Uint8Array(shared.buffer, shared.byteOffset + start, end - start).slice();
}

function checkKey({ length }: Uint8Array): void {
  if (length === 0 || length > MAX_STORE_KEY_BYTES) {
    throw new StoreError("invalidKey", { size: length, limit: MAX_STORE_KEY_BYTES });
  }
}

/** Of the error that lmdb rejects with, the cause is in a promise. A write that the disk cuts short is EIO to LMDB. */
async function commitFailure(error: unknown, directory: string): Promise<StoreError> {
  const cause: Error & { code?: number } = await (error as { commitError: Promise<never> }).commitError.catch(
    (reason) => reason,
  );
  const { bavail, bsize } = statfsSync(directory);
  const full = cause.code === osConstants.errno.ENOSPC || bavail * bsize < FULL_DISK_BYTES;
  return new StoreError(full ? "diskFull" : "commitFailed", { directory, reason: cause.message }, { cause });
}
