import { setTimeout as sleep } from "node:timers/promises";
import { occurrences, RpcClient, RpcError, rpcBatch } from "../rpc/rpc-client.js";
import type { LoadAccount } from "./account.js";
import { type LoadCall, signTransaction } from "./sign.js";

export const LANES = 4;
export const BATCH = 100;
/** A run that takes longer has failed. */
const LIMIT_MS = 180_000;
const SUCCEEDED = '"status":"0x1"';
const FAILED = '"status":"0x0"';
const HASH_LENGTH = 66;

/** The body of a request that sends transactions. */
export interface Batch {
  readonly body: Buffer;
  readonly size: number;
}

export interface LoadFigures {
  readonly transactions: number;
  readonly seconds: number;
  readonly transactionsPerSecond: number;
  /** Until the node had taken all transactions. */
  readonly sendSeconds: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  /** Milliseconds from sending a batch until the receipt of its last transaction could be read, of each batch. */
  readonly latencies: readonly number[];
}

/** The transactions of one lane, signed: its accounts take turns. */
export function signLane(
  chainId: number,
  accounts: readonly LoadAccount[],
  count: number,
  call: (sender: LoadAccount, index: number) => LoadCall,
): readonly Batch[] {
  const batches: Batch[] = [];
  for (let start = 0; start < count; start += BATCH) {
    const size = Math.min(BATCH, count - start);
    const signed = Array.from({ length: size }, (_, offset) => {
      const account = accounts[(start + offset) % accounts.length] as LoadAccount;
      return [signTransaction(chainId, account, call(account, start + offset)).raw];
    });
    batches.push({ body: rpcBatch("eth_sendRawTransaction", signed), size });
  }
  return batches;
}

/** The last transactions of batches whose receipts have not been read, with the time of sending. */
type Waiting = Map<string, number>;

/**
 * Sends all lanes at once, each its batches one after the other and to the next of the nodes, and reads the receipts of each block as it comes, all
 * of a block in one call: node programs that were tried copy a whole block for every single receipt. Ends when the
 * receipts of all transactions have been read. With `perSecond` the batches are sent at their times, whether those before
 * them were answered or not. Throws RpcError where the node refuses or fails a transaction.
 */
export async function runLoad(
  port: number,
  lanes: readonly (readonly Batch[])[],
  ports: readonly number[] = [port],
  perSecond?: number,
): Promise<LoadFigures> {
  const client = new RpcClient(port, lanes.length + 1);
  const senders = ports.map((each) => (each === port ? client : new RpcClient(each, lanes.length)));
  const waiting: Waiting = new Map();
  const latencies: number[] = [];
  const transactions = lanes.flat().reduce((sum, { size }) => sum + size, 0);
  try {
    const firstBlock = (await client.blockNumber()) + 1;
    const start = performance.now();
    const sendAll = lanes.map(async (batches, lane) => {
      const sender = senders[lane % senders.length] as RpcClient;
      const open: Promise<void>[] = [];
      for (const [index, batch] of batches.entries()) {
        if (perSecond) await sleep(start + (1000 * BATCH * lanes.length * index) / perSecond - performance.now());
        const sentAt = performance.now();
        const sending = send(sender, batch).then((last) => void waiting.set(last, sentAt));
        if (perSecond) {
          sending.catch(() => {}); // said below, when the last has been sent
          open.push(sending);
        } else await sending;
      }
      await Promise.all(open);
      return performance.now();
    });
    const [lastBlock, ...sent] = await Promise.all([
      readReceipts(client, firstBlock, transactions, start + LIMIT_MS, waiting, latencies),
      ...sendAll,
    ]);
    const seconds = (performance.now() - start) / 1000;
    return {
      transactions,
      seconds,
      transactionsPerSecond: transactions / seconds,
      sendSeconds: (Math.max(...sent) - start) / 1000,
      firstBlock,
      lastBlock,
      latencies,
    };
  } finally {
    for (const sender of new Set([client, ...senders])) sender.close();
  }
}

/** Sends a batch; the hash of its last transaction. */
async function send(client: RpcClient, { body, size }: Batch): Promise<string> {
  const answer = await client.post(body);
  const error = answer.indexOf('"error"');
  if (error !== -1) throw new RpcError(`a transaction was refused: ${answer.slice(error, error + 500)}`);
  if (occurrences(answer, '"result":"0x') !== size) throw new RpcError(`not ${size} hashes: ${answer.slice(0, 500)}`);
  const last = answer.lastIndexOf('"result":"0x') + '"result":"'.length;
  return answer.slice(last, last + HASH_LENGTH);
}

/** Reads all receipts of one block after the other until there is one for each transaction; the last block's number. */
async function readReceipts(
  client: RpcClient,
  from: number,
  transactions: number,
  deadline: number,
  waiting: Waiting,
  latencies: number[],
): Promise<number> {
  let newest = from - 1;
  let block = from;
  for (let read = 0; read < transactions; block++) {
    if (block > newest) newest = await client.blockAfter(newest, deadline);
    const answer = await client.post(rpcBatch("eth_getBlockReceipts", [[`0x${block.toString(16)}`]]));
    if (answer.includes(FAILED) || answer.includes('"error"')) {
      throw new RpcError(`a transaction of block ${block} failed: ${answer.slice(0, 500)}`);
    }
    read += occurrences(answer, SUCCEEDED);
    for (const [hash, sentAt] of waiting) {
      if (!answer.includes(hash)) continue;
      latencies.push(performance.now() - sentAt);
      waiting.delete(hash);
    }
  }
  return block - 1;
}
