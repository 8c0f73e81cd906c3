import type { AbiParameter } from "abitype";
import { ByteWriter, ValueRangeError } from "../contract/layout.js";

/**
 * Solidity ABI encoding, compiled once per signature: a generic decoder walks the types on every call (some 8 us),
 * this one runs prepared closures. Decoding is strict, as Solidity's own: dirty padding, offsets and lengths that
 * point outside the data are refused. Source: the Contract ABI Specification of the Solidity documentation.
 */

/** Call data that does not follow the ABI. */
export class AbiDecodeError extends Error {
  readonly code = "abiDecode";
}

/** Most elements of one decoded array. */
export const MAX_ABI_ARRAY_LENGTH = 1024;

interface Codec {
  /** Bytes in the head; a dynamic type has 32 (its offset). */
  readonly headSize: number;
  readonly dynamic: boolean;
  /** Reads the value whose encoding starts at `at`. */
  decode(data: Buffer, at: number): unknown;
  /** Appends the encoding of the value (without an offset). */
  encode(writer: ByteWriter, value: unknown): void;
}

export interface ParameterCodec {
  decode(data: Uint8Array, offset?: number): unknown[];
  encode(values: readonly unknown[], selector?: Uint8Array): Uint8Array;
}

/** The codec of a parameter list: values in order in, values in order out. */
export function parameterCodec(parameters: readonly AbiParameter[]): ParameterCodec {
  const codecs = parameters.map(codecOf);
  const headSize = codecs.reduce((size, codec) => size + codec.headSize, 0);
  const writer = new ByteWriter();
  return {
    decode: (bytes, offset = 0) => {
      const data = Buffer.from(bytes.buffer, bytes.byteOffset + offset, bytes.byteLength - offset);
      if (data.length < headSize)
        throw new AbiDecodeError(`expected at least ${headSize} bytes of arguments, got ${data.length}`);
      return decodeSequence(codecs, data, 0);
    },
    encode: (values, selector) => {
      writer.reset();
      if (selector) writer.bytes(selector);
      encodeSequence(codecs, writer, values, headSize);
      return writer.take();
    },
  };
}

function decodeSequence(codecs: readonly Codec[], data: Buffer, base: number): unknown[] {
  const values = new Array<unknown>(codecs.length);
  let head = base;
  for (let i = 0; i < codecs.length; i++) {
    const codec = codecs[i] as Codec;
    values[i] = codec.decode(data, codec.dynamic ? base + smallUint(data, head) : head);
    head += codec.headSize;
  }
  return values;
}

function encodeSequence(
  codecs: readonly Codec[],
  writer: ByteWriter,
  values: readonly unknown[],
  headSize: number,
): void {
  // Heads come first, so tails are built aside and appended with their offsets known.
  const tails: Uint8Array[] = [];
  let offset = headSize;
  for (let i = 0; i < codecs.length; i++) {
    const codec = codecs[i] as Codec;
    if (codec.dynamic) {
      const tail = encodeAside(codec, values[i]);
      word(writer, offset);
      offset += tail.length;
      tails.push(tail);
    } else {
      codec.encode(writer, values[i]);
    }
  }
  for (const tail of tails) writer.bytes(tail);
}

function encodeAside(codec: Codec, value: unknown): Uint8Array {
  const writer = new ByteWriter();
  codec.encode(writer, value);
  return writer.take();
}

function word(writer: ByteWriter, value: number): void {
  writer.bigUint(BigInt(value), 32);
}

/** A length or offset: anything that does not fit the data is an error, so four bytes are enough. */
function smallUint(data: Buffer, at: number): number {
  need(data, at, 32);
  for (let i = at; i < at + 28; i += 4) {
    if (data.readUInt32BE(i) !== 0) throw new AbiDecodeError("offset or length out of bounds");
  }
  return data.readUInt32BE(at + 28);
}

function need(data: Buffer, at: number, count: number): void {
  if (at + count > data.length) throw new AbiDecodeError("call data ends early");
}

function zeros(data: Buffer, from: number, to: number, type: string): void {
  for (let i = from; i < to; i++) if (data[i] !== 0) throw new AbiDecodeError(`dirty padding in ${type}`);
}

function codecOf(parameter: AbiParameter): Codec {
  const { type } = parameter;
  const array = /^(.*)\[(\d*)\]$/.exec(type);
  if (array) {
    const element = codecOf({ ...parameter, type: array[1] as string });
    return array[2] === "" ? dynamicArray(element) : fixedArray(element, Number(array[2]));
  }
  if (type === "tuple") return tuple((parameter as { components: readonly AbiParameter[] }).components);
  if (type === "bytes") return byteString((bytes) => `0x${bytes.toString("hex")}`, hexBytes);
  if (type === "string")
    return byteString(
      (bytes) => bytes.toString("utf8"),
      (value) => Buffer.from(value as string, "utf8"),
    );
  if (type === "address") return address;
  if (type === "bool") return bool;
  const sized = /^(u?int|bytes)(\d+)$/.exec(type);
  if (!sized) throw new TypeError(`unsupported ABI type ${type}`);
  const size = Number(sized[2]);
  return sized[1] === "bytes" ? fixedBytes(size) : integer(sized[1] === "int", size);
}

function hexBytes(value: unknown): Uint8Array {
  return Buffer.from((value as string).slice(2), "hex");
}

