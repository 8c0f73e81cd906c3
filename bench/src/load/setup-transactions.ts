import type { Address, Hex } from "@ruffchain/abi";
import type { RunningPeer } from "../peers/peer.js";
import { RpcClient, RpcError } from "../rpc/rpc-client.js";
import type { LoadAccount } from "./account.js";
import type { LoadCall } from "./sign.js";
import { runLoad, signLane } from "./transaction-load.js";

/** Pools bound how many transactions of one sender wait. */
const CHUNK = 1_000;

/** The parts of a receipt that preparations need. */
export interface Receipt {
  readonly contractAddress: Address | null;
  readonly logs: readonly Log[];
}

export interface Log {
  readonly address: Address;
  readonly topics: readonly [Hex, ...Hex[]];
  readonly data: Hex;
}

/** Sends transactions of one account before a load, waits for them and reads their receipts. Throws RpcError where one fails. */
export async function sendSetup(
  running: RunningPeer,
  account: LoadAccount,
  calls: readonly LoadCall[],
): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for (let start = 0; start < calls.length; start += CHUNK) {
    const chunk = calls.slice(start, start + CHUNK);
    const batches = signLane(running.chainId, [account], chunk.length, (_sender, index) => chunk[index] as LoadCall);
    const { firstBlock, lastBlock } = await runLoad(running.port, [batches]);
    receipts.push(...(await readReceipts(running.port, firstBlock, lastBlock)));
  }
  return receipts;
}

/** Sends the same call from each account and waits for all. Throws RpcError where one fails. */
export async function sendFromEach(
  running: RunningPeer,
  accounts: readonly LoadAccount[],
  call: LoadCall,
): Promise<void> {
  await runLoad(running.port, [signLane(running.chainId, accounts, accounts.length, () => call)]);
}

/** The receipts of all transactions in a range of blocks. */
export async function readReceipts(port: number, firstBlock: number, lastBlock: number): Promise<Receipt[]> {
  const client = new RpcClient(port, 1);
  const receipts: Receipt[] = [];
  try {
    for (let block = firstBlock; block <= lastBlock; block++) {
      const found = await client.call<Receipt[] | null>("eth_getBlockReceipts", `0x${block.toString(16)}`);
      if (found === null) throw new RpcError(`block ${block} is gone`);
      receipts.push(...found);
    }
  } finally {
    client.close();
  }
  return receipts;
}
