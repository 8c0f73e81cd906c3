import { EVM, EVMError, type EVMOpts, type EVMResult, type ExecResult, type Message } from "@ethereumjs/evm";
import { Account, type Address } from "@ethereumjs/util";
import type { Hex } from "@ruffchain/abi";
import {
  bytesToHex,
  type CallType,
  EXECUTION_REVERTED,
  errorString,
  type Machine,
  OUT_OF_GAS,
} from "@ruffchain/kernel";
import { JournalInterpreter } from "./interpreter.js";
import { hexOf } from "./journal-state.js";
import type { EthereumJsInterpreter } from "./run-state.js";

type MessageWithTo = Message & { to: Address };

type Environment = EthereumJsInterpreter["_env"];

const NO_BYTES = new Uint8Array(0);
const CALL_TYPES: Readonly<Record<number, CallType>> = {
  240: "CREATE",
  241: "CALL",
  242: "CALLCODE",
  244: "DELEGATECALL",
  245: "CREATE2",
  250: "STATICCALL",
};
const DELEGATED = errorString("system contracts cannot be called by DELEGATECALL or CALLCODE");

/** EthereumJS's EVM that hands calls of system contracts to the machine. */
export class HostEvm extends EVM {
  /** The first fault of a system contract's own code since it was cleared. */
  fault: unknown;
  readonly #machine: Machine;
  /** The frames, the innermost last. */
  readonly #running: JournalInterpreter[] = [];

  constructor(machine: Machine, options: EVMOpts) {
    super(options);
    this.#machine = machine;
  }

  /** As the original, with our interpreter. */
  protected override async runInterpreter(message: Message): Promise<ExecResult> {
    const address = message.to as Address;
    const { gasLimit } = message;
    const env: Environment = {
      address,
      caller: message.caller,
      callData: message.data,
      callValue: message.value,
      code: message.code as Uint8Array,
      isStatic: message.isStatic,
      isCreate: message.isCreate ?? false,
      depth: message.depth,
      gasPrice: this._tx?.gasPrice ?? 0n,
      origin: this._tx?.origin ?? message.caller,
      block: this._block as Environment["block"],
      contract: (await this.stateManager.getAccount(address)) ?? new Account(),
      codeAddress: message.codeAddress,
      gasRefund: message.gasRefund,
      blobVersionedHashes: [],
      ...(message.createdAddresses && { createdAddresses: message.createdAddresses }),
    };
    const interpreter = new JournalInterpreter(
      this,
      this.stateManager,
      this.blockchain,
      env,
      gasLimit,
      this.journal,
      this.performanceLogger,
    );
    const { journal, tracer, pause } = this.#machine;
    interpreter.emit = (address, topics, data) => {
      const log = { address: bytesToHex(address), topics: topics.map(bytesToHex), data };
      journal.log(log);
      tracer?.log?.(log);
    };
    interpreter.tracer = tracer;
    interpreter.pause = pause;
    interpreter._result.selfdestruct = message.selfdestruct ?? new Map();
    interpreter._result.createdAddresses = message.createdAddresses ?? new Set();
    this.#running.push(interpreter);
    const { runState, exceptionError } = await interpreter.run(env.code).finally(() => this.#running.pop());
    const spendsAll = exceptionError && exceptionError.error !== EVMError.errorMessages.REVERT;
    const { selfdestruct, createdAddresses, returnValue } = interpreter._result;
    return {
      executionGasUsed: spendsAll ? gasLimit : gasLimit - runState.gasLeft,
      gasRefund: runState.gasRefund,
      returnValue: returnValue ?? NO_BYTES,
      ...(exceptionError ? { exceptionError } : { selfdestruct, createdAddresses }),
    };
  }

  protected override async _executeCall(message: MessageWithTo): Promise<EVMResult> {
    const machine = this.#machine;
    const target = hexOf(message.codeAddress);
    if (!machine.isNative(target)) {
      if (!machine.tracer) return super._executeCall(message);
      return this.#traced(message, target, () => super._executeCall(message));
    }
    if (message.delegatecall || target !== hexOf(message.to)) {
      const failed = failure(EVMError.errorMessages.REVERT, DELEGATED, 0n);
      return this.#traced(message, target, async () => failed);
    }
    const given = Number(message.gasLimit);
    machine.gas = given;
    const { ok, output, fault } = machine.run(target, message.data, {
      sender: hexOf(message.caller),
      value: message.value,
      readOnly: message.isStatic,
    });
    const used = BigInt(given - machine.gas);
    this.fault ??= fault;
    if (!ok) {
      const isOutOfGas = machine.gas === 0 && output.length === 0;
      return failure(isOutOfGas ? EVMError.errorMessages.OUT_OF_GAS : EVMError.errorMessages.REVERT, output, used);
    }
    return { execResult: { executionGasUsed: used, gasRefund: message.gasRefund, returnValue: output } };
  }

  protected override async _executeCreate(message: Message): Promise<EVMResult> {
    if (!this.#machine.tracer) return super._executeCreate(message);
    const address = hexOf(await this._generateAddress(message));
    return this.#traced(message, address, () => super._executeCreate(message));
  }

  /** Tells the tracer of a call that runs here. */
  async #traced(message: Message, to: Hex, run: () => Promise<EVMResult>): Promise<EVMResult> {
    const { tracer } = this.#machine;
    if (!tracer) return run();
    tracer.enter?.({
      type: this.#typeOf(message),
      from: hexOf(message.delegatecall ? (message.to as Address) : message.caller),
      to,
      value: message.value,
      gas: Number(message.gasLimit),
      input: message.data,
    });
    const result = await run();
    const { executionGasUsed, returnValue, exceptionError } = result.execResult;
    tracer.exit?.({
      gasUsed: Number(executionGasUsed),
      output: returnValue,
      ...(exceptionError && { error: tracedError(exceptionError.error) }),
    });
    return result;
  }

  /** By the operation that makes the call; a transaction's own has none. */
  #typeOf(message: Message): CallType {
    const opcode = this.#running.at(-1)?._runState.opCode;
    const byTransaction = message.to ? "CALL" : "CREATE";
    return (message.depth > 0 && opcode !== undefined && CALL_TYPES[opcode]) || byTransaction;
  }
}

/** EthereumJS's errors in the words of geth's traces. */
function tracedError(error: string): string {
  if (error === EVMError.errorMessages.REVERT) return EXECUTION_REVERTED;
  return error === EVMError.errorMessages.OUT_OF_GAS ? OUT_OF_GAS : error;
}

/** Errors are returned and never thrown: what is thrown here would leave a checkpoint open. */
function failure(
  error: (typeof EVMError.errorMessages)[keyof typeof EVMError.errorMessages],
  returnValue: Uint8Array,
  executionGasUsed: bigint,
): EVMResult {
  return { execResult: { executionGasUsed, returnValue, exceptionError: new EVMError(error) } };
}
