import type { Address } from "viem";

/**
 * What every account should have of the currency, kept by the story from its own rules, in minor units. It is compared
 * with the chain at the end: not one number of it is read from there.
 */
export class Ledger {
  readonly #balances = new Map<Address, bigint>();

  mint(to: Address, amount: bigint): void {
    this.#balances.set(to, this.of(to) + amount);
  }

  move(from: Address, to: Address, amount: bigint): void {
    this.mint(from, -amount);
    this.mint(to, amount);
  }

  of(account: Address): bigint {
    return this.#balances.get(account) ?? 0n;
  }
}

/** n / d, rounded half up. */
export function roundHalfUp(n: bigint, d: bigint): bigint {
  return (2n * n + d) / (2n * d);
}

/** Minor units as people write them, with two decimals. */
export function money(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${amount < 0n ? "-" : ""}${whole}.${digits.slice(-2)}`;
}
