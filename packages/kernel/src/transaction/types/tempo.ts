import { keccak256 } from "../../crypto/keccak256.js";
import { bytesToHex } from "../../hex.js";
import {
  decodeRlp,
  encodeRlp,
  type RlpInput,
  type RlpItem,
  rlpBigint,
  rlpBytes,
  rlpList,
  rlpNumber,
} from "../../rlp.js";
import { accessListField } from "../access-list.js";
import { TransactionError } from "../error.js";
import { feeCapFields, signatureField, toField, yParityField } from "../fields.js";
import { decodeKeyAuthorization } from "../key-authorization.js";
import { recoverSigners } from "../recover-signers.js";
import { type Call, type Signers, TEMPO_TYPE, type TempoTransaction } from "../transaction.js";

/** Most calls of one transaction. */
export const MAX_TRANSACTION_CALLS = 256;
/** The nonce key of transactions that may come in any order, each once, until they expire. */
export const EXPIRING_NONCE_KEY = (1n << 256n) - 1n;

const NOTHING = new Uint8Array(0);
/** Stands in the sender's payload for a fee payer's signature that is still to come. */
const TO_BE_SIGNED = Uint8Array.of(0);
/** The type byte of what the fee payer signs. */
export const FEE_PAYER_TYPE = 0x78;

/**
 * Tempo's transactions: 0x76 ‖ rlp([chainId, maxPriorityFeePerGas, maxFeePerGas, gasLimit, calls, accessList, nonceKey, nonce,
 * validBefore, validAfter, feeToken, feePayerSignature, authorizationList, keyAuthorization?, signature]), a call being
 * [to, value, data]. The sender signs the list without signature, with a zero byte for the fee payer's signature where there
 * is one; the fee payer signs 0x78 ‖ the same list with the sender's address there.
 */
export function decodeTempo(raw: Uint8Array): TempoTransaction {
  const fields = rlpList(decodeRlp(raw.subarray(1)));
  const unsigned = fields.slice(0, -1);
  const [chainId, tip, fee, gasLimit, calls, accessList, nonceKey, nonce, before, after] = fields;
  const [feeToken, feePayer, authorizationList, keyAuthorization] = unsigned.slice(10);
  if (fields.length !== 14 && fields.length !== 15) throw malformed(`it has ${fields.length} fields`);
  if (rlpBytes(feeToken).length > 0) throw new TransactionError("unsupportedField", { field: "feeToken" });
  if (rlpList(authorizationList).length > 0) {
    throw new TransactionError("unsupportedField", { field: "authorizationList" });
  }
  const validAfter = rlpNumber(after);
  const validBefore = rlpBytes(before).length === 0 ? undefined : rlpNumber(before);
  if (validBefore !== undefined && validBefore <= validAfter) throw malformed("validBefore is not above validAfter");
  const key = rlpBigint(nonceKey);
  if (key === EXPIRING_NONCE_KEY && validBefore === undefined) throw malformed("an expiring nonce needs validBefore");
  const feePayerSignature = feePayerField(feePayer);
  let signers: Signers | undefined;
  let signed: Uint8Array | undefined;
  const tx: TempoTransaction = {
    type: TEMPO_TYPE,
    chainId: rlpNumber(chainId),
    nonce: rlpNumber(nonce),
    gasLimit: rlpNumber(gasLimit),
    ...feeCapFields(tip, fee),
    accessList: accessListField(accessList),
    calls: callsField(calls),
    nonceKey: key,
    validAfter,
    validBefore,
    signature: rlpBytes(fields.at(-1)),
    feePayerSignature,
    keyAuthorization: keyAuthorization === undefined ? undefined : decodeKeyAuthorization(keyAuthorization),
    hash: bytesToHex(keccak256(raw)),
    raw,
    signingHash: () => {
      signed ??= hashWith(unsigned, TEMPO_TYPE, feePayerSignature ? TO_BE_SIGNED : NOTHING);
      return signed;
    },
    signers: () => {
      signers ??= recoverSigners(tx, (sender) => hashWith(unsigned, FEE_PAYER_TYPE, sender));
      return signers;
    },
    adopt: (recovered) => {
      signers = recovered;
    },
  };
  return tx;
}

function callsField(item: RlpItem | undefined): Call[] {
  const calls = rlpList(item).map((call) => {
    const [to, value, data] = rlpList(call, 3);
    return { to: toField(to), value: rlpBigint(value), data: rlpBytes(data) };
  });
  if (calls.length === 0) throw malformed("it has no calls");
  if (calls.length > MAX_TRANSACTION_CALLS)
    throw malformed(`it has ${calls.length} calls, the limit is ${MAX_TRANSACTION_CALLS}`);
  if (calls.some(({ to }, i) => to === null && i > 0)) throw malformed("only its first call may create a contract");
  return calls;
}

/** r‖s‖yParity from [yParity, r, s]; undefined from the empty string. */
function feePayerField(item: RlpItem | undefined): Uint8Array | undefined {
  if (item instanceof Uint8Array) {
    if (item.length === 0) return undefined;
    throw new TransactionError("feePayerUnsigned");
  }
  const [yParity, r, s] = rlpList(item, 3);
  const signature = new Uint8Array(65);
  signature.set(signatureField(r, s));
  signature[64] = yParityField(yParity);
  return signature;
}

/** keccak256 of the type and the list with the given bytes in the place of the fee payer's signature. */
function hashWith(unsigned: readonly RlpItem[], type: number, feePayer: Uint8Array): Uint8Array {
  const list = encodeRlp([...unsigned.slice(0, 11), feePayer, ...unsigned.slice(12)] as RlpInput);
  const payload = new Uint8Array(1 + list.length);
  payload[0] = type;
  payload.set(list, 1);
  return keccak256(payload);
}

function malformed(reason: string): TransactionError {
  return new TransactionError("malformed", { reason });
}
