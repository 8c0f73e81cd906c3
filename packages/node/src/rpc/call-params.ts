import type { AccessListEntry, CallRequest } from "@ruffchain/kernel";
import { authorizationListParam } from "./authorization-list.js";
import { addressParam, dataParam, hashParam, listParam, objectParam, quantityParam } from "./params.js";
import { invalidParams } from "./rpc-error.js";
import { TEMPO_CALL_FIELDS, tempoParams } from "./tempo-params.js";

const CALL_FIELDS = new Set([
  ...["from", "to", "data", "input", "value", "gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "nonce"],
  ...["type", "chainId", "accessList", "authorizationList", ...TEMPO_CALL_FIELDS],
]);

/** A call as eth_call and its kin take it. */
export function callParam(value: unknown): Omit<CallRequest, "height"> {
  const call = objectParam(value, "call");
  for (const field of Object.keys(call)) {
    if (!CALL_FIELDS.has(field) && call[field] !== null)
      throw invalidParams(`call.${field}: this field is not supported`);
  }
  const data = call.input ?? call.data;
  const price = call.gasPrice ?? call.maxFeePerGas;
  return {
    to: call.to === undefined || call.to === null ? null : addressParam(call.to, "call.to"),
    ...(call.from !== undefined && { from: addressParam(call.from, "call.from") }),
    ...(data !== undefined && { data: dataParam(data, "call.data") }),
    ...(call.value !== undefined && { value: quantityParam(call.value, "call.value") }),
    ...(call.gas !== undefined && { gas: Number(quantityParam(call.gas, "call.gas")) }),
    ...(price !== undefined && { gasPrice: quantityParam(price, "call.gasPrice") }),
    ...(call.accessList !== undefined && { accessList: accessListParam(call.accessList) }),
    ...(call.authorizationList !== undefined && { authorizationList: authorizationListParam(call.authorizationList) }),
    ...tempoParams(call),
  };
}

function accessListParam(value: unknown): AccessListEntry[] {
  const name = "call.accessList";
  return listParam(value, name).map((entry) => {
    const { address, storageKeys } = objectParam(entry, name);
    return {
      address: addressParam(address, `${name}.address`),
      storageKeys: listParam(storageKeys, `${name}.storageKeys`).map((key) => hashParam(key, `${name}.storageKeys`)),
    };
  });
}
