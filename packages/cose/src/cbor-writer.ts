/**
 * A deterministic CBOR writer (RFC 8949 §4.2.1: shortest heads, definite lengths) for statements whose fields are known:
 * a contract rebuilds the bytes that a device signed, so it needs an encoder and no parser. Map entries are written in
 * the order of their encoded keys by the caller.
 */
export class CborWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  uint(value: number | bigint): this {
    return this.#head(0, BigInt(value));
  }

  int(value: number | bigint): this {
    const integer = BigInt(value);
    return integer < 0n ? this.#head(1, -1n - integer) : this.#head(0, integer);
  }

  byteString(value: Uint8Array): this {
    this.#head(2, BigInt(value.length));
    return this.raw(value);
  }

  /** A byte string from 0x hex. */
  hexString(value: string): this {
    const length = (value.length - 2) / 2;
    this.#head(2, BigInt(length));
    const at = this.#reserve(length);
    for (let i = 0; i < length; i++) this.#bytes[at + i] = Number.parseInt(value.slice(2 + 2 * i, 4 + 2 * i), 16);
    return this;
  }

  text(value: string): this {
    const encoded = new TextEncoder().encode(value);
    this.#head(3, BigInt(encoded.length));
    return this.raw(encoded);
  }

  array(length: number): this {
    return this.#head(4, BigInt(length));
  }

  map(length: number): this {
    return this.#head(5, BigInt(length));
  }

  tag(number: number): this {
    return this.#head(6, BigInt(number));
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

  #head(major: number, value: bigint): this {
    const type = major << 5;
    if (value < 24n) return this.#byte(type | Number(value));
    const size = value < 0x100n ? 1 : value < 0x10000n ? 2 : value < 0x100000000n ? 4 : 8;
    if (value > 0xffffffffffffffffn) throw new RangeError("CBOR integers have at most 64 bits");
    const at = this.#reserve(1 + size);
    this.#bytes[at] = type | (size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27);
    let rest = value;
    for (let i = size; i > 0; i--) {
      this.#bytes[at + i] = Number(rest & 0xffn);
      rest >>= 8n;
    }
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
