import { CoseError } from "./cose-error.js";

const MAX_NUMBER = BigInt(Number.MAX_SAFE_INTEGER);
const UTF8 = new TextEncoder();
/** Values of hex digits by their character codes. */
const NIBBLES: readonly (number | undefined)[] = Array.from({ length: 0x80 }, (_, code) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase());
  return digit < 0 ? undefined : digit;
});

/**
 * A deterministic CBOR writer (RFC 8949 §4.2.1: shortest heads, definite lengths) for statements whose fields are known:
 * a contract rebuilds the bytes that a device signed, so it needs an encoder and no parser. Map entries are written in
 * the order of their encoded keys by the caller.
 */
export class CborWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  uint(value: number | bigint): this {
    return this.#head(0, value);
  }

  int(value: number | bigint): this {
    if (value >= 0) return this.#head(0, value);
    return this.#head(1, typeof value === "bigint" ? -1n - value : -1 - value);
  }

  byteString(value: Uint8Array): this {
    this.#head(2, value.length);
    return this.raw(value);
  }

  /** A byte string from 0x hex. */
  hexString(value: string): this {
    const length = value.length / 2 - 1;
    this.#head(2, length);
    const at = this.#reserve(length);
    for (let i = 0; i < length; i++) {
      const high = NIBBLES[value.charCodeAt(2 + 2 * i)];
      const low = NIBBLES[value.charCodeAt(3 + 2 * i)];
      if (high === undefined || low === undefined) throw new CoseError("malformed", `${value} is not 0x hex`);
      this.#bytes[at + i] = (high << 4) | low;
    }
    return this;
  }

  text(value: string): this {
    // Names and units are ASCII: their length in bytes is known.
    const start = this.#length;
    this.#head(3, value.length);
    const at = this.#reserve(value.length);
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.#length = start;
        const encoded = UTF8.encode(value);
        return this.#head(3, encoded.length).raw(encoded);
      }
      this.#bytes[at + i] = code;
    }
    return this;
  }

  array(length: number): this {
    return this.#head(4, length);
  }

  map(length: number): this {
    return this.#head(5, length);
  }

  tag(number: number): this {
    return this.#head(6, number);
  }

  bool(value: boolean): this {
    return this.#byte(value ? 0xf5 : 0xf4);
  }

  raw(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #head(major: number, value: number | bigint): this {
    const type = major << 5;
    if (typeof value === "bigint" && value > MAX_NUMBER) return this.#bigHead(type, value);
    const number = Number(value);
    if (!Number.isSafeInteger(number) || number < 0) {
      throw new CoseError("notInteger", `${value} is not an integer of 64 bits with this sign`);
    }
    if (number < 24) return this.#byte(type | number);
    const size = number < 0x100 ? 1 : number < 0x1_0000 ? 2 : number < 0x1_0000_0000 ? 4 : 8;
    const at = this.#reserve(1 + size);
    this.#bytes[at] = type | (size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27);
    let rest = number;
    for (let i = size; i > 0; i--) {
      this.#bytes[at + i] = rest % 0x100;
      rest = Math.floor(rest / 0x100);
    }
    return this;
  }

  #bigHead(type: number, value: bigint): this {
    if (value > 0xffff_ffff_ffff_ffffn) throw new CoseError("notInteger", `${value} has more than 64 bits`);
    const at = this.#reserve(9);
    this.#bytes[at] = type | 27;
    for (let i = 8, rest = value; i > 0; i--, rest >>= 8n) this.#bytes[at + i] = Number(rest & 0xffn);
    return this;
  }

  #byte(value: number): this {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
    return this;
  }

  #reserve(count: number): number {
    const at = this.#length;
    if (at + count > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(at + count, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#length = at + count;
    return at;
  }
}
