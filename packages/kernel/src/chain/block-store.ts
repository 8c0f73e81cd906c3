import type { Hex } from "@ruffchain/abi";
import { type BlockHeader, decodeHeader, encodeHeader, hashHeader } from "../block/header.js";
import type { Log } from "../block/receipt.js";
import type { ChainBlock } from "../contract/contract.js";
import { bytesToHex, hexToBytes } from "../hex.js";
import { LruMap } from "../lru-map.js";
import { decodeRlp, encodeRlp, rlpBytes, rlpList, rlpNumber } from "../rlp.js";
import { Bucket, type Store, type Write } from "../store.js";
import {
  type BlockRecord,
  decodeBody,
  decodeLogs,
  decodePaidGas,
  type ExecutedTransaction,
  encodeBody,
  type PaidGas,
  type PlacedLog,
} from "./block-record.js";
import { type LogFilter, LogIndex, type LogRange, matchesLog } from "./log-index.js";

/** Blocks that are kept decoded: receipts are mostly asked for soon after their block. */
export const BLOCK_CACHE_SIZE = 32;
/** Old blocks that one commit deletes at most, so that none takes long when less is to be kept than before. */
export const MAX_PRUNED_BLOCKS = 16;

const HEADER = 0;
const BODY = 1;
/** What the engine told of validators; absent where it told nothing. */
const ENGINE = 2;
/** In the meta bucket: the lowest height whose block is here; absent for 0. */
const FIRST_KEY = Buffer.from("first block");

/** Where a transaction is. */
export interface TransactionPlace {
  readonly height: number;
  readonly index: number;
}

/** A log that matches a search, with its block. */
export interface FoundLog extends PlacedLog {
  readonly block: FoundBlock;
}

export interface FoundBlock {
  readonly hash: Hex;
  readonly number: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** Reads executed blocks, and prepares their writing into the commit of their state. */
export class BlockStore {
  readonly #store: Store;
  readonly #logs: LogIndex;
  readonly #recent = new LruMap<number, BlockRecord>(BLOCK_CACHE_SIZE);

  constructor(store: Store) {
    this.#store = store;
    this.#logs = new LogIndex(store);
  }

  /** All that a block adds to the store; `told` is what the engine told of validators. */
  writes(block: BlockRecord, told: ChainBlock = NOTHING_TOLD): Write[] {
    const { number } = block.header;
    const writes: Write[] = [
      { bucket: Bucket.blocks, key: blockKey(number, HEADER), value: encodeHeader(block.header) },
      { bucket: Bucket.blocks, key: blockKey(number, BODY), value: encodeBody(block.transactions) },
      { bucket: Bucket.lookup, key: hexToBytes(block.hash), value: placeBytes(number, undefined) },
      ...this.#logs.writes(number, logsOf(block.transactions)),
    ];
    if (told.absent.length > 0 || told.misbehavior.length > 0) {
      writes.push({ bucket: Bucket.blocks, key: blockKey(number, ENGINE), value: encodeTold(told) });
    }
    block.transactions.forEach((tx, index) => {
      writes.push({ bucket: Bucket.lookup, key: hexToBytes(tx.hash), value: placeBytes(number, index) });
    });
    return writes;
  }

  /** What tells of the newest block where the state came in a snapshot: its header alone. */
  restored(header: BlockHeader): Write[] {
    const { number } = header;
    return [
      { bucket: Bucket.blocks, key: blockKey(number, HEADER), value: encodeHeader(header) },
      { bucket: Bucket.lookup, key: hexToBytes(hashHeader(header)), value: placeBytes(number, undefined) },
      { bucket: Bucket.meta, key: FIRST_KEY, value: placeBytes(number + 1, undefined) },
    ];
  }

  /** Heights below are not here: they are pruned, or the state came in a snapshot. */
  get first(): number {
    const first = this.#store.get(Bucket.meta, FIRST_KEY);
    return first ? readUint(first, 0, HEIGHT_BYTES) : 0;
  }

