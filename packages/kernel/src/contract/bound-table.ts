import type { Address, Hex } from "@ruffchain/abi";
import { gasSchedule } from "../gas-schedule.js";
import { indexPrefix, prefixEnd, tablePrefix } from "../state/keys.js";
import type { StateKey } from "../state/reader.js";
import { ByteReader, ByteWriter, type FieldCodec, type Fields, fieldCodec, recordCodec } from "./layout.js";
import type { AnyTable, Page, PageOptions, Row, WalkOptions } from "./table.js";

/** Most rows that one page of a listing returns. */
export const MAX_PAGE_ROWS = 200;

/** What tables ask of whatever executes: state, gas, and whether writing is allowed now. */
export interface TableHost {
  get(key: StateKey): Uint8Array | undefined;
  set(key: StateKey, value: Uint8Array): void;
  delete(key: StateKey): void;
  range(start: StateKey, end: StateKey, reverse?: boolean): Iterable<readonly [StateKey, Uint8Array]>;
  charge(gas: number): void;
  /** Throws inside a view function. */
  assertWritable(): void;
}

interface CompiledIndex {
  readonly number: number;
  readonly fields: readonly (readonly [name: string, codec: FieldCodec])[];
}

export interface CompiledTable {
  readonly number: number;
  readonly key: readonly FieldCodec[];
  readonly encode: (value: unknown) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly indexes: ReadonlyMap<string, CompiledIndex>;
}

/** Field name of a table whose value is a single unnamed field. */
const SINGLE = "value";

export function compileTable(definition: AnyTable, number: number): CompiledTable {
  const keyTypes = typeof definition.key === "string" ? [definition.key] : definition.key;
  const single = typeof definition.value === "string";
  const fields = (single ? { [SINGLE]: definition.value } : definition.value) as Fields;
  const codec = recordCodec(fields);
  const indexes = Object.entries(definition.indexes).map(([name, fieldNames], index) => {
    const compiled = fieldNames.map((field) => {
      const type = fields[field];
      if (type === undefined) throw new TypeError(`index ${name} names the unknown field ${field}`);
      return [field, fieldCodec(type)] as const;
    });
    return [name, { number: index, fields: compiled }] as const;
  });
  return {
    number,
    key: keyTypes.map(fieldCodec),
    encode: single ? (value) => codec.encode({ [SINGLE]: value } as never) : (value) => codec.encode(value as never),
    decode: single ? (bytes) => (codec.decode(bytes) as { value: unknown }).value : (bytes) => codec.decode(bytes),
    indexes: new Map(indexes),
  };
}

const writer = new ByteWriter();
/** The value of an index entry: the key says it all. */
const PRESENT = Uint8Array.of(1);

function encodeKey(codecs: readonly FieldCodec[], values: readonly unknown[], count: number): string {
  writer.reset();
  for (let i = 0; i < count; i++) (codecs[i] as FieldCodec).writeKey(writer, values[i]);
  return writer.takeString();
}

function decodeKey(codecs: readonly FieldCodec[], key: string): unknown[] {
  const reader = new ByteReader(Buffer.from(key, "latin1"));
  return codecs.map((codec) => codec.readKey(reader));
}

/** The index entries of a stored row, for a state that comes without them. */
export function indexEntriesOf(
  table: CompiledTable,
  address: Address,
  encodedKey: string,
  row: Uint8Array,
): { readonly key: StateKey; readonly value: Uint8Array }[] {
  if (table.indexes.size === 0) return [];
  const record = table.decode(row);
  return [...table.indexes.values()].map((index) => ({
    key: indexKey(address, table, index, record, encodedKey),
    value: PRESENT,
  }));
}

function indexKey(
  address: Address,
  table: CompiledTable,
  index: CompiledIndex,
  row: unknown,
  encodedKey: string,
): StateKey {
  writer.reset();
  for (const [name, codec] of index.fields) codec.writeKey(writer, (row as Record<string, unknown>)[name]);
  return indexPrefix(address, table.number, index.number) + writer.takeString() + encodedKey;
}

/** A compiled table at one contract address, under execution. Implements Table of ./table.ts untyped. */
export class BoundTable {
  readonly #table: CompiledTable;
  readonly #host: TableHost;
  readonly #address: Address;
  readonly #prefix: StateKey;

  constructor(table: CompiledTable, host: TableHost, address: Address) {
    this.#table = table;
    this.#host = host;
    this.#address = address;
    this.#prefix = tablePrefix(address, table.number);
  }

  get(...key: unknown[]): unknown {
    const bytes = this.#read(this.#prefix + encodeKey(this.#table.key, key, this.#table.key.length));
    return bytes === undefined ? undefined : this.#table.decode(bytes);
  }

  has(...key: unknown[]): boolean {
    return this.#read(this.#prefix + encodeKey(this.#table.key, key, this.#table.key.length)) !== undefined;
  }

