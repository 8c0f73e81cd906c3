import { assetClass, assets, market, rightScope, rights, token, tokens } from "@ruffchain/abi";
import {
  type Address,
  type Chain,
  createClient,
  type Hex,
  http,
  type LocalAccount,
  publicActions,
  walletActions,
  zeroHash,
} from "viem";
import type { Offer } from "./offer.js";

/** In cents. */
const PRICE_PER_HOUR = 30_00n;
const WELCOME = 100_00n;

export interface Fleet {
  readonly offer: Offer;
  /** The bank's gift to a new account: 100.00 of its currency. */
  welcome(account: Address): Promise<void>;
}

/** A bank issues a currency, and a firm offers a car for it by the hour. */
export async function foundFleet(options: {
  readonly chain: Chain;
  readonly bank: LocalAccount;
  readonly firm: LocalAccount;
  readonly vin: string;
}): Promise<Fleet> {
  const { chain, vin } = options;
  const bank = actor(chain, options.bank);
  const firm = actor(chain, options.firm);

  const created = await bank.simulateContract({
    ...tokens,
    functionName: "create",
    args: ["Euro on Ruff", "EURR", 2, false],
  });
  await confirmed(bank, bank.writeContract(created.request));
  const currency = token(created.result);

  const registered = await firm.simulateContract({ ...assets, functionName: "register", args: [assetClass.car, vin] });
  await confirmed(firm, firm.writeContract(registered.request));
  await confirmed(firm, firm.writeContract({ ...rights, functionName: "setGrantor", args: [market.address, true] }));
  const card = {
    currency: currency.address,
    pricePerHour: PRICE_PER_HOUR,
    pricePerKm: 0n,
    pricePerKwh: 0n,
    deposit: 0n,
    debtLimit: 0n,
    lateFeePerMinute: 0n,
    areaFee: 0n,
    minDuration: 1_800,
    maxDuration: 86_400,
    area: zeroHash,
    scope: rightScope.unlock | rightScope.lock | rightScope.start,
    maxAge: 60,
  };
  const set = await firm.simulateContract({ ...market, functionName: "setRateCard", args: [registered.result, card] });
  await confirmed(firm, firm.writeContract(set.request));

  return {
    offer: {
      rpc: chain.rpcUrls.default.http[0] as string,
      chainId: chain.id,
      currency: currency.address,
      asset: registered.result.toString(),
      card: set.result.toString(),
    },
    welcome: (account) =>
      confirmed(bank, bank.writeContract({ ...currency, functionName: "mint", args: [account, WELCOME] })),
  };
}

function actor(chain: Chain, account: LocalAccount) {
  return createClient({ account, chain, transport: http(), pollingInterval: 100 })
    .extend(publicActions)
    .extend(walletActions);
}

async function confirmed(client: ReturnType<typeof actor>, sent: Promise<Hex>): Promise<void> {
  const receipt = await client.waitForTransactionReceipt({ hash: await sent });
  if (receipt.status !== "success") throw new Error(`${receipt.transactionHash} was reverted`);
}
