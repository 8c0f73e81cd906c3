import { telemetry } from "@ruffchain/abi";
import {
  type Account,
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
} from "viem";
import type { SignedAnchor } from "./anchor.js";

export const RPC_TIMEOUT_MILLISECONDS = 10_000;
export const RECEIPT_TIMEOUT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 250;

/** The newest anchor that the chain has of a device. */
export interface LatestAnchor {
  readonly sequence: bigint;
  readonly root: Hex;
  readonly forked: boolean;
}

/** How anchors reach the chain: by the device's own account, or by whoever relays them. */
export interface AnchorChain {
  /** undefined if the chain has none. */
  latest(device: Hex): Promise<LatestAnchor | undefined>;
  /** Resolves when the anchor is in a final block; throws if it was not taken. */
  send(anchor: SignedAnchor): Promise<void>;
}

/** Hands anchors in over JSON-RPC; `account` pays the gas. */
export function rpcAnchorChain(rpcUrl: string, account: Account): AnchorChain {
  const transport = http(rpcUrl, { timeout: RPC_TIMEOUT_MILLISECONDS, retryCount: 0 });
  const reader = createPublicClient({ transport, pollingInterval: POLL_MILLISECONDS });
  return {
    latest: async (device) => {
      try {
        const { sequence, root, forked } = await reader.readContract({
          ...telemetry,
          functionName: "latest",
          args: [device],
        });
        return { sequence, root, forked };
      } catch (error) {
        if (revertName(error) === "UnknownStream") return undefined;
        throw error;
      }
    },
    send: async ({ anchor, signature }) => {
      const call = { ...telemetry, functionName: "anchor", args: [anchor, signature], account } as const;
      const { request } = await reader.simulateContract(call);
      const id = await reader.getChainId();
      const chain = defineChain({
        id,
        name: "Ruff Chain",
        nativeCurrency: { name: "Ruff", symbol: "RUFF", decimals: 18 },
        rpcUrls: { default: { http: [rpcUrl] } },
      });
      const hash = await createWalletClient({ transport, chain, account }).writeContract(request);
      const receipt = await reader.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MILLISECONDS });
      if (receipt.status !== "success") throw new Error(`anchor ${anchor.sequence} was reverted in ${hash}`);
    },
  };
}

/** The name of the contract's error in what viem throws; undefined if it was something else. */
function revertName(error: unknown): string | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  return reverted instanceof ContractFunctionRevertedError ? reverted.data?.errorName : undefined;
}
