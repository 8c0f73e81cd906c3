import { concatBytes } from "@noble/hashes/utils.js";
import { LightError } from "./light-error.js";

/**
 * A small protobuf, strict in both directions: one byte string per message. Fields are in order and once, defaults are
 * left out, varints are minimal; everything else, unknown fields included, is refused with LightError `malformed`.
 */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

type Raw = bigint | Uint8Array;
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

/** How one value is carried: as an integer, or as bytes with their length. */
export interface Kind<T> {
  readonly wireType: typeof VARINT | typeof FIXED64 | typeof LENGTH_DELIMITED;
  toRaw(value: T): Raw;
  fromRaw(raw: Raw, what: string): T;
}

/** One field of a message. `absent` makes the value that a missing field stands for; without it the field must be there. */
export interface Field<T> {
  readonly number: number;
  readonly kind: Kind<unknown>;
  readonly repeated: boolean;
  readonly absent?: () => T;
  /** The values to write, none if the field is to be left out. */
  toRaws(value: T): Raw[];
}

function malformed(what: string, problem: string): LightError<"malformed"> {
  return new LightError("malformed", { what, problem }, `${what} is not canonically encoded: ${problem}`);
}

function integerKind(
  wireType: typeof VARINT | typeof FIXED64,
  signed: boolean,
  minimum: number,
  maximum: number,
): Kind<number> {
  return {
    wireType,
    toRaw: (value) => {
      if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
        throw new RangeError(`${value} is not an integer from ${minimum} to ${maximum}`);
      }
      return BigInt.asUintN(64, BigInt(value));
    },
    fromRaw: (raw, what) => {
      const value = Number(signed ? BigInt.asIntN(64, raw as bigint) : raw);
      if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
        throw malformed(what, `${value} is not from ${minimum} to ${maximum}`);
      }
      return value;
    },
  };
}

