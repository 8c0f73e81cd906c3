import { bytesToHex } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { estimateGas } from "./estimate-gas.js";
import { quantity } from "./format.js";
import { callParam, quantityParam } from "./params.js";
import { invalidParams } from "./rpc-error.js";
import { suggestedTip } from "./suggested-tip.js";

const NO_BYTES = new Uint8Array(0);

/** The transaction that a call would be, for a wallet to sign: with nonce, gas and fees where the call names none. */
export async function fillTransaction(backend: Backend, value: unknown) {
  const { application, mempool } = backend;
  const call = callParam(value);
  if (!call.from) throw invalidParams("call.from: the nonce is the sender's, so there must be one");
  const given = value as Readonly<Record<string, unknown>>;
  const fill = (name: string, otherwise: () => bigint | number) =>
    given[name] === undefined || given[name] === null ? otherwise() : quantityParam(given[name], `call.${name}`);
  const common = {
    chainId: quantity(application.parameters().chainId),
    nonce: quantity(fill("nonce", () => mempool.pendingNonce(call.from as `0x${string}`))),
    gas: quantity(call.gas ?? (await estimateGas(backend, { ...call, height: application.head.height }))),
    to: call.to,
    value: quantity(call.value ?? 0n),
    input: bytesToHex(call.data ?? NO_BYTES),
  };
  if (given.gasPrice !== undefined && given.gasPrice !== null) {
    const priced = { ...common, gasPrice: quantity(quantityParam(given.gasPrice, "call.gasPrice")) };
    return {
      tx: call.accessList ? { type: "0x1", ...priced, accessList: call.accessList } : { type: "0x0", ...priced },
    };
  }
  const tip = BigInt(fill("maxPriorityFeePerGas", () => suggestedTip(application)));
  // Twice the base fee, as geth fills it: the next blocks may be full.
  const maxFee = BigInt(fill("maxFeePerGas", () => 2n * application.nextBaseFee() + tip));
  if (maxFee < tip) throw invalidParams(`maxFeePerGas (${maxFee}) < maxPriorityFeePerGas (${tip})`);
  const fees = {
    maxPriorityFeePerGas: quantity(tip),
    maxFeePerGas: quantity(maxFee),
    gasPrice: quantity(maxFee),
    accessList: call.accessList ?? [],
  };
  return { tx: { type: "0x2", ...common, ...fees } };
}
