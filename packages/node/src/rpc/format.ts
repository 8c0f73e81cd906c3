import type { Hex } from "@ruffchain/abi";
import {
  type BlockHeader,
  type BlockRecord,
  bytesToHex,
  type Call,
  callsOf,
  decodeRlp,
  EMPTY_REQUESTS_HASH,
  EMPTY_TRIE_ROOT,
  EMPTY_UNCLES_HASH,
  type ExecutedTransaction,
  envelopeType,
  type FoundLog,
  isSystemTransaction,
  logsBloom,
  type RlpItem,
  TEMPO_TYPE,
  type Transaction,
} from "@ruffchain/kernel";
import { formatAuthorization, formatSignature } from "./authorization-list.js";
import type { Backend } from "./backend.js";
import { formatTempo } from "./format-tempo.js";
import { quantity } from "./quantity.js";
import { blockSize } from "./raw-block.js";

const NO_BLOOM: Hex = `0x${"00".repeat(256)}`;
const ZERO_NONCE: Hex = "0x0000000000000000";

/** Sums over the transactions of a block, so that a receipt costs the same wherever it stands. */
interface Sums {
  readonly cumulativeGas: readonly number[];
  readonly firstLog: readonly number[];
}

const sumsOfBlocks = new WeakMap<BlockRecord, Sums>();

function sumsOf(block: BlockRecord): Sums {
  const known = sumsOfBlocks.get(block);
  if (known) return known;
  let gas = 0;
  let logs = 0;
  const cumulativeGas: number[] = [];
  const firstLog: number[] = [];
  for (const tx of block.transactions) {
    gas += tx.gasUsed;
    cumulativeGas.push(gas);
    firstLog.push(logs);
    logs += tx.logs.length;
  }
  const sums = { cumulativeGas, firstLog };
  sumsOfBlocks.set(block, sums);
  return sums;
}

export function formatHeader(header: BlockHeader, hash: Hex) {
  return {
    hash,
    parentHash: header.parentHash,
    sha3Uncles: EMPTY_UNCLES_HASH,
    miner: header.miner,
    stateRoot: header.stateRoot,
    transactionsRoot: header.transactionsRoot,
    receiptsRoot: header.receiptsRoot,
    logsBloom: bytesToHex(header.logsBloom),
    difficulty: "0x0",
    number: quantity(header.number),
    gasLimit: quantity(header.gasLimit),
    gasUsed: quantity(header.gasUsed),
    timestamp: quantity(header.timestamp),
    extraData: bytesToHex(header.extraData),
    mixHash: header.mixHash,
    nonce: ZERO_NONCE,
    baseFeePerGas: quantity(header.baseFeePerGas),
    withdrawalsRoot: EMPTY_TRIE_ROOT,
    blobGasUsed: "0x0",
    excessBlobGas: "0x0",
    parentBeaconBlockRoot: header.parentBeaconBlockRoot,
    requestsHash: EMPTY_REQUESTS_HASH,
  };
}

export function formatBlock(backend: Backend, block: BlockRecord, full: boolean) {
  return formatBlockWith(block, full ? (_, i) => formatMined(backend, block, i) : ({ hash }) => hash);
}

/** A block with what is made of each of its transactions. */
export function formatBlockWith(block: BlockRecord, format: (tx: ExecutedTransaction, index: number) => unknown) {
  return {
    ...formatHeader(block.header, block.hash),
    totalDifficulty: "0x0",
    size: quantity(blockSize(block)),
    uncles: [],
    withdrawals: [],
    transactions: block.transactions.map(format),
  };
}

/** A transaction in a block. */
export function formatMined(backend: Backend, block: BlockRecord, index: number) {
  const tx = block.transactions[index] as ExecutedTransaction;
  if (isSystemTransaction(tx)) return { ...formatPlace(block, index), ...formatSystem(tx) };
  return formatExecuted(block, index, backend.application.decode(tx.raw));
}

/** A transaction of a block that is decoded already. */
export function formatExecuted(block: BlockRecord, index: number, tx: Transaction) {
  const { gasPrice } = block.transactions[index] as ExecutedTransaction;
  return { ...formatPlace(block, index), ...formatEnvelope(tx), gasPrice: quantity(gasPrice) };
}

