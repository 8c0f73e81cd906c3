import type { Address } from "@ruffchain/abi";
import { recoverAddress } from "../crypto/recover-address.js";
import { bytesToHex } from "../hex.js";
import { TransactionError } from "./error.js";
import { type Signers, TEMPO_TYPE, type Transaction } from "./transaction.js";
import { decodeTempo } from "./types/tempo.js";

/** Bytes of an Ethereum transaction that go to a worker: 0 ‖ signing hash (32) ‖ r‖s (64) ‖ yParity (1). */
export const SIGNATURE_RECORD_BYTES = 98;
/** Bytes per transaction that come back: what became of it (1) ‖ sender ‖ fee payer ‖ access key (20 each, zeros for none). */
export const SENDER_RECORD_BYTES = 61;

const HEADER_BYTES = 5;
const NONE = `0x${"00".repeat(20)}`;

/** The first byte of what comes back: this, or the place of the refusal's code in the list. */
const RECOVERED = 255;
const refusals = ["invalidSignature", "invalidFeePayer", "invalidKeyAuthorization"] as const;

/** The records of these transactions, one after another; one of type 0x76 is its type ‖ length (4) ‖ envelope. */
export function packSignatures(transactions: readonly Transaction[]): Uint8Array {
  const lengths = transactions.map((tx) =>
    tx.type === TEMPO_TYPE ? HEADER_BYTES + tx.raw.length : SIGNATURE_RECORD_BYTES,
  );
  const packed = Buffer.alloc(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [i, tx] of transactions.entries()) {
    if (tx.type === TEMPO_TYPE) {
      packed[at] = TEMPO_TYPE;
      packed.writeUInt32BE(tx.raw.length, at + 1);
      packed.set(tx.raw, at + HEADER_BYTES);
    } else {
      packed.set(tx.signingHash(), at + 1);
      packed.set(tx.signature, at + 33);
      packed[at + 97] = tx.yParity;
    }
    at += lengths[i] as number;
  }
  return packed;
}

/** Recovers the signers of every packed record: what a worker thread runs. Throws RangeError for half a record. */
export function recoverSenders(packed: Uint8Array): Uint8Array {
  const records = splitRecords(packed);
  const senders = new Uint8Array(records.length * SENDER_RECORD_BYTES);
  for (const [i, record] of records.entries()) {
    const answer = senders.subarray(i * SENDER_RECORD_BYTES, (i + 1) * SENDER_RECORD_BYTES);
    if (record[0] === TEMPO_TYPE) answerTempo(record.subarray(HEADER_BYTES), answer);
    else answerEthereum(record, answer);
  }
  return senders;
}

function splitRecords(packed: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const isTempo = bytes[at] === TEMPO_TYPE && at + HEADER_BYTES <= bytes.length;
    const end = at + (isTempo ? HEADER_BYTES + bytes.readUInt32BE(at + 1) : SIGNATURE_RECORD_BYTES);
    if (end > bytes.length) throw new RangeError(`expected whole records, got ${bytes.length - at} bytes of one`);
    records.push(bytes.subarray(at, end));
    at = end;
  }
  return records;
}

function answerEthereum(record: Uint8Array, answer: Uint8Array): void {
  const sender = recoverAddress(record.subarray(1, 33), record.subarray(33, 97), record[97] as 0 | 1);
  if (!sender) return;
  answer[0] = RECOVERED;
  answer.set(sender, 1);
}

function answerTempo(raw: Uint8Array, answer: Uint8Array): void {
  try {
    const { sender, feePayer = NONE, accessKey = NONE } = decodeTempo(raw).signers();
    answer[0] = RECOVERED;
    answer.set(Buffer.from(`${sender}${feePayer.slice(2)}${accessKey.slice(2)}`.slice(2), "hex"), 1);
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    answer[0] = refusals.indexOf(error.code as (typeof refusals)[number]);
  }
}

/** What `recoverSenders` returned, in the order of the records: signers, or the code of the refusal. */
export function unpackSenders(packed: Uint8Array): (Signers | TransactionError)[] {
  const senders: (Signers | TransactionError)[] = [];
  for (let at = 0; at < packed.length; at += SENDER_RECORD_BYTES) {
    senders.push(unpack(packed.subarray(at, at + SENDER_RECORD_BYTES)));
  }
  return senders;
}

function unpack(answer: Uint8Array): Signers | TransactionError {
  const [outcome] = answer;
  if (outcome !== RECOVERED) return new TransactionError(refusals[outcome as number] ?? "invalidSignature");
  const [sender, feePayer, accessKey] = [1, 21, 41].map((at) => bytesToHex(answer.subarray(at, at + 20)));
  return {
    sender: sender as Address,
    ...(feePayer !== NONE && { feePayer: feePayer as Address }),
    ...(accessKey !== NONE && { accessKey: accessKey as Address }),
  };
}
