import { createEVM, EVMError, type ExecResult } from "@ethereumjs/evm";

type RunState = NonNullable<ExecResult["runState"]>;
export type EthereumJsInterpreter = RunState["interpreter"];
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
  readonly opcodes: readonly Opcode[];
}

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
    const { jumps, pushes, opcodes } = this.#analyse(code);
    state.code = code;
    state.validJumps = jumps;
    state.cachedPushes = pushes;
    state.shouldDoJumpAnalysis = false;
    try {
      while (state.programCounter < code.length) {
        const { opcodeInfo, opHandler, gasHandler } = opcodes[state.programCounter] as Opcode;
        state.opCode = opcodeInfo.code;
        let gas = opcodeInfo.feeBigInt;
        if (opcodeInfo.dynamicGas) {
          const dynamic = gasHandler(state, gas, common);
          gas = typeof dynamic === "bigint" ? dynamic : await dynamic;
        }
        if (opcodeInfo.isInvalid) throw new EVMError(EVMError.errorMessages.INVALID_OPCODE);
        state.gasLeft -= gas;
        if (state.gasLeft < 0n) {
          state.gasLeft = 0n;
          throw new EVMError(EVMError.errorMessages.OUT_OF_GAS);
        }
        state.programCounter++;
        const wait = opHandler(state, common);
        if (opcodeInfo.isAsync) await wait;
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
    const { jumps, pushes, opcodesCached } = this._getValidJumpDestinations(code);
    const analysis = { jumps, pushes, opcodes: opcodesCached };
    analyses.set(code, analysis);
    return analysis;
  }
}
