import { token } from "@ruffchain/abi";
import { createConfig } from "ponder";

const { RUFF_RPC, RUFF_CHAIN, RUFF_TOKEN, PONDER_DATA } = process.env;

export default createConfig({
  database: { kind: "pglite", directory: PONDER_DATA as string },
  chains: { ruff: { id: Number(RUFF_CHAIN), rpc: RUFF_RPC as string, pollingInterval: 100 } },
  contracts: { Token: { ...token(RUFF_TOKEN as `0x${string}`), chain: "ruff", startBlock: 0 } },
});
