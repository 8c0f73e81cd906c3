import type { Address, Hex } from "@ruffchain/abi";
import type { Log } from "../block/receipt.js";
import { sha256 } from "../crypto/sha256.js";
import { hexToBytes } from "../hex.js";
import { decodeRlp, encodeRlp, rlpList, rlpNumber } from "../rlp.js";
import { Bucket, type Store, type Write } from "../store.js";

/** Which logs are looked for. */
export interface LogFilter {
  /** Any of these; undefined is every address. */
  readonly addresses: ReadonlySet<Address> | undefined;
  /** Alternatives by position; undefined is any. A log with fewer topics does not match. */
  readonly topics: readonly (ReadonlySet<Hex> | undefined)[];
}

export function matchesLog({ address, topics }: Log, filter: LogFilter): boolean {
  if (filter.addresses && !filter.addresses.has(address)) return false;
  if (filter.topics.length > topics.length) return false;
  return filter.topics.every((wanted, i) => wanted === undefined || wanted.has(topics[i] as Hex));
}

/** Blocks to look into, both ends included. */
export interface LogRange {
  readonly from: number;
  readonly to: number;
}

/** Logs of a block, by their numbers in it. */
export interface LogPlaces {
  readonly height: number;
  readonly numbers: readonly number[];
}

/** A part of a search. */
export interface LogSearch {
  readonly found: readonly LogPlaces[];
  /** Where to go on; undefined at the end. */
  readonly next: number | undefined;
}

/**
 * Where an address, or a topic at its position, stands in logs: for each block a posting, under the item's mark and the
 * height, with the numbers of the block's logs that have it. So a search costs what its rarest item has in postings,
 * whatever the chain's length. A mark is short: what is found must be matched against the log itself.
 */
export class LogIndex {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The postings of a block's logs. */
  writes(height: number, logs: readonly Log[]): Write[] {
    return [...postings(logs)].map(([item, numbers]) => ({
      bucket: Bucket.logs,
      key: postingKey(markOf(item), height),
      value: encodeRlp(differences(numbers)),
    }));
  }

  /** Deletes the postings of a block's logs. */
  removal(height: number, logs: readonly Log[]): Write[] {
    return [...postings(logs).keys()].map((item) => ({
      bucket: Bucket.logs,
      key: postingKey(markOf(item), height),
      value: null,
    }));
  }

