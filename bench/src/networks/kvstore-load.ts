import { setTimeout as sleep } from "node:timers/promises";
import { BATCH, LANES } from "../load/transaction-load.js";
import { RpcClient, RpcError, rpcCall } from "../rpc/rpc-client.js";
import { kvstoreHeight } from "./kvstore-network.js";

const POLL_MS = 20;
const LIMIT_MS = 120_000;

/** Sends so many new keys in lanes of batches, the lanes to the nodes in turn, until all are in blocks. */
export async function loadKvstore(
  ports: readonly number[],
  count: number,
  prefix: string,
): Promise<{ readonly perSecond: number }> {
  const clients = ports.map((port) => new RpcClient(port, LANES + 1));
  const [reader] = clients as [RpcClient];
  const perLane = Math.floor(count / LANES);
  const lanes = Array.from({ length: LANES }, (_, lane) => batches(perLane, `${prefix}${lane}`));
  try {
    const first = (await kvstoreHeight(reader)) + 1;
    const start = performance.now();
    const sending = lanes.map(async (bodies, lane) => {
      const client = clients[lane % clients.length] as RpcClient;
      for (const body of bodies) {
        const answer = await client.post(body);
        if (answer.includes('"error"')) throw new RpcError(`a key was refused: ${answer.slice(0, 500)}`);
      }
    });
    await Promise.all([committed(reader, first, perLane * LANES, start + LIMIT_MS), ...sending]);
    return { perSecond: (perLane * LANES) / ((performance.now() - start) / 1000) };
  } finally {
    for (const client of clients) client.close();
  }
}

function batches(count: number, prefix: string): Buffer[] {
  const bodies: Buffer[] = [];
  for (let start = 0; start < count; start += BATCH) {
    const calls = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => {
      const tx = Buffer.from(`${prefix}x${start + i}=some value of the size of a transfer`).toString("base64");
      return rpcCall("broadcast_tx_async", [tx], i);
    });
    bodies.push(Buffer.from(`[${calls.join(",")}]`));
  }
  return bodies;
}

/** Waits until the blocks from a height on hold so many transactions. */
async function committed(client: RpcClient, first: number, count: number, deadline: number): Promise<void> {
  for (let height = first, seen = 0; seen < count; height++) {
    while ((await kvstoreHeight(client)) < height) {
      if (performance.now() > deadline) throw new RpcError(`${seen} of ${count} keys were in blocks in time`);
      await sleep(POLL_MS);
    }
    const answer = await client.call<{ block_metas: readonly { num_txs: string }[] }>(
      "blockchain",
      String(height),
      String(height),
    );
    seen += Number(answer.block_metas[0]?.num_txs ?? 0);
  }
}
