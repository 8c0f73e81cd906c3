import type { Hex } from "@ruffchain/abi";
import { bytesToHex, type CallResult, gasSchedule, hexToBytes } from "@ruffchain/kernel";
import { quantity } from "./format.js";
import type { Methods } from "./method.js";
import { addressParam, callParam, overridesParam, quantityParam, stateParam } from "./params.js";
import { RpcError, rpcCode } from "./rpc-error.js";

/**
 * Estimates are this much above what the call takes now, since it is executed in a later state: other branches, longer
 * rows, and a row written and another deleted that are not yet (rewards that have accrued by then, say).
 */
const ESTIMATE_MARGIN_PERCENT = 10;
const ESTIMATE_MARGIN = gasSchedule.write + gasSchedule.delete;

export const stateMethods: Methods = {
  eth_getBalance: ([address, block], backend) =>
    quantity(backend.application.account(addressParam(address, "address"), stateParam(block, backend)).balance),
  eth_getTransactionCount: ([address, block], backend) => {
    const account = addressParam(address, "address");
    if (block === "pending") return quantity(backend.mempool.pendingNonce(account));
    return quantity(backend.application.account(account, stateParam(block, backend)).nonce);
  },
  eth_getCode: ([address, block], backend) =>
    bytesToHex(backend.application.code(addressParam(address, "address"), stateParam(block, backend))),
  eth_getStorageAt: ([address, slot, block], backend) => {
    const account = addressParam(address, "address");
    const key = word(quantityParam(slot, "slot").toString(16));
    const value = backend.application.storage(account, hexToBytes(key), stateParam(block, backend));
    return word(bytesToHex(value).slice(2));
  },
  eth_call: async ([call, block, overrides], backend) => {
    const height = stateParam(block, backend);
    const result = await backend.application.call({
      ...callParam(call),
      height,
      overrides: overridesParam(overrides),
    });
    if (!result.ok) throw reverted(result);
    return bytesToHex(result.output);
  },
  eth_estimateGas: async ([call, block, overrides], backend) => {
    const height = stateParam(block, backend);
    const estimate = await backend.application.estimateGas({
      ...callParam(call),
      height,
      overrides: overridesParam(overrides),
    });
    if ("failure" in estimate) throw reverted(estimate.failure);
    if (estimate.gas === TRANSFER_GAS) return quantity(estimate.gas);
    return quantity(Math.ceil((estimate.gas * (100 + ESTIMATE_MARGIN_PERCENT)) / 100) + ESTIMATE_MARGIN);
  },
  eth_createAccessList: async ([call, block], backend) => {
    const estimate = await backend.application.estimateGas({ ...callParam(call), height: stateParam(block, backend) });
    if ("failure" in estimate) throw reverted(estimate.failure);
    return { accessList: [], gasUsed: quantity(estimate.gas) };
  },
};

/** What a plain transfer takes, to the unit. */
const TRANSFER_GAS = 21_000;

function word(hexDigits: string): Hex {
  return `0x${hexDigits.padStart(64, "0")}`;
}

function reverted({ reason, output }: CallResult): RpcError {
  return new RpcError(
    rpcCode.executionReverted,
    reason ? `execution reverted: ${reason}` : "execution reverted",
    bytesToHex(output),
  );
}
