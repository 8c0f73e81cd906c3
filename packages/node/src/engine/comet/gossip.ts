import type { BlockRecord, Transaction } from "@ruffchain/kernel";
import type { Mempool } from "../../mempool/mempool.js";
import { encodeGossip, MAX_GOSSIP_TXS } from "./gossip-message.js";

/** Most bytes of transactions that are handed out to be sent to the peers at once. */
export const MAX_REAP_BYTES = 4 * 2 ** 20;
/** Most bytes of transactions in one batch to the peers, unless a single one has more. */
export const MAX_GOSSIP_BYTES = 2 ** 15;
/** Blocks after which a transaction that still waits is sent again: a peer may have come later, or have lost it. */
export const REOFFER_BLOCKS = 20;

/**
 * What is to be sent to the peers: every transaction that becomes executable, from clients or from peers, so that it
 * reaches nodes that are not connected with where it came from. Peers pass over those that they have seen. Many go in
 * one batch, for each costs CometBFT, and the node at the other end, a turn.
 */
export class Gossip {
  readonly #pool: Mempool;
  #fresh: Transaction[] = [];
  /** By hash, with the height at which each was handed out last, in that order. */
  readonly #offered = new Map<string, { readonly tx: Transaction; readonly height: number }>();

  constructor(pool: Mempool) {
    this.#pool = pool;
    pool.onPending((tx) => this.#fresh.push(tx));
  }

  /** The next messages to send, at most so many bytes of transactions, and at least one if there is one. */
  reap(height: number, maxBytes: number): Uint8Array[] {
    this.#reoffer(height);
    const messages: Uint8Array[] = [];
    let batch: Uint8Array[] = [];
    let batchBytes = 0;
    let bytes = 0;
    let taken = 0;
    for (const tx of this.#fresh) {
      const { length } = tx.raw;
      if (bytes > 0 && bytes + length > maxBytes) break;
      taken++;
      if (!this.#pool.has(tx.hash)) continue;
      if (batch.length === MAX_GOSSIP_TXS || (batch.length > 0 && batchBytes + length > MAX_GOSSIP_BYTES)) {
        messages.push(encodeGossip(batch));
        batch = [];
        batchBytes = 0;
      }
      batch.push(tx.raw);
      batchBytes += length;
      bytes += length;
      this.#offered.set(tx.hash, { tx, height });
    }
    if (batch.length > 0) messages.push(encodeGossip(batch));
    this.#fresh = this.#fresh.slice(taken);
    return messages;
  }

  committed({ transactions }: BlockRecord): void {
    for (const { hash } of transactions) this.#offered.delete(hash);
    // While CometBFT catches up it sends nothing, and what waits here has no other end.
    if (this.#fresh.length > 2 * this.#pool.status().pending) {
      this.#fresh = this.#fresh.filter(({ hash }) => this.#pool.has(hash));
    }
  }

  #reoffer(height: number): void {
    for (const [hash, offer] of this.#offered) {
      if (offer.height + REOFFER_BLOCKS > height) return;
      this.#offered.delete(hash);
      this.#fresh.push(offer.tx);
    }
  }
}
