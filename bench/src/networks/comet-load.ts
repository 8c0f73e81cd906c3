import { setTimeout as sleep } from "node:timers/promises";
import { BATCH } from "../load/transaction-load.js";
import { occurrences, RpcClient, RpcError, rpcCall } from "../rpc/rpc-client.js";
import { cometHeight } from "./comet-homes.js";

const POLL_MS = 20;
const LIMIT_MS = 300_000;
const TAKEN = '"code":0';

/** The transactions, in base64, as requests that say whether each was taken. */
function cometBatches(lanes: readonly (readonly string[])[]): Buffer[][] {
  return lanes.map((txs) =>
    Array.from({ length: Math.ceil(txs.length / BATCH) }, (_, batch) => {
      const part = txs.slice(batch * BATCH, (batch + 1) * BATCH);
      return Buffer.from(`[${part.map((tx, i) => rpcCall("broadcast_tx_sync", [tx], i)).join(",")}]`);
    }),
  );
}

/** Sends transactions in lanes of batches, the lanes to the nodes in turn, until all are in blocks; how many a second. */
export async function loadComet(ports: readonly number[], lanes: readonly (readonly string[])[]): Promise<number> {
  const clients = ports.map((port) => new RpcClient(port, lanes.length + 1));
  const [reader] = clients as [RpcClient];
  const count = lanes.reduce((sum, { length }) => sum + length, 0);
  const bodies = cometBatches(lanes);
  try {
    const first = (await cometHeight(reader)) + 1;
    const start = performance.now();
    const sending = bodies.map(async (batches, lane) => {
      const client = clients[lane % clients.length] as RpcClient;
      let sent = 0;
      for (const body of batches) {
        const answer = await client.post(body);
        const expected = Math.min(BATCH, (lanes[lane]?.length ?? 0) - sent);
        if (occurrences(answer, TAKEN) !== expected) throw new RpcError(`one was refused: ${answer.slice(0, 500)}`);
        sent += expected;
      }
    });
    await Promise.all([committed(reader, first, count, start + LIMIT_MS), ...sending]);
    return count / ((performance.now() - start) / 1000);
  } finally {
    for (const client of clients) client.close();
  }
}

/** Waits until the blocks from a height on hold so many transactions. */
async function committed(client: RpcClient, first: number, count: number, deadline: number): Promise<void> {
  for (let height = first, seen = 0; seen < count; height++) {
    while ((await cometHeight(client)) < height) {
      if (performance.now() > deadline) throw new RpcError(`${seen} of ${count} transactions were in blocks in time`);
      await sleep(POLL_MS);
    }
    const range = [String(height), String(height)];
    const answer = await client.call<{ block_metas: readonly { num_txs: string }[] }>("blockchain", ...range);
    seen += Number(answer.block_metas[0]?.num_txs ?? 0);
  }
}
