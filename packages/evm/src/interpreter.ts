import { createEVM, EVMError } from "@ethereumjs/evm";
import type { EthereumJsInterpreter, RunState } from "./run-state.js";
import { synchronousOperations } from "./synchronous-operations.js";

const INVALID = 0xfe;

type Run = ReturnType<EthereumJsInterpreter["run"]>;
type Opcode = ReturnType<EthereumJsInterpreter["lookupOpInfo"]>;

/** @ethereumjs/evm has no export of its interpreter, but gives it to the functions of custom opcodes. */
const Interpreter = await (async () => {
  let found: unknown;
  const logicFunction = ({ interpreter }: RunState) => {
    found = interpreter.constructor;
  };
  const evm = await createEVM({ customOpcodes: [{ opcode: 0x0c, opcodeName: "FIND", baseFee: 0, logicFunction }] });
  await evm.runCode({ code: Uint8Array.of(0x0c) });
  return found as new (
    ...parameters: unknown[]
  ) => EthereumJsInterpreter & { readonly _runState: RunState };
})();

interface Analysis {
  readonly jumps: Uint8Array;
  readonly pushes: { [at: number]: bigint };
}

interface Operation {
  readonly fee: bigint;
  readonly isInvalid: boolean;
  readonly gas:
    | ((state: RunState, fee: bigint, common: EthereumJsInterpreter["_evm"]["common"]) => bigint | Promise<bigint>)
    | undefined;
  readonly run: Opcode["opHandler"] | ((state: RunState) => void);
  readonly isAsync: boolean;
}

/** What each opcode does, by the rules that are in force. */
const operations = new WeakMap<EthereumJsInterpreter["_evm"]["common"], readonly Operation[]>();

/** By the code's bytes: the state gives the same array for the same contract while it is cached. */
const analyses = new WeakMap<Uint8Array, Analysis>();

/**
 * EthereumJS's interpreter with a loop that waits only where an operation has to, and analyses each contract's jumps
 * once. Its events go to the journal at once, in order with those of system contracts.
 */
export class JournalInterpreter extends Interpreter {
  emit: ((address: Uint8Array, topics: readonly Uint8Array[], data: Uint8Array) => void) | undefined;

  override log(data: Uint8Array, _count: number, topics: Uint8Array[]): void {
    this.emit?.(this._env.address.bytes, topics, data);
  }

  override async run(code: Uint8Array): Run {
    // A debugger listens to each step.
    if (this._evm.events.listenerCount("step") > 0) return super.run(code);
    const state = this._runState;
    const { common } = this._evm;
    const { jumps, pushes } = this.#analyse(code);
    const table = this.#operations();
    state.code = code;
    state.validJumps = jumps;
    state.cachedPushes = pushes;
    state.shouldDoJumpAnalysis = false;
    try {
      while (state.programCounter < code.length) {
        const opcode = code[state.programCounter] as number;
        const operation = table[opcode] as Operation;
        state.opCode = operation.isInvalid ? INVALID : opcode;
        let gas = operation.fee;
        if (operation.gas) {
          const dynamic = operation.gas(state, gas, common);
          gas = typeof dynamic === "bigint" ? dynamic : await dynamic;
        }
        if (operation.isInvalid) throw new EVMError(EVMError.errorMessages.INVALID_OPCODE);
        state.gasLeft -= gas;
        if (state.gasLeft < 0n) {
          state.gasLeft = 0n;
          throw new EVMError(EVMError.errorMessages.OUT_OF_GAS);
        }
        state.programCounter++;
        const wait = operation.run(state, common);
        if (operation.isAsync) await wait;
      }
    } catch (error) {
      if (!(error instanceof EVMError)) throw error;
      if (error.error !== EVMError.errorMessages.STOP) return { runState: state, exceptionError: error };
    }
    return { runState: state };
  }

  #analyse(code: Uint8Array): Analysis {
    const known = analyses.get(code);
    if (known) return known;
    const { jumps, pushes } = this._getValidJumpDestinations(code);
    analyses.set(code, { jumps, pushes });
    return { jumps, pushes };
  }

  #operations(): readonly Operation[] {
    const { common } = this._evm;
    const known = operations.get(common);
    if (known) return known;
    const table = Array.from({ length: 256 }, (_, opcode): Operation => {
      const { opcodeInfo, opHandler, gasHandler } = this.lookupOpInfo(opcode);
      const { gas, run } = synchronousOperations.get(opcode) ?? {};
      return {
        fee: opcodeInfo.feeBigInt,
        isInvalid: opcodeInfo.isInvalid,
        gas: gas ?? (opcodeInfo.dynamicGas ? gasHandler : undefined),
        run: run ?? opHandler,
        isAsync: run === undefined && opcodeInfo.isAsync,
      };
    });
    operations.set(common, table);
    return table;
  }
}
