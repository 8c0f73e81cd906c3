import type { Address } from "@ruffchain/abi";
import { bytesToHex } from "../hex.js";
import { type RlpItem, rlpBigint, rlpBytes, rlpNumber } from "../rlp.js";
import { TransactionError } from "./error.js";

/** The recipient: 20 bytes, or none where a contract is created. */
export function toField(item: RlpItem | undefined): Address | null {
  return rlpBytes(item).length === 0 ? null : bytesToHex(rlpBytes(item, 20));
}

/** EIP-1559: the caps of the fee. Throws tipAboveFee. */
export function feeCapFields(tip: RlpItem | undefined, fee: RlpItem | undefined) {
  const maxPriorityFeePerGas = rlpBigint(tip);
  const maxFeePerGas = rlpBigint(fee);
  if (maxPriorityFeePerGas > maxFeePerGas) {
    throw new TransactionError("tipAboveFee", { maxPriorityFeePerGas, maxFeePerGas });
  }
  return { maxFeePerGas, maxPriorityFeePerGas };
}

/** The parity of typed transactions. */
export function yParityField(item: RlpItem | undefined): 0 | 1 {
  const yParity = rlpNumber(item);
  if (yParity !== 0 && yParity !== 1) throw new TransactionError("malformed", { reason: `yParity is ${yParity}` });
  return yParity;
}

/** r‖s from the two integers. */
export function signatureField(r: RlpItem | undefined, s: RlpItem | undefined): Uint8Array {
  const signature = new Uint8Array(64);
  signature.set(scalar(r), 32 - scalar(r).length);
  signature.set(scalar(s), 64 - scalar(s).length);
  return signature;
}

function scalar(item: RlpItem | undefined): Uint8Array {
  const bytes = rlpBytes(item);
  if (bytes.length > 32 || bytes[0] === 0) {
    throw new TransactionError("malformed", {
      reason: "r and s are integers of at most 32 bytes without leading zeros",
    });
  }
  return bytes;
}
