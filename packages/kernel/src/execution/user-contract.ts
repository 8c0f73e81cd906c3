import type { Address } from "@ruffchain/abi";
import { keccak256 } from "../crypto/keccak256.js";
import { bytesToHex } from "../hex.js";
import { codeKey, keyFromBytes, prefixEnd, storagePrefix } from "../state/keys.js";
import type { StateReader } from "../state/reader.js";
import { type AccountWriter, readAccount, writeAccount } from "./account.js";

const NO_BYTES = new Uint8Array(0);

/** What answers for a system contract's code, so that checks for code succeed: INVALID, never run. */
export const SYSTEM_CODE = Uint8Array.of(0xfe);

/** The code of a user's contract; empty where there is none. Never change the bytes that you get. */
export function readCode(state: Pick<StateReader, "get">, address: Address): Uint8Array {
  return state.get(codeKey(address)) ?? NO_BYTES;
}

/** Gives an account code. */
export function writeCode(state: AccountWriter, address: Address, code: Uint8Array): void {
  const codeHash = code.length === 0 ? "0x" : bytesToHex(keccak256(code));
  writeAccount(state, address, { ...readAccount(state, address), codeHash });
  if (code.length === 0) state.delete(codeKey(address));
  else state.set(codeKey(address), code);
}

/** A word of storage without leading zeros; empty for zero. The slot has 32 bytes. */
export function readStorage(state: Pick<StateReader, "get">, address: Address, slot: Uint8Array): Uint8Array {
  return state.get(storagePrefix(address) + keyFromBytes(slot)) ?? NO_BYTES;
}

/** The value comes without leading zeros; an empty one deletes. */
export function writeStorage(state: AccountWriter, address: Address, slot: Uint8Array, value: Uint8Array): void {
  const key = storagePrefix(address) + keyFromBytes(slot);
  if (value.length === 0) state.delete(key);
  else state.set(key, value);
}

/** Deletes an account with its balance, code and storage. */
export function destroyContract(state: AccountWriter, address: Address): void {
  writeAccount(state, address, { nonce: 0n, balance: 0n, codeHash: "0x" });
  state.delete(codeKey(address));
  const prefix = storagePrefix(address);
  for (const [key] of state.range(prefix, prefixEnd(prefix))) state.delete(key);
}