const address: Codec = {
  headSize: 32,
  dynamic: false,
  decode: (data, at) => {
    need(data, at, 32);
    if (data.readUInt32BE(at) !== 0 || data.readUInt32BE(at + 4) !== 0 || data.readUInt32BE(at + 8) !== 0) {
      throw new AbiDecodeError("dirty padding in address");
    }
    return `0x${data.toString("hex", at + 12, at + 32)}`;
  },
  encode: (writer, value) => {
    writer.bigUint(0n, 12);
    writer.hex(value as string, 20);
  },
};

const bool: Codec = {
  headSize: 32,
  dynamic: false,
  decode: (data, at) => {
    need(data, at, 32);
    zeros(data, at, at + 31, "bool");
    const last = data[at + 31] as number;
    if (last > 1) throw new AbiDecodeError("bool is neither 0 nor 1");
    return last === 1;
  },
  encode: (writer, value) => {
    if (typeof value !== "boolean") throw new ValueRangeError("bool", value);
    word(writer, value ? 1 : 0);
  },
};

function integer(signed: boolean, bits: number): Codec {
  const type = `${signed ? "int" : "uint"}${bits}`;
  const asNumber = bits <= 48;
  const modulus = 1n << 256n;
  const minimum = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const maximum = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  return {
    headSize: 32,
    dynamic: false,
    decode: (data, at) => {
      need(data, at, 32);
      let value = readWord(data, at);
      if (signed && value >> 255n === 1n) value -= modulus;
      if (value < minimum || value > maximum) throw new AbiDecodeError(`dirty padding in ${type}`);
      return asNumber ? Number(value) : value;
    },
    encode: (writer, value) => {
      const number =
        typeof value === "bigint" ? value : Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
      if (number === undefined || number < minimum || number > maximum) throw new ValueRangeError(type, value);
      writer.bigUint(number < 0n ? number + modulus : number, 32);
    },
  };
}

function readWord(data: Buffer, at: number): bigint {
  const low = data.readBigUInt64BE(at + 24);
  const a = data.readBigUInt64BE(at);
  const b = data.readBigUInt64BE(at + 8);
  const c = data.readBigUInt64BE(at + 16);
  if (a === 0n && b === 0n && c === 0n) return low;
  return (a << 192n) | (b << 128n) | (c << 64n) | low;
}

function fixedBytes(size: number): Codec {
  return {
    headSize: 32,
    dynamic: false,
    decode: (data, at) => {
      need(data, at, 32);
      zeros(data, at + size, at + 32, `bytes${size}`);
      return `0x${data.toString("hex", at, at + size)}`;
    },
    encode: (writer, value) => {
      writer.hex(value as string, size);
      writer.bigUint(0n, 32 - size);
    },
  };
}

function byteString(fromBytes: (bytes: Buffer) => unknown, toBytes: (value: unknown) => Uint8Array): Codec {
  return {
    headSize: 32,
    dynamic: true,
    decode: (data, at) => {
      const length = smallUint(data, at);
      need(data, at + 32, length);
      return fromBytes(data.subarray(at + 32, at + 32 + length));
    },
    encode: (writer, value) => {
      const content = toBytes(value);
      word(writer, content.length);
      writer.bytes(content);
      writer.bigUint(0n, (32 - (content.length % 32)) % 32);
    },
  };
}

function tuple(components: readonly AbiParameter[]): Codec {
  const codecs = components.map(codecOf);
  const size = codecs.reduce((sum, codec) => sum + codec.headSize, 0);
  const dynamic = codecs.some((codec) => codec.dynamic);
  const named = components.every((component) => component.name);
  const names = components.map((component) => component.name as string);
  return {
    headSize: dynamic ? 32 : size,
    dynamic,
    decode: (data, at) => {
      const values = decodeSequence(codecs, data, at);
      return named ? Object.fromEntries(names.map((name, i) => [name, values[i]])) : values;
    },
    encode: (writer, value) => {
      const values = named ? names.map((name) => (value as Record<string, unknown>)[name]) : (value as unknown[]);
      encodeSequence(codecs, writer, values, size);
    },
  };
}

function sequenceSize(element: Codec, length: number): number {
  return element.headSize * length;
}

function dynamicArray(element: Codec): Codec {
  return {
    headSize: 32,
    dynamic: true,
    decode: (data, at) => {
      const length = smallUint(data, at);
      if (length > MAX_ABI_ARRAY_LENGTH) throw new AbiDecodeError(`array longer than ${MAX_ABI_ARRAY_LENGTH}`);
      need(data, at + 32, sequenceSize(element, length));
      return decodeSequence(new Array<Codec>(length).fill(element), data, at + 32);
    },
    encode: (writer, value) => {
      const items = value as readonly unknown[];
      word(writer, items.length);
      encodeSequence(new Array<Codec>(items.length).fill(element), writer, items, sequenceSize(element, items.length));
    },
  };
}

function fixedArray(element: Codec, length: number): Codec {
  const codecs = new Array<Codec>(length).fill(element);
  const size = sequenceSize(element, length);
  return {
    headSize: element.dynamic ? 32 : size,
    dynamic: element.dynamic,
    decode: (data, at) => decodeSequence(codecs, data, at),
    encode: (writer, value) => {
      const items = value as readonly unknown[];
      if (items.length !== length) throw new ValueRangeError(`array of ${length}`, items.length);
      encodeSequence(codecs, writer, items, size);
    },
  };
}
