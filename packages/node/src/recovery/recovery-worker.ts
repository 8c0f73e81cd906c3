import { parentPort } from "node:worker_threads";
import { recoverSenders } from "@ruffchain/kernel";

/** The worker thread of RecoveryPool: packed signatures come in, packed senders go out, in the same order. */
parentPort?.on("message", (packed: Uint8Array<ArrayBuffer>) => {
  const senders = recoverSenders(packed);
  parentPort?.postMessage(senders, [senders.buffer as ArrayBuffer]);
});
