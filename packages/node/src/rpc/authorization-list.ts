import { type Authorization, bytesToHex, hexToBytes } from "@ruffchain/kernel";
import { addressParam, describe, quantityParam } from "./params.js";
import { quantity } from "./quantity.js";
import { invalidParams } from "./rpc-error.js";

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
  if (!Array.isArray(value)) throw invalidParams(`call.authorizationList: expected a list, got ${describe(value)}`);
  return value.map((authorization = {}) => {
    const { chainId, address, nonce, yParity, r, s } = authorization as Record<string, unknown>;
    const scalar = (name: "r" | "s", number: unknown) =>
      quantityParam(number, `call.authorizationList.${name}`).toString(16).padStart(64, "0");
    return {
      chainId: quantityParam(chainId, "call.authorizationList.chainId"),
      address: addressParam(address, "call.authorizationList.address"),
      nonce: quantityParam(nonce, "call.authorizationList.nonce"),
      yParity: Number(quantityParam(yParity, "call.authorizationList.yParity")),
      signature: hexToBytes(`0x${scalar("r", r)}${scalar("s", s)}`),
    };
  });
}
