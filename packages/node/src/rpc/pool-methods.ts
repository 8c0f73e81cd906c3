import type { Hex } from "@ruffchain/abi";
import { type Call, callsOf, type Transaction } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { formatPending } from "./format.js";
import type { Methods } from "./method.js";
import { addressParam } from "./params.js";
import { quantity } from "./quantity.js";

/** Most senders that txpool_content lists. */
export const MAX_POOL_CONTENT_SENDERS = 1_000;

type Format = (tx: Transaction, sender: Hex) => unknown;
type Content = Record<string, Record<string, unknown>>;

function byNonce(transactions: readonly Transaction[], sender: Hex, format: Format): Record<string, unknown> {
  return Object.fromEntries(transactions.map((tx) => [String(tx.nonce), format(tx, sender)]));
}

function contentOfAll({ mempool }: Backend, format: Format): Record<"pending" | "queued", Content> {
  const pending: Content = {};
  const queued: Content = {};
  let senders = 0;
  for (const [sender, content] of mempool.content()) {
    if (senders++ === MAX_POOL_CONTENT_SENDERS) break;
    if (content.pending.length > 0) pending[sender] = byNonce(content.pending, sender, format);
    if (content.queued.length > 0) queued[sender] = byNonce(content.queued, sender, format);
  }
  return { pending, queued };
}

/** In geth's words. */
function inspect(tx: Transaction): string {
  const { gasLimit, maxFeePerGas } = tx;
  const { to, value } = callsOf(tx)[0] as Call;
  return `${to ?? "contract creation"}: ${value} wei + ${gasLimit} gas × ${maxFeePerGas} wei`;
}

export const poolMethods: Methods = {
  txpool_status: (_, { mempool }) => {
    const { pending, queued } = mempool.status();
    return { pending: quantity(pending), queued: quantity(queued) };
  },
  txpool_content: (_, backend) => contentOfAll(backend, formatPending),
  txpool_inspect: (_, backend) => contentOfAll(backend, inspect),
  txpool_contentFrom: ([address], { mempool }) => {
    const sender = addressParam(address, "address");
    const { pending, queued } = mempool.contentFrom(sender);
    return { pending: byNonce(pending, sender, formatPending), queued: byNonce(queued, sender, formatPending) };
  },
};
