import { bytesToHex } from "@noble/hashes/utils.js";
import { LightError } from "./light-error.js";

type SmallInteger = `${"" | "u"}int${8 | 16 | 24 | 32 | 40 | 48}`;

/** The value of a field of the given ABI type, as viem gives it: integers up to 48 bits are numbers, others bigints. */
export type FieldValue<T extends string> = T extends `${infer Element}[]`
  ? readonly FieldValue<Element>[]
  : T extends SmallInteger
    ? number
    : T extends `${string}int${string}`
      ? bigint
      : T extends "bool"
        ? boolean
        : T extends "string"
          ? string
          : `0x${string}`;

export type RecordOf<F extends Readonly<Record<string, string>>> = { readonly [N in keyof F]: FieldValue<F[N]> };

/**
 * Reads the fields of a table's record (docs/state.md) in their order. A table only ever gets new fields at its end,
 * so bytes after the last field that is asked for are left alone. Throws LightError `malformed`.
 */
export function decodeRecord<const F extends Readonly<Record<string, string>>>(
  fields: F,
  record: Uint8Array,
): RecordOf<F> {
  const reader = new FieldReader(record);
  const values = Object.entries(fields).map(([name, type]) => [name, reader.read(type)] as const);
  return Object.fromEntries(values) as RecordOf<F>;
}

function malformed(problem: string): LightError<"malformed"> {
  return new LightError(
    "malformed",
    { what: "record", problem },
    `the record does not have its table's layout: ${problem}`,
  );
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class FieldReader {
  readonly #record: Uint8Array;
  #at = 0;

  constructor(record: Uint8Array) {
    this.#record = record;
  }

  read(type: string): unknown {
    if (type.endsWith("[]")) return Array.from({ length: this.#length(2) }, () => this.read(type.slice(0, -2)));
    if (type === "bool") return this.#bool();
    if (type === "address") return this.#hex(20);
    if (type === "bytes") return this.#hex(this.#length(2));
    if (type === "string") return this.#text(this.#length(2));
    const [, name, size] = /^(u?int|bytes)(\d+)$/.exec(type) ?? [];
    if (name === undefined) throw new TypeError(`records have no fields of type ${type}`);
    return name === "bytes" ? this.#hex(Number(size)) : this.#integer(name === "int", Number(size));
  }

  #take(count: number): Uint8Array {
    if (count > this.#record.length - this.#at) throw malformed("it is too short");
    this.#at += count;
    return this.#record.subarray(this.#at - count, this.#at);
  }

  #hex(count: number): `0x${string}` {
    return `0x${bytesToHex(this.#take(count))}`;
  }

  #length(width: number): number {
    return Number(`${this.#hex(width)}`);
  }

  #bool(): boolean {
    const byte = this.#length(1);
    if (byte > 1) throw malformed(`${byte} is not a bool`);
    return byte === 1;
  }

  #text(count: number): string {
    try {
      return utf8.decode(this.#take(count));
    } catch (error) {
      throw error instanceof LightError ? error : malformed("a text is not UTF-8");
    }
  }

  #integer(signed: boolean, bits: number): number | bigint {
    const value = bits > 64 && !signed ? this.#compact(bits) : BigInt(this.#hex(bits / 8));
    const integer = signed ? BigInt.asIntN(bits, value) : value;
    return bits <= 48 ? Number(integer) : integer;
  }

  /** An integer of more than 64 bits: its length, then that many bytes, the first not zero. */
  #compact(bits: number): bigint {
    const length = this.#length(1);
    if (length === 0) return 0n;
    const digits = this.#hex(length);
    if (length > bits / 8 || digits.startsWith("0x00"))
      throw malformed(`an integer is not in its shortest form of at most ${bits} bits`);
    return BigInt(digits);
  }
}
