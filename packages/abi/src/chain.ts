import type { Chain } from "viem";

/** viem's definition of the chain that `npm start` runs on this machine. */
export const ruffDevelopment = {
  id: 7833,
  name: "Ruff Chain",
  nativeCurrency: { name: "Ruff", symbol: "RUFF", decimals: 18 },
  rpcUrls: { default: { http: ["http://127.0.0.1:8545"], webSocket: ["ws://127.0.0.1:8545"] } },
  testnet: true,
} as const satisfies Chain;
