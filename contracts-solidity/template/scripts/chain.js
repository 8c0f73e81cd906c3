// The chain of RUFF_RPC, and who signs: PRIVATE_KEY, or the first account of a development chain.
import { readFileSync } from "node:fs";
import { createPublicClient, createWalletClient, defineChain, http } from "viem";
import { mnemonicToAccount, privateKeyToAccount } from "viem/accounts";

const { RUFF_RPC = "http://127.0.0.1:8545", PRIVATE_KEY } = process.env;
const DEVELOPMENT = "test test test test test test test test test test test junk";
const POLL_MS = 200;

const transport = http(RUFF_RPC);
const chain = defineChain({
  id: await createPublicClient({ transport }).getChainId(),
  name: "Ruff Chain",
  nativeCurrency: { name: "RUFF", symbol: "RUFF", decimals: 18 },
  rpcUrls: { default: { http: [RUFF_RPC] } },
});

export const client = createPublicClient({ chain, transport, pollingInterval: POLL_MS });
export const wallet = (account) => createWalletClient({ account, chain, transport });
export const developer = (addressIndex) => mnemonicToAccount(DEVELOPMENT, { addressIndex });
export const signer = PRIVATE_KEY ? privateKeyToAccount(PRIVATE_KEY) : developer(0);

/** Deploys what build.js has made; resolves to its address and ABI. */
export async function deploy(name, args = []) {
  const { abi, bytecode } = JSON.parse(readFileSync(`build/${name}.json`, "utf8"));
  const hash = await wallet(signer).deployContract({ abi, bytecode, args });
  const { contractAddress: address } = await client.waitForTransactionReceipt({ hash });
  return { address, abi };
}

/** Simulates a call, sends it and waits for it; throws with the contract's own error where it reverts. */
export async function send(account, call) {
  const { request, result } = await client.simulateContract({ account, ...call });
  await client.waitForTransactionReceipt({ hash: await wallet(account).writeContract(request) });
  return result;
}
