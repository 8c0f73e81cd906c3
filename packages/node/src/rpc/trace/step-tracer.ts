import type { Address, Hex } from "@ruffchain/abi";
import { bytesToHex, type TracedResult, type TracedStep, type Tracer } from "@ruffchain/kernel";
import { quantity } from "../quantity.js";
import type { TraceBudget } from "./trace-budget.js";

export interface StepTracerOptions {
  readonly disableStack: boolean;
  readonly disableStorage: boolean;
  readonly enableMemory: boolean;
  readonly enableReturnData: boolean;
  /** Most steps that are recorded; 0 is all. */
  readonly limit: number;
}

interface StructLog {
  readonly pc: number;
  readonly op: string;
  readonly gas: number;
  readonly gasCost: number;
  readonly depth: number;
  readonly refund: number;
  readonly stack?: readonly Hex[];
  readonly memory?: readonly Hex[];
  readonly returnData?: Hex;
  readonly storage?: Readonly<Record<Hex, Hex>>;
  error?: string;
}

const SLOAD = 0x54;
const SSTORE = 0x55;
const WORD_BYTES = 32;
/** Of the answer: a step without its lists, and a word in one of them. */
const STEP_BYTES = 100;
const WORD_TEXT_BYTES = 70;

/** Each operation of the EVM, as geth's struct logger gives them. System contracts have none. */
export class StepTracer implements Tracer {
  readonly #options: StepTracerOptions;
  readonly #budget: TraceBudget;
  readonly #storage = new Map<Address, Record<Hex, Hex>>();
  readonly structLogs: StructLog[] = [];
  /** What the outermost call returned. */
  output: Uint8Array = new Uint8Array(0);
  #last: StructLog | undefined;

  constructor(options: StepTracerOptions, budget: TraceBudget) {
    this.#options = options;
    this.#budget = budget;
  }

  exit({ output }: TracedResult): void {
    this.output = output;
  }

  step(step: TracedStep): void {
    this.#last = undefined;
    if (this.#budget.isOver) return;
    const { disableStack, enableMemory, enableReturnData, limit } = this.#options;
    const storage = this.#storageAt(step);
    if (limit > 0 && this.structLogs.length >= limit) return;
    const words =
      (disableStack ? 0 : step.stack.length) +
      (enableMemory ? step.memory.length / WORD_BYTES : 0) +
      (enableReturnData ? step.returnData.length / WORD_BYTES : 0) +
      (storage ? 2 * Object.keys(storage).length : 0);
    if (!this.#budget.spend(STEP_BYTES + words * WORD_TEXT_BYTES)) return;
    this.#last = {
      pc: step.pc,
      op: step.name,
      gas: step.gas,
      gasCost: step.cost,
      depth: step.depth,
      refund: step.refund,
      ...(!disableStack && { stack: step.stack.map(quantity) }),
      ...(enableMemory && { memory: wordsOf(step.memory) }),
      ...(enableReturnData && step.returnData.length > 0 && { returnData: bytesToHex(step.returnData) }),
      ...(storage && { storage: { ...storage } }),
    };
    this.structLogs.push(this.#last);
  }

  fault(error: string): void {
    if (this.#last) this.#last.error = error;
  }

  /** The slots that the contract has touched up to and with this step, as it leaves them; for SLOAD and SSTORE only. */
  #storageAt({ opcode, stack, address, storage }: TracedStep): Readonly<Record<Hex, Hex>> | undefined {
    if (this.#options.disableStorage || (opcode !== SLOAD && opcode !== SSTORE)) return undefined;
    const slot = stack.at(-1);
    const stored = stack.at(-2);
    if (slot === undefined || (opcode === SSTORE && stored === undefined)) return undefined;
    const touched = this.#storage.get(address) ?? {};
    this.#storage.set(address, touched);
    touched[word(slot)] = opcode === SSTORE ? word(stored as bigint) : bytesToHex(storage(slot));
    return touched;
  }
}

function word(value: bigint): Hex {
  return `0x${value.toString(16).padStart(2 * WORD_BYTES, "0")}`;
}

function wordsOf(memory: Uint8Array): Hex[] {
  return Array.from({ length: memory.length / WORD_BYTES }, (_, i) =>
    bytesToHex(memory.subarray(i * WORD_BYTES, (i + 1) * WORD_BYTES)),
  );
}
