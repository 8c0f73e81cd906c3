import { ruffDevelopment } from "@ruffchain/abi";
import { defineChain } from "viem";
import { tempoLocalnet } from "viem/chains";

/** The chain with the transactions of type 0x76, which viem takes from the one that has brought them. */
export function sponsoredChain(id: number, rpc: string) {
  return defineChain({
    ...tempoLocalnet,
    ...ruffDevelopment,
    id,
    contracts: {},
    rpcUrls: { default: { http: [rpc] } },
  });
}
