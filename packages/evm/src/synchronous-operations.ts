import { EVMError } from "@ethereumjs/evm";
import type { JournalState } from "./journal-state.js";
import type { RunState } from "./run-state.js";

/**
 * Gas, and for storage also the work, of operations that EthereumJS gives promises for though nothing has to be waited
 * for. By the rules since Cancun; the tests against official vectors and anvil hold them to EthereumJS's.
 */
export interface SynchronousOperation {
  /** All of the operation's gas. `fee` is its static part. Throws EVMError. */
  gas?(state: RunState, fee: bigint): bigint;
  run?(state: RunState): void;
}

const WORD = 32n;
const COPY_WORD_GAS = 3n;
const KECCAK_WORD_GAS = 6n;
const EXP_BYTE_GAS = 50n; // EIP-160
const LOG_TOPIC_GAS = 375n;
const LOG_BYTE_GAS = 8n;
const COLD_SLOAD_GAS = 2_100n; // EIP-2929
const WARM_READ_GAS = 100n;
const STORAGE_SET_GAS = 20_000n; // EIP-2200
const STORAGE_RESET_GAS = 2_900n;
const STORAGE_SENTRY_GAS = 2_300n;
const STORAGE_CLEAR_REFUND = 4_800n; // EIP-3529

function words(length: bigint): bigint {
  return (length + WORD - 1n) / WORD;
}

/** Gas for memory up to the end of the range, which counts as used from now on. */
function memoryGas(state: RunState, offset: bigint, length: bigint): bigint {
  if (length === 0n) return 0n;
  const count = words(offset + length);
  if (count <= state.memoryWordCount) return 0n;
  const cost = count * 3n + (count * count) / 512n;
  const more = cost - state.highestMemCost;
  state.highestMemCost = cost;
  state.memoryWordCount = count;
  return more;
}

function assertWritable({ env }: RunState): void {
  if (env.isStatic) throw new EVMError(EVMError.errorMessages.STATIC_STATE_CHANGE);
}

/** The operand that is `depth` below the top of the stack. */
function operand({ stack }: RunState, depth: number): bigint {
  return stack.peek(depth + 1)[depth] as bigint;
}

function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
}

/** A word as storage keeps it. */
function stripped(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
}

function toInteger(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** Whether a slot of the running contract was warm already; it is from now on. */
function warm({ interpreter, env }: RunState, slot: Uint8Array): boolean {
  const { journal } = interpreter;
  if (journal.isWarmedStorage(env.address.bytes, slot)) return true;
  journal.addWarmedStorage(env.address.bytes, slot);
  return false;
}

/** A word-sized access at the offset on top of the stack. */
function access(length: bigint): SynchronousOperation {
  return { gas: (state, fee) => fee + memoryGas(state, operand(state, 0), length) };
}

/** Copies into memory: the destination is on top, the length third. */
const copy: SynchronousOperation = {
  gas(state, fee) {
    const length = operand(state, 2);
    return fee + memoryGas(state, operand(state, 0), length) + COPY_WORD_GAS * words(length);
  },
};

/** RETURN and REVERT. */
const end: SynchronousOperation = {
  gas: (state, fee) => fee + memoryGas(state, operand(state, 0), operand(state, 1)),
};

const exponentiate: SynchronousOperation = {
  gas(state, fee) {
    const exponent = operand(state, 1);
    return exponent === 0n ? fee : fee + EXP_BYTE_GAS * BigInt(Math.ceil(exponent.toString(16).length / 2));
  },
};

const hash: SynchronousOperation = {
  gas(state, fee) {
    const length = operand(state, 1);
    return fee + memoryGas(state, operand(state, 0), length) + KECCAK_WORD_GAS * words(length);
  },
};

const copyReturnData: SynchronousOperation = {
  gas(state, fee) {
    if (operand(state, 1) + operand(state, 2) > BigInt(state.returnBytes.length)) {
      throw new EVMError(EVMError.errorMessages.OUT_OF_GAS);
    }
    return (copy.gas as NonNullable<SynchronousOperation["gas"]>)(state, fee);
  },
};

const copyMemory: SynchronousOperation = {
  gas(state, fee) {
    const length = operand(state, 2);
    const [to, from] = [operand(state, 0), operand(state, 1)];
    return fee + COPY_WORD_GAS * words(length) + memoryGas(state, to > from ? to : from, length);
  },
};

function log(topics: number): SynchronousOperation {
  return {
    gas(state, fee) {
      assertWritable(state);
      const length = operand(state, 1);
      return fee + memoryGas(state, operand(state, 0), length) + LOG_TOPIC_GAS * BigInt(topics) + LOG_BYTE_GAS * length;
    },
  };
}

const load: SynchronousOperation = {
  gas: (state, fee) => fee + (warm(state, bytesOf(operand(state, 0))) ? WARM_READ_GAS : COLD_SLOAD_GAS),
  run(state) {
    const slot = bytesOf(state.stack.pop());
    state.stack.push(toInteger((state.stateManager as JournalState).word(state.env.address, slot)));
  },
};

const store: SynchronousOperation = {
  gas(state, fee) {
    assertWritable(state);
    const [slot, next] = [bytesOf(operand(state, 0)), operand(state, 1)];
    if (state.gasLeft <= STORAGE_SENTRY_GAS) throw new EVMError(EVMError.errorMessages.OUT_OF_GAS);
    const access = warm(state, slot) ? 0n : COLD_SLOAD_GAS;
    const journal = state.stateManager as JournalState;
    const current = toInteger(journal.word(state.env.address, slot));
    if (current === next) return fee + access + WARM_READ_GAS;
    const original = toInteger(journal.originalWord(state.env.address, slot));
    if (original === current) {
      if (original === 0n) return fee + access + STORAGE_SET_GAS;
      if (next === 0n) state.gasRefund += STORAGE_CLEAR_REFUND;
      return fee + access + STORAGE_RESET_GAS;
    }
    if (original !== 0n) {
      if (current === 0n) state.gasRefund -= STORAGE_CLEAR_REFUND;
      else if (next === 0n) state.gasRefund += STORAGE_CLEAR_REFUND;
    }
    if (original === next) state.gasRefund += (original === 0n ? STORAGE_SET_GAS : STORAGE_RESET_GAS) - WARM_READ_GAS;
    return fee + access + WARM_READ_GAS;
  },
  run(state) {
    const [slot, value] = state.stack.popN(2) as [bigint, bigint];
    (state.stateManager as JournalState).setWord(state.env.address, bytesOf(slot), stripped(value));
  },
};

/** By opcode. */
export const synchronousOperations: ReadonlyMap<number, SynchronousOperation> = new Map([
  [0x0a, exponentiate],
  [0x20, hash],
  [0x37, copy],
  [0x39, copy],
  [0x3e, copyReturnData],
  [0x51, access(WORD)],
  [0x52, access(WORD)],
  [0x53, access(1n)],
  [0x54, load],
  [0x55, store],
  [0x5e, copyMemory],
  [0xa0, log(0)],
  [0xa1, log(1)],
  [0xa2, log(2)],
  [0xa3, log(3)],
  [0xa4, log(4)],
  [0xf3, end],
  [0xfd, end],
]);
