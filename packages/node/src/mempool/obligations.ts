import type { Address } from "@ruffchain/abi";
import type { Pooled } from "./pooled.js";

interface Obligation {
  cost: bigint;
  txs: number;
  readonly lanes: Map<string, number>;
}

const NOTHING: Readonly<Obligation> = { cost: 0n, txs: 0, lanes: new Map() };

/** What accounts owe for transactions that are not in their own lane, and for those of others that they pay for. */
export class Obligations {
  readonly #byAccount = new Map<Address, Obligation>();

  add(item: Pooled): void {
    this.#change(item, 1);
  }

  remove(item: Pooled): void {
    this.#change(item, -1);
  }

  /** In wei. */
  costOf(account: Address): bigint {
    return this.#of(account).cost;
  }

  /** Transactions that the account has sent in other lanes than its own. */
  txsOf(account: Address): number {
    return this.#of(account).txs;
  }

  /** The other lanes in which the account has transactions. */
  lanesOf(account: Address): string[] {
    return [...this.#of(account).lanes.keys()];
  }

  #of(account: Address): Readonly<Obligation> {
    return this.#byAccount.get(account) ?? NOTHING;
  }

  #change({ sender, lane, cost, sponsor }: Pooled, sign: 1 | -1): void {
    if (lane !== sender) {
      this.#update(sender, ({ lanes, ...before }) => {
        const inLane = (lanes.get(lane) ?? 0) + sign;
        if (inLane > 0) lanes.set(lane, inLane);
        else lanes.delete(lane);
        return { lanes, cost: before.cost + BigInt(sign) * cost, txs: before.txs + sign };
      });
    }
    if (sponsor) {
      this.#update(sponsor.address, (before) => ({ ...before, cost: before.cost + BigInt(sign) * sponsor.cost }));
    }
  }

  #update(account: Address, change: (before: Obligation) => Obligation): void {
    const after = change(this.#byAccount.get(account) ?? { cost: 0n, txs: 0, lanes: new Map() });
    if (after.txs === 0 && after.cost === 0n) this.#byAccount.delete(account);
    else this.#byAccount.set(account, after);
  }
}
