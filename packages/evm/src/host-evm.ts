import { EVM, EVMError, type EVMOpts, type EVMResult, type ExecResult, type Message } from "@ethereumjs/evm";
import { Account, type Address } from "@ethereumjs/util";
import { bytesToHex, errorString, type Machine } from "@ruffchain/kernel";
import { JournalInterpreter } from "./interpreter.js";
import { hexOf } from "./journal-state.js";
import type { EthereumJsInterpreter } from "./run-state.js";

type MessageWithTo = Message & { to: Address };

type Environment = EthereumJsInterpreter["_env"];

const NO_BYTES = new Uint8Array(0);
const DELEGATED = errorString("system contracts cannot be called by DELEGATECALL or CALLCODE");

/** EthereumJS's EVM that hands calls of system contracts to the machine. */
export class HostEvm extends EVM {
  /** The first fault of a system contract's own code since it was cleared. */
  fault: unknown;
  readonly #machine: Machine;

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
    interpreter.emit = (address, topics, data) =>
      this.#machine.journal.log({ address: bytesToHex(address), topics: topics.map(bytesToHex), data });
    interpreter._result.selfdestruct = message.selfdestruct ?? new Map();
    interpreter._result.createdAddresses = message.createdAddresses ?? new Set();
    const { runState, exceptionError } = await interpreter.run(env.code);
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
    if (!machine.isNative(target)) return super._executeCall(message);
    if (message.delegatecall || target !== hexOf(message.to)) {
      return failure(EVMError.errorMessages.REVERT, DELEGATED, 0n);
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
}

/** Errors are returned and never thrown: what is thrown here would leave a checkpoint open. */
function failure(
  error: (typeof EVMError.errorMessages)[keyof typeof EVMError.errorMessages],
  returnValue: Uint8Array,
  executionGasUsed: bigint,
): EVMResult {
  return { execResult: { executionGasUsed, returnValue, exceptionError: new EVMError(error) } };
}
