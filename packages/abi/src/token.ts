import { parseAbi } from "abitype";
import type { Address } from "./address.js";

/**
 * One token: ERC-20 with the errors of ERC-6093. Its issuer mints, burns from any account (as agents of ERC-3643 do)
 * and pauses all movements. `balanceOfAt` is the balance after all that happened up to and including `time` (seconds,
 * before the block's); only tokens that record balances know it.
 */
export const tokenAbi = parseAbi([
  "function initialize(address issuer, string name, string symbol, uint8 decimals, bool recordBalances)",
  "function transfer(address to, uint256 amount) returns (bool)",
  "function transferFrom(address from, address to, uint256 amount) returns (bool)",
  "function approve(address spender, uint256 amount) returns (bool)",
  "function mint(address to, uint256 amount)",
  "function burn(address from, uint256 amount)",
  "function pause()",
  "function unpause()",

  "function name() view returns (string)",
  "function symbol() view returns (string)",
  "function decimals() view returns (uint8)",
  "function totalSupply() view returns (uint256)",
  "function balanceOf(address account) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
  "function issuer() view returns (address)",
  "function paused() view returns (bool)",
  "function recordsBalances() view returns (bool)",
  "function balanceOfAt(address account, uint64 time) view returns (uint256)",

  "event Transfer(address indexed from, address indexed to, uint256 value)",
  "event Approval(address indexed owner, address indexed spender, uint256 value)",
  "event Paused(address account)",
  "event Unpaused(address account)",

  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC20InvalidReceiver(address receiver)",
  "error ERC20InvalidSpender(address spender)",
  "error OnlyTokens(address who)",
  "error NoToken(address token)",
  "error NotIssuer(address who)",
  "error EnforcedPause()",
  "error ExpectedPause()",
  "error SupplyTooHigh(uint256 supply, uint256 minted)",
  "error BalancesNotRecorded()",
  "error TimeNotPast(uint64 time, uint64 now)",
]);

/** The reference of one token. */
export function token(address: Address) {
  return { address, abi: tokenAbi } as const;
}
