import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Snapshots that a node keeps unless told: CometBFT's peers need some time to fetch one. */
export const DEFAULT_KEPT_SNAPSHOTS = 2;

export interface SnapshotTakerOptions {
  readonly chain: string;
  readonly snapshots: string;
  /** Takes one after each block whose height is a multiple. */
  readonly interval: number;
  readonly keep: number;
  readonly onTaken: (snapshot: { readonly height: number; readonly chunks: number; readonly seconds: number }) => void;
  /** Told of a snapshot that could not be taken; the next one comes in its time. */
  readonly onError: (error: Error, height: number) => void;
}

/**
 * Takes snapshots at an interval, in a worker thread with a reader of its own: blocks do not wait for them. While one is
 * being taken no other begins.
 */
export class SnapshotTaker {
  readonly #options: SnapshotTakerOptions;
  #worker: Worker | undefined;

  constructor(options: SnapshotTakerOptions) {
    this.#options = options;
  }

  /** To be told of each block that is committed. */
  committed(height: number): void {
    const { chain, snapshots, interval, keep, onTaken, onError } = this.#options;
    if (height % interval !== 0 || this.#worker) return;
    const started = performance.now();
    const worker = new Worker(new URL("./snapshot-worker.js", import.meta.url), {
      workerData: { chain, snapshots, height, keep },
    });
    this.#worker = worker;
    worker.once("message", (snapshot) => onTaken({ ...snapshot, seconds: (performance.now() - started) / 1000 }));
    worker.once("error", (error) => onError(error as Error, height));
    worker.once("exit", () => {
      this.#worker = undefined;
    });
  }

  /** Gives up the one that is being taken: nothing of it is kept. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const ended = once(worker, "exit");
    worker.postMessage("stop");
    await ended;
  }
}
