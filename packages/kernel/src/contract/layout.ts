import type {
  AbiParameterToPrimitiveType,
  SolidityAddress,
  SolidityBool,
  SolidityBytes,
  SolidityInt,
  SolidityString,
} from "abitype";
import { integerLength } from "../rlp.js";

/** The types that table keys and fields may have: ABI types without tuples. */
export type StaticFieldType = SolidityAddress | SolidityBool | SolidityBytes | SolidityInt;
export type FieldType = StaticFieldType | SolidityString | `${StaticFieldType}[]`;
export type Primitive<T extends FieldType> = AbiParameterToPrimitiveType<{ type: T }>;

/** Longest `bytes`, `string` (in bytes) or array (in elements) that a record may hold. */
export const MAX_FIELD_LENGTH = 0xffff;

/** A value does not fit the type it is stored or encoded as. Handlers need not catch it: the call reverts with Panic(0x11). */
export class ValueRangeError extends Error {
  readonly code = "valueOutOfRange";
  readonly type: string;
  readonly value: unknown;
  constructor(type: string, value: unknown) {
    super(`value ${String(value)} does not fit ${type}`);
    this.type = type;
    this.value = value;
  }
}

/** How one field is written into and read from bytes. */
export interface FieldCodec {
  /** Bytes in a key, where every field has a fixed width and sorts bytewise; undefined if the type cannot be part of a key. */
  readonly keyWidth: number | undefined;
  write(writer: ByteWriter, value: unknown): void;
  read(reader: ByteReader): unknown;
  writeKey(writer: ByteWriter, value: unknown): void;
  readKey(reader: ByteReader): unknown;
}

/** An append-only buffer that is reused: `reset`, write fields, then `take` a copy. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  reset(): this {
    this.#length = 0;
    return this;
  }

  reserve(count: number): number {
    const at = this.#length;
    if (at + count > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(at + count, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#length = at + count;
    return at;
  }

  uint(value: number, width: number): void {
    const at = this.reserve(width);
    if (width <= 6) this.#buffer.writeUIntBE(value, at, width);
    else this.#buffer.writeBigUInt64BE(BigInt(value), at);
  }

  uint64(value: bigint): void {
    const at = this.reserve(8);
    this.#buffer.writeBigUInt64BE(value, at);
  }

  /** `width` bytes, big-endian. */
  bigUint(value: bigint, width: number): void {
    const at = this.reserve(width);
    let rest = value;
    let end = at + width;
    for (; end - at >= 8; end -= 8) {
      this.#buffer.writeBigUInt64BE(rest & 0xffffffffffffffffn, end - 8);
      rest >>= 64n;
    }
    for (; end > at; end--) {
      this.#buffer[end - 1] = Number(rest & 0xffn);
      rest >>= 8n;
    }
  }

  hex(value: string, width: number): void {
    const at = this.reserve(width);
    if (value.length !== 2 + 2 * width || this.#buffer.write(value.slice(2), at, width, "hex") !== width) {
      throw new ValueRangeError(`bytes${width}`, value);
    }
  }

  bytes(value: Uint8Array): void {
    const at = this.reserve(value.length);
    this.#buffer.set(value, at);
  }

  take(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#buffer, 0, this.#length);
  }

  takeString(): string {
    return this.#buffer.toString("latin1", 0, this.#length);
  }
}

