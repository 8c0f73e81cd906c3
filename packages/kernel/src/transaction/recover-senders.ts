import type { Address } from "@ruffchain/abi";
import { recoverAddress } from "../crypto/recover-address.js";
import { bytesToHex } from "../hex.js";
import type { Transaction } from "./transaction.js";

/** Bytes per transaction that go to a worker: signing hash (32) ‖ r‖s (64) ‖ yParity (1). */
export const SIGNATURE_RECORD_BYTES = 97;
/** Bytes per transaction that come back: sender (20) ‖ 1, or 21 zeros where the signature is invalid. */
export const SENDER_RECORD_BYTES = 21;

/** The records of these transactions, one after another. */
export function packSignatures(transactions: readonly Transaction[]): Uint8Array {
  const packed = new Uint8Array(transactions.length * SIGNATURE_RECORD_BYTES);
  let at = 0;
  for (const tx of transactions) {
    packed.set(tx.signingHash(), at);
    packed.set(tx.signature, at + 32);
    packed[at + 96] = tx.yParity;
    at += SIGNATURE_RECORD_BYTES;
  }
  return packed;
}

/** Recovers the sender of every packed record: what a worker thread runs. Throws RangeError for half a record. */
export function recoverSenders(packed: Uint8Array): Uint8Array {
  if (packed.length % SIGNATURE_RECORD_BYTES !== 0) {
    throw new RangeError(`expected records of ${SIGNATURE_RECORD_BYTES} bytes, got ${packed.length} bytes`);
  }
  const count = packed.length / SIGNATURE_RECORD_BYTES;
  const senders = new Uint8Array(count * SENDER_RECORD_BYTES);
  for (let i = 0; i < count; i++) {
    const at = i * SIGNATURE_RECORD_BYTES;
    const hash = packed.subarray(at, at + 32);
    const signature = packed.subarray(at + 32, at + 96);
    const sender = recoverAddress(hash, signature, packed[at + 96] as 0 | 1);
    if (!sender) continue;
    senders.set(sender, i * SENDER_RECORD_BYTES);
    senders[i * SENDER_RECORD_BYTES + 20] = 1;
  }
  return senders;
}

/** What `recoverSenders` returned, as addresses in the order of the records; undefined for an invalid signature. */
export function unpackSenders(packed: Uint8Array): (Address | undefined)[] {
  const senders: (Address | undefined)[] = [];
  for (let at = 0; at < packed.length; at += SENDER_RECORD_BYTES) {
    senders.push(packed[at + 20] === 1 ? bytesToHex(packed.subarray(at, at + 20)) : undefined);
  }
  return senders;
}
