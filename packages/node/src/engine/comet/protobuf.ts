/**
 * Protocol Buffers for the messages of ABCI, by tables. Like every protobuf reader it passes over fields that it does not
 * know, and what is not there has its default. Bytes that are read are views of the message that they came in.
 */
export interface Kind<T> {
  readonly wireType: 0 | 2;
  readonly zero: T;
  read(reader: Reader): T;
  write(writer: Writer, value: T): void;
}

/** One field of a message, by its number. */
export interface Field<T> {
  readonly number: number;
  readonly wireType: 0 | 2;
  absent(): T;
  /** The value with what has been read added to it. */
  read(reader: Reader, before: T): T;
  write(writer: Writer, value: T): void;
}

export interface Message<T> extends Kind<T> {
  decode(bytes: Uint8Array): T;
}

export type ValueOf<M> = M extends Message<infer T> ? T : never;

/** The bytes are no message of the kind that is expected. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
  readonly code = "protobuf";
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const MAX_VARINT_BYTES = 10;
const NO_BYTES = new Uint8Array(0);
const NANOSECONDS = 1_000_000_000n;

export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** An int64 or uint64 that must be a safe integer. */
  integer(): number {
    let value = 0;
    let scale = 1;
    for (let at = this.#at, end = at + 7; at < end; at++) {
      const byte = this.#bytes[at];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.#at = at + 1;
        return value;
      }
      scale *= 128;
    }
    const wide = Number(this.int64());
    if (!Number.isSafeInteger(wide)) throw new ProtobufError(`${wide} is not a safe integer`);
    return wide;
  }

  int64(): bigint {
    let value = 0n;
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new ProtobufError("the message ends inside an integer");
      value |= BigInt(byte & 0x7f) << BigInt(7 * count);
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new ProtobufError(`an integer has more than ${MAX_VARINT_BYTES} bytes`);
  }

  bytes(): Buffer {
    const length = this.integer();
    const start = this.#at;
    if (length < 0 || length > this.#bytes.length - start) throw new ProtobufError("the message ends inside a field");
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  skip(wireType: number): void {
    if (wireType === VARINT) this.int64();
    else if (wireType === LENGTH_DELIMITED) this.bytes();
    else if (wireType === FIXED64 || wireType === FIXED32) this.#at += wireType === FIXED64 ? 8 : 4;
    else throw new ProtobufError(`unknown wire type ${wireType}`);
    if (this.#at > this.#bytes.length) throw new ProtobufError("the message ends inside a field");
  }
}

export class Writer {
  #bytes: Buffer = Buffer.allocUnsafe(256);
  #length = 0;

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A non-negative safe integer. */
  uint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 0x80;
    this.#bytes[this.#length++] = rest;
  }

  int64(value: bigint): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#length++] = Number(rest);
  }

  tag(number: number, wireType: number): void {
    this.uint(number * 8 + wireType);
  }

  bytes(value: Uint8Array): void {
    this.uint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Writes what `write` writes with its length before it. */
  delimited(write: () => void): void {
    this.#reserve(1);
    const start = this.#length++;
    write();
    const length = this.#length - start - 1;
    if (length < 0x80) {
      this.#bytes[start] = length;
      return;
    }
    // The length is longer than the one byte that was kept for it: what was written moves.
    const content = Buffer.from(this.#bytes.subarray(start + 1, this.#length));
    this.#length = start;
    this.bytes(content);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#length + count, 2 * this.#bytes.length));
    larger.set(this.finish());
    this.#bytes = larger;
  }
}

/** int32, int64, uint32, uint64 and enums, as safe integers. */
export const integer: Kind<number> = {
  wireType: VARINT,
  zero: 0,
  read: (reader) => reader.integer(),
  write: (writer, value) => {
    if (!Number.isSafeInteger(value)) throw new ProtobufError(`${value} is not a safe integer`);
    if (value < 0) writer.int64(BigInt(value));
    else writer.uint(value);
  },
};

/** An int64 over its whole range. */
export const bigInteger: Kind<bigint> = {
  wireType: VARINT,
  zero: 0n,
  read: (reader) => reader.int64(),
  write: (writer, value) => writer.int64(value),
};

export const boolean: Kind<boolean> = {
  wireType: VARINT,
  zero: false,
  read: (reader) => reader.int64() !== 0n,
  write: (writer, value) => writer.uint(value ? 1 : 0),
};

export const bytes: Kind<Uint8Array> = {
  wireType: LENGTH_DELIMITED,
  zero: NO_BYTES,
  read: (reader) => reader.bytes(),
  write: (writer, value) => writer.bytes(value),
};

export const string: Kind<string> = {
  wireType: LENGTH_DELIMITED,
  zero: "",
  read: (reader) => reader.bytes().toString("utf8"),
  write: (writer, value) => writer.bytes(Buffer.from(value)),
};

/** A list of uint32 in one field. */
export const packedIntegers: Kind<readonly number[]> = {
  wireType: LENGTH_DELIMITED,
  zero: [],
  read: (reader) => {
    const packed = new Reader(reader.bytes());
    const values: number[] = [];
    while (!packed.done) values.push(packed.integer());
    return values;
  },
  write: (writer, values) => {
    writer.delimited(() => {
      for (const value of values) writer.uint(value);
    });
  },
};

/** A proto3 field: its default is left out. */
export function field<T>(number: number, kind: Kind<T>): Field<T> {
  return {
    number,
    wireType: kind.wireType,
    absent: () => kind.zero,
    read: (reader) => kind.read(reader),
    write: (writer, value) => {
      if (isZero(value)) return;
      writer.tag(number, kind.wireType);
      kind.write(writer, value);
    },
  };
}

/** A message that is always written, as gogoproto writes those that are not nullable. */
export function required<T>(number: number, kind: Kind<T>): Field<T> {
  return {
    ...field(number, kind),
    write: (writer, value) => {
      writer.tag(number, kind.wireType);
      kind.write(writer, value);
    },
  };
}

/** A message that may be missing. */
export function optional<T>(number: number, kind: Kind<T>): Field<T | undefined> {
  return {
    number,
    wireType: kind.wireType,
    absent: () => undefined,
    read: (reader) => kind.read(reader),
    write: (writer, value) => {
      if (value === undefined) return;
      writer.tag(number, kind.wireType);
      kind.write(writer, value);
    },
  };
}

/** A list of byte strings or messages. */
export function repeated<T>(number: number, kind: Kind<T>): Field<readonly T[]> {
  return {
    number,
    wireType: kind.wireType,
    absent: () => [],
    read: (reader, before) => {
      (before as T[]).push(kind.read(reader));
      return before;
    },
    write: (writer, values) => {
      for (const value of values) {
        writer.tag(number, kind.wireType);
        kind.write(writer, value);
      }
    },
  };
}

/** A message by its fields, in the order of their numbers. */
export function message<T extends object>(fields: { readonly [N in keyof T]: Field<T[N]> }): Message<T> {
  const entries = Object.entries(fields) as [keyof T, Field<T[keyof T]>][];
  const byNumber: ([keyof T, Field<T[keyof T]>] | undefined)[] = [];
  for (const entry of entries) byNumber[entry[1].number] = entry;

  function empty(): T {
    const value = {} as T;
    for (const [name, { absent }] of entries) value[name] = absent();
    return value;
  }

  function decode(encoded: Uint8Array): T {
    const reader = new Reader(encoded);
    const value = empty();
    while (!reader.done) {
      const tag = reader.integer();
      const known = byNumber[Math.floor(tag / 8)];
      if (known?.[1].wireType !== tag % 8) {
        reader.skip(tag % 8);
        continue;
      }
      const [name, { read }] = known;
      value[name] = read(reader, value[name]);
    }
    return value;
  }

  return {
    wireType: LENGTH_DELIMITED,
    get zero() {
      return empty();
    },
    read: (reader) => decode(reader.bytes()),
    write: (writer, value) => {
      writer.delimited(() => {
        for (const [name, { write }] of entries) write(writer, value[name]);
      });
    },
    decode,
  };
}

const timestampMessage = message<{ seconds: bigint; nanos: number }>({
  seconds: field(1, bigInteger),
  nanos: field(2, integer),
});

/** google.protobuf.Timestamp as nanoseconds since 1970. */
export const timestamp: Kind<bigint> = {
  wireType: LENGTH_DELIMITED,
  zero: 0n,
  read: (reader) => {
    const { seconds, nanos } = timestampMessage.read(reader);
    return seconds * NANOSECONDS + BigInt(nanos);
  },
  write: (writer, value) => {
    const nanos = ((value % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
    timestampMessage.write(writer, { seconds: (value - nanos) / NANOSECONDS, nanos: Number(nanos) });
  },
};

function isZero(value: unknown): boolean {
  return value === 0 || value === 0n || value === false || value === "" || (value as Uint8Array).length === 0;
}
