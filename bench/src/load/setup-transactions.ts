import type { Address, Hex } from "@ruffchain/abi";
import { type RpcClient, RpcError } from "../rpc/rpc-client.js";
import type { LoadAccount } from "./account.js";
import { type LoadCall, signTransaction } from "./sign.js";

const LIMIT_MS = 60_000;

/** The part of a receipt that preparations need. */
export interface SetupReceipt {
  readonly status: Hex;
  readonly contractAddress: Address | null;
  readonly gasUsed: Hex;
  readonly logs: readonly { readonly address: Address; readonly topics: readonly Hex[]; readonly data: Hex }[];
}

/** Sends transactions of one account before a load and waits for them. Throws RpcError where one fails. */
export async function sendSetup(
  client: RpcClient,
  chainId: number,
  account: LoadAccount,
  calls: readonly LoadCall[],
): Promise<SetupReceipt[]> {
  const hashes: Hex[] = [];
  for (const call of calls) {
    const { raw, hash } = signTransaction(chainId, account, call);
    await client.call("eth_sendRawTransaction", raw);
    hashes.push(hash);
  }
  const receipts: SetupReceipt[] = [];
  for (const hash of hashes) receipts.push(await waitForReceipt(client, hash));
  return receipts;
}

async function waitForReceipt(client: RpcClient, hash: Hex): Promise<SetupReceipt> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const block = await client.blockNumber();
    const receipt = await client.call<SetupReceipt | null>("eth_getTransactionReceipt", hash);
    if (receipt?.status === "0x1") return receipt;
    if (receipt !== null) throw new RpcError(`a transaction of the preparation failed: ${JSON.stringify(receipt)}`);
    await client.blockAfter(block, deadline);
  }
}
