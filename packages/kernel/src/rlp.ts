/**
 * RLP, strict: every value has exactly one encoding (lengths minimal, integers without leading zeros, nothing after the
 * end). Source: Ethereum yellow paper, appendix B.
 */

/** Deepest nesting of lists that is decoded. */
export const MAX_RLP_DEPTH = 16;

export type RlpItem = Uint8Array | readonly RlpItem[];
/** Numbers and bigints are written as big-endian integers. */
export type RlpInput = Uint8Array | number | bigint | readonly RlpInput[];

export type RlpErrorCode =
  | "truncated"
  | "trailingBytes"
  | "nonCanonical"
  | "tooDeep"
  | "notAnInteger"
  | "notBytes"
  | "notAList";

/** Bytes that are not canonical RLP, or not of the shape that was asked for. */
export class RlpError extends Error {
  override readonly name = "RlpError";
  readonly code: RlpErrorCode;

  constructor(code: RlpErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Decodes one item; byte strings are views into the data. Throws RlpError. */
export function decodeRlp(data: Uint8Array): RlpItem {
  const decoder = new Decoder(data);
  const item = decoder.item(data.length, 0);
  if (decoder.at !== data.length) {
    throw new RlpError("trailingBytes", `${data.length - decoder.at} bytes after the end of the RLP item`);
  }
  return item;
}

/** Where the content of an item of RLP begins and where the item ends, as decodeRlp would read it. Nothing is checked. */
export function rlpSpan(data: Uint8Array, at: number): { readonly content: number; readonly end: number } {
  const prefix = data[at] as number;
  if (prefix < 0x80) return { content: at, end: at + 1 };
  const marker = prefix - (prefix < 0xc0 ? 0x80 : 0xc0);
  if (marker <= 55) return { content: at + 1, end: at + 1 + marker };
  const content = at + 1 + marker - 55;
  let length = 0;
  for (let i = at + 1; i < content; i++) length = length * 256 + (data[i] as number);
  return { content, end: content + length };
}

class Decoder {
  readonly #data: Uint8Array;
  at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  /** Reads the item that starts at `at` and must end at or before `end`. */
  item(end: number, depth: number): RlpItem {
    const data = this.#data;
    if (this.at >= end) throw truncated();
    const prefix = data[this.at] as number;
    if (prefix < 0x80) return data.subarray(this.at, ++this.at);
    if (prefix < 0xc0) {
      const length = this.#length(prefix - 0x80, end);
      const start = this.at;
      if (length === 1 && (data[start] as number) < 0x80) {
        throw new RlpError("nonCanonical", "a single byte below 0x80 has a length prefix");
      }
      this.at = start + length;
      return data.subarray(start, this.at);
    }
    if (depth === MAX_RLP_DEPTH) throw new RlpError("tooDeep", `lists are nested deeper than ${MAX_RLP_DEPTH}`);
    const listEnd = this.#length(prefix - 0xc0, end) + this.at;
    const items: RlpItem[] = [];
    while (this.at < listEnd) items.push(this.item(listEnd, depth + 1));
    return items;
  }

  /** Reads the length of a string or list and moves `at` to its first byte. */
  #length(marker: number, end: number): number {
    let length = marker;
    this.at++;
    if (marker > 55) {
      const lengthEnd = this.at + marker - 55;
      if (lengthEnd > end) throw truncated();
      if (this.#data[this.at] === 0) throw new RlpError("nonCanonical", "a length has leading zeros");
      length = 0;
      for (; this.at < lengthEnd; this.at++) length = length * 256 + (this.#data[this.at] as number);
      if (length < 56) throw new RlpError("nonCanonical", `length ${length} is written in the long form`);
    }
    if (length > end - this.at) throw truncated();
    return length;
  }
}

function truncated(): RlpError {
  return new RlpError("truncated", "an RLP item is longer than what holds it");
}

/** Encodes bytes, integers and lists of them. Throws RlpError for integers that are negative or unsafe. */
export function encodeRlp(input: RlpInput): Uint8Array {
  const size = encodedLength(input);
  const output = new Uint8Array(size);
  write(input, output, 0);
  return output;
}

/** Bytes that the encoding of the input has. */
export function encodedLength(input: RlpInput): number {
  if (typeof input === "number" || typeof input === "bigint") {
    const length = integerLength(input);
    return length === 1 && input < 0x80 ? 1 : headerLength(length) + length;
  }
  if (input instanceof Uint8Array) {
    return input.length === 1 && (input[0] as number) < 0x80 ? 1 : headerLength(input.length) + input.length;
  }
  const length = contentLength(input);
  return headerLength(length) + length;
}

function contentLength(list: readonly RlpInput[]): number {
  let length = 0;
  for (const item of list) length += encodedLength(item);
  return length;
}

function write(input: RlpInput, output: Uint8Array, at: number): number {
  if (typeof input === "number" || typeof input === "bigint") {
    const length = integerLength(input);
    if (length === 1 && input < 0x80) {
      output[at] = Number(input);
      return at + 1;
    }
    const start = writeRlpHeader(0x80, length, output, at);
    writeInteger(input, output, start + length);
    return start + length;
  }
  if (input instanceof Uint8Array) {
    if (input.length === 1 && (input[0] as number) < 0x80) {
      output[at] = input[0] as number;
      return at + 1;
    }
    const start = writeRlpHeader(0x80, input.length, output, at);
    output.set(input, start);
    return start + input.length;
  }
  let end = writeRlpHeader(0xc0, contentLength(input), output, at);
  for (const item of input) end = write(item, output, end);
  return end;
}

/** Bytes before a string or list of the given length. */
function headerLength(length: number): number {
  return length < 56 ? 1 : 1 + integerLength(length);
}

/** Writes the header of a string (base 0x80) or list (base 0xc0) and returns where its content starts. */
function writeRlpHeader(base: 0x80 | 0xc0, length: number, output: Uint8Array, at: number): number {
  if (length < 56) {
    output[at] = base + length;
    return at + 1;
  }
  const width = integerLength(length);
  output[at] = base + 55 + width;
  writeInteger(length, output, at + 1 + width);
  return at + 1 + width;
}

/** The header of a list whose content has the given length. */
export function listHeader(length: number): Uint8Array {
  const header = new Uint8Array(headerLength(length));
  writeRlpHeader(0xc0, length, header, 0);
  return header;
}

/** Bytes of a big-endian integer without leading zeros; none for 0. Throws RlpError. */
export function integerLength(value: number | bigint): number {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || value < 0) throw notAnInteger(value);
    if (value <= 0xffffffff) return (39 - Math.clz32(value)) >> 3;
    let length = 0;
    for (let rest = value; rest > 0; rest = (rest - (rest % 256)) / 256) length++;
    return length;
  }
  if (value < 0n) throw notAnInteger(value);
  if (value <= 0xffffffffffffn) return integerLength(Number(value));
  return (value.toString(16).length + 1) >> 1;
}

/** Writes the integer so that its last byte is before `end`. */
function writeInteger(value: number | bigint, output: Uint8Array, end: number): void {
  let at = end;
  let rest = value;
  while (typeof rest === "bigint" && rest > 0xffffffffffffn) {
    let low = Number(rest & 0xffffffffffffn);
    for (let i = 0; i < 6; i++) {
      output[--at] = low % 256;
      low = (low - (low % 256)) / 256;
    }
    rest >>= 48n;
  }
  let low = Number(rest);
  for (; low > 0xffffffff; low = (low - (low % 256)) / 256) output[--at] = low % 256;
  for (; low > 0; low >>>= 8) output[--at] = low & 255;
}

function notAnInteger(value: number | bigint): RlpError {
  return new RlpError("notAnInteger", `RLP integers are safe integers or bigints from 0, got ${value}`);
}

/** The item as bytes, of the given length where one is given. Throws RlpError. */
export function rlpBytes(item: RlpItem | undefined, length?: number): Uint8Array {
  if (!(item instanceof Uint8Array)) throw new RlpError("notBytes", "expected a byte string");
  if (length !== undefined && item.length !== length) {
    throw new RlpError("notBytes", `expected ${length} bytes, got ${item.length}`);
  }
  return item;
}

/** The item as a list, with the given number of items where one is given. Throws RlpError. */
export function rlpList(item: RlpItem | undefined, length?: number): readonly RlpItem[] {
  if (item === undefined || item instanceof Uint8Array) throw new RlpError("notAList", "expected a list");
  if (length !== undefined && item.length !== length) {
    throw new RlpError("notAList", `expected a list of ${length} items, got ${item.length}`);
  }
  return item;
}

/** The item as an integer below 2^53. Throws RlpError. */
export function rlpNumber(item: RlpItem | undefined): number {
  const bytes = integerBytes(item);
  let value = 0;
  if (bytes.length <= 7) for (let i = 0; i < bytes.length; i++) value = value * 256 + (bytes[i] as number);
  if (bytes.length > 7 || value > Number.MAX_SAFE_INTEGER) {
    throw new RlpError("notAnInteger", "an integer is above 2^53 - 1");
  }
  return value;
}

/** The item as an integer below 2^256. Throws RlpError. */
export function rlpBigint(item: RlpItem | undefined): bigint {
  const bytes = integerBytes(item);
  if (bytes.length > 32) throw new RlpError("notAnInteger", "an integer is above 2^256 - 1");
  if (bytes.length <= 6) {
    let value = 0;
    for (let i = 0; i < bytes.length; i++) value = value * 256 + (bytes[i] as number);
    return BigInt(value);
  }
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex")}`);
}

function integerBytes(item: RlpItem | undefined): Uint8Array {
  const bytes = rlpBytes(item);
  if (bytes[0] === 0) throw new RlpError("nonCanonical", "an integer has leading zeros");
  return bytes;
}
