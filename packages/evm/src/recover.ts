import { EVMError, type ExecResult, type PrecompileInput } from "@ethereumjs/evm";
import { recoverAddress } from "@ruffchain/kernel";

/** The order of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const GAS = 3_000n;
const INPUT_BYTES = 128;
const NO_BYTES = new Uint8Array(0);

/** ECRECOVER by the kernel's library: some thirty times faster than EthereumJS's own. */
export function recover({ data, gasLimit }: PrecompileInput): ExecResult {
  if (gasLimit < GAS) {
    const exceptionError = new EVMError(EVMError.errorMessages.OUT_OF_GAS);
    return { executionGasUsed: gasLimit, returnValue: NO_BYTES, exceptionError };
  }
  return { executionGasUsed: GAS, returnValue: recovered(data) };
}

function recovered(data: Uint8Array): Uint8Array {
  const input = Buffer.alloc(INPUT_BYTES);
  input.set(data.subarray(0, INPUT_BYTES));
  const v = BigInt(`0x${input.toString("hex", 32, 64)}`);
  if (v !== 27n && v !== 28n) return NO_BYTES;
  const signature = Buffer.from(input.subarray(64));
  const s = BigInt(`0x${signature.toString("hex", 32)}`);
  // With n - s in place of s the other parity gives the same key; the kernel takes low ones only (EIP-2).
  const isHigh = s > ORDER / 2n && s < ORDER;
  if (isHigh) signature.write((ORDER - s).toString(16).padStart(64, "0"), 32, "hex");
  const address = recoverAddress(input.subarray(0, 32), signature, (v === 28n) !== isHigh ? 1 : 0);
  return address ? Buffer.concat([Buffer.alloc(12), address]) : NO_BYTES;
}
