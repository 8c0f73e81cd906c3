import type { Application, BlockRecord } from "@ruffchain/kernel";
import type { Mempool } from "../mempool/mempool.js";
import type { TransactionSource } from "./transaction-source.js";

/**
 * Gas limits of the transactions that are offered for a block, in gas limits of the block: most use much less than they
 * may, and the block ends where what they have used ends it.
 */
const OFFERED_BLOCKS = 4;

/** Lets an engine draw its blocks from the mempool. */
export function mempoolSource(mempool: Mempool, application: Application): TransactionSource {
  return {
    select: ({ maxBytes }) => {
      const gasLimit = OFFERED_BLOCKS * application.parameters().blockGasLimit;
      return mempool.select({ gasLimit, maxBytes, time: Math.floor(Date.now() / 1000) }).map((tx) => tx.raw);
    },
    committed: (block: BlockRecord, refused: readonly Uint8Array[]) => {
      for (const raw of refused) mempool.remove(application.decode(raw).hash);
      mempool.committed({
        senders: block.transactions.map((tx) => tx.sender),
        baseFee: application.nextBaseFee(),
        time: block.header.timestamp,
      });
    },
    readyAt: () => 1000 * mempool.readyAt(),
    onPending: (listener) => mempool.onPending(listener),
  };
}
