/** A stream of numbers that a seed fixes (xorshift32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  }
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const hex = (value: number) => value.toString(16).padStart(2, "0");
const push = (value: bigint) => {
  const digits = value.toString(16);
  const even = digits.length % 2 ? `0${digits}` : digits;
  return value === 0n ? "5f" : hex(0x5f + even.length / 2) + even;
};

const INTERESTING = [
  0n,
  1n,
  2n,
  31n,
  32n,
  255n,
  256n,
  2n ** 64n,
  2n ** 128n - 1n,
  2n ** 160n,
  2n ** 255n,
  2n ** 256n - 1n,
];
/** Opcodes that take two and give one, the third operand of ADDMOD and MULMOD aside. */
const BINARY = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18];
const SHIFTS = [0x1a, 0x1b, 0x1c, 0x1d];
const UNARY = [0x15, 0x19, 0x1e];
/** What does not depend on the block: ADDRESS … GAS. */
const CONTEXT = [0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x46, 0x47, 0x4a, 0x58, 0x59, 0x5a];

/** Precompiles of Osaka: ECRECOVER … BLS12_MAP_FP2_TO_G2, P256VERIFY. */
export const PRECOMPILES = [...Array.from({ length: 0x11 }, (_, i) => i + 1), 0x100];

/**
 * Code that computes, stores, logs, hashes, jumps, calls the given addresses and makes contracts. It leaves out what
 * depends on the block (its hash, time, number, coinbase, base fee), which two chains do not share.
 */
export function randomProgram(random: Random, addresses: readonly string[]): string {
  const offset = () => push(BigInt(random.below(200)));
  const size = () => push(BigInt(random.below(80)));
  const value = () => (random.below(2) ? push(random.of(INTERESTING)) : push(BigInt(random.below(2 ** 31))));
  const slot = () => push(BigInt(random.below(6)));
  const target = () => push(BigInt(random.of<string | number>(random.below(4) ? addresses : PRECOMPILES)));
  const callGas = () => (random.below(3) ? "5a" : push(BigInt(random.below(60_000))));
  const statements: (() => string)[] = [
    () => `${value()}${value()}${hex(random.of(BINARY))}`,
    () => `${value()}${push(BigInt(random.below(300)))}${hex(random.of(SHIFTS))}`,
    () => `${value()}${value()}${value()}${random.of(["08", "09"])}`,
    () => `${value()}${hex(random.of(UNARY))}`,
    () => hex(random.of(CONTEXT)),
    () => `${value()}${offset()}${random.of(["52", "53"])}`,
    () => `${offset()}51`,
    () => `${size()}${offset()}20`,
    () => `${value()}${slot()}55`,
    () => `${random.of(["5f", "6001"])}${slot()}55`,
    () => `${slot()}54`,
    () => `${value()}${slot()}5d`,
    () => `${slot()}5c`,
    () => `${size()}${offset()}${offset()}${random.of(["37", "39", "5e"])}`,
    () => `${offset()}35`,
    () => `3d5f5f3e`,
    () => `${target()}${random.of(["31", "3b", "3f"])}`,
    () => `${size()}${offset()}${offset()}${target()}3c`,
    () => {
      const topics = random.below(5);
      return `${Array.from({ length: topics }, value).join("")}${size()}${offset()}${hex(0xa0 + topics)}`;
    },
    () => hex(0x80 + random.below(16)),
    () => hex(0x90 + random.below(16)),
    () =>
      `${size()}${offset()}${size()}${offset()}${random.below(4) ? "5f" : "6001"}${target()}${callGas()}${random.of(["f1", "f2"])}`,
    () => `${size()}${offset()}${size()}${offset()}${target()}${callGas()}${random.of(["f4", "fa"])}`,
    // Init code that returns a little code, or fails.
    () => {
      const code = random.of(["600160005560015ff3", "60015ff3", "5f5ffd", "fe", "5f5f5360ef5f5360015ff3", "33ff"]);
      const at = `${push(BigInt(`0x${code.padEnd(64, "0")}`))}5f52${push(BigInt(code.length / 2))}5f`;
      return random.below(2) ? `${at}5ff0` : `${push(BigInt(random.below(3)))}${at.slice(0, -2)}5f5ff5`;
    },
  ];
  let code = "";
  const length = 4 + random.below(40);
  for (let i = 0; i < length; i++) {
    const statement = random.of(statements)();
    if (random.below(12)) {
      code += statement;
      continue;
    }
    // if (condition) skip the statement
    const destination = code.length / 2 + 2 + 3 + 1 + statement.length / 2;
    code += `${hex(0x60)}${hex(random.below(2))}61${destination.toString(16).padStart(4, "0")}57${statement}5b`;
  }
  if (!random.below(12)) code += `${target()}ff`;
  if (!random.below(12)) code += hex(random.below(256));
  return code + random.of(["00", `${size()}${offset()}f3`, `${size()}${offset()}f3`, `${size()}${offset()}fd`, ""]);
}
