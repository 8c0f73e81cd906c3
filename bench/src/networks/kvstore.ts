import type { CometChain } from "./comet-homes.js";

/** The key-value store that CometBFT brings along: the engine without checks, durable state and a socket. */
export function kvstore(cometbft: string): CometChain {
  return {
    name: "CometBFT v0.40.0 kvstore",
    settings: { proxy_app: '"kvstore"', recheck: "false" },
    command: (home) => [cometbft, "node", "--home", home],
  };
}

/** So many transactions of each lane that set new keys, in base64. */
export function kvstoreTransactions(lanes: number, perLane: number, prefix: string): string[][] {
  return Array.from({ length: lanes }, (_, lane) =>
    Array.from({ length: perLane }, (_, i) =>
      Buffer.from(`${prefix}${lane}x${i}=some value of the size of a transfer`).toString("base64"),
    ),
  );
}
