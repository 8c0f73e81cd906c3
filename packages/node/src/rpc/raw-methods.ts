import { type BlockRecord, bytesToHex, encodeHeader, encodeReceipt, receiptsOf } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import type { Methods } from "./method.js";
import { hashParam, keptBlockParam } from "./params.js";
import { encodeBlock } from "./raw-block.js";
import { RpcError, rpcCode } from "./rpc-error.js";

function blockOf(tag: unknown, backend: Backend): BlockRecord {
  const { blocks } = backend.application;
  const isHash = typeof tag === "string" && tag.length === 66;
  const height = isHash ? blocks.heightOf(hashParam(tag, "blockHash")) : keptBlockParam(tag, backend);
  const block = height === undefined ? undefined : blocks.block(height);
  if (!block) throw new RpcError(rpcCode.resourceNotFound, "block not found");
  return block;
}

/** Blocks and what is in them as bytes. */
export const rawMethods: Methods = {
  debug_getRawHeader: ([tag], backend) => bytesToHex(encodeHeader(blockOf(tag, backend).header)),
  debug_getRawBlock: ([tag], backend) => bytesToHex(encodeBlock(blockOf(tag, backend))),
  debug_getRawReceipts: ([tag], backend) =>
    receiptsOf(blockOf(tag, backend).transactions).map((receipt) => bytesToHex(encodeReceipt(receipt))),
  debug_getRawTransaction: ([hash], { application, mempool }) => {
    const wanted = hashParam(hash, "hash");
    const raw = application.blocks.transaction(wanted)?.transaction.raw ?? mempool.get(wanted)?.tx.raw;
    return raw ? bytesToHex(raw) : "0x";
  },
  /** A block that its validators refuse is not kept. */
  debug_getBadBlocks: () => [],
};
