import type { Address, Hex } from "@ruffchain/abi";
import { recoverAddress } from "../crypto/recover-address.js";
import { bytesToHex } from "../hex.js";
import { LruMap } from "../lru-map.js";
import { TransactionError } from "./error.js";
import { TEMPO_TYPE, type Transaction } from "./transaction.js";

/** Senders that are kept: as many as a full mempool and a block in execution have. */
export const SENDER_CACHE_SIZE = 100_000;

/** The senders of transactions, recovered once and kept until the transaction is executed. */
export class Senders {
  readonly #known: LruMap<Hex, Address>;

  constructor(capacity: number = SENDER_CACHE_SIZE) {
    this.#known = new LruMap(capacity);
  }

  /** Recovers the sender where it is not known yet. Throws TransactionError invalidSignature, and as `signers` of type 0x76. */
  get(tx: Transaction): Address {
    if (tx.type === TEMPO_TYPE) return tx.signers().sender;
    const known = this.#known.get(tx.hash);
    if (known !== undefined) return known;
    const recovered = recoverAddress(tx.signingHash(), tx.signature, tx.yParity);
    if (!recovered) throw new TransactionError("invalidSignature");
    const sender = bytesToHex(recovered);
    this.#known.set(tx.hash, sender);
    return sender;
  }

  /** Notes a sender that a worker thread has recovered. */
  put(hash: Hex, sender: Address): void {
    this.#known.set(hash, sender);
  }

  delete(hash: Hex): void {
    this.#known.delete(hash);
  }
}
