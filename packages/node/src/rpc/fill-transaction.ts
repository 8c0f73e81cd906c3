import type { Address } from "@ruffchain/abi";
import { bytesToHex, type CallRequest, TEMPO_TYPE } from "@ruffchain/kernel";
import { formatAuthorization } from "./authorization-list.js";
import type { Backend } from "./backend.js";
import { callParam } from "./call-params.js";
import { estimateGas } from "./estimate-gas.js";
import { quantityParam } from "./params.js";
import { quantity } from "./quantity.js";
import { invalidParams } from "./rpc-error.js";
import { suggestedTip } from "./suggested-tip.js";

const NO_BYTES = new Uint8Array(0);

/** The transaction that a call would be, for a wallet to sign: with nonce, gas and fees where the call names none. */
export async function fillTransaction(backend: Backend, value: unknown) {
  const { application } = backend;
  const call = callParam(value);
  if (!call.from) throw invalidParams("call.from: the nonce is the sender's, so there must be one");
  const given = value as Readonly<Record<string, unknown>>;
  const fill = (name: string, otherwise: () => bigint | number) =>
    given[name] === undefined || given[name] === null ? otherwise() : quantityParam(given[name], `call.${name}`);
  const common = {
    chainId: quantity(application.parameters().chainId),
    nonce: quantity(fill("nonce", () => nextNonce(backend, call.from as Address, given.nonceKey))),
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
  if (call.calls || given.type === quantity(TEMPO_TYPE))
    return { tx: { ...common, ...fees, ...tempoFields(call, given) } };
  if (!call.authorizationList) return { tx: { type: "0x2", ...common, ...fees } };
  return {
    tx: { type: "0x4", ...common, ...fees, authorizationList: call.authorizationList.map(formatAuthorization) },
  };
}

/** Of an account's own lane the next in the pool, of another one the next in the state. */
function nextNonce({ application, mempool }: Backend, account: Address, nonceKey: unknown): number {
  const key = nonceKey === undefined || nonceKey === null ? 0n : quantityParam(nonceKey, "call.nonceKey");
  return key === 0n ? mempool.pendingNonce(account) : application.laneNonce(account, key);
}

/** What a transaction of type 0x76 has in place of one call; the client gave it and takes it back. */
function tempoFields(
  { from, calls, to, value = 0n, data = NO_BYTES }: CallRequest,
  given: Readonly<Record<string, unknown>>,
) {
  const batch = calls ?? [{ to, value, data }];
  return {
    type: quantity(TEMPO_TYPE),
    from,
    calls: batch.map((each) => ({ to: each.to, value: quantity(each.value), input: bytesToHex(each.data) })),
    nonceKey: given.nonceKey ?? "0x0",
    validAfter: given.validAfter ?? null,
    validBefore: given.validBefore ?? null,
    feePayerSignature: null,
  };
}
