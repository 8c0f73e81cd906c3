import type { Address } from "@ruffchain/abi";
import {
  bytesToHex,
  type EthereumTransaction,
  EXECUTION_REVERTED,
  type SimulatedBlock,
  type SimulatedCall,
  type SimulatedResult,
  SimulationError,
  type SimulationErrorCode,
  TransactionError,
  type TransactionErrorCode,
} from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { blockOverridesParam } from "./block-overrides.js";
import { callParam } from "./call-params.js";
import { formatBlockWith, formatExecuted, formatLog } from "./format.js";
import type { Methods } from "./method.js";
import { integerParam, listParam, objectParam, overridesParam, quantityParam, stateParam } from "./params.js";
import { quantity } from "./quantity.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

/** Most calls of one simulation, in all its blocks. */
export const MAX_SIMULATED_CALLS = 1_000;

const NO_BYTES = new Uint8Array(0);
const ZERO_ADDRESS: Address = `0x${"00".repeat(20)}`;

/** The codes that the API gives to what makes a simulation impossible. */
const SIMULATION_CODES: Readonly<Record<SimulationErrorCode, number>> = {
  blockGas: -38015,
  blockNumber: -38020,
  blockTime: -38021,
  tooManyBlocks: -38026,
};
const TRANSACTION_CODES: { readonly [code in TransactionErrorCode]?: number } = {
  nonceTooLow: -38010,
  nonceTooHigh: -38011,
  feeTooLow: -38012,
  intrinsicGasTooLow: -38013,
  insufficientFunds: -38014,
  gasLimitTooHigh: -38015,
  initcodeTooLarge: -38025,
};
/** Of a call that fails otherwise than by REVERT. */
const VM_EXECUTION_ERROR = -32015;

function simulatedCallParam(value: unknown): SimulatedCall {
  const { calls, authorizationList, ...call } = callParam(value);
  if (calls) throw invalidParams("call.calls: simulate them as calls of a block");
  if (authorizationList)
    throw invalidParams("call.authorizationList: a simulation has none, override the account's code");
  const { from = ZERO_ADDRESS, to, data = NO_BYTES, value: amount = 0n, accessList = [], gas } = call;
  const { nonce, gasPrice, maxFeePerGas = gasPrice, maxPriorityFeePerGas = gasPrice } = objectParam(value, "call");
  const fee = maxFeePerGas === undefined ? 0n : quantityParam(maxFeePerGas, "call.maxFeePerGas");
  const tip =
    maxPriorityFeePerGas === undefined ? 0n : quantityParam(maxPriorityFeePerGas, "call.maxPriorityFeePerGas");
  return {
    ...{ from, to, data, value: amount, accessList, maxFeePerGas: fee, maxPriorityFeePerGas: tip },
    ...(gas !== undefined && { gas }),
    ...(nonce !== undefined && nonce !== null && { nonce: integerParam(nonce, "call.nonce") }),
  };
}

function formatResult({ ok, output, gasUsed, maxUsedGas, error, reason }: SimulatedResult, logs: readonly unknown[]) {
  const common = { gasUsed: quantity(gasUsed), maxUsedGas: quantity(maxUsedGas), logs };
  if (ok) return { status: "0x1", returnData: bytesToHex(output), ...common };
  const isRevert = error === EXECUTION_REVERTED;
  const message = isRevert ? `${EXECUTION_REVERTED}${reason ? `: ${reason}` : ""}` : `vm execution error: ${error}`;
  const code = isRevert ? rpcCode.executionReverted : VM_EXECUTION_ERROR;
  return { status: "0x0", returnData: "0x", ...common, error: { code, message, data: bytesToHex(output) } };
}

function formatSimulated({ block, transactions, results }: SimulatedBlock, full: boolean) {
  const { header, hash } = block;
  const place = { hash, number: header.number, timestamp: header.timestamp };
  let logIndex = 0;
  return {
    ...formatBlockWith(block, ({ hash }, i) =>
      full ? formatExecuted(block, i, transactions[i] as EthereumTransaction) : hash,
    ),
    calls: results.map((result, transactionIndex) => {
      const transactionHash = block.transactions[transactionIndex]?.hash ?? hash;
      const logs = result.logs.map((log) =>
        formatLog({ block: place, log, transactionHash, transactionIndex, logIndex: logIndex++ }),
      );
      return formatResult(result, logs);
    }),
  };
}

function asRpcError(error: unknown): unknown {
  if (error instanceof SimulationError) return new RpcError(SIMULATION_CODES[error.code], error.message);
  const code = error instanceof TransactionError ? TRANSACTION_CODES[error.code as TransactionErrorCode] : undefined;
  return code === undefined ? error : new RpcError(code, (error as TransactionError).message);
}

async function simulateV1(backend: Backend, payload: unknown, tag: unknown) {
  const { blockStateCalls, validation, traceTransfers, returnFullTransactions } = objectParam(payload, "payload");
  const blocks = listParam(blockStateCalls ?? [], "blockStateCalls").map((block) => {
    const { blockOverrides, stateOverrides, calls } = objectParam(block, "blockStateCalls");
    return {
      overrides: blockOverridesParam(blockOverrides),
      accounts: overridesParam(stateOverrides),
      calls: listParam(calls ?? [], "calls").map(simulatedCallParam),
    };
  });
  if (blocks.length === 0) throw invalidParams("empty input: blockStateCalls has no blocks");
  if (blocks.reduce((sum, { calls }) => sum + calls.length, 0) > MAX_SIMULATED_CALLS) {
    throw new RpcError(SIMULATION_CODES.tooManyBlocks, `a simulation has at most ${MAX_SIMULATED_CALLS} calls`);
  }
  const request = { blocks, validation: validation === true, traceTransfers: traceTransfers === true };
  try {
    const simulated = await backend.application.simulate(stateParam(tag, backend), request);
    return simulated.map((block) => formatSimulated(block, returnFullTransactions === true));
  } catch (error) {
    throw asRpcError(error);
  }
}

export const simulateMethods: Methods = {
  eth_simulateV1: ([payload, tag], backend) => simulateV1(backend, payload, tag),
};
