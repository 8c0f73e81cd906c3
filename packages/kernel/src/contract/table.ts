import type { Hex } from "@ruffchain/abi";
import type { Fields, FieldType, Primitive, RecordOf, StaticFieldType } from "./layout.js";

/** A key of one field, or of several in order. */
export type KeyTypes = StaticFieldType | readonly StaticFieldType[];
/** A value of one unnamed field, or a record. */
export type ValueTypes = FieldType | Fields;
/** Index name to the value fields that it sorts by; entries that agree in them sort by key. */
export type Indexes<V extends ValueTypes> = Readonly<
  Record<string, readonly (V extends Fields ? keyof V & string : never)[]>
>;

export interface TableDefinition<
  K extends KeyTypes = KeyTypes,
  V extends ValueTypes = ValueTypes,
  I extends Indexes<V> = Indexes<V>,
> {
  readonly key: K;
  readonly value: V;
  readonly indexes: I;
}

export type AnyTable = TableDefinition<KeyTypes, ValueTypes, Readonly<Record<string, readonly string[]>>>;
export type Tables = Readonly<Record<string, AnyTable>>;

/**
 * Declares a table. A table's number on disk is its place among the contract's tables: append new ones at the end.
 *
 * @example
 * table("uint256", { asset: "uint256", holder: "address", from: "uint64" }, { indexes: { byHolder: ["holder", "from"] } })
 * table(["address", "address"], "uint256")
 */
export function table<
  const K extends KeyTypes,
  const V extends ValueTypes,
  const I extends Indexes<V> = Record<never, never>,
>(key: K, value: V, options?: { readonly indexes: I }): TableDefinition<K, V, I> {
  return { key, value, indexes: (options?.indexes ?? {}) as I };
}

type KeyTuple<K extends KeyTypes> = K extends StaticFieldType ? readonly [K] : K;
type Primitives<T> = { [N in keyof T]: T[N] extends FieldType ? Primitive<T[N]> : never };
export type KeyOf<D> = D extends TableDefinition<infer K, infer _V, infer _I> ? [...Primitives<KeyTuple<K>>] : never;
export type ValueOf<D> =
  D extends TableDefinition<infer _K, infer V, infer _I>
    ? V extends FieldType
      ? Primitive<V>
      : V extends Fields
        ? RecordOf<V>
        : never
    : never;
export type IndexName<D> = D extends TableDefinition<infer _K, infer _V, infer I> ? keyof I & string : never;

type Prefixes<T extends readonly unknown[]> = T extends readonly [...infer Head, unknown] ? T | Prefixes<Head> : T;
type IndexTuple<D, N> =
  D extends TableDefinition<infer _K, infer V, infer I>
    ? N extends keyof I
      ? { [P in keyof I[N]]: V extends Fields ? (I[N][P] extends keyof V ? Primitive<V[I[N][P]]> : never) : never }
      : never
    : never;
/** The leading values that a walk over an index may be narrowed to. */
export type IndexPrefix<D, N> = IndexTuple<D, N> extends infer T extends readonly unknown[] ? Prefixes<[...T]> : never;
/** The leading key values that a walk over a table may be narrowed to. */
export type KeyPrefix<D> = KeyOf<D> extends infer T extends readonly unknown[] ? Prefixes<[...T]> : never;

export interface Row<D> {
  readonly key: KeyOf<D>;
  readonly value: ValueOf<D>;
}

export interface WalkOptions {
  readonly reverse?: boolean;
}

export interface PageOptions extends WalkOptions {
  /** Where the page before ended; "0x" for the first page. */
  readonly cursor: Hex;
  /** Most rows of the page; at most MAX_PAGE_ROWS are returned. */
  readonly limit: number;
}

/** Rows and where to go on; the cursor is "0x" when there are no more. */
export interface Page<D> {
  readonly rows: Row<D>[];
  readonly cursor: Hex;
}

/** A table as view functions see it. Every read is charged. */
export interface ReadTable<D> {
  get(...key: KeyOf<D>): ValueOf<D> | undefined;
  has(...key: KeyOf<D>): boolean;
  /** Rows in key order whose key starts with the prefix. The caller bounds the walk. */
  rows(prefix: KeyPrefix<D>, options?: WalkOptions): Iterable<Row<D>>;
  /** Rows in the order of an index whose fields start with the prefix. The caller bounds the walk. */
  rowsBy<N extends IndexName<D>>(index: N, prefix: IndexPrefix<D, N>, options?: WalkOptions): Iterable<Row<D>>;
  /** The last row whose last key field is at most the given one, among those that have the other key fields. */
  floor(...key: KeyOf<D>): Row<D> | undefined;
  /** The last row, in the order of an index, whose last given field is at most that, among those that have the others. */
  floorBy<N extends IndexName<D>>(index: N, fields: IndexPrefix<D, N>): Row<D> | undefined;
  page(prefix: KeyPrefix<D>, options: PageOptions): Page<D>;
  pageBy<N extends IndexName<D>>(index: N, prefix: IndexPrefix<D, N>, options: PageOptions): Page<D>;
}

export interface Table<D> extends ReadTable<D> {
  /** Inserts or replaces; indexes follow. */
  set(...keyAndValue: [...KeyOf<D>, ValueOf<D>]): void;
  /** Returns whether there was such a row. */
  delete(...key: KeyOf<D>): boolean;
}