  /** Deletes the lowest blocks, up to MAX_PRUNED_BLOCKS, that are below the given height. */
  pruning(below: number): Write[] {
    const { first } = this;
    const end = Math.min(below, first + MAX_PRUNED_BLOCKS);
    if (end <= first) return [];
    const writes: Write[] = [{ bucket: Bucket.meta, key: FIRST_KEY, value: placeBytes(end, undefined) }];
    // The header below the first block of a snapshot is the snapshot's.
    for (let height = Math.max(first - 1, 0); height < end; height++) {
      const header = this.header(height);
      if (!header) continue;
      const transactions = this.#transactions(height) ?? [];
      const hashes = [hashHeader(header), ...transactions.map((tx) => tx.hash)];
      writes.push(...this.#logs.removal(height, logsOf(transactions)));
      for (const hash of hashes) writes.push({ bucket: Bucket.lookup, key: hexToBytes(hash), value: null });
      for (const part of [HEADER, BODY, ENGINE]) {
        writes.push({ bucket: Bucket.blocks, key: blockKey(height, part), value: null });
      }
      this.#recent.delete(height);
    }
    return writes;
  }

  /** Remembers a block that has just been committed. */
  committed(block: BlockRecord): void {
    this.#recent.set(block.header.number, block);
  }

  header(height: number): BlockHeader | undefined {
    const recent = this.#recent.get(height);
    if (recent) return recent.header;
    const encoded = this.#store.get(Bucket.blocks, blockKey(height, HEADER));
    return encoded && decodeHeader(Uint8Array.from(encoded));
  }

  /** The hash of a block whose header is here. */
  hashOf(height: number): Hex | undefined {
    const recent = this.#recent.get(height);
    if (recent) return recent.hash;
    const header = this.header(height);
    return header && hashHeader(header);
  }

  block(height: number): BlockRecord | undefined {
    const recent = this.#recent.get(height);
    if (recent) return recent;
    const header = this.header(height);
    const transactions = this.#transactions(height);
    if (!header || !transactions) return undefined;
    const block = { header, hash: hashHeader(header), transactions };
    this.#recent.set(height, block);
    return block;
  }

  /**
   * The logs that match, in order, up to where `maxPostings` of the index have been read or `maxLogs` found; `next` is
   * where to go on, undefined at the end.
   */
  searchLogs(
    filter: LogFilter,
    range: LogRange,
    { maxPostings, maxLogs }: { readonly maxPostings: number; readonly maxLogs: number },
  ): { readonly logs: readonly FoundLog[]; readonly next: number | undefined } {
    const { found, next } = this.#logs.search(filter, range, maxPostings);
    const logs: FoundLog[] = [];
    for (const { height, numbers } of found) {
      if (logs.length >= maxLogs) return { logs, next: height };
      const header = this.header(height);
      const body = this.#store.get(Bucket.blocks, blockKey(height, BODY));
      if (!header || !body) continue;
      const block = { hash: hashHeader(header), number: height, timestamp: header.timestamp };
      for (const placed of decodeLogs(Uint8Array.from(body), numbers)) {
        if (matchesLog(placed.log, filter)) logs.push({ ...placed, block });
      }
    }
    return { logs, next };
  }

  /** What the transactions of a block have paid, without the cost of decoding the block; undefined where it is not here. */
  paidGas(height: number): readonly PaidGas[] | undefined {
    const body = this.#store.get(Bucket.blocks, blockKey(height, BODY));
    return body && decodePaidGas(Uint8Array.from(body));
  }

  #transactions(height: number): ExecutedTransaction[] | undefined {
    const body = this.#store.get(Bucket.blocks, blockKey(height, BODY));
    return body && decodeBody(Uint8Array.from(body));
  }

  /** What the engine told the contracts of the validators in a block that is here. */
  told(height: number): ChainBlock {
    const told = this.#store.get(Bucket.blocks, blockKey(height, ENGINE));
    return told ? decodeTold(Uint8Array.from(told)) : NOTHING_TOLD;
  }

  heightOf(blockHash: Hex): number | undefined {
    const place = this.#store.get(Bucket.lookup, hexToBytes(blockHash));
    return place?.length === HEIGHT_BYTES ? readUint(place, 0, HEIGHT_BYTES) : undefined;
  }

  placeOf(transactionHash: Hex): TransactionPlace | undefined {
    const place = this.#store.get(Bucket.lookup, hexToBytes(transactionHash));
    if (place?.length !== HEIGHT_BYTES + INDEX_BYTES) return undefined;
    return { height: readUint(place, 0, HEIGHT_BYTES), index: readUint(place, HEIGHT_BYTES, INDEX_BYTES) };
  }

  transaction(hash: Hex): { block: BlockRecord; index: number; transaction: ExecutedTransaction } | undefined {
    const place = this.placeOf(hash);
    const block = place && this.block(place.height);
    const transaction = block?.transactions[place?.index ?? -1];
    return block && place && transaction && { block, index: place.index, transaction };
  }
}

const NOTHING_TOLD: ChainBlock = { absent: [], misbehavior: [] };

function encodeTold({ absent, misbehavior }: ChainBlock): Uint8Array {
  return encodeRlp([
    absent.map(hexToBytes),
    misbehavior.map(({ validator, height }) => [hexToBytes(validator), height]),
  ]);
}

function decodeTold(encoded: Uint8Array): ChainBlock {
  const [absent, misbehavior] = rlpList(decodeRlp(encoded), 2);
  return {
    absent: rlpList(absent).map((address) => bytesToHex(rlpBytes(address, 20))),
    misbehavior: rlpList(misbehavior).map((item) => {
      const [validator, height] = rlpList(item, 2);
      return { validator: bytesToHex(rlpBytes(validator, 20)), height: rlpNumber(height) };
    }),
  };
}

function logsOf(transactions: readonly ExecutedTransaction[]): Log[] {
  return transactions.flatMap((tx) => tx.logs);
}

const HEIGHT_BYTES = 6;
const INDEX_BYTES = 4;

function blockKey(height: number, part: number): Uint8Array {
  const key = Buffer.allocUnsafe(HEIGHT_BYTES + 1);
  key.writeUIntBE(height, 0, HEIGHT_BYTES);
  key[HEIGHT_BYTES] = part;
  return key;
}

/** A block's place is its height, a transaction's its height and index. */
function placeBytes(height: number, index: number | undefined): Uint8Array {
  const place = Buffer.allocUnsafe(HEIGHT_BYTES + (index === undefined ? 0 : INDEX_BYTES));
  place.writeUIntBE(height, 0, HEIGHT_BYTES);
  if (index !== undefined) place.writeUInt32BE(index, HEIGHT_BYTES);
  return place;
}

function readUint(bytes: Uint8Array, offset: number, width: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUIntBE(offset, width);
}
