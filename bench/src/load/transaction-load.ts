import { occurrences, RpcClient, RpcError, rpcBatch } from "../rpc/rpc-client.js";
import type { LoadAccount } from "./account.js";
import { type LoadCall, signTransaction } from "./sign.js";

export const LANES = 4;
export const BATCH = 100;
/** A run that takes longer has failed. */
const LIMIT_MS = 180_000;
const SUCCEEDED = '"status":"0x1"';
const FAILED = '"status":"0x0"';

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

/**
 * Sends all lanes at once, each its batches one after the other, and reads the receipts of each block as it comes, all
 * of a block in one call: node programs that were tried copy a whole block for every single receipt. Ends when the
 * receipts of all transactions have been read. Throws RpcError where the node refuses or fails a transaction.
 */
export async function runLoad(port: number, lanes: readonly (readonly Batch[])[]): Promise<LoadFigures> {
  const client = new RpcClient(port, lanes.length + 1);
  const transactions = lanes.flat().reduce((sum, { size }) => sum + size, 0);
  try {
    const firstBlock = (await client.blockNumber()) + 1;
    const start = performance.now();
    const sendAll = lanes.map(async (batches) => {
      for (const batch of batches) await send(client, batch);
      return performance.now();
    });
    const [lastBlock, ...sent] = await Promise.all([
      readReceipts(client, firstBlock, transactions, start + LIMIT_MS),
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
    };
  } finally {
    client.close();
  }
}

async function send(client: RpcClient, { body, size }: Batch): Promise<void> {
  const answer = await client.post(body);
  const error = answer.indexOf('"error"');
  if (error !== -1) throw new RpcError(`a transaction was refused: ${answer.slice(error, error + 500)}`);
  if (occurrences(answer, '"result":"0x') !== size) throw new RpcError(`not ${size} hashes: ${answer.slice(0, 500)}`);
}

/** Reads all receipts of one block after the other until there is one for each transaction; the last block's number. */
async function readReceipts(client: RpcClient, from: number, transactions: number, deadline: number): Promise<number> {
  let newest = from - 1;
  let block = from;
  for (let read = 0; read < transactions; block++) {
    if (block > newest) newest = await client.blockAfter(newest, deadline);
    const answer = await client.post(rpcBatch("eth_getBlockReceipts", [[`0x${block.toString(16)}`]]));
    if (answer.includes(FAILED) || answer.includes('"error"')) {
      throw new RpcError(`a transaction of block ${block} failed: ${answer.slice(0, 500)}`);
    }
    read += occurrences(answer, SUCCEEDED);
  }
  return block - 1;
}