  set(...keyAndValue: unknown[]): void {
    const host = this.#host;
    host.assertWritable();
    const keySize = this.#table.key.length;
    const encodedKey = encodeKey(this.#table.key, keyAndValue, keySize);
    const key = this.#prefix + encodedKey;
    const value = keyAndValue[keySize];
    const bytes = this.#table.encode(value);
    host.charge(gasSchedule.write + gasSchedule.writeByte * bytes.length);
    if (this.#table.indexes.size > 0) {
      const before = this.#read(key);
      this.#reindex(encodedKey, before && this.#table.decode(before), value);
    }
    host.set(key, bytes);
  }

  delete(...key: unknown[]): boolean {
    const host = this.#host;
    host.assertWritable();
    const encodedKey = encodeKey(this.#table.key, key, this.#table.key.length);
    const stateKey = this.#prefix + encodedKey;
    const before = this.#read(stateKey);
    if (before === undefined) return false;
    host.charge(gasSchedule.delete);
    if (this.#table.indexes.size > 0) this.#reindex(encodedKey, this.#table.decode(before), undefined);
    host.delete(stateKey);
    return true;
  }

  *rows(prefix: readonly unknown[], options: WalkOptions = {}): Iterable<Row<unknown>> {
    for (const [, row] of this.#walk(undefined, prefix, options, "")) yield row;
  }

  *rowsBy(index: string, prefix: readonly unknown[], options: WalkOptions = {}): Iterable<Row<unknown>> {
    for (const [, row] of this.#walk(this.#index(index), prefix, options, "")) yield row;
  }

  floor(...key: unknown[]): Row<unknown> | undefined {
    return this.#floor(undefined, key);
  }

  floorBy(index: string, fields: readonly unknown[]): Row<unknown> | undefined {
    return this.#floor(this.#index(index), fields);
  }

  page(prefix: readonly unknown[], options: PageOptions): Page<unknown> {
    return this.#page(undefined, prefix, options);
  }

  pageBy(index: string, prefix: readonly unknown[], options: PageOptions): Page<unknown> {
    return this.#page(this.#index(index), prefix, options);
  }

  #page(index: CompiledIndex | undefined, prefix: readonly unknown[], options: PageOptions): Page<unknown> {
    const limit = Math.min(Math.max(options.limit, 1), MAX_PAGE_ROWS);
    const after = Buffer.from(options.cursor.slice(2), "hex").toString("latin1");
    const rows: Row<unknown>[] = [];
    let last = "";
    for (const [position, row] of this.#walk(index, prefix, options, after)) {
      if (rows.length === limit) return { rows, cursor: `0x${Buffer.from(last, "latin1").toString("hex")}` };
      rows.push(row);
      last = position;
    }
    return { rows, cursor: "0x" as Hex };
  }

  /** `after` is the position (the key below the walk's prefix) that the walk starts behind, "" for its beginning. */
  *#walk(
    index: CompiledIndex | undefined,
    prefix: readonly unknown[],
    options: WalkOptions,
    after: string,
  ): Iterable<readonly [position: string, row: Row<unknown>]> {
    const base = this.#base(index);
    const bound = base + encodeKey(this.#codecs(index), prefix, prefix.length);
    let start = bound;
    let end = prefixEnd(bound);
    if (after !== "") {
      if (options.reverse) end = bound + after;
      else start = `${bound}${after}\x00`;
    }
    for (const [entry, row] of this.#entries(index, base, start, end, options.reverse)) {
      yield [entry.slice(bound.length), row];
    }
  }

  #floor(index: CompiledIndex | undefined, fields: readonly unknown[]): Row<unknown> | undefined {
    const base = this.#base(index);
    const codecs = this.#codecs(index);
    const start = base + encodeKey(codecs, fields, fields.length - 1);
    const end = prefixEnd(base + encodeKey(codecs, fields, fields.length));
    for (const [, row] of this.#entries(index, base, start, end, true)) return row;
    return undefined;
  }

  /** The rows between two places of the table or the index, whose keys begin with `base`. */
  *#entries(
    index: CompiledIndex | undefined,
    base: StateKey,
    start: StateKey,
    end: StateKey,
    reverse?: boolean,
  ): Iterable<readonly [entry: StateKey, row: Row<unknown>]> {
    const indexWidth = index?.fields.reduce((sum, [, codec]) => sum + (codec.keyWidth ?? 0), 0) ?? 0;
    for (const [entry, bytes] of this.#host.range(start, end, reverse)) {
      this.#host.charge(gasSchedule.step);
      const encodedKey = entry.slice(base.length + indexWidth);
      const value = index === undefined ? bytes : this.#read(this.#prefix + encodedKey);
      if (value === undefined) throw new Error("index entry without its row");
      yield [entry, { key: decodeKey(this.#table.key, encodedKey), value: this.#table.decode(value) } as Row<unknown>];
    }
  }

  #base(index: CompiledIndex | undefined): StateKey {
    return index === undefined ? this.#prefix : indexPrefix(this.#address, this.#table.number, index.number);
  }

  #codecs(index: CompiledIndex | undefined): readonly FieldCodec[] {
    return index === undefined ? this.#table.key : index.fields.map(([, codec]) => codec);
  }

  #index(name: string): CompiledIndex {
    const index = this.#table.indexes.get(name);
    if (!index) throw new TypeError(`there is no index ${name}`);
    return index;
  }

  #read(key: StateKey): Uint8Array | undefined {
    const bytes = this.#host.get(key);
    this.#host.charge(gasSchedule.read + gasSchedule.readByte * (bytes?.length ?? 0));
    return bytes;
  }

  #reindex(encodedKey: string, before: unknown, after: unknown): void {
    for (const index of this.#table.indexes.values()) {
      const from = before === undefined ? undefined : this.#indexKey(index, before, encodedKey);
      const to = after === undefined ? undefined : this.#indexKey(index, after, encodedKey);
      if (from === to) continue;
      if (from !== undefined) {
        this.#host.charge(gasSchedule.index);
        this.#host.delete(from);
      }
      if (to !== undefined) {
        this.#host.charge(gasSchedule.index);
        this.#host.set(to, PRESENT);
      }
    }
  }

  #indexKey(index: CompiledIndex, value: unknown, encodedKey: string): StateKey {
    return indexKey(this.#address, this.#table, index, value, encodedKey);
  }
}
