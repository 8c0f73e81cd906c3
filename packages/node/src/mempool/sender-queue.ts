import type { Pooled } from "./pooled.js";

/** What the newest committed state says of a sender. */
export interface AccountState {
  readonly nonce: number;
  /** In wei. */
  readonly balance: bigint;
}

/** One sender's transactions by nonce: first those that are pending, then those behind a gap. */
export class SenderQueue {
  account: AccountState;
  readonly #items: Pooled[] = [];
  #pending = 0;
  #cost = 0n;

  constructor(account: AccountState) {
    this.account = account;
  }

  get items(): readonly Pooled[] {
    return this.#items;
  }

  /** How many are pending. */
  get pending(): number {
    return this.#pending;
  }

  get queued(): number {
    return this.#items.length - this.#pending;
  }

  /** What all of them can cost, in wei. */
  get cost(): bigint {
    return this.#cost;
  }

  /** The lowest nonce that is neither executed nor in the queue. */
  get nextNonce(): number {
    return this.account.nonce + this.#pending;
  }

  get(nonce: number): Pooled | undefined {
    const item = this.#items[this.#indexOf(nonce)];
    return item?.tx.nonce === nonce ? item : undefined;
  }

  /** Adds one, in place of the one that has its nonce. Returns those that became pending. */
  put(item: Pooled): readonly Pooled[] {
    const at = this.#indexOf(item.tx.nonce);
    const replaced = this.get(item.tx.nonce);
    this.#items.splice(at, replaced ? 1 : 0, item);
    this.#cost += item.cost - (replaced?.cost ?? 0n);
    if (!replaced?.pending) return this.#promote();
    item.pending = true;
    return [item];
  }

  /** Takes one out. Returns those that are no longer pending without it. */
  remove(item: Pooled): readonly Pooled[] {
    const at = this.#indexOf(item.tx.nonce);
    this.#items.splice(at, 1);
    this.#cost -= item.cost;
    if (!item.pending) return [];
    const demoted = this.#items.slice(at, this.#pending - 1);
    for (const behind of demoted) behind.pending = false;
    this.#pending = at;
    return demoted;
  }

  /** Takes over a newer state. Returns what is executed, or cannot be paid any more, and what became pending. */
  update(account: AccountState): { readonly dropped: readonly Pooled[]; readonly promoted: readonly Pooled[] } {
    this.account = account;
    const dropped = this.#items.splice(0, this.#indexOf(account.nonce));
    for (const { cost } of dropped) this.#cost -= cost;
    this.#pending = Math.max(0, this.#pending - dropped.length);
    while (this.#cost > account.balance) {
      const last = this.#items.pop();
      if (!last) break;
      this.#cost -= last.cost;
      dropped.push(last);
    }
    this.#pending = Math.min(this.#pending, this.#items.length);
    return { dropped, promoted: this.#promote() };
  }

  #promote(): readonly Pooled[] {
    const promoted: Pooled[] = [];
    for (;;) {
      const next = this.#items[this.#pending];
      if (next?.tx.nonce !== this.nextNonce) return promoted;
      next.pending = true;
      promoted.push(next);
      this.#pending++;
    }
  }

  /** Of the first whose nonce is not below. */
  #indexOf(nonce: number): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle] as Pooled).tx.nonce < nonce) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
