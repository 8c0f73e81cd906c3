import { parseAbi } from "abitype";
import { addresses } from "./address.js";

/**
 * The factory of native fungible tokens. Whoever creates a token is its issuer. `recordBalances` makes it keep what
 * every holder had at any time, so that payments can follow a record date.
 */
export const tokensAbi = parseAbi([
  "struct TokenEntry { address token; address issuer; }",

  "function create(string name, string symbol, uint8 decimals, bool recordBalances) returns (address token)",

  "function isToken(address token) view returns (bool)",
  "function tokens(bytes cursor, uint32 limit) view returns (TokenEntry[] page, bytes next)",
  "function tokensOf(address issuer, bytes cursor, uint32 limit) view returns (TokenEntry[] page, bytes next)",

  "event TokenCreated(address indexed token, address indexed issuer, string name, string symbol, uint8 decimals, bool recordBalances)",

  "error BadName(string name, uint32 longest)",
  "error BadSymbol(string symbol, uint32 longest)",
  "error BadDecimals(uint8 decimals, uint8 most)",
]);

export const tokens = { address: addresses.tokens, abi: tokensAbi } as const;
