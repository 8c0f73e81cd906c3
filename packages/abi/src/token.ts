import { parseAbi } from "abitype";
import type { Address } from "./address.js";

/**
 * One token: ERC-20 with the errors of ERC-6093. Its issuer mints, burns from any account (as agents of ERC-3643 do)
 * and pauses all movements. `balanceOfAt` is the balance after all that happened up to and including `time` (seconds,
 * before the block's); only tokens that record balances know it. An owner's signature sets an allowance by `permit`
 * (EIP-2612), or by `permitWithSignature` with a signature of any of the account's kinds: secp256k1 in 65 bytes, P-256 and
 * WebAuthn in the envelope of transactions of type 0x76. The EIP-712 domain has the token's name and version "1".
 */
export const tokenAbi = parseAbi([
  "function initialize(address issuer, string name, string symbol, uint8 decimals, bool recordBalances)",
  "function transfer(address to, uint256 amount) returns (bool)",
  "function transferFrom(address from, address to, uint256 amount) returns (bool)",
  "function approve(address spender, uint256 amount) returns (bool)",
  "function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)",
  "function permitWithSignature(address owner, address spender, uint256 value, uint256 deadline, bytes signature)",
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
  "function nonces(address owner) view returns (uint256)",
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
  "function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)",
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
  "error ERC2612ExpiredSignature(uint256 deadline)",
  "error ERC2612InvalidSigner(address signer, address owner)",
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