  /** The first places where logs may match, in order; it ends early when `maxPostings` have been read. */
  search(filter: LogFilter, { from, to }: LogRange, maxPostings: number): LogSearch {
    const budget = { left: maxPostings };
    const conditions = conditionsOf(filter).map((items) =>
      items.map((item) => new PostingCursor(this.#store, markOf(item), to, budget)),
    );
    const found: LogPlaces[] = [];
    try {
      for (let height = from; ; ) {
        if (height > to) return { found, next: undefined };
        if (budget.left <= 0) return { found, next: height };
        const highest = furthest(conditions, height);
        if (highest === undefined) return { found, next: undefined };
        if (highest === height) {
          const numbers = conditions.map((any) => union(any.flatMap((cursor) => cursor.numbersAt(height))));
          const common = numbers.reduce((kept, others) => kept.filter(inSet(others)));
          if (common.length > 0) found.push({ height, numbers: common });
        }
        height = highest === height ? height + 1 : highest;
      }
    } finally {
      for (const cursor of conditions.flat()) cursor.close();
    }
  }
}

/** Each condition is a list of alternatives; a filter without any is for all logs. */
function conditionsOf({ addresses, topics }: LogFilter): readonly (readonly string[])[] {
  const conditions = topics.flatMap((wanted, i) => (wanted ? [[...wanted].map((topic) => topicItem(topic, i))] : []));
  if (addresses) conditions.push([...addresses].map(addressItem));
  return conditions.length > 0 ? conditions : [[EVERY_LOG]];
}

/**
 * The height, not below the given one, that all conditions have a posting at or above; undefined when one has none left.
 */
function furthest(conditions: readonly (readonly PostingCursor[])[], height: number): number | undefined {
  let furthest = height;
  for (const any of conditions) {
    let nearest: number | undefined;
    for (const cursor of any) {
      const at = cursor.seek(furthest);
      if (at !== undefined && (nearest === undefined || at < nearest)) nearest = at;
    }
    if (nearest === undefined) return undefined;
    furthest = nearest;
  }
  return furthest;
}

/** Steps that a cursor takes before it looks the height up. */
const MAX_STEPS = 8;

/** Walks the postings of one item upwards. */
class PostingCursor {
  readonly #store: Store;
  readonly #mark: Uint8Array;
  readonly #end: Uint8Array;
  readonly #budget: { left: number };
  #postings: Iterator<readonly [Uint8Array, Uint8Array]> | undefined;
  /** Infinity behind the last posting. */
  #height = -1;
  #value: Uint8Array = new Uint8Array(0);

  constructor(store: Store, mark: Uint8Array, to: number, budget: { left: number }) {
    this.#store = store;
    this.#mark = mark;
    this.#end = postingKey(mark, to + 1);
    this.#budget = budget;
  }

  /** The height of the first posting at or above the given height, which must not be below an earlier one. */
  seek(height: number): number | undefined {
    for (let steps = 0; this.#postings && this.#height < height && steps < MAX_STEPS; steps++) this.#step();
    if (this.#height < height) {
      this.close();
      const range = { start: postingKey(this.#mark, height), end: this.#end };
      this.#postings = this.#store.range(Bucket.logs, range)[Symbol.iterator]();
      this.#step();
    }
    return this.#height === Number.POSITIVE_INFINITY ? undefined : this.#height;
  }

  /** Which of the block's logs have the item. */
  numbersAt(height: number): readonly number[] {
    if (this.#height !== height) return [];
    let number = 0;
    return rlpList(decodeRlp(this.#value)).map((difference) => {
      number += rlpNumber(difference);
      return number;
    });
  }

  close(): void {
    this.#postings?.return?.();
    this.#postings = undefined;
  }

  #step(): void {
    this.#budget.left--;
    const next = this.#postings?.next();
    if (next === undefined || next.done) {
      this.#height = Number.POSITIVE_INFINITY;
      return;
    }
    const [key, value] = next.value;
    this.#height = Buffer.from(key.buffer, key.byteOffset, key.length).readUIntBE(MARK_BYTES, HEIGHT_BYTES);
    this.#value = value;
  }
}

const MARK_BYTES = 8;
const HEIGHT_BYTES = 6;
const ADDRESS_POSITION = 4;
/** Stands in the index for every log. */
const EVERY_LOG = "";

function topicItem(topic: Hex, position: number): string {
  return `0${position}${topic.slice(2)}`;
}

function addressItem(address: Address): string {
  return `0${ADDRESS_POSITION}${address.slice(2)}`;
}

/** The numbers of the logs that have each item. */
function postings(logs: readonly Log[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const add = (item: string, number: number) => {
    const numbers = found.get(item);
    if (numbers) numbers.push(number);
    else found.set(item, [number]);
  };
  logs.forEach(({ address, topics }, number) => {
    add(EVERY_LOG, number);
    add(addressItem(address), number);
    for (const [position, topic] of topics.entries()) add(topicItem(topic, position), number);
  });
  return found;
}

function markOf(item: string): Uint8Array {
  return sha256(hexToBytes(`0x${item}`)).subarray(0, MARK_BYTES);
}

function postingKey(mark: Uint8Array, height: number): Uint8Array {
  const key = Buffer.allocUnsafe(MARK_BYTES + HEIGHT_BYTES);
  key.set(mark);
  key.writeUIntBE(height, MARK_BYTES, HEIGHT_BYTES);
  return key;
}

function differences(numbers: readonly number[]): number[] {
  return numbers.map((number, i) => number - (numbers[i - 1] ?? 0));
}

function union(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function inSet(numbers: readonly number[]): (number: number) => boolean {
  const set = new Set(numbers);
  return (number) => set.has(number);
}
