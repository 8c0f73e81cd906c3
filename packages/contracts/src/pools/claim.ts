import { type Address, token } from "@ruffchain/abi";
import { reportOf, statusOf, trancheOf, type View } from "./tables.js";

/** Payment dates that one claim works through; the next claim goes on. */
export const MAX_PERIODS_PER_CLAIM = 120;

/**
 * What a holder can claim now. The supply never changes, so that each period's right is units × paid / face; what the
 * division leaves is kept as a remainder and paid once it makes a whole unit of money.
 */
export function accruedTo(ctx: View, id: number, holder: Address) {
  const { face, token: address } = trancheOf(ctx, id);
  const before = ctx.tables.claims.get(id, holder) ?? { period: 0, remainder: 0n, claimed: 0n };
  const through = Math.min(statusOf(ctx).periods, before.period + MAX_PERIODS_PER_CLAIM);
  let parts = before.remainder;
  for (let period = before.period + 1; period <= through; period++) {
    const { recordTime, interestPaid, principalPaid } = reportOf(ctx, period);
    const paid = (interestPaid[id] ?? 0n) + (principalPaid[id] ?? 0n);
    if (paid > 0n) parts += paid * ctx.read(token(address), "balanceOfAt", holder, recordTime);
  }
  const amount = parts / face;
  const after = { period: through, remainder: parts % face, claimed: before.claimed + amount };
  return { amount, after, isNew: through > before.period };
}
