import { assetClass, assets, devices, market, rights } from "@ruffchain/abi";
import type { KeyKind } from "@ruffchain/cose";
import { type Account, type Chain, eventOf } from "./chain.js";
import { makeDevice, registerDevice, type TestDevice } from "./device.js";
import type { Currency } from "./money.js";

/** Hash that stands for no bound on the area. */
export const ANYWHERE = `0x${"00".repeat(32)}` as const;

/** Registers an asset and lets the market grant rights to it. Returns its id. */
export async function makeAsset(chain: Chain, owner: Account, serial: string): Promise<bigint> {
  const { events } = await chain.send(owner, assets, "register", [assetClass.other, serial]);
  await chain.send(owner, rights, "setGrantor", [market.address, true]);
  return eventOf(events, "Registered").id as bigint;
}

/** A rate card in round figures: 12.00 an hour, 0.30 a km, 0.50 a kWh, deposit 100.00. */
export function rateCard(currency: Currency) {
  return {
    currency: currency.address,
    pricePerHour: 1_200n,
    pricePerKm: 30n,
    pricePerKwh: 50n,
    deposit: 10_000n,
    debtLimit: 5_000n,
    lateFeePerMinute: 20n,
    areaFee: 2_500n,
    minDuration: 1_800,
    maxDuration: 7 * 86_400,
    area: ANYWHERE as `0x${string}`,
    scope: 7,
    maxAge: 3_600,
  };
}

/** Makes a device, registers it and binds it to the asset. */
export async function installDevice(chain: Chain, owner: Account, asset: bigint, kind: KeyKind): Promise<TestDevice> {
  const device = makeDevice(kind);
  await registerDevice(chain, owner, device);
  await chain.send(owner, devices, "bind", [device.id, asset]);
  return device;
}
