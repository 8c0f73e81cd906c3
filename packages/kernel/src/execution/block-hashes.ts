import type { Address, Hex } from "@ruffchain/abi";
import { hexToBytes } from "../hex.js";
import type { StateReader } from "../state/reader.js";
import { type AccountWriter, writeAccount } from "./account.js";
import { readStorage, writeCode, writeStorage } from "./user-contract.js";

/** Ethereum's contract for block hashes and how many it keeps (EIP-2935). */
export const HISTORY_STORAGE_ADDRESS: Address = "0x0000f90827f1c53a10cb7a02335b175320002935";
export const HISTORY_SERVE_WINDOW = 8191;

const HISTORY_CODE: Hex =
  "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

/** Puts the contract where contracts that know it expect it. */
export function writeHistoryContract(state: AccountWriter): void {
  writeAccount(state, HISTORY_STORAGE_ADDRESS, { nonce: 1n, balance: 0n, codeHash: "0x" });
  writeCode(state, HISTORY_STORAGE_ADDRESS, hexToBytes(HISTORY_CODE));
}

/** Keeps the hash of the block before the one of the given height. */
export function recordParentHash(state: AccountWriter, height: number, parentHash: Hex): void {
  writeStorage(state, HISTORY_STORAGE_ADDRESS, slotOf(height - 1), hexToBytes(parentHash));
}

/** The hash of a block that is at most HISTORY_SERVE_WINDOW old; empty where it is not known. */
export function readBlockHash(state: Pick<StateReader, "get">, height: number): Uint8Array {
  return readStorage(state, HISTORY_STORAGE_ADDRESS, slotOf(height));
}

function slotOf(height: number): Uint8Array {
  const slot = Buffer.alloc(32);
  slot.writeUInt32BE(height % HISTORY_SERVE_WINDOW, 28);
  return slot;
}
