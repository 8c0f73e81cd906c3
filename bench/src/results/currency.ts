import { type Address, tokenAbi, tokens, tokensAbi } from "@ruffchain/abi";
import { decodeEventLog, encodeDeployData, encodeFunctionData } from "viem";
import type { LoadAccount } from "../load/account.js";
import { sendSetup } from "../load/setup-transactions.js";
import type { LoadCall } from "../load/sign.js";
import type { RunningPeer } from "../peers/peer.js";
import { RpcError } from "../rpc/rpc-client.js";
import { compile } from "../solidity/compile.js";

/** What each account gets. */
const SHARE = 10n ** 12n;
const SETUP_GAS = 8_000_000;

/** Makes a currency and hands it out to the accounts; its address. */
export type MakeCurrency = (
  running: RunningPeer,
  issuer: LoadAccount,
  accounts: readonly LoadAccount[],
) => Promise<Address>;

/** A token of Tokens. */
export const makeToken: MakeCurrency = async (running, issuer, accounts) => {
  const create = encodeFunctionData({ abi: tokensAbi, functionName: "create", args: ["Benchmark", "BENCH", 2, false] });
  const [receipt] = await sendSetup(running, issuer, [setupCall(tokens.address, create)]);
  const log = receipt?.logs.find(({ address }) => address === tokens.address);
  if (log === undefined) throw new RpcError("Tokens did not log a new token");
  const { args } = decodeEventLog({
    abi: tokensAbi,
    eventName: "TokenCreated",
    topics: [...log.topics],
    data: log.data,
  });
  const mint = (to: Address) => encodeFunctionData({ abi: tokenAbi, functionName: "mint", args: [to, SHARE] });
  await sendSetup(
    running,
    issuer,
    accounts.map(({ address }) => setupCall(args.token, mint(address))),
  );
  return args.token;
};

/** OpenZeppelin's ERC-20. */
export const deployErc20: MakeCurrency = async (running, issuer, accounts) => {
  const token = await deploy(running, issuer, "BenchmarkToken", [SHARE * BigInt(accounts.length + 1)]);
  const share = (to: Address) => encodeFunctionData({ abi: tokenAbi, functionName: "transfer", args: [to, SHARE] });
  await sendSetup(
    running,
    issuer,
    accounts.map(({ address }) => setupCall(token, share(address))),
  );
  return token;
};

/** Compiles and deploys a contract of `bench/solidity`; its address. */
export async function deploy(
  running: RunningPeer,
  deployer: LoadAccount,
  name: string,
  args: readonly unknown[],
): Promise<Address> {
  const { abi, bytecode } = compile(name);
  const data = encodeDeployData({ abi, bytecode, args });
  const [receipt] = await sendSetup(running, deployer, [setupCall(undefined, data)]);
  if (!receipt?.contractAddress) throw new RpcError(`${name} was not deployed`);
  return receipt.contractAddress;
}

/** A transaction of a preparation: with gas enough for any. */
export function setupCall(to: Address | undefined, data: LoadCall["data"]): LoadCall {
  return { to, value: 0n, data, gas: SETUP_GAS };
}
