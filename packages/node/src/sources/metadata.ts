import type { Hex } from "@ruffchain/abi";
import { bytesToHex } from "@ruffchain/kernel";
import { decode } from "cborg";

const LENGTH_BYTES = 2;
/** A multihash has 34, Swarm's hash 32; anybody may put more there. */
const MAX_HASH_BYTES = 64;

export interface SplitCode {
  /** What runs, without the compiler's trailer. */
  readonly executable: Uint8Array;
  /** The trailer: CBOR with its length. Empty where the compiler added none. */
  readonly trailer: Uint8Array;
  /** Multihash (IPFS) or Swarm hash of the contract's metadata, which has the hashes of all sources and settings. */
  readonly metadataHash: Hex | undefined;
}

/** Splits deployed code into what runs and the metadata that Solidity puts behind it. */
export function splitCode(code: Uint8Array): SplitCode {
  const whole = { executable: code, trailer: new Uint8Array(0), metadataHash: undefined };
  if (code.length < LENGTH_BYTES) return whole;
  const length = (code.at(-2) as number) * 256 + (code.at(-1) as number) + LENGTH_BYTES;
  if (length > code.length) return whole;
  const trailer = code.subarray(code.length - length);
  const fields = cborMap(trailer.subarray(0, -LENGTH_BYTES));
  if (!fields) return whole;
  const hash = fields.ipfs ?? fields.bzzr1 ?? fields.bzzr0;
  return {
    executable: code.subarray(0, code.length - length),
    trailer,
    metadataHash: hash instanceof Uint8Array && hash.length <= MAX_HASH_BYTES ? bytesToHex(hash) : undefined,
  };
}

/** The fields of an encoded map; undefined where the bytes are none: code may end in anything. */
function cborMap(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = decode(bytes);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
