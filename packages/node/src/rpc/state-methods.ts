import type { Address, Hex } from "@ruffchain/abi";
import { bytesToHex, hexToBytes } from "@ruffchain/kernel";
import { createAccessList } from "./access-list.js";
import { blockOverridesParam } from "./block-overrides.js";
import { callParam } from "./call-params.js";
import { estimateGas, reverted } from "./estimate-gas.js";
import { fillTransaction } from "./fill-transaction.js";
import type { Methods } from "./method.js";
import { addressParam, listParam, objectParam, overridesParam, quantityParam, stateParam } from "./params.js";
import { quantity } from "./quantity.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

export const stateMethods: Methods = {
  eth_getBalance: ([address, block], backend) =>
    quantity(backend.application.account(addressParam(address, "address"), stateParam(block, backend)).balance),
  eth_getTransactionCount: ([address, block], backend) => {
    const account = addressParam(address, "address");
    if (block === "pending") return quantity(backend.mempool.pendingNonce(account));
    return quantity(backend.application.account(account, stateParam(block, backend)).nonce);
  },
  eth_getCode: ([address, block], backend) =>
    bytesToHex(backend.application.code(addressParam(address, "address"), stateParam(block, backend))),
  eth_getStorageAt: ([address, slot, block], backend) => {
    const account = addressParam(address, "address");
    const key = word(quantityParam(slot, "slot").toString(16));
    const value = backend.application.storage(account, hexToBytes(key), stateParam(block, backend));
    return word(bytesToHex(value).slice(2));
  },
  eth_getStorageValues: ([requests, block], backend) => {
    const height = stateParam(block, backend);
    const wanted = storageRequestsParam(requests);
    return Object.fromEntries(
      wanted.map(([address, slots]) => [
        address,
        slots.map((slot) => word(bytesToHex(backend.application.storage(address, slot, height)).slice(2))),
      ]),
    );
  },
  eth_call: async ([call, block, overrides, blockOverrides], backend) => {
    const result = await backend.application.call({
      ...callParam(call),
      height: stateParam(block, backend),
      overrides: overridesParam(overrides),
      block: blockOverridesParam(blockOverrides),
    });
    if (!result.ok) throw reverted(result);
    return bytesToHex(result.output);
  },
  eth_estimateGas: async ([call, block, overrides, blockOverrides], backend) =>
    quantity(
      await estimateGas(backend, {
        ...callParam(call),
        height: stateParam(block, backend),
        overrides: overridesParam(overrides),
        block: blockOverridesParam(blockOverrides),
      }),
    ),
  eth_createAccessList: ([call, block, overrides], backend) =>
    createAccessList(backend, {
      ...callParam(call),
      height: stateParam(block, backend),
      overrides: overridesParam(overrides),
    }),
  eth_fillTransaction: ([call], backend) => fillTransaction(backend, call),
};

/** Most slots of one eth_getStorageValues. */
export const MAX_STORAGE_VALUES = 1_024;

function storageRequestsParam(value: unknown): [Address, Uint8Array[]][] {
  const requests = Object.entries(objectParam(value, "requests")).map(([address, slots]): [Address, Uint8Array[]] => {
    const name = `requests.${address}`;
    const words = listParam(slots, name).map((slot) => hexToBytes(word(quantityParam(slot, name).toString(16))));
    return [addressParam(address, "requests"), words];
  });
  const count = requests.reduce((sum, [, slots]) => sum + slots.length, 0);
  if (count === 0) throw invalidParams("empty request");
  if (count > MAX_STORAGE_VALUES) {
    throw new RpcError(rpcCode.limitExceeded, `a request has at most ${MAX_STORAGE_VALUES} slots`);
  }
  return requests;
}

function word(hexDigits: string): Hex {
  return `0x${hexDigits.padStart(64, "0")}`;
}
