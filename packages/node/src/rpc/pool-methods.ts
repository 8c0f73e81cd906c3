import type { Backend } from "./backend.js";
import { formatPending, quantity } from "./format.js";
import type { Methods } from "./method.js";
import { addressParam } from "./params.js";

/** Most senders that txpool_content lists. */
export const MAX_POOL_CONTENT_SENDERS = 1_000;

type Content = Record<string, Record<string, unknown>>;

function contentOf(backend: Backend, sender: `0x${string}`, state: "pending" | "queued"): Record<string, unknown> {
  const transactions = backend.mempool.contentFrom(sender)[state];
  return Object.fromEntries(transactions.map((tx) => [String(tx.nonce), formatPending(tx, sender)]));
}

export const poolMethods: Methods = {
  txpool_status: (_, { mempool }) => {
    const { pending, queued } = mempool.status();
    return { pending: quantity(pending), queued: quantity(queued) };
  },
  txpool_content: (_, backend) => {
    const pending: Content = {};
    const queued: Content = {};
    let senders = 0;
    for (const [sender, content] of backend.mempool.content()) {
      if (senders++ === MAX_POOL_CONTENT_SENDERS) break;
      if (content.pending.length > 0) pending[sender] = contentOf(backend, sender, "pending");
      if (content.queued.length > 0) queued[sender] = contentOf(backend, sender, "queued");
    }
    return { pending, queued };
  },
  txpool_contentFrom: ([address], backend) => {
    const sender = addressParam(address, "address");
    return { pending: contentOf(backend, sender, "pending"), queued: contentOf(backend, sender, "queued") };
  },
};
