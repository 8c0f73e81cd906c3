import { roundHalfUp } from "@ruffchain/finance";

const METRES_PER_KM = 1_000n;
const WATT_HOURS_PER_KWH = 1_000n;
const SECONDS_PER_MINUTE = 60n;

/** Prices of a rate card, in minor units. */
interface Rates {
  readonly pricePerKm: bigint;
  readonly pricePerKwh: bigint;
  readonly lateFeePerMinute: bigint;
  readonly areaFee: bigint;
}

/** What was measured: metres, watt-hours, seconds after the end of the right. */
interface Use {
  readonly distance: bigint;
  readonly energy: bigint;
  readonly lateness: bigint;
  readonly leftArea: boolean;
}

/** What a use costs beside the booked hours. A minute begun late counts as a whole one. */
export function chargesFor(rates: Rates, { distance, energy, lateness, leftArea }: Use) {
  const distanceFee = roundHalfUp(distance * rates.pricePerKm, METRES_PER_KM);
  const energyFee = roundHalfUp(energy * rates.pricePerKwh, WATT_HOURS_PER_KWH);
  const lateFee = ((lateness + SECONDS_PER_MINUTE - 1n) / SECONDS_PER_MINUTE) * rates.lateFeePerMinute;
  const areaFee = leftArea ? rates.areaFee : 0n;
  return { distanceFee, energyFee, lateFee, areaFee, total: distanceFee + energyFee + lateFee + areaFee };
}

/** How a deposit answers for the charges: paid out of it, owed beyond it up to `debtLimit`, given back. */
export function split(deposit: bigint, total: bigint, debtLimit: bigint) {
  const paid = total < deposit ? total : deposit;
  const short = total - paid;
  return { paid, debt: short < debtLimit ? short : debtLimit, refund: deposit - paid };
}