function formatPlace({ header, hash: blockHash, transactions }: BlockRecord, index: number) {
  const { sender: from, hash } = transactions[index] as ExecutedTransaction;
  return {
    blockHash,
    blockNumber: quantity(header.number),
    blockTimestamp: quantity(header.timestamp),
    transactionIndex: quantity(index),
    from,
    hash,
  };
}

/** A transaction that waits in the pool. */
export function formatPending(tx: Transaction, sender: Hex) {
  return {
    blockHash: null,
    blockNumber: null,
    blockTimestamp: null,
    transactionIndex: null,
    from: sender,
    hash: tx.hash,
    ...formatEnvelope(tx),
  };
}

/** The fields of a transaction itself. */
function formatEnvelope(tx: Transaction) {
  if (tx.type === TEMPO_TYPE) return formatTempo(tx);
  const common = {
    type: quantity(tx.type),
    chainId: quantity(tx.chainId),
    nonce: quantity(tx.nonce),
    gas: quantity(tx.gasLimit),
    gasPrice: quantity(tx.maxFeePerGas),
    to: tx.to,
    value: quantity(tx.value),
    input: bytesToHex(tx.data),
    ...formatSignature(tx.signature),
  };
  if (tx.type === 0) return { ...common, v: quantity(tx.chainId * 2 + 35 + tx.yParity) };
  const typed = { ...common, v: quantity(tx.yParity), yParity: quantity(tx.yParity), accessList: tx.accessList };
  if (tx.type === 1) return typed;
  return {
    ...typed,
    maxFeePerGas: quantity(tx.maxFeePerGas),
    maxPriorityFeePerGas: quantity(tx.maxPriorityFeePerGas),
    ...(tx.authorizationList && { authorizationList: tx.authorizationList.map(formatAuthorization) }),
  };
}

/** The scheduler's transaction: legacy without a signature. */
function formatSystem(tx: ExecutedTransaction) {
  const [nonce, , gas, to] = decodeRlp(tx.raw) as readonly RlpItem[];
  const number = (item: RlpItem | undefined) =>
    quantity(BigInt(`0x0${Buffer.from(item as Uint8Array).toString("hex")}`));
  return {
    type: "0x0",
    nonce: number(nonce),
    gas: number(gas),
    gasPrice: "0x0",
    to: bytesToHex(to as Uint8Array),
    value: "0x0",
    input: "0x",
    v: "0x0",
    r: "0x0",
    s: "0x0",
  };
}

export function formatReceipt(backend: Backend, block: BlockRecord, index: number) {
  const tx = block.transactions[index] as ExecutedTransaction;
  const sums = sumsOf(block);
  const to = isSystemTransaction(tx) ? tx.sender : (callsOf(backend.application.decode(tx.raw))[0] as Call).to;
  return {
    type: quantity(envelopeType(tx.raw)),
    status: tx.succeeded ? "0x1" : "0x0",
    transactionHash: tx.hash,
    transactionIndex: quantity(index),
    blockHash: block.hash,
    blockNumber: quantity(block.header.number),
    from: tx.sender,
    ...(tx.feePayer && { feePayer: tx.feePayer }),
    to,
    contractAddress: tx.contractAddress,
    gasUsed: quantity(tx.gasUsed),
    cumulativeGasUsed: quantity(sums.cumulativeGas[index] as number),
    effectiveGasPrice: quantity(tx.gasPrice),
    logsBloom: tx.logs.length === 0 ? NO_BLOOM : bytesToHex(logsBloom(tx.logs)),
    logs: tx.logs.map((log, i) =>
      formatLog({
        block: { hash: block.hash, number: block.header.number, timestamp: block.header.timestamp },
        log,
        transactionHash: tx.hash,
        transactionIndex: index,
        logIndex: (sums.firstLog[index] as number) + i,
      }),
    ),
  };
}

export function formatLog({ block, log, transactionHash, transactionIndex, logIndex }: FoundLog) {
  return {
    address: log.address,
    topics: log.topics,
    data: bytesToHex(log.data),
    blockNumber: quantity(block.number),
    blockHash: block.hash,
    blockTimestamp: quantity(block.timestamp),
    transactionHash,
    transactionIndex: quantity(transactionIndex),
    logIndex: quantity(logIndex),
    removed: false,
  };
}
