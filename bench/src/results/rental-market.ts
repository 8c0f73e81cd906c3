import type { Hex } from "@ruffchain/abi";
import type { LoadAccount } from "../load/account.js";
import type { LoadDevice } from "../load/device.js";
import type { Log } from "../load/setup-transactions.js";
import type { LoadCall } from "../load/sign.js";
import type { RunningPeer } from "../peers/peer.js";

/** Prices in round figures: 12.00 an hour, 0.30 a km, 0.50 a kWh, deposit 100.00. */
export const CARD = {
  pricePerHour: 1_200n,
  pricePerKm: 30n,
  pricePerKwh: 50n,
  deposit: 10_000n,
  debtLimit: 5_000n,
  lateFeePerMinute: 20n,
  areaFee: 2_500n,
  minDuration: 60,
  maxDuration: 7 * 86_400,
  maxAge: 3_600,
  scope: 7,
} as const;

export const ANYWHERE: Hex = `0x${"00".repeat(32)}`;
export const RENTAL_GAS = 2_000_000;

/** What a car measures at the begin and at the end of each rental. */
export const BEGIN = { sequence: 1n, odometer: 1_000_000n, energy: 50_000n, leftArea: false } as const;
export const END = { sequence: 2n, odometer: 1_042_500n, energy: 57_300n, leftArea: false } as const;
export const HERE = { latitude: 464_982_872, longitude: 75_678_901 } as const;

/** One side of the comparison: the calls of rentals, asset by asset. Assets are numbered from 0. */
export interface RentalMarket {
  book(asset: number, from: bigint, until: bigint): LoadCall;
  /** The booked right and its asset where the log says that. */
  readBooking(log: Log): { readonly right: bigint; readonly asset: number } | undefined;
  /** Opening, check-out and check-in, in this order. */
  use(asset: number, right: bigint, time: bigint): readonly LoadCall[];
}

/** Makes currency, assets with a device each, rate cards, and the renters' approvals. */
export type PrepareMarket = (
  running: RunningPeer,
  firm: LoadAccount,
  renters: readonly LoadAccount[],
  devices: readonly LoadDevice[],
) => Promise<RentalMarket>;
