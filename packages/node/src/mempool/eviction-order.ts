import { Heap } from "./heap.js";
import { effectiveTip, type Pooled } from "./pooled.js";

/** What counts when the pool is full: first whether a block could have it now, then what it pays, then who came first. */
export interface Rank {
  readonly item: Pooled;
  readonly executable: boolean;
  readonly tip: number;
}

export function rank(item: Pooled, pending: boolean, baseFee: number): Rank {
  const tip = effectiveTip(item, baseFee);
  return { item, executable: pending && tip >= 0, tip };
}

export function isWorse(a: Rank, b: Rank): boolean {
  if (a.executable !== b.executable) return b.executable;
  return a.tip === b.tip ? a.item.arrival > b.item.arrival : a.tip < b.tip;
}

/** The pool's transactions, the worst first, at one base fee. */
export class EvictionOrder {
  readonly #baseFee: number;
  readonly #isInPool: (item: Pooled) => boolean;
  readonly #heap: Heap<Rank>;
  /** The newest rank of each: what the heap has of older ones does not count. */
  readonly #newest = new Map<Pooled, Rank>();

  constructor(items: Iterable<Pooled>, baseFee: number, isInPool: (item: Pooled) => boolean) {
    this.#baseFee = baseFee;
    this.#isInPool = isInPool;
    this.#heap = new Heap(
      isWorse,
      Array.from(items, (item) => this.#rank(item)),
    );
  }

  /** Notes one that is new or whose `pending` has changed; those that have left the pool are passed over by themselves. */
  note(item: Pooled): void {
    this.#heap.push(this.#rank(item));
  }

  /** Puts back what `takeWorst` gave. */
  restore(rank: Rank): void {
    this.#heap.push(rank);
  }

  takeWorst(): Rank | undefined {
    for (let worst = this.#heap.pop(); worst; worst = this.#heap.pop()) {
      if (this.#newest.get(worst.item) !== worst) continue;
      if (this.#isInPool(worst.item)) return worst;
      this.#newest.delete(worst.item);
    }
    return undefined;
  }

  #rank(item: Pooled): Rank {
    const newest = rank(item, item.pending, this.#baseFee);
    this.#newest.set(item, newest);
    return newest;
  }
}
