import {
  bytesToHex,
  type Call,
  type CallRequest,
  gasSchedule,
  type KeyGrant,
  NO_EXPIRY,
  type SignatureType,
  signatureTypes,
  tempoWorkGas,
} from "@ruffchain/kernel";
import { addressParam, dataParam, describe, listParam, objectParam, quantityParam } from "./params.js";
import { invalidParams } from "./rpc-error.js";

/** What calls of Tempo's clients have beside Ethereum's fields. */
export const TEMPO_CALL_FIELDS = [
  ...["calls", "nonceKey", "validAfter", "validBefore", "feePayer", "feePayerSignature"],
  ...["keyType", "keyData", "keyId", "keyAuthorization"],
] as const;

type Fields = Readonly<Record<string, unknown>>;

/** Bytes of a WebAuthn signature where the client does not say. */
const WEBAUTHN_BYTES = 800;
const P256_BYTES = 130;
const SECP256K1_BYTES = 65;

/** The calls of a transaction of type 0x76, the key that is to sign it, and the gas of its signatures and nonce. */
export function tempoParams(call: Fields): Pick<CallRequest, "calls" | "key" | "extraGas"> {
  if (!TEMPO_CALL_FIELDS.some((field) => isPresent(call[field]))) return {};
  const keyId = isPresent(call.keyId) ? addressParam(call.keyId, "call.keyId") : undefined;
  const authorization = isPresent(call.keyAuthorization) ? authorizationParam(call.keyAuthorization) : undefined;
  return {
    ...(isPresent(call.calls) && { calls: callsParam(call.calls) }),
    ...((keyId || authorization) && {
      key: { ...(keyId && { keyId }), ...(authorization && { grant: authorization.grant }) },
    }),
    extraGas: tempoWorkGas({
      nonceKey: isPresent(call.nonceKey) ? quantityParam(call.nonceKey, "call.nonceKey") : 0n,
      // A fee payer that has not signed yet is null.
      hasFeePayer: Boolean(call.feePayer) || call.feePayerSignature !== undefined,
      isAccessKey: keyId !== undefined,
      ...keySize(call),
      authorization,
    }),
  };
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function callsParam(value: unknown): Call[] {
  const calls = objectsParam(value, "call.calls");
  if (calls.length === 0) throw invalidParams("call.calls: there are none");
  return calls.map(({ to, value, ...call }) => {
    const data = call.input ?? call.data;
    const hasValue = isPresent(value) && value !== "0x";
    return {
      to: isPresent(to) ? addressParam(to, "call.calls.to") : null,
      value: hasValue ? quantityParam(value, "call.calls.value") : 0n,
      data: isPresent(data) ? dataParam(data, "call.calls.data") : new Uint8Array(0),
    };
  });
}

/** What the signature will take: clients do not say whether a P-256 key hashes, so the dearer is assumed. */
function keySize({ keyType, keyData }: Fields): { signatureGas: number; signatureBytes: number } {
  const type = isPresent(keyType) ? keyTypeParam(keyType, "call.keyType") : "secp256k1";
  if (type === "secp256k1") return { signatureGas: 0, signatureBytes: SECP256K1_BYTES };
  if (type === "p256") return { signatureGas: gasSchedule.verifyP256Digest, signatureBytes: P256_BYTES };
  const signatureBytes = isPresent(keyData) ? Number(quantityParam(keyData, "call.keyData")) : WEBAUTHN_BYTES;
  return { signatureGas: webAuthnGas(signatureBytes), signatureBytes };
}

function webAuthnGas(bytes: number): number {
  return gasSchedule.verifyP256 + gasSchedule.hash + gasSchedule.hashByte * bytes;
}

function keyTypeParam(value: unknown, name: string): SignatureType {
  const type = signatureTypes.find((known) => known === value);
  if (!type) throw invalidParams(`${name}: expected ${signatureTypes.join(", ")}, got ${describe(value)}`);
  return type;
}

function authorizationParam(value: unknown): { grant: KeyGrant; signatureGas: number } {
  const name = "call.keyAuthorization";
  const { keyId, keyType, expiry, limits, allowedCalls, signature } = objectParam(value, name);
  const { type } = objectParam(signature, `${name}.signature`);
  const gas = {
    secp256k1: gasSchedule.recoverSecp256k1,
    p256: gasSchedule.verifyP256Digest,
    webAuthn: webAuthnGas(2_048),
  };
  return {
    grant: {
      keyId: addressParam(keyId, `${name}.keyId`),
      type: keyTypeParam(keyType, `${name}.keyType`),
      expiry: isPresent(expiry) ? quantityParam(expiry, `${name}.expiry`) : NO_EXPIRY,
      ...(isPresent(limits) && {
        limits: objectsParam(limits, `${name}.limits`).map((limit) => ({
          token: addressParam(limit.token, `${name}.limits.token`),
          amount: quantityParam(limit.limit, `${name}.limits.limit`),
          period: isPresent(limit.period) ? quantityParam(limit.period, `${name}.limits.period`) : 0n,
        })),
      }),
      ...(isPresent(allowedCalls) && {
        scopes: objectsParam(allowedCalls, `${name}.allowedCalls`).map(({ target, selectorRules = [] }) => ({
          target: addressParam(target, `${name}.allowedCalls.target`),
          selectorRules: objectsParam(selectorRules, `${name}.selectorRules`).map(({ selector, recipients = [] }) => ({
            selector: bytesToHex(dataParam(selector, `${name}.selector`)),
            recipients: listParam(recipients, `${name}.recipients`).map((recipient) =>
              addressParam(recipient, `${name}.recipients`),
            ),
          })),
        })),
      }),
    },
    signatureGas: gas[keyTypeParam(type, `${name}.signature.type`)],
  };
}

function objectsParam(value: unknown, name: string): Fields[] {
  return listParam(value, name).map((each) => objectParam(each, name));
}
