import type { Hex } from "@ruffchain/abi";
import {
  bytesToHex,
  EXECUTION_REVERTED,
  errorText,
  type Log,
  type TracedCall,
  type TracedResult,
  type Tracer,
} from "@ruffchain/kernel";
import { quantity } from "../quantity.js";
import type { TraceBudget } from "./trace-budget.js";

export interface CallTracerOptions {
  /** Leave out what the outermost call calls. */
  readonly onlyTopCall: boolean;
  readonly withLog: boolean;
}

interface CallFrame {
  type: string;
  from: Hex;
  to?: Hex;
  value?: Hex;
  gas: Hex;
  gasUsed: Hex;
  input: Hex;
  output?: Hex;
  error?: string;
  revertReason?: string;
  logs?: unknown[];
  calls?: CallFrame[];
}

/** Bytes of a frame or log beside its data. */
const FRAME_BYTES = 300;

/** The tree of calls, as geth's callTracer gives it. Calls of system contracts, also from one to another, are frames as any. */
export class CallTracer implements Tracer {
  readonly #options: CallTracerOptions;
  readonly #budget: TraceBudget;
  /** The calls under way, the innermost last; undefined where one is not recorded. */
  readonly #open: (CallFrame | undefined)[] = [];
  readonly #outermost: CallFrame[] = [];
  #logs = 0;

  constructor(options: CallTracerOptions, budget: TraceBudget) {
    this.#options = options;
    this.#budget = budget;
  }

  /** The outermost calls: one of a transaction, any number of the scheduler's. */
  get calls(): readonly CallFrame[] {
    return this.#outermost;
  }

  enter({ type, from, to, value, gas, input }: TracedCall): void {
    const isLeftOut = this.#options.onlyTopCall && this.#open.length > 0;
    if (isLeftOut || !this.#budget.spend(FRAME_BYTES + 2 * input.length)) {
      this.#open.push(undefined);
      return;
    }
    const frame: CallFrame = {
      type,
      from,
      to,
      ...(type !== "STATICCALL" && { value: quantity(value) }),
      gas: quantity(gas),
      gasUsed: "0x0",
      input: bytesToHex(input),
    };
    const parent = this.#open.at(-1);
    if (this.#open.length === 0) this.#outermost.push(frame);
    else if (parent) {
      parent.calls ??= [];
      parent.calls.push(frame);
    }
    this.#open.push(frame);
  }

  exit({ gasUsed, output, error, reason }: TracedResult): void {
    const frame = this.#open.pop();
    if (!frame) return;
    frame.gasUsed = quantity(gasUsed);
    if (error !== undefined) {
      frame.error = error;
      // Geth's tracers take back what a failed call has logged, and the address of what it did not create.
      clearLogs(frame);
      if (frame.type.startsWith("CREATE")) delete frame.to;
    }
    if (output.length === 0 || (error !== undefined && error !== EXECUTION_REVERTED)) return;
    if (!this.#budget.spend(2 * output.length)) return;
    frame.output = bytesToHex(output);
    if (error === undefined) return;
    const revertReason = reason ?? errorText(output);
    if (revertReason !== undefined) frame.revertReason = revertReason;
  }

  log({ address, topics, data }: Log): void {
    const frame = this.#open.at(-1);
    const index = this.#logs++;
    if (!frame || !this.#options.withLog || !this.#budget.spend(FRAME_BYTES + 2 * data.length)) return;
    frame.logs ??= [];
    const position = quantity(frame.calls?.length ?? 0);
    frame.logs.push({ address, topics, data: bytesToHex(data), index: quantity(index), position });
  }
}

function clearLogs(frame: CallFrame): void {
  delete frame.logs;
  frame.calls?.forEach(clearLogs);
}
