import { keccak256 } from "../../crypto/keccak256.js";
import { bytesToHex } from "../../hex.js";
import { decodeRlp, rlpBigint, rlpBytes, rlpList, rlpNumber } from "../../rlp.js";
import { accessListField } from "../access-list.js";
import { feeCapFields, signatureField, toField, yParityField } from "../fields.js";
import { hashUnsigned } from "../signing-hash.js";
import type { EthereumTransaction } from "../transaction.js";

/**
 * EIP-1559: 0x02 ‖ rlp([chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, value, data, accessList,
 * yParity, r, s]).
 */
export function decodeDynamicFee(raw: Uint8Array): EthereumTransaction {
  const fields = rlpList(decodeRlp(raw.subarray(1)), 12);
  const [chainId, nonce, tip, fee, gasLimit, to, value, data, accessList, yParity, r, s] = fields;
  return {
    type: 2,
    chainId: rlpNumber(chainId),
    nonce: rlpNumber(nonce),
    gasLimit: rlpNumber(gasLimit),
    ...feeCapFields(tip, fee),
    to: toField(to),
    value: rlpBigint(value),
    data: rlpBytes(data),
    accessList: accessListField(accessList),
    yParity: yParityField(yParity),
    signature: signatureField(r, s),
    hash: bytesToHex(keccak256(raw)),
    raw,
    signingHash: () => hashUnsigned(raw, 1, fields.slice(9)),
  };
}
