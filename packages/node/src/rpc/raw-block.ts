import {
  type BlockRecord,
  type ExecutedTransaction,
  encodeHeader,
  encodeReceipt,
  encodeRlp,
  listHeader,
  logsBloom,
  type Receipt,
} from "@ruffchain/kernel";

const EMPTY_LIST = encodeRlp([]);
const FIRST_LIST_BYTE = 0xc0;

function listOf(items: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([listHeader(items.reduce((sum, { length }) => sum + length, 0)), ...items]);
}

/** A block as Ethereum encodes it: header, transactions, no uncles and no withdrawals. */
export function encodeBlock({ header, transactions }: BlockRecord): Uint8Array {
  // A legacy transaction is a list in the list, a typed one is a string of bytes.
  const items = transactions.map(({ raw }) => ((raw[0] as number) >= FIRST_LIST_BYTE ? raw : encodeRlp(raw)));
  return listOf([encodeHeader(header), listOf(items), EMPTY_LIST, EMPTY_LIST]);
}

/** EIP-2718: 0 for legacy transactions, which have no type byte. */
export function typeOf({ raw }: Pick<ExecutedTransaction, "raw">): number {
  const first = raw[0] as number;
  return first >= FIRST_LIST_BYTE ? 0 : first;
}

/** The receipts of a block as they are in its receipts root. */
export function encodeReceipts({ transactions }: BlockRecord): Uint8Array[] {
  let cumulativeGasUsed = 0;
  return transactions.map((tx) => {
    cumulativeGasUsed += tx.gasUsed;
    return encodeReceipt({
      type: typeOf(tx) as Receipt["type"],
      succeeded: tx.succeeded,
      cumulativeGasUsed,
      logsBloom: logsBloom(tx.logs),
      logs: tx.logs,
    });
  });
}
