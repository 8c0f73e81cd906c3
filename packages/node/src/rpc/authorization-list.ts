import {
  AUTHORIZATION_GAS,
  type Authorization,
  bytesToHex,
  hexToBytes,
  MAX_EVM_TRANSACTION_GAS,
} from "@ruffchain/kernel";
import { addressParam, listParam, objectParam, quantityParam } from "./params.js";
import { quantity } from "./quantity.js";
import { RpcError, rpcCode } from "./rpc-error.js";

/** Most authorizations of a call: a transaction has no gas for more. */
export const MAX_AUTHORIZATIONS = Math.floor(MAX_EVM_TRANSACTION_GAS / AUTHORIZATION_GAS);

/** r‖s as two numbers. */
export function formatSignature(signature: Uint8Array) {
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  return { r: quantity(BigInt(bytesToHex(r))), s: quantity(BigInt(bytesToHex(s))) };
}

export function formatAuthorization({ chainId, address, nonce, yParity, signature }: Authorization) {
  return {
    chainId: quantity(chainId),
    address,
    nonce: quantity(nonce),
    yParity: quantity(yParity),
    ...formatSignature(signature),
  };
}

/** Signed ones: their accounts are known by their signatures. */
export function authorizationListParam(value: unknown): Authorization[] {
  const list = "call.authorizationList";
  const authorizations = listParam(value, list);
  if (authorizations.length > MAX_AUTHORIZATIONS) {
    throw new RpcError(rpcCode.limitExceeded, `${list}: a call has at most ${MAX_AUTHORIZATIONS}`);
  }
  return authorizations.map((authorization) => {
    const { chainId, address, nonce, yParity, r, s } = objectParam(authorization, list);
    const scalar = (name: "r" | "s", number: unknown) =>
      quantityParam(number, `${list}.${name}`).toString(16).padStart(64, "0");
    return {
      chainId: quantityParam(chainId, `${list}.chainId`),
      address: addressParam(address, `${list}.address`),
      nonce: quantityParam(nonce, `${list}.nonce`),
      yParity: Number(quantityParam(yParity, `${list}.yParity`)),
      signature: hexToBytes(`0x${scalar("r", r)}${scalar("s", s)}`),
    };
  });
}
