import { parentPort } from "node:worker_threads";
import { recoverSenders } from "@ruffchain/kernel";

/** The worker thread of RecoveryPool: packed signatures come in, packed senders go out, in the same order; null ends it. */
parentPort?.on("message", (packed: Uint8Array<ArrayBuffer> | null) => {
  if (packed === null) return parentPort?.close();
  const senders = recoverSenders(packed);
  parentPort?.postMessage(senders, [senders.buffer as ArrayBuffer]);
});
