import { type BlockRecord, encodedLength, encodeHeader, encodeRlp, envelopeType, listHeader } from "@ruffchain/kernel";

const EMPTY_LIST = encodeRlp([]);

/** A block as Ethereum encodes it: header, transactions, no uncles and no withdrawals. */
export function encodeBlock({ header, transactions }: BlockRecord): Uint8Array {
  // A legacy transaction is a list in the list, a typed one is a string of bytes.
  const items = transactions.map(({ raw }) => (envelopeType(raw) === 0 ? raw : encodeRlp(raw)));
  return listOf([encodeHeader(header), listOf(items), EMPTY_LIST, EMPTY_LIST]);
}

/** Bytes of `encodeBlock`. */
export function blockSize({ header, transactions }: BlockRecord): number {
  const items = transactions.map(({ raw }) => (envelopeType(raw) === 0 ? raw.length : encodedLength(raw)));
  return listSize([encodeHeader(header).length, listSize(items), EMPTY_LIST.length, EMPTY_LIST.length]);
}

function listOf(items: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([listHeader(sumOf(items.map(({ length }) => length))), ...items]);
}

function listSize(sizes: readonly number[]): number {
  const content = sumOf(sizes);
  return listHeader(content).length + content;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
