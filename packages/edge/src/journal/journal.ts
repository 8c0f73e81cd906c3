import { inclusionProof, leafHash } from "@ruffchain/cose";
import type { Logger } from "pino";
import { bytesToHex, type Hex } from "viem";
import { z } from "zod";
import type { Anchor, SignedAnchor } from "../anchor/anchor.js";
import { sha256 } from "../device/node-crypto.js";
import { toJson } from "../files/json.js";
import type { SignedReceipt } from "../guard/receipt.js";
import { Log } from "../log/log.js";
import type { LogRecord } from "../log/record.js";

/** What the records of the device's log are. */
const kind = { batch: 1, thinnedBatch: 2, receipt: 3, anchor: 4 } as const;
/** A batch's record begins with its sequence and its time, uint64 each, big-endian. */
const PREFIX_BYTES = 16;
const HASH_BYTES = 32;

export interface JournalOptions {
  readonly folder: string;
  readonly log: Logger;
  readonly quotaBytes?: number;
  readonly segmentBytes?: number;
}

/** A batch that is in the log: its bytes may have been thinned since, its leaf stays. */
export interface BatchEntry {
  readonly sequence: number;
  /** When it was signed: seconds since 1970. */
  readonly time: number;
  /** Its leaf in the tree of its anchor. */
  readonly leaf: Uint8Array;
  /** SHA-256 of it, which the next batch names. */
  readonly hash: Uint8Array;
}

/** That a batch is under an anchor's root: RFC 9162 §2.1.3. */
export interface BatchProof {
  readonly anchor: Anchor;
  readonly signature: Hex;
  readonly leafIndex: number;
  readonly treeSize: number;
  readonly path: readonly Hex[];
}

/**
 * The device's evidence: signed batches, receipts and anchors in one append-only log. When the log outgrows its quota
 * the oldest batches are thinned to their hashes, so that anchors and proofs of the others still hold; receipts
 * and anchors are never dropped.
 */
export class Journal {
  readonly #log: Log;
  /** By sequence; only damage to the disk leaves gaps. */
  readonly #batches = new Map<number, { readonly entry: BatchEntry; readonly place: number }>();
  readonly #anchors: SignedAnchor[] = [];
  /** Where the receipts of a right are in the log. */
  readonly #receipts = new Map<string, number[]>();
  #newest: BatchEntry | undefined;
  #anchored = 0;

  private constructor(log: Log) {
    this.#log = log;
  }