/** Reads fields one after another; reading past the end throws. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#buffer.length - this.#at;
  }

  advance(count: number): number {
    const at = this.#at;
    if (at + count > this.#buffer.length) throw new RangeError("record is shorter than its layout");
    this.#at = at + count;
    return at;
  }

  uint(width: number): number {
    return this.#buffer.readUIntBE(this.advance(width), width);
  }

  uint64(): bigint {
    return this.#buffer.readBigUInt64BE(this.advance(8));
  }

  bigUint(width: number): bigint {
    let at = this.advance(width);
    const end = at + width;
    let value = 0n;
    for (; end - at >= 8; at += 8) value = (value << 64n) | this.#buffer.readBigUInt64BE(at);
    for (; at < end; at++) value = (value << 8n) | BigInt(this.#buffer[at] as number);
    return value;
  }

  hex(width: number): `0x${string}` {
    const at = this.advance(width);
    return `0x${this.#buffer.toString("hex", at, at + width)}`;
  }

  utf8(width: number): string {
    const at = this.advance(width);
    return this.#buffer.toString("utf8", at, at + width);
  }
}

function integerCodec(signed: boolean, bits: number): FieldCodec {
  const type = `${signed ? "int" : "uint"}${bits}`;
  const width = bits / 8;
  const modulus = 1n << BigInt(bits);
  const minimum = signed ? -(modulus >> 1n) : 0n;
  const maximum = signed ? (modulus >> 1n) - 1n : modulus - 1n;
  const asNumber = bits <= 48;

  function checked(value: unknown): bigint {
    const integer =
      typeof value === "bigint" ? value : Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    if (integer === undefined || integer < minimum || integer > maximum) throw new ValueRangeError(type, value);
    return integer;
  }
  function fixed(writer: ByteWriter, integer: bigint): void {
    if (asNumber) writer.uint(Number(integer), width);
    else if (bits === 64) writer.uint64(integer);
    else writer.bigUint(integer, width);
  }
  function raw(reader: ByteReader): bigint {
    return bits === 64 ? reader.uint64() : asNumber ? BigInt(reader.uint(width)) : reader.bigUint(width);
  }
  function signedValue(integer: bigint): bigint | number {
    const value = signed && integer > maximum ? integer - modulus : integer;
    return asNumber ? Number(value) : value;
  }

  return {
    keyWidth: width,
    write: (writer, value) => {
      const integer = checked(value);
      if (bits <= 64 || signed) return fixed(writer, integer < 0n ? integer + modulus : integer);
      const length = integerLength(integer);
      writer.uint(length, 1);
      writer.bigUint(integer, length);
    },
    read:
      bits <= 48 && !signed
        ? (reader) => reader.uint(width)
        : (reader) => signedValue(bits <= 64 || signed ? raw(reader) : reader.bigUint(reader.uint(1))),
    // Flipping the sign bit makes two's complement sort as the numbers do.
    writeKey: (writer, value) => fixed(writer, checked(value) - minimum),
    readKey: (reader) => {
      const value = raw(reader) + minimum;
      return asNumber ? Number(value) : value;
    },
  };
}

function fixedBytesCodec(width: number): FieldCodec {
  const write = (writer: ByteWriter, value: unknown) => writer.hex(value as string, width);
  const read = (reader: ByteReader) => reader.hex(width);
  return { keyWidth: width, write, read, writeKey: write, readKey: read };
}

function notInKeys(type: string): () => never {
  return () => {
    throw new TypeError(`${type} cannot be part of a key: use its hash`);
  };
}

function lengthOf(length: number, type: string): number {
  if (length > MAX_FIELD_LENGTH) throw new ValueRangeError(type, `of length ${length}`);
  return length;
}

const bool: FieldCodec = {
  keyWidth: 1,
  write: (writer, value) => {
    if (typeof value !== "boolean") throw new ValueRangeError("bool", value);
    writer.uint(value ? 1 : 0, 1);
  },
  read: (reader) => reader.uint(1) !== 0,
  writeKey: (writer, value) => writer.uint(value === true ? 1 : 0, 1),
  readKey: (reader) => reader.uint(1) !== 0,
};

const bytes: FieldCodec = {
  keyWidth: undefined,
  write: (writer, value) => {
    const length = lengthOf(((value as string).length - 2) / 2, "bytes");
    writer.uint(length, 2);
    writer.hex(value as string, length);
  },
  read: (reader) => reader.hex(reader.uint(2)),
  writeKey: notInKeys("bytes"),
  readKey: notInKeys("bytes"),
};

const text: FieldCodec = {
  keyWidth: undefined,
  write: (writer, value) => {
    const encoded = Buffer.from(value as string, "utf8");
    writer.uint(lengthOf(encoded.length, "string"), 2);
    writer.bytes(encoded);
  },
  read: (reader) => reader.utf8(reader.uint(2)),
  writeKey: notInKeys("string"),
  readKey: notInKeys("string"),
};

function arrayCodec(type: string, element: FieldCodec): FieldCodec {
  return {
    keyWidth: undefined,
    write: (writer, value) => {
      const items = value as readonly unknown[];
      writer.uint(lengthOf(items.length, type), 2);
      for (const item of items) element.write(writer, item);
    },
    read: (reader) => Array.from({ length: reader.uint(2) }, () => element.read(reader)),
    writeKey: notInKeys(type),
    readKey: notInKeys(type),
  };
}

const codecs = new Map<string, FieldCodec>([
  ["bool", bool],
  ["address", fixedBytesCodec(20)],
  ["bytes", bytes],
  ["string", text],
]);

/** The codec of a field type. The layout is specified in docs/state.md. Throws TypeError for a type that tables do not have. */
export function fieldCodec(type: string): FieldCodec {
  const known = codecs.get(type);
  if (known) return known;
  const codec = makeCodec(type);
  codecs.set(type, codec);
  return codec;
}

function makeCodec(type: string): FieldCodec {
  if (type.endsWith("[]")) return arrayCodec(type, fieldCodec(type.slice(0, -2)));
  const match = /^(u?int|bytes)(\d+)$/.exec(type);
  if (!match) throw new TypeError(`tables cannot hold the type ${type}`);
  const size = Number(match[2]);
  return match[1] === "bytes" ? fixedBytesCodec(size) : integerCodec(match[1] === "int", size);
}

export type Fields = Readonly<Record<string, FieldType>>;
export type RecordOf<F extends Fields> = { readonly [N in keyof F]: Primitive<F[N]> };

/** Encodes and decodes whole records: the fields in declared order, nothing between them. */
export interface RecordCodec<F extends Fields> {
  encode(record: RecordOf<F>): Uint8Array;
  decode(bytes: Uint8Array): RecordOf<F>;
}

const writer = new ByteWriter();

/** The canonical layout of a record with the given fields. Encoding throws ValueRangeError, decoding RangeError. */
export function recordCodec<const F extends Fields>(fields: F): RecordCodec<F> {
  const entries = Object.entries(fields).map(([name, type]) => [name, fieldCodec(type)] as const);
  return {
    encode: (record) => {
      writer.reset();
      for (const [name, codec] of entries) codec.write(writer, record[name]);
      return writer.take();
    },
    decode: (data) => {
      const reader = new ByteReader(data);
      const record: Record<string, unknown> = {};
      for (const [name, codec] of entries) record[name] = codec.read(reader);
      if (reader.remaining !== 0) throw new RangeError("record is longer than its layout");
      return record as RecordOf<F>;
    },
  };
}
