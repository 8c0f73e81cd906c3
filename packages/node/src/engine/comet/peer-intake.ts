import type { Hex } from "@ruffchain/abi";
import { bytesToHex, keccak256, LruMap, type Transaction, TransactionError } from "@ruffchain/kernel";
import { type AdmissionModules, admit } from "../../mempool/admit.js";
import { RecoveryError } from "../../recovery/recovery-error.js";
import { decodeGossip } from "./gossip-message.js";

/**
 * Transactions from peers whose sender is being recovered. With more, CometBFT waits for its answer, and reads no more
 * from a peer while one of that peer's waits: ABCI does not tell peers apart, but a flood is held back where it comes
 * from, and clients of this node always find room in the queue of recoveries.
 */
export const MAX_UNCHECKED_PEER_TXS = 512;

/** Transactions of peers that are remembered so that they are not checked again. */
export const SEEN_PEER_TXS = 100_000;

export interface PeerIntakeModules extends AdmissionModules {
  readonly onRefusal: (error: TransactionError) => void;
}

/** Puts what peers send into the pool: first what costs little to check, then the signature, in a worker thread. */
export class PeerIntake {
  readonly #modules: PeerIntakeModules;
  /** Taken in lately: the same comes from each peer, also when it is in a block already. */
  readonly #seen = new LruMap<Hex, true>(SEEN_PEER_TXS);
  #unchecked = 0;
  #wake: () => void = () => {};

  constructor(modules: PeerIntakeModules) {
    this.#modules = modules;
  }

  /** 0, or the code of the TransactionError of a transaction that a look at it is enough to refuse. */
  insert(message: Uint8Array): number | Promise<number> {
    let txs: readonly Uint8Array[];
    try {
      txs = decodeGossip(message);
    } catch (error) {
      return this.#refused(error);
    }
    return this.#insertFrom(txs, 0, 0);
  }

  /** From the transaction at `next` on, as long as there is room; `code` is of one that came before it. */
  #insertFrom(txs: readonly Uint8Array[], next: number, code: number): number | Promise<number> {
    let refused = code;
    for (let i = next; i < txs.length; i++) {
      if (this.#unchecked >= MAX_UNCHECKED_PEER_TXS) {
        return this.#room().then(() => this.#insertFrom(txs, i, refused));
      }
      refused = this.#insertOne(txs[i] as Uint8Array) || refused;
    }
    return refused;
  }

  #insertOne(raw: Uint8Array): number {
    const { application, mempool } = this.#modules;
    const hash = bytesToHex(keccak256(raw));
    if (this.#seen.get(hash) || mempool.has(hash)) return 0;
    try {
      // It stays for long, and the message that it came in must not.
      const tx = application.decode(new Uint8Array(raw));
      application.checkStateless(tx);
      this.#begin(tx);
      return 0;
    } catch (error) {
      return this.#refused(error);
    }
  }

  #begin(tx: Transaction): void {
    this.#seen.set(tx.hash, true);
    this.#unchecked++;
    admit(tx, this.#modules)
      .catch((error) => {
        // Another time it may be taken.
        this.#seen.delete(tx.hash);
        this.#refused(error);
      })
      .finally(() => {
        this.#unchecked--;
        this.#wake();
      });
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
