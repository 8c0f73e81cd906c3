import type { Address } from "abitype";

export type { Address } from "abitype";
export type Hex = `0x${string}`;

/**
 * The fixed addresses of the system contracts: "RUFF" in ASCII, then the number; nonces and access keys stand where Tempo's
 * clients look for them.
 */
export const addresses = {
  scheduler: "0x5255464600000000000000000000000000000000",
  tokens: "0x5255464600000000000000000000000000000001",
  identity: "0x5255464600000000000000000000000000000002",
  devices: "0x5255464600000000000000000000000000000003",
  assets: "0x5255464600000000000000000000000000000004",
  telemetry: "0x5255464600000000000000000000000000000005",
  rights: "0x5255464600000000000000000000000000000006",
  market: "0x5255464600000000000000000000000000000007",
  usage: "0x5255464600000000000000000000000000000008",
  pools: "0x5255464600000000000000000000000000000009",
  receivables: "0x525546460000000000000000000000000000000a",
  staking: "0x525546460000000000000000000000000000000c",
  governance: "0x525546460000000000000000000000000000000d",
  nonces: "0x4e4f4e4345000000000000000000000000000000",
  keychain: "0xaaaaaaaa00000000000000000000000000000000",
} as const satisfies Record<string, Address>;

/** First 12 bytes of the address of every token ("RUFFT"); the last 8 are its serial number. */
export const tokenPrefix = "0x525546465400000000000000" as const satisfies Hex;

/** The address of the token with the given serial number (uint64). */
export function tokenAddress(serial: bigint): Address {
  return `${tokenPrefix}${serial.toString(16).padStart(16, "0")}`;
}

/** First 12 bytes of the address of every pool ("RUFFP"); the last 8 are its serial number. */
export const poolPrefix = "0x525546465000000000000000" as const satisfies Hex;

/** The address of the pool with the given serial number (uint64). */
export function poolAddress(serial: bigint): Address {
  return `${poolPrefix}${serial.toString(16).padStart(16, "0")}`;
}
