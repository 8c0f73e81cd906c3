import type { BlockRecord } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { formatBlock, formatMined, formatPending, formatReceipt } from "./format.js";
import { parseLogQuery, searchLogs } from "./log-filter.js";
import type { Methods } from "./method.js";
import { dataParam, hashParam, keptBlockParam, quantityParam } from "./params.js";
import { quantity } from "./quantity.js";
import { RpcError, rpcCode } from "./rpc-error.js";

function byHash(hash: unknown, { application }: Backend): BlockRecord | undefined {
  const height = application.blocks.heightOf(hashParam(hash, "blockHash"));
  return height === undefined ? undefined : application.blocks.block(height);
}

function byNumber(tag: unknown, backend: Backend): BlockRecord | undefined {
  return backend.application.blocks.block(keptBlockParam(tag, backend));
}

function transactionAt(block: BlockRecord | undefined, index: unknown, backend: Backend): unknown {
  const at = Number(quantityParam(index, "index"));
  return block && at < block.transactions.length ? formatMined(backend, block, at) : null;
}

/** Longest time that eth_sendRawTransactionSync waits, and how long it does where it is not told. */
export const MAX_SYNC_WAIT_MS = 60_000;
const DEFAULT_SYNC_WAIT_MS = 10_000;

/** EIP-7966: the receipt of a transaction that is sent. Rejects with RpcError notYetExecuted. */
async function sendAndWait(raw: Uint8Array, timeout: unknown, backend: Backend): Promise<unknown> {
  const wait = Math.min(Number(quantityParam(timeout ?? DEFAULT_SYNC_WAIT_MS, "timeout")), MAX_SYNC_WAIT_MS);
  const blocks: BlockRecord[] = [];
  let wake = () => {};
  const stop = backend.onBlock((block) => {
    blocks.push(block);
    wake();
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const hash = await backend.submit(raw);
    let isOver = false;
    timer = setTimeout(() => {
      isOver = true;
      wake();
    }, wait).unref();
    for (;;) {
      for (let block = blocks.shift(); block; block = blocks.shift()) {
        const index = block.transactions.findIndex((tx) => tx.hash === hash);
        if (index >= 0) return formatReceipt(backend, block, index);
      }
      if (isOver) {
        const message = `the transaction ${hash} is in the pool and not in a block yet, ${wait} ms after it was sent`;
        throw new RpcError(rpcCode.notYetExecuted, message, hash);
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    clearTimeout(timer);
    stop();
  }
}

export const blockMethods: Methods = {
  eth_getBlockByHash: ([hash, full], backend) => {
    const block = byHash(hash, backend);
    return block ? formatBlock(backend, block, full === true) : null;
  },
  eth_getBlockByNumber: ([tag, full], backend) => {
    const block = byNumber(tag, backend);
    return block ? formatBlock(backend, block, full === true) : null;
  },
  eth_getBlockReceipts: ([tag], backend) => {
    const block = typeof tag === "string" && tag.length === 66 ? byHash(tag, backend) : byNumber(tag, backend);
    return block ? block.transactions.map((_, i) => formatReceipt(backend, block, i)) : null;
  },
  eth_getBlockTransactionCountByHash: ([hash], backend) => {
    const block = byHash(hash, backend);
    return block ? quantity(block.transactions.length) : null;
  },
  eth_getBlockTransactionCountByNumber: ([tag], backend) => {
    const block = byNumber(tag, backend);
    return block ? quantity(block.transactions.length) : null;
  },
  eth_getUncleCountByBlockHash: ([hash], backend) => (byHash(hash, backend) ? "0x0" : null),
  eth_getUncleCountByBlockNumber: ([tag], backend) => (byNumber(tag, backend) ? "0x0" : null),
  eth_getUncleByBlockHashAndIndex: () => null,
  eth_getUncleByBlockNumberAndIndex: () => null,
  eth_getTransactionByBlockHashAndIndex: ([hash, index], backend) =>
    transactionAt(byHash(hash, backend), index, backend),
  eth_getTransactionByBlockNumberAndIndex: ([tag, index], backend) =>
    transactionAt(byNumber(tag, backend), index, backend),
  eth_getTransactionByHash: ([hash], backend) => {
    const wanted = hashParam(hash, "hash");
    const mined = backend.application.blocks.transaction(wanted);
    if (mined) return formatMined(backend, mined.block, mined.index);
    const pending = backend.mempool.get(wanted);
    return pending ? formatPending(pending.tx, pending.sender) : null;
  },
  eth_getTransactionReceipt: ([hash], backend) => {
    const mined = backend.application.blocks.transaction(hashParam(hash, "hash"));
    return mined ? formatReceipt(backend, mined.block, mined.index) : null;
  },
  eth_sendRawTransaction: ([raw], backend) => backend.submit(dataParam(raw, "transaction")),
  eth_sendRawTransactionSync: ([raw, timeout], backend) => sendAndWait(dataParam(raw, "transaction"), timeout, backend),
  eth_getLogs: ([filter], backend) => searchLogs(backend, parseLogQuery(filter, backend)),
};
