import { poolStep, type poolsAbi } from "@ruffchain/abi";
import type { ViewContext } from "@ruffchain/kernel";

export const MAX_TRANCHES = 8;
export const MAX_PAYMENT_DATES = 360;
/** From creation to the last payment date, in seconds: fifty years. */
export const MAX_POOL_LIFE = 50n * 31_557_600n;
/** Highest rate of a tranche, in 1e-8 a year: with MAX_POOL_LIFE it keeps carried interest within 256 bits. */
export const MAX_TRANCHE_RATE = 100_000_000n;

interface Terms {
  readonly recordLag: number;
  readonly paymentDates: readonly bigint[];
  readonly tranches: readonly { readonly face: bigint; readonly rate: bigint; readonly amortization: bigint }[];
  readonly steps: readonly { readonly kind: number; readonly tranche: number }[];
}

/** Throws the error of Pools for the first thing that is wrong with the terms. */
export function checkTerms(
  ctx: Pick<ViewContext<typeof poolsAbi, Record<never, never>>, "error" | "time">,
  terms: Terms,
): void {
  const { recordLag, paymentDates, tranches, steps } = terms;
  const count = tranches.length;
  if (count === 0 || count > MAX_TRANCHES) throw ctx.error("BadTrancheCount", BigInt(count), MAX_TRANCHES);
  const badTranche = tranches.findIndex(({ face, rate }) => face === 0n || rate > MAX_TRANCHE_RATE);
  if (badTranche >= 0) throw ctx.error("BadTrancheTerms", BigInt(badTranche));
  const dates = paymentDates.length;
  if (dates === 0 || dates > MAX_PAYMENT_DATES) throw ctx.error("BadPaymentDates", BigInt(dates));
  const latest = ctx.time + MAX_POOL_LIFE;
  const badDate = paymentDates.findIndex((date, i) => date <= (paymentDates[i - 1] ?? ctx.time) || date > latest);
  if (badDate >= 0) throw ctx.error("BadPaymentDates", BigInt(badDate));
  // All transfers up to a time before the payment date have happened when it comes.
  if (recordLag === 0) throw ctx.error("BadRecordLag", recordLag);
  const badStep = findBadStep(steps, count);
  if (badStep !== undefined) throw ctx.error("BadSteps", BigInt(badStep));
}

/** Each tranche's interest and principal and the fee have one step each. Returns the index of the first fault. */
function findBadStep(steps: Terms["steps"], tranches: number): number | undefined {
  const seen = new Set<string>();
  for (const [i, { kind, tranche }] of steps.entries()) {
    const known =
      kind === poolStep.servicingFee
        ? tranche === 0
        : (kind === poolStep.interest || kind === poolStep.principal) && tranche < tranches;
    const name = `${kind} ${tranche}`;
    if (!known || seen.has(name)) return i;
    seen.add(name);
  }
  return seen.size === 1 + 2 * tranches ? undefined : steps.length;
}
