import type { Address } from "@ruffchain/abi";
import { callsOf, type Transaction } from "@ruffchain/kernel";
import type { AccountState, MempoolLimits } from "@ruffchain/node";

interface Item {
  readonly tx: Transaction;
  readonly sender: Address;
  readonly arrival: number;
}

/** What Mempool has to do, worked out anew each time from a plain list. */
export class NaiveMempool {
  items: Item[] = [];
  baseFee: bigint;
  readonly #account: (address: Address) => AccountState;
  readonly #limits: MempoolLimits;
  #arrivals = 0;

  constructor(account: (address: Address) => AccountState, baseFee: bigint, limits: MempoolLimits) {
    this.#account = account;
    this.baseFee = baseFee;
    this.#limits = limits;
  }

  /** The code of the refusal, or undefined. */
  add(tx: Transaction, sender: Address): string | undefined {
    const { nonce, balance } = this.#account(sender);
    const own = this.#of(sender);
    const next = this.pendingNonce(sender);
    const old = own.find((item) => item.tx.nonce === tx.nonce);
    const item = { tx, sender, arrival: this.#arrivals++ };
    if (this.items.some((each) => each.tx.hash === tx.hash)) return "alreadyKnown";
    if (tx.nonce < nonce) return "nonceTooLow";
    if (tx.nonce > next + this.#limits.nonceGap) return "nonceTooHigh";
    if (old) {
      if (tx.maxFeePerGas * 10n < old.tx.maxFeePerGas * 11n) return "underpricedReplacement";
      if (tx.maxPriorityFeePerGas * 10n < old.tx.maxPriorityFeePerGas * 11n) return "underpricedReplacement";
    } else {
      if (own.length >= this.#limits.txsPerSender) return "senderLimit";
      const queued = own.filter((each) => each.tx.nonce > next).length;
      if (tx.nonce > next && queued >= this.#limits.queuedPerSender) return "senderLimit";
    }
    const after = own.filter((each) => each !== old).concat(item);
    if (after.reduce((sum, each) => sum + cost(each.tx), 0n) > balance) return "insufficientFunds";
    const kept = this.#makeRoom(item, old, tx.nonce <= next);
    if (!kept) return "poolFull";
    this.items = kept;
    return undefined;
  }

  committed(senders: readonly Address[], baseFee: bigint): void {
    this.baseFee = baseFee;
    for (const sender of senders) {
      const { nonce, balance } = this.#account(sender);
      this.items = this.items.filter((item) => item.sender !== sender || item.tx.nonce >= nonce);
      let sum = 0n;
      const affordable = new Set<Item>();
      for (const item of this.#of(sender)) {
        sum += cost(item.tx);
        if (sum <= balance) affordable.add(item);
      }
      this.items = this.items.filter((item) => item.sender !== sender || affordable.has(item));
    }
  }

  remove(hash: string): void {
    this.items = this.items.filter(({ tx }) => tx.hash !== hash);
  }

  pendingNonce(sender: Address): number {
    let next = this.#account(sender).nonce;
    for (const { tx } of this.#of(sender)) if (tx.nonce === next) next++;
    return next;
  }

  select(gasLimit: number): Transaction[] {
    const selected: Transaction[] = [];
    const nextNonces = new Map(this.items.map(({ sender }) => [sender, this.#account(sender).nonce]));
    for (let gas = gasLimit; ; ) {
      const [best] = this.items
        .filter(({ tx, sender }) => tx.nonce === nextNonces.get(sender) && this.#tip(tx) >= 0n)
        .sort((a, b) => compare(this.#tip(b.tx), this.#tip(a.tx)) || a.arrival - b.arrival);
      if (!best || gas < 21_000) return selected;
      if (best.tx.gasLimit <= gas) {
        selected.push(best.tx);
        gas -= best.tx.gasLimit;
        nextNonces.set(best.sender, best.tx.nonce + 1);
      } else nextNonces.delete(best.sender);
    }
  }

  contentFrom(sender: Address): { pending: Transaction[]; queued: Transaction[] } {
    const next = this.pendingNonce(sender);
    const transactions = this.#of(sender).map(({ tx }) => tx);
    return {
      pending: transactions.filter(({ nonce }) => nonce < next),
      queued: transactions.filter(({ nonce }) => nonce >= next),
    };
  }

  /** The items with the new one, or undefined where it is not worth it. */
  #makeRoom(item: Item, old: Item | undefined, pending: boolean): Item[] | undefined {
    const executable = (each: Item) =>
      (each === item ? pending : each.tx.nonce < this.pendingNonce(each.sender)) && this.#tip(each.tx) >= 0n;
    const others = this.items.filter((each) => each !== old);
    const fromBest = [...others, item].sort(
      (a, b) =>
        Number(executable(b)) - Number(executable(a)) ||
        compare(this.#tip(b.tx), this.#tip(a.tx)) ||
        a.arrival - b.arrival,
    );
    const evicted = new Set<Item>();
    for (;;) {
      const kept = [...others.filter((each) => !evicted.has(each)), item];
      const bytes = kept.reduce((sum, { tx }) => sum + tx.raw.length, 0);
      if (kept.length <= this.#limits.txs && bytes <= this.#limits.bytes) return kept;
      const worst = fromBest.pop();
      if (!worst || worst === item) return undefined;
      if (worst.sender === item.sender && worst.tx.nonce < item.tx.nonce) return undefined;
      evicted.add(worst);
    }
  }

  #of(sender: Address): Item[] {
    return this.items.filter((item) => item.sender === sender).sort((a, b) => a.tx.nonce - b.tx.nonce);
  }

  #tip(tx: Transaction): bigint {
    const left = tx.maxFeePerGas - this.baseFee;
    return left < tx.maxPriorityFeePerGas ? left : tx.maxPriorityFeePerGas;
  }
}

function cost(tx: Transaction): bigint {
  return BigInt(tx.gasLimit) * tx.maxFeePerGas + callsOf(tx).reduce((sum, { value }) => sum + value, 0n);
}

function compare(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
