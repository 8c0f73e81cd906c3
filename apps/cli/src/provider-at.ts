import { type Provider, rpcProvider } from "@ruffchain/light";
import { createPublicClient, http } from "viem";

/** A node as a light client asks it. */
export function providerAt(rpc: string): Provider {
  return rpcProvider((method, params) => call(rpc, method, params));
}

/** One call of a node's JSON-RPC. */
export function call(rpc: string, method: string, params: readonly unknown[]): Promise<unknown> {
  return createPublicClient({ transport: http(rpc) }).request({ method, params } as never);
}
