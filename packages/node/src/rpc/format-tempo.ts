import type { Address, Hex } from "@ruffchain/abi";
import {
  bytesToHex,
  isKeychain,
  type KeyAuthorization,
  keySignature,
  NO_EXPIRY,
  signatureType,
  type TempoTransaction,
} from "@ruffchain/kernel";
import { quantity } from "./quantity.js";

/** The fields of a transaction of type 0x76 as Tempo's clients read them. */
export function formatTempo(tx: TempoTransaction) {
  const { feePayerSignature, keyAuthorization, validBefore } = tx;
  return {
    type: quantity(tx.type),
    chainId: quantity(tx.chainId),
    nonce: quantity(tx.nonce),
    nonceKey: quantity(tx.nonceKey),
    gas: quantity(tx.gasLimit),
    gasPrice: quantity(tx.maxFeePerGas),
    maxFeePerGas: quantity(tx.maxFeePerGas),
    maxPriorityFeePerGas: quantity(tx.maxPriorityFeePerGas),
    accessList: tx.accessList,
    calls: tx.calls.map(({ to, value, data }) => ({ to, value: quantity(value), input: bytesToHex(data) })),
    validAfter: tx.validAfter === 0 ? null : quantity(tx.validAfter),
    validBefore: validBefore === undefined ? null : quantity(validBefore),
    feeToken: null,
    feePayerSignature: feePayerSignature ? formatRecoverable(feePayerSignature) : null,
    keyAuthorization: keyAuthorization ? formatAuthorization(keyAuthorization) : null,
    signature: formatSignature(tx),
  };
}

function formatSignature(tx: TempoTransaction) {
  const { signature } = tx;
  if (!isKeychain(signature)) return formatKeySignature(signature);
  return {
    type: "keychain",
    version: signature[0] === 3 ? "v1" : "v2",
    userAddress: bytesToHex(signature.subarray(1, 21)),
    keyId: tx.signers().accessKey as Address,
    signature: formatKeySignature(keySignature(signature)),
  };
}

function formatKeySignature(signature: Uint8Array) {
  const word = (at: number): Hex => bytesToHex(signature.subarray(at, at + 32));
  const type = signatureType(signature);
  if (type === "secp256k1") return { type, ...formatRecoverable(signature) };
  const at = type === "p256" ? 1 : signature.length - 128;
  const words = { r: word(at), s: word(at + 32), pubKeyX: word(at + 64), pubKeyY: word(at + 96) };
  return type === "p256"
    ? { type, preHash: signature[129] === 1, ...words }
    : { type: "webAuthn", webauthnData: bytesToHex(signature.subarray(1, at)), ...words };
}

/** r‖s‖v with v as 0, 1, 27 or 28. */
function formatRecoverable(signature: Uint8Array) {
  const v = signature[64] as number;
  const yParity = v >= 27 ? v - 27 : v;
  return {
    r: quantity(BigInt(bytesToHex(signature.subarray(0, 32)))),
    s: quantity(BigInt(bytesToHex(signature.subarray(32, 64)))),
    yParity: quantity(yParity),
    v: quantity(27 + yParity),
  };
}

function formatAuthorization({ grant, chainId, signature }: KeyAuthorization) {
  const { keyId, type, expiry, limits, scopes } = grant;
  return {
    chainId: quantity(chainId),
    keyType: type,
    keyId,
    expiry: expiry === NO_EXPIRY ? null : quantity(expiry),
    ...(limits && {
      limits: limits.map(({ token, amount, period }) => ({
        token,
        limit: quantity(amount),
        ...(period > 0n && { period: quantity(period) }),
      })),
    }),
    ...(scopes && { allowedCalls: scopes }),
    signature: formatKeySignature(signature),
  };
}
