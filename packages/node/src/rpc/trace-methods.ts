import type { Address, Hex } from "@ruffchain/abi";
import {
  type BlockRecord,
  bytesToHex,
  callsOf,
  type ExecutedTransaction,
  gasAfterRefund,
  intrinsicGasOfCall,
  isSystemTransaction,
  type Tracer,
} from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { blockOverridesParam } from "./block-overrides.js";
import { callParam } from "./call-params.js";
import type { Methods } from "./method.js";
import { describe, hashParam, keptBlockParam, objectParam, overridesParam, stateParam } from "./params.js";
import { quantity } from "./quantity.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";
import { CallTracer } from "./trace/call-tracer.js";
import { StepTracer } from "./trace/step-tracer.js";
import { MAX_TRACE_BYTES, TraceBudget } from "./trace/trace-budget.js";

/** How a traced transaction or call ended. */
interface Outcome {
  readonly gasLimit: number;
  readonly gasUsed: number;
  readonly succeeded: boolean;
  /** Whose transaction is around all the calls that it makes: the scheduler's, or a batch. */
  readonly around?: Address;
}

/** A tracer, and what it gives for what it has watched. */
interface Trace {
  readonly tracer: Tracer;
  result(outcome: Outcome): unknown;
}

/** What a client asks a trace to have (geth's TraceConfig). Geth's timeout is not needed: gas limits what runs. */
function traceParam(value: unknown): (budget: TraceBudget) => Trace {
  const config = objectParam(value ?? {}, "config");
  const { tracer } = config;
  if (tracer === "callTracer") {
    const { onlyTopCall, withLog } = objectParam(config.tracerConfig ?? {}, "config.tracerConfig");
    const options = { onlyTopCall: onlyTopCall === true, withLog: withLog === true };
    return (budget) => {
      const calls = new CallTracer(options, budget);
      return { tracer: calls, result: (outcome) => callTrace(calls, outcome) };
    };
  }
  if (tracer !== undefined && tracer !== null && tracer !== "") {
    const known = "there is callTracer, and the struct logger where none is named";
    throw invalidParams(`config.tracer: ${known}; not ${describe(tracer)}`);
  }
  const { limit } = config;
  const options = {
    disableStack: config.disableStack === true,
    disableStorage: config.disableStorage === true,
    enableMemory: config.enableMemory === true,
    enableReturnData: config.enableReturnData === true,
    limit: typeof limit === "number" ? limit : 0,
  };
  return (budget) => {
    const steps = new StepTracer(options, budget);
    return {
      tracer: steps,
      result: ({ gasUsed, succeeded }) => ({
        gas: gasUsed,
        failed: !succeeded,
        returnValue: bytesToHex(steps.output),
        structLogs: steps.structLogs,
      }),
    };
  };
}

function callTrace({ calls }: CallTracer, { gasLimit, gasUsed, succeeded, around }: Outcome): unknown {
  const gas = { gas: quantity(gasLimit), gasUsed: quantity(gasUsed) };
  if (!around) return { ...calls[0], ...gas };
  const { error, revertReason } = (!succeeded && calls.find((call) => call.error !== undefined)) || {};
  const failure = { ...(error !== undefined && { error }), ...(revertReason !== undefined && { revertReason }) };
  return { type: "CALL", from: around, to: around, value: "0x0", ...gas, input: "0x", ...failure, calls };
}

/** Executes the first transactions of a block again; gives the traces of those from `first` on. */
async function traceTransactions(backend: Backend, block: BlockRecord, first: number, end: number, config: unknown) {
  if (block.header.parentHash === NO_PARENT) {
    throw new RpcError(rpcCode.invalidInput, "genesis is not traceable");
  }
  const newTrace = traceParam(config);
  const budget = new TraceBudget();
  const wanted = block.transactions.slice(first, end);
  const traces = new Map(wanted.map((tx) => [tx.hash, newTrace(budget)]));
  const [scheduled] = wanted.filter(isSystemTransaction);
  const watchScheduled = scheduled && traces.get(scheduled.hash)?.tracer;
  await backend.application.replay(
    { ...block, transactions: block.transactions.slice(0, end) },
    {
      ...(watchScheduled && { scheduled: watchScheduled }),
      transaction: (hash) => traces.get(hash)?.tracer,
    },
  );
  assertFits(budget);
  return wanted.map((tx) => ({ txHash: tx.hash, result: traces.get(tx.hash)?.result(outcomeOf(backend, tx)) }));
}

function outcomeOf({ application }: Backend, tx: ExecutedTransaction): Outcome {
  const outcome = { gasUsed: tx.gasUsed, succeeded: tx.succeeded };
  if (isSystemTransaction(tx)) return { ...outcome, gasLimit: tx.gasUsed, around: tx.sender };
  const decoded = application.decode(tx.raw);
  const isBatch = callsOf(decoded).length > 1;
  return { ...outcome, gasLimit: decoded.gasLimit, ...(isBatch && { around: tx.sender }) };
}

function assertFits(budget: TraceBudget): void {
  if (!budget.isOver) return;
  const advice = "ask for one transaction, callTracer, a limit, or disableStack and disableStorage";
  throw new RpcError(rpcCode.limitExceeded, `the trace has more than ${MAX_TRACE_BYTES} bytes: ${advice}`);
}

function traceBlock(backend: Backend, height: number | undefined, config: unknown) {
  const block = height === undefined ? undefined : backend.application.blocks.block(height);
  if (!block) throw new RpcError(rpcCode.invalidInput, "block not found");
  return traceTransactions(backend, block, 0, block.transactions.length, config);
}

/** Executions watched step by step or call by call. Blocks are executed again on the state before them. */
export const traceMethods: Methods = {
  debug_traceTransaction: async ([hash, config], backend) => {
    const mined = backend.application.blocks.transaction(hashParam(hash, "hash"));
    if (!mined) throw new RpcError(rpcCode.invalidInput, "transaction not found");
    const [trace] = await traceTransactions(backend, mined.block, mined.index, mined.index + 1, config);
    return trace?.result;
  },
  debug_traceBlockByNumber: ([tag, config], backend) => traceBlock(backend, keptBlockParam(tag, backend), config),
  debug_traceBlockByHash: ([hash, config], backend) =>
    traceBlock(backend, backend.application.blocks.heightOf(hashParam(hash, "blockHash")), config),
  debug_traceCall: async ([call, block, config], backend) => {
    const request = { ...callParam(call), height: stateParam(block, backend) };
    const budget = new TraceBudget();
    const { tracer, result } = traceParam(config)(budget);
    const { stateOverrides, blockOverrides } = objectParam(config ?? {}, "config");
    const overrides = overridesParam(stateOverrides);
    const { gas: intrinsic, floor } = intrinsicGasOfCall(request);
    const {
      gasUsed,
      refund = 0,
      ok,
    } = await backend.application.call({ ...request, overrides, block: blockOverridesParam(blockOverrides) }, tracer);
    assertFits(budget);
    const used = gasAfterRefund(intrinsic + gasUsed, refund, floor);
    const around = request.calls && request.calls.length > 1 ? (request.from ?? ZERO_ADDRESS) : undefined;
    const gasLimit = request.gas ?? intrinsic + gasUsed;
    return result({ gasLimit, gasUsed: used, succeeded: ok, ...(around && { around }) });
  },
};

const ZERO_ADDRESS: Address = `0x${"00".repeat(20)}`;
const NO_PARENT: Hex = `0x${"00".repeat(32)}`;
