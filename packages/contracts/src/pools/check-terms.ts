import type { poolsAbi } from "@ruffchain/abi";
import { checkDeal, FinanceError } from "@ruffchain/finance";
import type { ViewContext } from "@ruffchain/kernel";
import { type DealTerms, isDayCount, toDeal, toPrincipalMode, toStep } from "./deal.js";

export const MAX_TRANCHES = 8;
export const MAX_PAYMENT_DATES = 360;
/** From creation to the last payment date, in seconds: fifty years. */
export const MAX_POOL_LIFE = 50n * 31_557_600n;
/** Highest rate of a tranche or fee, in 1e-8 a year: with MAX_POOL_LIFE it keeps carried interest within 256 bits. */
export const MAX_POOL_RATE = 100_000_000n;

interface Terms extends DealTerms {
  readonly principalMode: number;
  readonly recordLag: number;
  readonly paymentDates: readonly bigint[];
  readonly values: readonly bigint[];
  readonly tranches: readonly { readonly face: bigint; readonly rate: bigint; readonly dayCount: number }[];
}

type Checking = Pick<ViewContext<typeof poolsAbi, Record<never, never>>, "error" | "time">;

/** Throws the error of Pools for the first thing that is wrong with the terms. */
export function checkTerms(ctx: Checking, terms: Terms): void {
  const { recordLag, paymentDates, values, tranches, steps, principalMode, servicingRate } = terms;
  const count = tranches.length;
  if (count === 0 || count > MAX_TRANCHES) throw ctx.error("BadTrancheCount", BigInt(count), MAX_TRANCHES);
  const badTranche = tranches.findIndex(
    ({ face, rate, dayCount }) => face === 0n || rate > MAX_POOL_RATE || !isDayCount(dayCount),
  );
  if (badTranche >= 0) throw ctx.error("BadTranche", BigInt(badTranche));
  const dates = paymentDates.length;
  if (dates === 0 || dates > MAX_PAYMENT_DATES) throw ctx.error("BadPaymentDates", BigInt(dates));
  const latest = ctx.time + MAX_POOL_LIFE;
  const badDate = paymentDates.findIndex((date, i) => date <= (paymentDates[i - 1] ?? ctx.time) || date > latest);
  if (badDate >= 0) throw ctx.error("BadPaymentDates", BigInt(badDate));
  if (values.length !== dates) throw ctx.error("BadValues", BigInt(values.length));
  // All transfers up to a time before the payment date have happened when it comes.
  if (recordLag === 0) throw ctx.error("BadRecordLag", recordLag);
  if (toPrincipalMode(principalMode) === undefined) throw ctx.error("BadPrincipalMode", principalMode);
  if (servicingRate > MAX_POOL_RATE) throw ctx.error("BadServicingRate", servicingRate, MAX_POOL_RATE);
  const badStep = steps.findIndex((step) => toStep(step) === undefined);
  if (badStep >= 0) throw ctx.error("BadStep", BigInt(badStep));
  try {
    checkDeal(toDeal(terms, 0));
  } catch (error) {
    throw error instanceof FinanceError ? ctx.error("BadDeal", error.message) : error;
  }
}
