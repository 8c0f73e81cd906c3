import type { Address, Hex } from "@ruffchain/abi";
import type { BlockHeader } from "../block/header.js";
import type { Log } from "../block/receipt.js";
import { bytesToHex, hexToBytes } from "../hex.js";
import { decodeRlp, encodeRlp, type RlpItem, rlpBigint, rlpBytes, rlpList, rlpNumber, rlpSpan } from "../rlp.js";

/** A transaction as it stands in a block, with what became of it. */
export interface ExecutedTransaction {
  /** The EIP-2718 envelope. */
  readonly raw: Uint8Array;
  readonly hash: Hex;
  readonly sender: Address;
  /** Who has paid for a transaction of type 0x76; absent for others. */
  readonly feePayer?: Address;
  readonly succeeded: boolean;
  readonly gasUsed: number;
  /** Wei per gas paid. */
  readonly gasPrice: bigint;
  readonly contractAddress: Address | null;
  readonly logs: readonly Log[];
  /** Result or error data, kept for a failed transaction only. */
  readonly output: Uint8Array;
}

/** An executed block with all that RPC answers from: it is stored whole, so nothing is rebuilt later. */
export interface BlockRecord {
  readonly header: BlockHeader;
  readonly hash: Hex;
  readonly transactions: readonly ExecutedTransaction[];
}

/** The two halves of a block in the store: the header is read alone when logs are searched. */
export function encodeBody(transactions: readonly ExecutedTransaction[]): Uint8Array {
  return encodeRlp(
    transactions.map((tx) => [
      tx.raw,
      hexToBytes(tx.hash),
      hexToBytes(tx.sender),
      tx.succeeded ? 1 : 0,
      tx.gasUsed,
      tx.gasPrice,
      tx.contractAddress === null ? new Uint8Array(0) : hexToBytes(tx.contractAddress),
      tx.logs.map(({ address, topics, data }) => [hexToBytes(address), topics.map(hexToBytes), data]),
      tx.output,
      tx.feePayer ? hexToBytes(tx.feePayer) : new Uint8Array(0),
    ]),
  );
}

export function decodeBody(encoded: Uint8Array): ExecutedTransaction[] {
  return rlpList(decodeRlp(encoded)).map((item) => {
    const fields = rlpList(item, 10);
    const contractAddress = rlpBytes(fields[6]);
    return {
      raw: rlpBytes(fields[0]),
      hash: bytesToHex(rlpBytes(fields[1], 32)),
      sender: bytesToHex(rlpBytes(fields[2], 20)),
      succeeded: rlpNumber(fields[3]) === 1,
      gasUsed: rlpNumber(fields[4]),
      gasPrice: rlpBigint(fields[5]),
      contractAddress: contractAddress.length === 0 ? null : bytesToHex(contractAddress),
      logs: rlpList(fields[7]).map(decodeLog),
      output: rlpBytes(fields[8]),
      ...(rlpBytes(fields[9]).length > 0 && { feePayer: bytesToHex(rlpBytes(fields[9], 20)) }),
    };
  });
}

/** A log with where it is in its block. */
export interface PlacedLog {
  readonly log: Log;
  readonly transactionHash: Hex;
  readonly transactionIndex: number;
  /** Among all logs of the block. */
  readonly logIndex: number;
}

const HASH_FIELD = 1;
const GAS_USED_FIELD = 4;
const GAS_PRICE_FIELD = 5;
const LOGS_FIELD = 7;

/** What a transaction of a block has paid. */
export interface PaidGas {
  readonly gasUsed: number;
  /** Wei per gas. */
  readonly gasPrice: bigint;
}

/** What the transactions of a body have paid; nothing else is decoded. */
export function decodePaidGas(body: Uint8Array): PaidGas[] {
  const paid: PaidGas[] = [];
  const { content, end } = rlpSpan(body, 0);
  for (let at = content; at < end; ) {
    const tx = rlpSpan(body, at);
    let field = tx.content;
    const item = (wanted: number, from: number) => {
      for (let i = from; i < wanted; i++) field = rlpSpan(body, field).end;
      return decodeRlp(body.subarray(field, rlpSpan(body, field).end));
    };
    const gasUsed = rlpNumber(item(GAS_USED_FIELD, 0));
    paid.push({ gasUsed, gasPrice: rlpBigint(item(GAS_PRICE_FIELD, GAS_USED_FIELD)) });
    at = tx.end;
  }
  return paid;
}

/** Some logs of a body by their numbers in the block, in ascending order; nothing else is decoded. */
export function decodeLogs(body: Uint8Array, numbers: readonly number[]): PlacedLog[] {
  const found: PlacedLog[] = [];
  const { content, end } = rlpSpan(body, 0);
  let logIndex = 0;
  let transactionIndex = 0;
  for (let at = content; at < end && found.length < numbers.length; transactionIndex++) {
    const tx = rlpSpan(body, at);
    let field = tx.content;
    let hashAt = field;
    for (let i = 0; i < LOGS_FIELD; i++) {
      if (i === HASH_FIELD) hashAt = field;
      field = rlpSpan(body, field).end;
    }
    const logs = rlpSpan(body, field);
    for (let logAt = logs.content; logAt < logs.end; logIndex++) {
      const next = rlpSpan(body, logAt).end;
      if (logIndex === numbers[found.length]) {
        const hash = rlpSpan(body, hashAt);
        found.push({
          log: decodeLog(decodeRlp(body.subarray(logAt, next))),
          transactionHash: bytesToHex(body.subarray(hash.content, hash.end)),
          transactionIndex,
          logIndex,
        });
      }
      logAt = next;
    }
    at = tx.end;
  }
  return found;
}

function decodeLog(item: RlpItem): Log {
  const [address, topics, data] = rlpList(item, 3);
  return {
    address: bytesToHex(rlpBytes(address, 20)),
    topics: rlpList(topics).map((topic) => bytesToHex(rlpBytes(topic, 32))),
    data: rlpBytes(data),
  };
}