/** 64-bit integers are kept to the safe ones: heights, rounds and versions never come near the limit. */
export const int64 = integerKind(VARINT, true, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
export const uint64 = integerKind(VARINT, false, 0, Number.MAX_SAFE_INTEGER);
export const sfixed64 = integerKind(FIXED64, true, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
export const int32 = integerKind(VARINT, true, -0x80000000, 0x7fffffff);
export const uint32 = integerKind(VARINT, false, 0, 0xffffffff);

/** An int64 over its whole range. */
export const bigInt64: Kind<bigint> = {
  wireType: VARINT,
  toRaw: (value) => {
    if (value !== BigInt.asIntN(64, value)) throw new RangeError(`${value} does not fit int64`);
    return BigInt.asUintN(64, value);
  },
  fromRaw: (raw) => BigInt.asIntN(64, raw as bigint),
};

export const bytes: Kind<Uint8Array> = {
  wireType: LENGTH_DELIMITED,
  toRaw: (value) => value,
  fromRaw: (raw) => new Uint8Array(raw as Uint8Array),
};

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const string: Kind<string> = {
  wireType: LENGTH_DELIMITED,
  toRaw: (value) => utf8Encoder.encode(value),
  fromRaw: (raw, what) => {
    try {
      return utf8Decoder.decode(raw as Uint8Array);
    } catch {
      throw malformed(what, "a text is not UTF-8");
    }
  },
};

/** A message inside a message. */
export function nested<T>(codec: Codec<T>): Kind<T> {
  return {
    wireType: LENGTH_DELIMITED,
    toRaw: (value) => codec.encode(value),
    fromRaw: (raw) => codec.decode(raw as Uint8Array),
  };
}

/** google.protobuf.Timestamp as nanoseconds since 1970, from the year 1 to 9999. */
export const timestamp: Kind<bigint> = (() => {
  const codec = message<{ seconds: number; nanos: number }>("Timestamp", {
    seconds: field(1, integerKind(VARINT, true, -62_135_596_800, 253_402_300_799)),
    nanos: field(2, integerKind(VARINT, true, 0, 999_999_999)),
  });
  return {
    wireType: LENGTH_DELIMITED,
    toRaw: (value) => {
      const nanos = ((value % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
      return codec.encode({ seconds: Number((value - nanos) / 1_000_000_000n), nanos: Number(nanos) });
    },
    fromRaw: (raw) => {
      const { seconds, nanos } = codec.decode(raw as Uint8Array);
      return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
    },
  };
})();

/** A proto3 scalar: zero or empty is left out. */
export function field<T>(number: number, kind: Kind<T>): Field<T> {
  const zero = kind.wireType === LENGTH_DELIMITED ? new Uint8Array() : 0n;
  return {
    number,
    kind,
    repeated: false,
    absent: () => kind.fromRaw(zero, ""),
    toRaws: (value) => [kind.toRaw(value)].filter((raw) => !isZero(raw)),
  };
}

/** A field that is always written, as gogoproto writes messages that are not nullable. */
export function required<T>(number: number, kind: Kind<T>): Field<T> {
  return { number, kind, repeated: false, toRaws: (value) => [kind.toRaw(value)] };
}

/** A message that may be missing. */
export function optional<T>(number: number, kind: Kind<T>): Field<T | undefined> {
  return {
    number,
    kind,
    repeated: false,
    absent: () => undefined,
    toRaws: (value) => (value === undefined ? [] : [kind.toRaw(value)]),
  };
}

export function repeated<T>(number: number, kind: Kind<T>): Field<readonly T[]> {
  return {
    number,
    kind,
    repeated: true,
    absent: () => [],
    toRaws: (values) => values.map((value) => kind.toRaw(value)),
  };
}

function isZero(raw: Raw): boolean {
  return typeof raw === "bigint" ? raw === 0n : raw.length === 0;
}

/** The codec of a message whose fields are given in the order of their numbers. */
export function message<T>(what: string, fields: { readonly [N in keyof T]: Field<T[N]> }): Codec<T> {
  const entries = Object.entries(fields) as [keyof T, Field<T[keyof T]>][];
  const byNumber = new Map(entries.map(([name, known]) => [known.number, { name, ...known }]));

  return {
    encode: (value) => {
      const parts: Uint8Array[] = [];
      for (const [name, { number, kind, toRaws }] of entries) {
        for (const raw of toRaws(value[name])) {
          parts.push(varint(BigInt(number * 8 + kind.wireType)));
          if (typeof raw !== "bigint") parts.push(varint(BigInt(raw.length)), raw);
          else parts.push(kind.wireType === FIXED64 ? littleEndian64(raw) : varint(raw));
        }
      }
      return concatBytes(...parts);
    },
    decode: (data) => {
      const reader = new Reader(data, what);
      const values: Partial<Record<keyof T, unknown>> = {};
      let last = 0;
      while (!reader.done) {
        const tag = Number(reader.varint());
        const known = byNumber.get(Math.floor(tag / 8));
        if (known === undefined || tag % 8 !== known.kind.wireType) throw malformed(what, `unknown field tag ${tag}`);
        const { name, number, kind } = known;
        if (number < last || (number === last && !known.repeated))
          throw malformed(what, `field ${number} is out of order`);
        last = number;
        const raw = reader.raw(kind.wireType);
        if (known.repeated) {
          const list = (values[name] ?? []) as unknown[];
          list.push(kind.fromRaw(raw, what));
          values[name] = list;
        } else {
          values[name] = kind.fromRaw(raw, what);
          if (known.toRaws(values[name] as T[keyof T]).length === 0)
            throw malformed(what, `field ${number} is written but empty`);
        }
      }
      for (const [name, { number, absent }] of entries) {
        if (name in values) continue;
        if (absent === undefined) throw malformed(what, `field ${number} is missing`);
        values[name] = absent();
      }
      return values as T;
    },
  };
}

/** The message with its length before it. */
export function lengthDelimited(encoded: Uint8Array): Uint8Array {
  return concatBytes(varint(BigInt(encoded.length)), encoded);
}

function varint(value: bigint): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest));
  return Uint8Array.from(out);
}

function littleEndian64(value: bigint): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value, true);
  return out;
}

class Reader {
  readonly #data: Uint8Array;
  readonly #what: string;
  #at = 0;

  constructor(data: Uint8Array, what: string) {
    this.#data = data;
    this.#what = what;
  }

  get done(): boolean {
    return this.#at === this.#data.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#data[this.#at++];
      if (byte === undefined) throw malformed(this.#what, "it ends inside an integer");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if ((byte === 0 && shift > 0n) || value >> 64n !== 0n) throw malformed(this.#what, "an integer is too long");
        return value;
      }
    }
    throw malformed(this.#what, "an integer is too long");
  }

  raw(wireType: Kind<unknown>["wireType"]): Raw {
    if (wireType === VARINT) return this.varint();
    if (wireType === LENGTH_DELIMITED) return this.#take(Number(this.varint()));
    const taken = this.#take(8);
    return new DataView(taken.buffer, taken.byteOffset, 8).getBigUint64(0, true);
  }

  #take(count: number): Uint8Array {
    if (count > this.#data.length - this.#at) throw malformed(this.#what, "it ends inside a field");
    this.#at += count;
    return this.#data.subarray(this.#at - count, this.#at);
  }
}
