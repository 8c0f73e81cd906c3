import { createHash } from "node:crypto";
import type { Address } from "@ruffchain/abi";
import { bytesToHex, keccak256 } from "@ruffchain/kernel";
import secp256k1 from "secp256k1";

/** One who sends transactions; the key follows from the number, so every run has the same accounts. */
export interface LoadAccount {
  readonly privateKey: Uint8Array;
  readonly address: Address;
  /** The next transaction's. */
  nonce: number;
}

export function loadAccount(index: number): LoadAccount {
  const privateKey = createHash("sha256").update(`benchmark account ${index}`).digest();
  const publicKey = secp256k1.publicKeyCreate(privateKey, false);
  return { privateKey, address: bytesToHex(keccak256(publicKey.subarray(1)).subarray(12)), nonce: 0 };
}

export function loadAccounts(count: number): LoadAccount[] {
  return Array.from({ length: count }, (_, index) => loadAccount(index));
}
