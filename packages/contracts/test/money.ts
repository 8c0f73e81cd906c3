import { type Address, token, tokens } from "@ruffchain/abi";
import { type Account, type Chain, eventOf } from "./chain.js";

/** Makes a currency issued by `issuer` and gives each account the amount. Returns its reference. */
export async function makeCurrency(chain: Chain, issuer: Account, accounts: readonly Account[], amount: bigint) {
  const { events } = await chain.send(issuer, tokens, "create", ["Test euro", "EUR", 2, false]);
  const currency = token(eventOf(events, "TokenCreated").token as Address);
  for (const { id } of accounts) await chain.send(issuer, currency, "mint", [id, amount]);
  return currency;
}

export type Currency = Awaited<ReturnType<typeof makeCurrency>>;

/** Sum of what the addresses have. */
export async function totalOf(chain: Chain, currency: Currency, addresses: readonly Address[]): Promise<bigint> {
  let total = 0n;
  for (const address of addresses) total += await chain.read(currency, "balanceOf", [address]);
  return total;
}
