import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Address, Hex } from "@ruffchain/abi";
import {
  packSignatures,
  recoverSenders,
  TEMPO_TYPE,
  type Transaction,
  TransactionError,
  unpackSenders,
} from "@ruffchain/kernel";
import { RecoveryError } from "./recovery-error.js";

/** Most transactions in one message to a worker: some 40 ms of its time. */
export const MAX_RECOVERY_BATCH = 512;
/** A transaction of type 0x76 counts for so many in a batch: a P-256 signature may take some 2 ms. */
const TEMPO_WEIGHT = 32;
/** Most transactions that wait for a worker before `recover` refuses more. */
export const MAX_RECOVERY_QUEUE = 20_000;
/** With two, a worker has the next batch when it is done with one, however busy the main thread is. */
const BATCHES_PER_WORKER = 2;
/** Transactions that the main thread recovers in one turn of the event loop where no worker is left. */
const MAIN_THREAD_BATCH = 16;

export interface RecoveryPoolOptions {
  /** Worker threads; one less than the processors, but at least one, unless told. With 0 the main thread does it all. */
  readonly threads?: number;
  /** Told of a worker that died. Its work goes to the others, or to the main thread where none is left. */
  readonly onWorkerError?: (error: Error) => void;
}

interface Job {
  readonly tx: Transaction;
  readonly sender: Promise<Address>;
  readonly resolve: (sender: Address) => void;
  readonly reject: (error: Error) => void;
}

interface Lane {
  readonly worker: Worker;
  /** Batches sent, in the order in which the answers come. */
  readonly batches: (readonly Job[])[];
}

/**
 * Recovers the senders of transactions in worker threads. What comes while all of them are busy goes into the next
 * batch together: batches grow with the load, and a transaction that comes alone does not wait for others.
 */
export class RecoveryPool {
  readonly #lanes: Set<Lane>;
  readonly #onWorkerError: (error: Error) => void;
  /** Waiting or with a worker. */
  readonly #jobs = new Map<Hex, Job>();
  #waiting: Job[] = [];
  #dispatch: NodeJS.Immediate | undefined;
  #closed = false;
  /** Settles when the workers have, after close. */
  #ended: Promise<unknown> | undefined;

  constructor(options: RecoveryPoolOptions = {}) {
    const { threads = Math.max(1, availableParallelism() - 1), onWorkerError = () => {} } = options;
    this.#onWorkerError = onWorkerError;
    this.#lanes = new Set(Array.from({ length: threads }, () => this.#startLane()));
  }

