import { createEVM, EVMError } from "@ethereumjs/evm";
import type { Address } from "@ethereumjs/util";
import type { Pause, TracedStep, Tracer } from "@ruffchain/kernel";
import { hexOf, type JournalState } from "./journal-state.js";
import type { EthereumJsInterpreter, RunState } from "./run-state.js";
import { synchronousOperations } from "./synchronous-operations.js";

/** Also what stands behind the end of the code. */
const STOP = 0x00;
const INVALID = 0xfe;
/** CALL, CALLCODE, DELEGATECALL, STATICCALL. */
const CALLS: ReadonlySet<number> = new Set([0xf1, 0xf2, 0xf4, 0xfa]);
const WORD_BYTES = 32;
const OPERATIONS_BETWEEN_PAUSES = 64;
const NO_BYTES = new Uint8Array(0);

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
  readonly name: string;
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
  tracer: Tracer | undefined;
  pause: Pause | undefined;

  override log(data: Uint8Array, _count: number, topics: Uint8Array[]): void {
    this.emit?.(this._env.address.bytes, topics, data);
  }

  override selfDestruct(beneficiary: Address): Promise<void> {
    const { address, contract } = this._env;
    this.tracer?.enter?.({
      type: "SELFDESTRUCT",
      from: hexOf(address),
      to: hexOf(beneficiary),
      value: contract.balance,
      gas: 0,
      input: NO_BYTES,
    });
    this.tracer?.exit?.({ gasUsed: 0, output: NO_BYTES });
    return super.selfDestruct(beneficiary);
  }

  override async run(code: Uint8Array): Run {
    const state = this._runState;
    const watched = this.tracer?.step ? this.tracer : undefined;
    const { pause } = this;
    let operations = 0;
    let [gasBefore, wordsBefore, isTold] = [0n, 0n, false];
    const { common } = this._evm;
    const { jumps, pushes } = this.#analyse(code);
    const table = this.#operations();
    state.code = code;
    state.validJumps = jumps;
    state.cachedPushes = pushes;
    state.shouldDoJumpAnalysis = false;
    try {
      while (state.programCounter < code.length) {
        if (pause && operations++ % OPERATIONS_BETWEEN_PAUSES === 0) {
          const turn = pause();
          if (turn) await turn;
        }
        const opcode = code[state.programCounter] as number;
        const operation = table[opcode] as Operation;
        state.opCode = operation.isInvalid ? INVALID : opcode;
        if (watched) [gasBefore, wordsBefore, isTold] = [state.gasLeft, state.memoryWordCount, false];
        let gas = operation.fee;
        if (operation.gas) {
          const dynamic = operation.gas(state, gas, common);
          gas = typeof dynamic === "bigint" ? dynamic : await dynamic;
        }
        if (watched) {
          watched.step?.(this.#step(operation, opcode, gas, gasBefore, wordsBefore));
          isTold = true;
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
      watched?.step?.(this.#step(table[STOP] as Operation, STOP, 0n, state.gasLeft, state.memoryWordCount));
    } catch (error) {
      if (!(error instanceof EVMError)) throw error;
      if (watched && error.error !== EVMError.errorMessages.STOP) {
        const opcode = code[state.programCounter] as number;
        const operation = table[opcode] as Operation;
        if (!isTold) watched.step?.(this.#step(operation, opcode, operation.fee, gasBefore, wordsBefore));
        watched.fault?.(error.error);
      }
      if (error.error !== EVMError.errorMessages.STOP) return { runState: state, exceptionError: error };
    }
    return { runState: state };
  }

  #step({ name }: Operation, opcode: number, cost: bigint, gasBefore: bigint, words: bigint): TracedStep {
    const state = this._runState;
    const isCall = CALLS.has(opcode);
    return {
      pc: state.programCounter,
      opcode,
      name,
      gas: Number(gasBefore),
      cost: Number(cost + (isCall ? (state.messageGasLimit ?? 0n) : 0n)),
      depth: state.env.depth + 1,
      refund: Number(state.gasRefund),
      address: hexOf(state.env.address),
      stack: state.stack.getStack(),
      memory: state.memory._store.subarray(0, Number(words) * WORD_BYTES),
      returnData: state.returnBytes,
      storage: (slot) => {
        const word = (state.stateManager as JournalState).word(state.env.address, wordOf(slot));
        return Buffer.concat([new Uint8Array(WORD_BYTES - word.length), word]);
      },
    };
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
        name: opcodeInfo.fullName,
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

function wordOf(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(2 * WORD_BYTES, "0"), "hex");
}
