import { bytesToHex, type CallRequest, type CallResult, gasSchedule } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { RpcError, rpcCode } from "./rpc-error.js";

/**
 * Estimates are this much above what the call takes now, since it is executed in a later state: other branches, longer
 * rows, and a row written and another deleted that are not yet (rewards that have accrued by then, say).
 */
const ESTIMATE_MARGIN_PERCENT = 10;
const ESTIMATE_MARGIN = gasSchedule.write + gasSchedule.delete;
/** What a plain transfer takes, to the unit. */
const TRANSFER_GAS = 21_000;

/** Gas that a transaction with this call should have. Rejects with RpcError executionReverted. */
export async function estimateGas({ application }: Backend, request: CallRequest): Promise<number> {
  const estimate = await application.estimateGas(request);
  if ("failure" in estimate) throw reverted(estimate.failure);
  if (estimate.gas === TRANSFER_GAS) return estimate.gas;
  return Math.ceil((estimate.gas * (100 + ESTIMATE_MARGIN_PERCENT)) / 100) + ESTIMATE_MARGIN;
}

/** What a client gets for a call that failed. */
export function reverted({ reason, output }: CallResult): RpcError {
  const message = reason ? `execution reverted: ${reason}` : "execution reverted";
  return new RpcError(rpcCode.executionReverted, message, bytesToHex(output));
}
