import { type Application, TEMPO_TYPE, type Transaction, TransactionError } from "@ruffchain/kernel";
import type { Mempool } from "../../mempool/mempool.js";
import { RecoveryError } from "../../recovery/recovery-error.js";
import type { RecoveryPool } from "../../recovery/recovery-pool.js";

/**
 * Transactions from peers whose sender is being recovered. With more, CometBFT waits for its answer, and reads no more
 * from a peer while one of that peer's waits: ABCI does not tell peers apart, but a flood is held back where it comes
 * from, and clients of this node always find room in the queue of recoveries.
 */
export const MAX_UNCHECKED_PEER_TXS = 512;

export interface PeerIntakeModules {
  readonly application: Application;
  readonly mempool: Mempool;
  readonly recovery: RecoveryPool;
  readonly onRefusal: (error: TransactionError) => void;
}

/** Puts what peers send into the pool: first what costs little to check, then the signature, in a worker thread. */
export class PeerIntake {
  readonly #modules: PeerIntakeModules;
  #unchecked = 0;
  #wake: () => void = () => {};

  constructor(modules: PeerIntakeModules) {
    this.#modules = modules;
  }

  /** 0, or the code of TransactionError where a look at the transaction is enough to refuse it. */
  insert(raw: Uint8Array): number | Promise<number> {
    const { application, mempool } = this.#modules;
    let tx: Transaction;
    try {
      // It stays for long, and the message that it came in must not.
      tx = application.decode(Uint8Array.from(raw));
      if (mempool.has(tx.hash)) return 0;
      application.checkStateless(tx);
    } catch (error) {
      return this.#refused(error);
    }
    if (this.#unchecked < MAX_UNCHECKED_PEER_TXS) return this.#begin(tx);
    return this.#room().then(() => this.#begin(tx));
  }

  #begin(tx: Transaction): number {
    const { application, mempool, recovery } = this.#modules;
    this.#unchecked++;
    recovery
      .recover(tx)
      .then((sender) => {
        application.senders.put(tx.hash, sender);
        if (tx.type === TEMPO_TYPE) application.checkPooled(tx, BigInt(Math.floor(Date.now() / 1000)));
        mempool.add(tx, sender);
      })
      .catch((error) => this.#refused(error))
      .finally(() => {
        this.#unchecked--;
        this.#wake();
      });
    return 0;
  }

  /** Requests of a connection come one after the other, so there is never more than one that waits. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #refused(error: unknown): number {
    // Where the node is too busy to recover a sender, other nodes have the transaction, and offer it again.
    if (error instanceof RecoveryError) return 0;
    if (!(error instanceof TransactionError)) throw error;
    this.#modules.onRefusal(error);
    return error.number;
  }
}
