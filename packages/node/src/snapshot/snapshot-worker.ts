import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { takeSnapshotBeside } from "./take-snapshot-beside.js";

/**
 * The worker thread of SnapshotTaker: takes one snapshot, tells of it and ends. Any message makes it give up between two
 * chunks, so that its reader is closed. What goes wrong ends it with an error.
 */
const parent = parentPort as MessagePort;
let stopped = false;
parent.once("message", () => {
  stopped = true;
});
const onChunk = () => {
  if (stopped) throw new Error("stopped");
};
try {
  const { height, chunks } = await takeSnapshotBeside({ ...workerData, onChunk });
  parent.postMessage({ height, chunks });
} catch (error) {
  if (!stopped) throw error;
} finally {
  parent.close();
}
