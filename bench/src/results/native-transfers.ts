import { loadAccount } from "../load/account.js";
import type { CallOf, Workload } from "../load/workload.js";

/** Native value from each account to another one of them. */
export const nativeTransfers: Workload = {
  name: "native transfers",
  async prepare(_running, accounts) {
    const call: CallOf = (_sender, index) => ({
      to: (accounts[(index * 7 + 3) % accounts.length] ?? loadAccount(0)).address,
      value: 1n,
      data: "0x",
      gas: 21_000,
    });
    return call;
  },
};
