import { keccak256 } from "../../crypto/keccak256.js";
import { bytesToHex } from "../../hex.js";
import { decodeRlp, encodeRlp, type RlpItem, rlpBigint, rlpBytes, rlpList, rlpNumber } from "../../rlp.js";
import { TransactionError } from "../error.js";
import { signatureField, toField } from "../fields.js";
import { hashUnsigned } from "../signing-hash.js";
import type { EthereumTransaction } from "../transaction.js";

/** rlp([nonce, gasPrice, gasLimit, to, value, data, v, r, s]) with v = chainId * 2 + 35 + yParity (EIP-155). */
export function decodeLegacy(raw: Uint8Array): EthereumTransaction {
  const fields = rlpList(decodeRlp(raw), 9);
  const [nonce, gasPrice, gasLimit, to, value, data, v, r, s] = fields;
  const { chainId, yParity } = replayProtection(v);
  const fee = rlpBigint(gasPrice);
  return {
    type: 0,
    chainId,
    nonce: rlpNumber(nonce),
    gasLimit: rlpNumber(gasLimit),
    maxFeePerGas: fee,
    maxPriorityFeePerGas: fee,
    to: toField(to),
    value: rlpBigint(value),
    data: rlpBytes(data),
    accessList: [],
    yParity,
    signature: signatureField(r, s),
    hash: bytesToHex(keccak256(raw)),
    raw,
    signingHash: () => hashUnsigned(raw, 0, fields.slice(6), encodeRlp([chainId, 0, 0]).subarray(1)),
  };
}

function replayProtection(item: RlpItem | undefined): { chainId: number; yParity: 0 | 1 } {
  const v = rlpNumber(item);
  if (v === 27 || v === 28) throw new TransactionError("unprotected");
  if (v < 37) throw new TransactionError("malformed", { reason: `v is ${v}` });
  const yParity = v % 2 === 1 ? 0 : 1;
  return { chainId: (v - 35 - yParity) / 2, yParity };
}
