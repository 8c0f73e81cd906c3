import type { Application } from "@ruffchain/kernel";

const SUGGESTED_TIP = 1_000_000_000n;

/** Wei per gas that a transaction should offer as tip. */
export function suggestedTip(_application: Application): bigint {
  return SUGGESTED_TIP;
}
