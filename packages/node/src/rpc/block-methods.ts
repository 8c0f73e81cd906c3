import type { BlockRecord } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { formatBlock, formatMined, formatPending, formatReceipt, quantity } from "./format.js";
import { parseLogQuery, searchLogs } from "./log-filter.js";
import type { Methods } from "./method.js";
import { dataParam, hashParam, keptBlockParam, quantityParam } from "./params.js";

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
  eth_getLogs: ([filter], backend) => searchLogs(backend, parseLogQuery(filter, backend)),
};
