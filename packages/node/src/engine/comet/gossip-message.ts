import { decodeRlp, encodeRlp, RlpError, rlpBytes, rlpList, TransactionError } from "@ruffchain/kernel";

/** Most transactions in one batch to the peers. */
export const MAX_GOSSIP_TXS = 256;

/** Begins a batch of transactions: EIP-2718 gives this type to none. */
const BATCH_TYPE = 0x00;

/** What is sent to the peers as if it were one transaction: the transaction itself, or 0x00 ‖ rlp([transaction, …]). */
export function encodeGossip(txs: readonly Uint8Array[]): Uint8Array {
  const [only] = txs;
  if (only && txs.length === 1) return only;
  return Buffer.concat([Uint8Array.of(BATCH_TYPE), encodeRlp(txs)]);
}

/** The transactions of a message of a peer, as views into it. Throws TransactionError malformed. */
export function decodeGossip(message: Uint8Array): readonly Uint8Array[] {
  if (message[0] !== BATCH_TYPE) return [message];
  try {
    const txs = rlpList(decodeRlp(message.subarray(1)));
    if (txs.length > MAX_GOSSIP_TXS) throw malformed(`${txs.length} transactions, more than ${MAX_GOSSIP_TXS}`);
    return txs.map((item) => rlpBytes(item));
  } catch (error) {
    if (!(error instanceof RlpError)) throw error;
    throw malformed(error.message);
  }
}

function malformed(reason: string): TransactionError {
  return new TransactionError("malformed", { reason: `a batch of transactions: ${reason}` });
}
