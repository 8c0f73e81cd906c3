import type { BlockOverrides } from "@ruffchain/kernel";
import { addressParam, integerParam, objectParam, quantityParam } from "./params.js";
import { invalidParams } from "./rpc-error.js";

/** Geth's block overrides, as eth_simulateV1 has them. */
export function blockOverridesParam(value: unknown): BlockOverrides {
  const { number, time, gasLimit, feeRecipient, baseFeePerGas, prevRandao, blobBaseFee, withdrawals, ...rest } =
    objectParam(value ?? {}, "blockOverrides");
  const unsupported = Object.keys({ ...rest, ...given({ prevRandao, blobBaseFee, withdrawals }) });
  for (const field of unsupported) throw invalidParams(`blockOverrides.${field}: this field is not supported`);
  const integer = (field: unknown, name: string) => integerParam(field, `blockOverrides.${name}`);
  return {
    ...(number !== undefined && { number: integer(number, "number") }),
    ...(time !== undefined && { time: integer(time, "time") }),
    ...(gasLimit !== undefined && { gasLimit: integer(gasLimit, "gasLimit") }),
    ...(feeRecipient !== undefined && { feeRecipient: addressParam(feeRecipient, "blockOverrides.feeRecipient") }),
    ...(baseFeePerGas !== undefined && {
      baseFeePerGas: quantityParam(baseFeePerGas, "blockOverrides.baseFeePerGas"),
    }),
  };
}

/** The fields that say something: the chain has neither blobs, nor randomness, nor withdrawals. */
function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isNothing = (value: unknown) =>
    value === undefined ||
    value === null ||
    (typeof value === "string" ? /^(0x0*)?$/.test(value) : Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isNothing(value)));
}
