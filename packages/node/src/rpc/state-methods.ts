import { bytesToHex, type CallResult } from "@ruffchain/kernel";
import { quantity } from "./format.js";
import type { Methods } from "./method.js";
import { addressParam, callParam, stateParam } from "./params.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

/** What system contracts answer as their code, so that checks for code succeed: INVALID, never run. */
const SYSTEM_CODE = "0xfe";
const ZERO_WORD = `0x${"00".repeat(32)}`;

/** Estimates are this much above what the call took now, since the state may differ when it is executed. */
const ESTIMATE_MARGIN_PERCENT = 10;

export const stateMethods: Methods = {
  eth_getBalance: ([address, block], backend) =>
    quantity(backend.application.account(addressParam(address, "address"), stateParam(block, backend)).balance),
  eth_getTransactionCount: ([address, block], backend) => {
    const account = addressParam(address, "address");
    if (block === "pending") return quantity(backend.mempool.pendingNonce(account));
    return quantity(backend.application.account(account, stateParam(block, backend)).nonce);
  },
  eth_getCode: ([address, block], backend) => {
    stateParam(block, backend);
    return backend.application.isSystemContract(addressParam(address, "address")) ? SYSTEM_CODE : "0x";
  },
  eth_getStorageAt: ([address, , block], backend) => {
    addressParam(address, "address");
    stateParam(block, backend);
    return ZERO_WORD;
  },
  eth_call: async ([call, block, overrides], backend) => {
    if (overrides !== undefined && overrides !== null) throw invalidParams("state overrides are not supported");
    const height = stateParam(block, backend);
    const result = await backend.application.call({ ...callParam(call), height });
    if (!result.ok) throw reverted(result);
    return bytesToHex(result.output);
  },
  eth_estimateGas: async ([call, block, overrides], backend) => {
    if (overrides !== undefined && overrides !== null) throw invalidParams("state overrides are not supported");
    const height = stateParam(block, backend);
    const estimate = await backend.application.estimateGas({ ...callParam(call), height });
    if ("failure" in estimate) throw reverted(estimate.failure);
    const isTransfer = estimate.gas === TRANSFER_GAS;
    return quantity(isTransfer ? estimate.gas : Math.ceil((estimate.gas * (100 + ESTIMATE_MARGIN_PERCENT)) / 100));
  },
  eth_createAccessList: async ([call, block], backend) => {
    const estimate = await backend.application.estimateGas({ ...callParam(call), height: stateParam(block, backend) });
    if ("failure" in estimate) throw reverted(estimate.failure);
    return { accessList: [], gasUsed: quantity(estimate.gas) };
  },
};

/** What a plain transfer takes, to the unit. */
const TRANSFER_GAS = 21_000;

function reverted({ reason, output }: CallResult): RpcError {
  return new RpcError(
    rpcCode.executionReverted,
    `execution reverted: ${reason ?? "no reason given"}`,
    bytesToHex(output),
  );
}
