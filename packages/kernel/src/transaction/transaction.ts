import type { Address, Hex } from "@ruffchain/abi";

export interface AccessListEntry {
  readonly address: Address;
  readonly storageKeys: readonly Hex[];
}

/** A decoded transaction; whether its signature, nonce, balance and gas will do is not checked by decoding. */
export interface Transaction {
  /** EIP-2718: 0 is legacy with EIP-155, 1 is EIP-2930, 2 is EIP-1559. */
  readonly type: 0 | 1 | 2;
  readonly chainId: number;
  readonly nonce: number;
  readonly gasLimit: number;
  /** In wei per gas; types 0 and 1 have their gas price in both fees. */
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** Null where a contract is created. */
  readonly to: Address | null;
  readonly value: bigint;
  /** A view into `raw`. */
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListEntry[];
  readonly yParity: 0 | 1;
  /** r‖s, 64 bytes. */
  readonly signature: Uint8Array;
  readonly hash: Hex;
  /** As received: the EIP-2718 envelope. */
  readonly raw: Uint8Array;
  /** Computes the hash that was signed, 32 bytes. */
  signingHash(): Uint8Array;
}