  /**
   * The sender of a transaction that comes from outside. Rejects with TransactionError (invalidSignature, invalidFeePayer, invalidKeyAuthorization), and with
   * RecoveryError busy when too many wait.
   */
  async recover(tx: Transaction): Promise<Address> {
    if (this.#closed) throw new RecoveryError("closed");
    const known = this.#jobs.get(tx.hash);
    if (known) return known.sender;
    if (this.#waiting.length >= MAX_RECOVERY_QUEUE) throw new RecoveryError("busy", { limit: MAX_RECOVERY_QUEUE });
    const job = this.#addJob(tx);
    this.#waiting.push(job);
    this.#dispatchSoon();
    return job.sender;
  }

  /** The senders of a block, undefined where the signature is invalid. They go before those that wait, and always may. */
  async recoverMany(transactions: readonly Transaction[]): Promise<(Address | undefined)[]> {
    if (this.#closed) throw new RecoveryError("closed");
    const fresh: Job[] = [];
    const senders = transactions.map((tx) => {
      const known = this.#jobs.get(tx.hash);
      if (known) return known.sender;
      const job = this.#addJob(tx);
      fresh.push(job);
      return job.sender;
    });
    this.#waiting = fresh.concat(this.#waiting);
    this.#dispatchSoon();
    return Promise.all(senders.map((sender) => sender.catch(undefinedIfInvalid)));
  }

  /** Ends the workers. What is not recovered yet rejects with RecoveryError closed. */
  async close(): Promise<void> {
    this.#closed = true;
    clearImmediate(this.#dispatch);
    for (const job of this.#jobs.values()) job.reject(new RecoveryError("closed"));
    this.#jobs.clear();
    this.#waiting = [];
    this.#ended ??= Promise.all(Array.from(this.#lanes, ({ worker }) => end(worker)));
    await this.#ended;
  }

  #addJob(tx: Transaction): Job {
    let resolve: Job["resolve"] = () => {};
    let reject: Job["reject"] = () => {};
    const sender = new Promise<Address>((...settle) => {
      [resolve, reject] = settle;
    });
    const job = { tx, sender, resolve, reject };
    this.#jobs.set(tx.hash, job);
    return job;
  }

  /** At the end of this turn, so that what comes in the same turn goes together. */
  #dispatchSoon(): void {
    this.#dispatch ??= setImmediate(() => {
      this.#dispatch = undefined;
      this.#send();
    });
  }

  #send(): void {
    if (this.#lanes.size === 0) this.#recoverHere();
    while (this.#lanes.size > 0 && this.#waiting.length > 0) {
      const [lane] = [...this.#lanes].sort((a, b) => a.batches.length - b.batches.length);
      if (!lane || lane.batches.length >= BATCHES_PER_WORKER) return;
      const fairShare = Math.ceil(this.#waiting.length / this.#lanes.size);
      const batch = this.#take(fairShare, MAX_RECOVERY_BATCH);
      const packed = packSignatures(batch.map(({ tx }) => tx));
      lane.batches.push(batch);
      lane.worker.postMessage(packed, [packed.buffer as ArrayBuffer]);
    }
  }

  /** The first that wait, at least one: so many, and no more than they weigh together. */
  #take(count: number, weight: number): Job[] {
    let taken = 0;
    for (let left = weight; taken < Math.min(count, this.#waiting.length) && left > 0; taken++) {
      left -= this.#waiting[taken]?.tx.type === TEMPO_TYPE ? TEMPO_WEIGHT : 1;
    }
    return this.#waiting.splice(0, taken);
  }

  #recoverHere(): void {
    const batch = this.#take(MAIN_THREAD_BATCH, MAIN_THREAD_BATCH);
    this.#settle(batch, recoverSenders(packSignatures(batch.map(({ tx }) => tx))));
    if (this.#waiting.length > 0) this.#dispatchSoon();
  }

  #settle(batch: readonly Job[], packed: Uint8Array): void {
    const senders = unpackSenders(packed);
    for (const [i, { tx, resolve, reject }] of batch.entries()) {
      const answer = senders[i] as (typeof senders)[number];
      this.#jobs.delete(tx.hash);
      if (answer instanceof TransactionError) {
        reject(answer);
        continue;
      }
      if (tx.type === TEMPO_TYPE) tx.adopt(answer);
      resolve(answer.sender);
    }
  }

  #startLane(): Lane {
    const lane: Lane = { worker: new Worker(new URL("./recovery-worker.js", import.meta.url)), batches: [] };
    lane.worker.on("message", (senders: Uint8Array) => {
      const batch = lane.batches.shift();
      if (batch) this.#settle(batch, senders);
      this.#send();
    });
    lane.worker.on("error", (error) => this.#loseLane(lane, error));
    lane.worker.on("exit", (code) => this.#loseLane(lane, new Error(`recovery worker ended with code ${code}`)));
    return lane;
  }

  #loseLane(lane: Lane, error: Error): void {
    if (this.#closed || !this.#lanes.delete(lane)) return;
    this.#waiting = lane.batches.flat().concat(this.#waiting);
    this.#onWorkerError(error);
    this.#dispatchSoon();
  }
}

/** By itself, after the batches that it has: V8 may crash where a thread is terminated whose modules still load. */
function end(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once("exit", () => resolve());
    worker.postMessage(null);
  });
}

function undefinedIfInvalid(error: unknown): undefined {
  if (error instanceof TransactionError) return undefined;
  throw error;
}
