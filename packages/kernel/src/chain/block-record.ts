import type { Address, Hex } from "@ruffchain/abi";
import type { BlockHeader } from "../block/header.js";
import type { Log } from "../block/receipt.js";
import { bytesToHex, hexToBytes } from "../hex.js";
import { decodeRlp, encodeRlp, type RlpItem, rlpBigint, rlpBytes, rlpList, rlpNumber } from "../rlp.js";

/** A transaction as it stands in a block, with what became of it. */
export interface ExecutedTransaction {
  /** The EIP-2718 envelope. */
  readonly raw: Uint8Array;
  readonly hash: Hex;
  readonly sender: Address;
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
    ]),
  );
}

export function decodeBody(encoded: Uint8Array): ExecutedTransaction[] {
  return rlpList(decodeRlp(encoded)).map((item) => {
    const fields = rlpList(item, 9);
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
    };
  });
}

function decodeLog(item: RlpItem): Log {
  const [address, topics, data] = rlpList(item, 3);
  return {
    address: bytesToHex(rlpBytes(address, 20)),
    topics: rlpList(topics).map((topic) => bytesToHex(rlpBytes(topic, 32))),
    data: rlpBytes(data),
  };
}
