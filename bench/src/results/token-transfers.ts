import { tokenAbi } from "@ruffchain/abi";
import { encodeFunctionData } from "viem";
import type { LoadAccount } from "../load/account.js";
import type { Workload } from "../load/workload.js";
import { deployErc20, type MakeCurrency, makeToken } from "./currency.js";

const TRANSFER_GAS = 100_000;

/** A token of Tokens, handed out to all accounts. */
export const nativeTokenTransfers = tokenTransfers(makeToken);

/** OpenZeppelin's ERC-20, handed out to all accounts. */
export const solidityTokenTransfers = tokenTransfers(deployErc20);

/** Each account sends to another one that holds the token already. */
function tokenTransfers(makeCurrency: MakeCurrency): Workload {
  return {
    name: "token transfers",
    async prepare(running, accounts) {
      const token = await makeCurrency(running, accounts[0] as LoadAccount, accounts);
      const transfers = accounts.map(({ address }) =>
        encodeFunctionData({ abi: tokenAbi, functionName: "transfer", args: [address, 1n] }),
      );
      return (_sender, index) => {
        const data = transfers[(index * 7 + 3) % transfers.length] ?? "0x";
        return { to: token, value: 0n, data, gas: TRANSFER_GAS };
      };
    },
  };
}
