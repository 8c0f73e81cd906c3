import type { Address } from "@ruffchain/abi";
import { LruMap } from "../lru-map.js";
import type { StateKey } from "./reader.js";

/**
 * The key space of the state, by first byte (docs/state.md):
 *   00 address                       account
 *   01 address                       code of a user's contract
 *   02 address slot                  word of a user's contract's storage
 *   03 contract table key            row of a system contract's table
 *   04 number                        the chain's own records
 *   05 time ticket                   scheduled call
 *   83 contract table index fields key   index entry (derived, not in the tree)
 */
export const headKey: StateKey = "\x04\x00";
export const ticketKey: StateKey = "\x04\x01";
export const parametersKey: StateKey = "\x04\x02";

export function addressBytes(address: Address): string {
  return Buffer.from(address.slice(2), "hex").toString("latin1");
}

/** Keys of accounts that are kept: a transfer asks for each some times. */
const ACCOUNT_KEY_CACHE_SIZE = 16_384;
const accountKeys = new LruMap<Address, StateKey>(ACCOUNT_KEY_CACHE_SIZE);

export function accountKey(address: Address): StateKey {
  const known = accountKeys.get(address);
  if (known !== undefined) return known;
  const key = `\x00${addressBytes(address)}`;
  accountKeys.set(address, key);
  return key;
}

export function codeKey(address: Address): StateKey {
  return `\x01${addressBytes(address)}`;
}

export function storagePrefix(address: Address): StateKey {
  return `\x02${addressBytes(address)}`;
}

export function tablePrefix(contract: Address, table: number): StateKey {
  return `\x03${addressBytes(contract)}${String.fromCharCode(table)}`;
}

/** The parts of the key of a table's row; undefined for other keys. */
export function splitRowKey(
  key: StateKey,
): { readonly contract: Address; readonly table: number; readonly key: string } | undefined {
  if (key.charCodeAt(0) !== 3) return undefined;
  const contract: Address = `0x${Buffer.from(key.slice(1, 21), "latin1").toString("hex")}`;
  return { contract, table: key.charCodeAt(21), key: key.slice(22) };
}

export function indexPrefix(contract: Address, table: number, index: number): StateKey {
  return `\x83${addressBytes(contract)}${String.fromCharCode(table, index)}`;
}

export const scheduleStart: StateKey = "\x05";

/** `time` in seconds. */
export function scheduleKey(time: bigint, ticket: bigint): StateKey {
  const key = Buffer.allocUnsafe(17);
  key[0] = 5;
  key.writeBigUInt64BE(time, 1);
  key.writeBigUInt64BE(ticket, 9);
  return key.toString("latin1");
}

/** The first key after all keys that start with the prefix. */
export function prefixEnd(prefix: StateKey): StateKey {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xff) end--;
  if (end === 0) return "\xff".repeat(256);
  return prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1);
}

export function keyBytes(key: StateKey): Uint8Array {
  return Buffer.from(key, "latin1");
}

export function keyFromBytes(bytes: Uint8Array): StateKey {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
