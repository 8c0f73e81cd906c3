import { keccak256 } from "../../crypto/keccak256.js";
import { bytesToHex } from "../../hex.js";
import { decodeRlp, rlpBigint, rlpBytes, rlpList, rlpNumber } from "../../rlp.js";
import { accessListField } from "../access-list.js";
import { authorizationListField } from "../authorization.js";
import { TransactionError } from "../error.js";
import { feeCapFields, signatureField, toField, yParityField } from "../fields.js";
import { hashUnsigned } from "../signing-hash.js";
import type { EthereumTransaction } from "../transaction.js";

/**
 * EIP-7702: 0x04 ‖ rlp([chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, value, data, accessList,
 * authorizationList, yParity, r, s]).
 */
export function decodeSetCode(raw: Uint8Array): EthereumTransaction {
  const fields = rlpList(decodeRlp(raw.subarray(1)), 13);
  const [chainId, nonce, tip, fee, gasLimit, to, value, data, accessList, authorizations, yParity, r, s] = fields;
  const authorizationList = authorizationListField(authorizations);
  if (authorizationList.length === 0) throw new TransactionError("noAuthorizations");
  if (toField(to) === null) throw new TransactionError("setCodeCreates");
  return {
    type: 4,
    chainId: rlpNumber(chainId),
    nonce: rlpNumber(nonce),
    gasLimit: rlpNumber(gasLimit),
    ...feeCapFields(tip, fee),
    to: toField(to),
    value: rlpBigint(value),
    data: rlpBytes(data),
    accessList: accessListField(accessList),
    authorizationList,
    yParity: yParityField(yParity),
    signature: signatureField(r, s),
    hash: bytesToHex(keccak256(raw)),
    raw,
    signingHash: () => hashUnsigned(raw, 1, fields.slice(10)),
  };
}
