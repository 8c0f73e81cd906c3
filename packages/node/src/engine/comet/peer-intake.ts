import type { Hex } from "@ruffchain/abi";
import { bytesToHex, keccak256, LruMap, type Transaction, TransactionError } from "@ruffchain/kernel";
import { type AdmissionModules, admit } from "../../mempool/admit.js";
import { RecoveryError } from "../../recovery/recovery-error.js";
import { decodeGossip } from "./gossip-message.js";

/** Transactions from peers whose sender is being recovered: clients of this node always find room in that queue. */
export const MAX_UNCHECKED_PEER_TXS = 512;

/** Bytes of transactions from peers that wait to be checked. What comes beyond is passed over: peers offer it again. */
export const MAX_WAITING_PEER_BYTES = 4 * 2 ** 20;

/** Transactions of peers that are remembered so that they are not checked again. */
export const SEEN_PEER_TXS = 100_000;

export interface PeerIntakeModules extends AdmissionModules {
  readonly onRefusal: (error: TransactionError) => void;
  /** Told of so many transactions that were passed over for want of room. */
  readonly onPassedOver: (count: number) => void;
}

/**
 * Puts what peers send into the pool: first what costs little to check, then the signature, in a worker thread. Nobody
 * waits for it: CometBFT reads nothing else from a peer, not even its votes, until a transaction of it is answered.
 */
export class PeerIntake {
  readonly #modules: PeerIntakeModules;
  /** Taken in lately: the same comes from each peer, also when it is in a block already. */
  readonly #seen = new LruMap<Hex, true>(SEEN_PEER_TXS);
  /** Those that wait, the first of them last in `#next`, and behind it all of `#later`. */
  #next: Uint8Array[] = [];
  #later: Uint8Array[] = [];
  #waitingBytes = 0;
  #unchecked = 0;

  constructor(modules: PeerIntakeModules) {
    this.#modules = modules;
  }

  /** 0, or the code of the TransactionError of a transaction that a look at it is enough to refuse. */
  insert(message: Uint8Array): number {
    try {
      this.#queue(decodeGossip(message));
    } catch (error) {
      return this.#refused(error);
    }
    return this.#begin();
  }

  #queue(txs: readonly Uint8Array[]): void {
    let passedOver = 0;
    for (const raw of txs) {
      if (this.#waitingBytes + raw.length > MAX_WAITING_PEER_BYTES) {
        passedOver++;
        continue;
      }
      const hash = bytesToHex(keccak256(raw));
      if (this.#seen.get(hash) || this.#modules.mempool.has(hash)) continue;
      this.#seen.set(hash, true);
      // It stays for long, and the message that it came in must not.
      this.#later.push(new Uint8Array(raw));
      this.#waitingBytes += raw.length;
    }
    if (passedOver > 0) this.#modules.onPassedOver(passedOver);
  }

  /** Begins with those that wait, as long as there is room; the code of one that was refused. */
  #begin(): number {
    let code = 0;
    while (this.#unchecked < MAX_UNCHECKED_PEER_TXS) {
      if (this.#next.length === 0) [this.#next, this.#later] = [this.#later.reverse(), this.#next];
      const raw = this.#next.pop();
      if (!raw) break;
      this.#waitingBytes -= raw.length;
      code = this.#check(raw) || code;
    }
    return code;
  }

  #check(raw: Uint8Array): number {
    const { application } = this.#modules;
    try {
      const tx = application.decode(raw);
      application.checkStateless(tx);
      this.#admit(tx);
      return 0;
    } catch (error) {
      return this.#refused(error);
    }
  }

  #admit(tx: Transaction): void {
    this.#unchecked++;
    admit(tx, this.#modules)
      .catch((error) => {
        // Another time it may be taken.
        this.#seen.delete(tx.hash);
        this.#refused(error);
      })
      .finally(() => {
        this.#unchecked--;
        this.#begin();
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