  /** Opens the log and reads what is in it; what a crash left half-written is not. */
  static async open({ folder, log, quotaBytes, segmentBytes }: JournalOptions): Promise<Journal> {
    const journal = new Journal(
      await Log.open({
        folder,
        log,
        thin: new Map([[kind.batch, thinBatch]]),
        ...(quotaBytes === undefined ? {} : { quotaBytes }),
        ...(segmentBytes === undefined ? {} : { segmentBytes }),
      }),
    );
    for await (const { index, ...record } of journal.#log.records()) journal.#remember(record, index);
    return journal;
  }

  /** The sequence of the newest batch; 0 if there is none. */
  get lastBatch(): number {
    return this.#newest?.sequence ?? 0;
  }

  /** Up to which batch the chain has anchors, as far as the device has heard. */
  get anchored(): number {
    return this.#anchored;
  }

  /** The hash of the newest batch; zero if there is none. */
  get lastHash(): Uint8Array {
    return this.#newest?.hash ?? new Uint8Array(HASH_BYTES);
  }

  get anchors(): readonly SignedAnchor[] {
    return this.#anchors;
  }

  get bytes(): number {
    return this.#log.bytes;
  }

  /** Up to `limit` batches that are under no anchor yet and follow each other, oldest first. */
  unanchored(limit: number): readonly BatchEntry[] {
    const last = this.#anchors.at(-1);
    let sequence = last ? last.firstBatch + last.anchor.count : 1;
    while (sequence <= this.lastBatch && !this.#batches.has(sequence)) sequence += 1;
    return this.#run(sequence, limit);
  }

  /** Keeps a signed batch; resolves when it is durable. Batches come in order. */
  async addBatch(sequence: number, time: number, bytes: Uint8Array): Promise<void> {
    const payload = Buffer.alloc(PREFIX_BYTES + bytes.length);
    payload.writeBigUInt64BE(BigInt(sequence), 0);
    payload.writeBigUInt64BE(BigInt(time), 8);
    payload.set(bytes, PREFIX_BYTES);
    await this.#add({ kind: kind.batch, payload });
  }

  async addReceipt(signed: SignedReceipt): Promise<void> {
    await this.#add({ kind: kind.receipt, payload: toPayload(signed) });
  }

  async addAnchor(signed: SignedAnchor): Promise<void> {
    await this.#add({ kind: kind.anchor, payload: toPayload(signed) });
  }

  /** Notes that the chain has the anchor of this sequence. */
  confirm(sequence: bigint): void {
    const confirmed = this.#anchors.findLast(({ anchor }) => anchor.sequence <= sequence);
    if (confirmed) this.#anchored = Math.max(this.#anchored, confirmed.firstBatch + confirmed.anchor.count - 1);
  }

  /** The signed bytes of a batch; undefined if there is none or it was thinned. */
  async batch(sequence: number): Promise<Uint8Array | undefined> {
    const found = this.#batches.get(sequence);
    const record = found && (await this.#log.read(found.place));
    return record?.kind === kind.batch ? record.payload.subarray(PREFIX_BYTES) : undefined;
  }

  /** The proof that leads from a batch to its anchor's root; undefined if there is none yet. */
  proof(sequence: number): BatchProof | undefined {
    const found = this.#anchors.find(
      ({ firstBatch, anchor }) => sequence >= firstBatch && sequence < firstBatch + anchor.count,
    );
    if (!found) return undefined;
    const { anchor, signature, firstBatch } = found;
    const leaves = this.#run(firstBatch, anchor.count).map(({ leaf }) => leaf);
    if (leaves.length < anchor.count) return undefined;
    const leafIndex = sequence - firstBatch;
    const path = inclusionProof(leaves, leafIndex, sha256).map((hash) => bytesToHex(hash));
    return { anchor, signature, leafIndex, treeSize: anchor.count, path };
  }

  /** The receipts of a right, oldest first. */
  async receiptsOf(right: bigint): Promise<SignedReceipt[]> {
    const places = this.#receipts.get(right.toString()) ?? [];
    const records = await Promise.all(places.map((place) => this.#log.read(place)));
    return records.flatMap((record) => (record ? [parse(receiptSchema, record.payload)] : []));
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  #run(from: number, limit: number): BatchEntry[] {
    const entries: BatchEntry[] = [];
    for (let found = this.#batches.get(from); found && entries.length < limit; ) {
      entries.push(found.entry);
      found = this.#batches.get(from + entries.length);
    }
    return entries;
  }

  async #add(record: LogRecord): Promise<void> {
    this.#remember(record, await this.#log.append(record));
  }

  #remember({ kind: is, payload }: LogRecord, index: number): void {
    if (is === kind.batch || is === kind.thinnedBatch) {
      const entry = entryOf(is, payload);
      this.#batches.set(entry.sequence, { entry, place: index });
      this.#newest = entry;
    }
    if (is === kind.anchor) this.#anchors.push(parse(anchorSchema, payload));
    if (is === kind.receipt) {
      const right = parse(receiptSchema, payload).receipt.right.toString();
      this.#receipts.set(right, [...(this.#receipts.get(right) ?? []), index]);
    }
  }
}

function entryOf(is: number, payload: Uint8Array): BatchEntry {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const sequence = Number(bytes.readBigUInt64BE(0));
  const time = Number(bytes.readBigUInt64BE(8));
  const rest = bytes.subarray(PREFIX_BYTES);
  if (is === kind.batch) return { sequence, time, leaf: leafHash(rest, sha256), hash: sha256(rest) };
  const [leaf, hash] = [rest.subarray(0, HASH_BYTES), rest.subarray(HASH_BYTES)];
  return { sequence, time, leaf: Uint8Array.from(leaf), hash: Uint8Array.from(hash) };
}

function thinBatch(payload: Uint8Array): LogRecord {
  const { leaf, hash } = entryOf(kind.batch, payload);
  return { kind: kind.thinnedBatch, payload: Buffer.concat([payload.subarray(0, PREFIX_BYTES), leaf, hash]) };
}

const hex = z
  .string()
  .regex(/^0x([0-9a-f]{2})*$/)
  .transform((text) => text as Hex);
const integer = z
  .string()
  .regex(/^\d+$/)
  .transform((text) => BigInt(text));

const receiptSchema: z.ZodType<SignedReceipt> = z.strictObject({
  kind: z.enum(["checkOut", "checkIn"]),
  receipt: z.strictObject({
    device: hex,
    sequence: integer,
    right: integer,
    time: integer,
    odometer: integer,
    energy: integer,
    latitude: z.int(),
    longitude: z.int(),
    leftArea: z.boolean(),
  }),
  signature: hex,
});

const anchorSchema: z.ZodType<SignedAnchor> = z.strictObject({
  anchor: z.strictObject({
    device: hex,
    sequence: integer,
    previous: hex,
    root: hex,
    count: z.int().positive(),
    from: integer,
    until: integer,
    odometer: integer,
    energy: integer,
    latitude: z.int(),
    longitude: z.int(),
  }),
  signature: hex,
  firstBatch: z.int().positive(),
});

function toPayload(value: SignedReceipt | SignedAnchor): Uint8Array {
  return Buffer.from(toJson(value));
}

function parse<T>(schema: z.ZodType<T>, payload: Uint8Array): T {
  return schema.parse(JSON.parse(Buffer.from(payload).toString("utf8")));
}
