import { http } from "viem";
import { tempoLocalnet } from "viem/chains";
import { createClient } from "viem/tempo";
import type { TestNode } from "./running-node.js";

/** viem's client for Tempo, as it is, but for the chain's id and address. */
export function tempoClient({ url, chain }: Pick<TestNode, "url" | "chain">) {
  const ours = { ...tempoLocalnet, id: chain.id, rpcUrls: { default: { http: [url] } } };
  return createClient({ chain: ours as never as typeof tempoLocalnet, transport: http(url), pollingInterval: 20 });
}
