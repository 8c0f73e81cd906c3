import { ruffDevelopment } from "@ruffchain/abi";
import { Option } from "commander";
import { createPublicClient, defineChain, http, type PublicClient } from "viem";
import { CliError } from "./cli-error.js";

export const DEFAULT_RPC = "http://127.0.0.1:8545";

/** The option that every command which talks to a node has. */
export function rpcOption(): Option {
  return new Option("--rpc <url>", "JSON-RPC address of a node")
    .env("RUFF_RPC")
    .default(DEFAULT_RPC)
    .argParser(httpAddress);
}

/** Throws CliError. */
export function httpAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new CliError(`"${text}" is not the address of a node: give one like ${DEFAULT_RPC}`);
}

export function jsonOption(): Option {
  return new Option("--json", "answer in JSON").default(false);
}

/** A client for the chain behind the address, whatever its id. */
export async function connect(rpc: string): Promise<PublicClient> {
  const probe = createPublicClient({ transport: http(rpc) });
  const id = await probe.getChainId();
  const chain = defineChain({ ...ruffDevelopment, id, rpcUrls: { default: { http: [rpc] } } });
  return createPublicClient({ chain, transport: http(rpc), pollingInterval: 200 });
}
