import type { Application } from "@ruffchain/kernel";

const SUGGESTED_TIP = 1_000_000_000n;

/** Wei per gas that a transaction should offer as tip: nothing on a network without fees. */
export function suggestedTip(application: Application): bigint {
  return application.parameters().maxBaseFee === 0n ? 0n : SUGGESTED_TIP;
}
