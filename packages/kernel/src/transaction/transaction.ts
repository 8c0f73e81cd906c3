import type { Address, Hex } from "@ruffchain/abi";
import type { AccessListEntry } from "./access-list.js";
import type { Authorization } from "./authorization.js";
import type { KeyAuthorization } from "./key-authorization.js";

/** What a transaction does: it calls an address, or creates a contract where `to` is null. */
export interface Call {
  readonly to: Address | null;
  readonly value: bigint;
  /** A view into the transaction's `raw`. */
  readonly data: Uint8Array;
}

/** What all decoded transactions have; whether signature, nonce, balance and gas will do is not checked by decoding. */
interface Envelope {
  readonly chainId: number;
  readonly nonce: number;
  readonly gasLimit: number;
  /** In wei per gas; types 0 and 1 have their gas price in both fees. */
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly accessList: readonly AccessListEntry[];
  readonly hash: Hex;
  /** As received: the EIP-2718 envelope. */
  readonly raw: Uint8Array;
  /** Computes the hash that was signed, 32 bytes. */
  signingHash(): Uint8Array;
}

/** A transaction of a type that Ethereum has: 0 is legacy with EIP-155, 1 is EIP-2930, 2 is EIP-1559, 4 is EIP-7702. */
export interface EthereumTransaction extends Envelope, Call {
  readonly type: 0 | 1 | 2 | 4;
  /** Of type 4 alone. */
  readonly authorizationList?: readonly Authorization[];
  readonly yParity: 0 | 1;
  /** r‖s, 64 bytes. */
  readonly signature: Uint8Array;
}

/** The type byte of Tempo's transactions. */
export const TEMPO_TYPE = 0x76;

/** Who stands behind a transaction of type 0x76. */
export interface Signers {
  readonly sender: Address;
  /** Pays for the gas; the sender where absent. */
  readonly feePayer?: Address;
  /** The key that signed for the sender; the sender's own where absent. */
  readonly accessKey?: Address;
}

/** A transaction of type 0x76 (docs/transactions.md). */
export interface TempoTransaction extends Envelope {
  readonly type: typeof TEMPO_TYPE;
  /** All or none take effect, in order; at least one. */
  readonly calls: readonly Call[];
  /** 0 is the account's own nonce, EXPIRING_NONCE_KEY stands for no order at all, all others are lanes of their own. */
  readonly nonceKey: bigint;
  /** Seconds: the first and, not included, the last time of a block that may have it. */
  readonly validAfter: number;
  readonly validBefore: number | undefined;
  /** The sender's signature envelope. */
  readonly signature: Uint8Array;
  /** r‖s‖yParity, 65 bytes. */
  readonly feePayerSignature: Uint8Array | undefined;
  readonly keyAuthorization: KeyAuthorization | undefined;
  /** Recovers the signers, once. Throws TransactionError. */
  signers(): Signers;
  /** Takes over what another thread has recovered. */
  adopt(signers: Signers): void;
}

export type Transaction = EthereumTransaction | TempoTransaction;

/** What the transaction does, in order. */
export function callsOf(tx: Transaction): readonly Call[] {
  return tx.type === TEMPO_TYPE ? tx.calls : [tx];
}
