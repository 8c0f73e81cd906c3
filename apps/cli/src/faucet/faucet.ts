import type { Address, Hex } from "viem";

export interface FaucetLimits {
  /** An address is paid once in this time, in milliseconds. */
  readonly period: number;
  /** Most payments to all addresses in that time. */
  readonly payments: number;
}

export type FaucetRefusalCode = "paidAlready" | "exhausted";

/** Nothing is paid now; `retryAfter` is in seconds. */
export class FaucetRefusal extends Error {
  readonly code: FaucetRefusalCode;
  readonly retryAfter: number;
  constructor(code: FaucetRefusalCode, retryAfter: number) {
    const why = code === "paidAlready" ? "this address has been paid already" : "the faucet has paid all that it may";
    super(`${why}: try again in ${retryAfter} seconds`);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Pays addresses, each once in a period, and no more of them than told. One payment after the other, so nonces are in order. */
export class Faucet {
  readonly #limits: FaucetLimits;
  readonly #pay: (to: Address) => Promise<Hex>;
  readonly #now: () => number;
  /** When who was paid, the oldest first: at most as many as there are payments in a period. */
  readonly #paid = new Map<Address, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(limits: FaucetLimits, pay: (to: Address) => Promise<Hex>, now: () => number) {
    this.#limits = limits;
    this.#pay = pay;
    this.#now = now;
  }

  /** The transaction that paid the address. Rejects with FaucetRefusal, and with what the payment failed of: then it may be tried again. */
  async request(address: Address): Promise<Hex> {
    const to = address.toLowerCase() as Address;
    this.#count(to);
    const payment = this.#last.then(() => this.#pay(to));
    this.#last = payment.catch(() => undefined);
    try {
      return await payment;
    } catch (error) {
      this.#paid.delete(to);
      throw error;
    }
  }

  #count(to: Address): void {
    const now = this.#now();
    const { period, payments } = this.#limits;
    for (const [address, at] of this.#paid) {
      if (at + period > now) break;
      this.#paid.delete(address);
    }
    const secondsUntil = (time: number) => Math.ceil((time + period - now) / 1000);
    const before = this.#paid.get(to);
    if (before !== undefined) throw new FaucetRefusal("paidAlready", secondsUntil(before));
    if (this.#paid.size >= payments) {
      const [oldest = now] = this.#paid.values();
      throw new FaucetRefusal("exhausted", secondsUntil(oldest));
    }
    this.#paid.set(to, now);
  }
}
