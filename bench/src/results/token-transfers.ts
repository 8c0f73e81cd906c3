import { type Address, tokenAbi, tokens, tokensAbi } from "@ruffchain/abi";
import { type Abi, decodeEventLog, encodeDeployData, encodeFunctionData } from "viem";
import type { LoadAccount } from "../load/account.js";
import { sendSetup } from "../load/setup-transactions.js";
import type { LoadCall } from "../load/sign.js";
import type { CallOf, Workload } from "../load/workload.js";
import { RpcError } from "../rpc/rpc-client.js";
import { compile } from "../solidity/compile.js";

const NAME = "token transfers";
const SHARE = 10n ** 12n;
const TRANSFER_GAS = 100_000;
const SETUP_GAS = 3_000_000;

/** A token of Tokens, handed out to all accounts. */
export const nativeTokenTransfers: Workload = {
  name: NAME,
  async prepare(client, { chainId }, accounts) {
    const issuer = first(accounts);
    const data = encodeFunctionData({ abi: tokensAbi, functionName: "create", args: ["Benchmark", "BENCH", 2, false] });
    const [receipt] = await sendSetup(client, chainId, issuer, [setup(tokens.address, data)]);
    const log = receipt?.logs.find(({ address }) => address === tokens.address);
    if (log === undefined) throw new RpcError("Tokens did not log a new token");
    const topics = log.topics as [`0x${string}`, ...`0x${string}`[]];
    const { args } = decodeEventLog({ abi: tokensAbi, eventName: "TokenCreated", topics, data: log.data });
    const mint = (to: Address) => encodeFunctionData({ abi: tokenAbi, functionName: "mint", args: [to, SHARE] });
    await sendSetup(
      client,
      chainId,
      issuer,
      accounts.map(({ address }) => setup(args.token, mint(address))),
    );
    return transfers(args.token, accounts);
  },
};

/** OpenZeppelin's ERC-20, handed out to all accounts. */
export const solidityTokenTransfers: Workload = {
  name: NAME,
  async prepare(client, { chainId }, accounts) {
    const owner = first(accounts);
    const { abi, bytecode } = compile("BenchmarkToken");
    const data = encodeDeployData({ abi: abi as Abi, bytecode, args: [SHARE * BigInt(accounts.length)] });
    const [receipt] = await sendSetup(client, chainId, owner, [setup(undefined, data)]);
    const token = receipt?.contractAddress;
    if (!token) throw new RpcError("the token was not deployed");
    const share = (to: Address) => encodeFunctionData({ abi: tokenAbi, functionName: "transfer", args: [to, SHARE] });
    await sendSetup(
      client,
      chainId,
      owner,
      accounts.slice(1).map(({ address }) => setup(token, share(address))),
    );
    return transfers(token, accounts);
  },
};

/** Each account sends to another one that holds the token already. */
function transfers(token: Address, accounts: readonly LoadAccount[]): CallOf {
  const data = accounts.map(({ address }) =>
    encodeFunctionData({ abi: tokenAbi, functionName: "transfer", args: [address, 1n] }),
  );
  return (_sender, index) => ({
    to: token,
    value: 0n,
    data: data[(index * 7 + 3) % data.length] ?? "0x",
    gas: TRANSFER_GAS,
  });
}

function setup(to: Address | undefined, data: LoadCall["data"]): LoadCall {
  return { to, value: 0n, data, gas: SETUP_GAS };
}

function first(accounts: readonly LoadAccount[]): LoadAccount {
  const [account] = accounts;
  if (account === undefined) throw new RangeError("a load needs at least one account");
  return account;
}
