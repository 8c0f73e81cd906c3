import { keccak256 } from "../../crypto/keccak256.js";
import { bytesToHex } from "../../hex.js";
import { decodeRlp, rlpBigint, rlpBytes, rlpList, rlpNumber } from "../../rlp.js";
import { accessListField } from "../access-list.js";
import { signatureField, toField, yParityField } from "../fields.js";
import { hashUnsigned } from "../signing-hash.js";
import type { EthereumTransaction } from "../transaction.js";

/** EIP-2930: 0x01 ‖ rlp([chainId, nonce, gasPrice, gasLimit, to, value, data, accessList, yParity, r, s]). */
export function decodeAccessList(raw: Uint8Array): EthereumTransaction {
  const fields = rlpList(decodeRlp(raw.subarray(1)), 11);
  const [chainId, nonce, gasPrice, gasLimit, to, value, data, accessList, yParity, r, s] = fields;
  const fee = rlpBigint(gasPrice);
  return {
    type: 1,
    chainId: rlpNumber(chainId),
    nonce: rlpNumber(nonce),
    gasLimit: rlpNumber(gasLimit),
    maxFeePerGas: fee,
    maxPriorityFeePerGas: fee,
    to: toField(to),
    value: rlpBigint(value),
    data: rlpBytes(data),
    accessList: accessListField(accessList),
    yParity: yParityField(yParity),
    signature: signatureField(r, s),
    hash: bytesToHex(keccak256(raw)),
    raw,
    signingHash: () => hashUnsigned(raw, 1, fields.slice(8)),
  };
}
