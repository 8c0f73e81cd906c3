import { parseAbi } from "abitype";
import { addresses } from "./address.js";

/**
 * Access keys of accounts, at the address and with the ABI that viem's Tempo client calls. A key's account changes it by its own key
 * only. `signatureType` is 0 for secp256k1, 1 for P-256, 2 for WebAuthn; `expiry` in seconds, the highest uint64 for never; the
 * zero address as `token` is the native coin. A target without rules may be called in any way, a rule without recipients with
 * any first argument.
 */
export const keychainAbi = parseAbi([
  "struct TokenLimit { address token; uint256 amount; uint64 period; }",
  "struct SelectorRule { bytes4 selector; address[] recipients; }",
  "struct CallScope { address target; SelectorRule[] selectorRules; }",
  "struct KeyRestrictions { uint64 expiry; bool enforceLimits; TokenLimit[] limits; bool allowAnyCalls; CallScope[] allowedCalls; }",
  "struct KeyInfo { uint8 signatureType; address keyId; uint64 expiry; bool enforceLimits; bool isRevoked; }",

  "function authorizeKey(address keyId, uint8 signatureType, KeyRestrictions config)",
  "function revokeKey(address keyId)",
  "function updateSpendingLimit(address keyId, address token, uint256 newLimit)",
  "function setAllowedCalls(address keyId, CallScope[] scopes)",
  "function removeAllowedCalls(address keyId, address target)",

  "function getKey(address account, address keyId) view returns (KeyInfo)",
  "function getRemainingLimit(address account, address keyId, address token) view returns (uint256 remaining)",
  "function getRemainingLimitWithPeriod(address account, address keyId, address token) view returns (uint256 remaining, uint64 periodEnd)",
  "function getAllowedCalls(address account, address keyId) view returns (bool isScoped, CallScope[] scopes)",
  "function getTransactionKey() view returns (address)",

  "event KeyAuthorized(address indexed account, address indexed publicKey, uint8 signatureType, uint64 expiry)",
  "event KeyRevoked(address indexed account, address indexed publicKey)",
  "event SpendingLimitUpdated(address indexed account, address indexed publicKey, address indexed token, uint256 newLimit)",
  "event AllowedCallsChanged(address indexed account, address indexed publicKey, address indexed target)",
  "event AccessKeySpend(address indexed account, address indexed publicKey, address indexed token, uint256 amount, uint256 remainingLimit)",

  "error UnauthorizedCaller()",
  "error KeyAlreadyExists()",
  "error KeyNotFound()",
  "error KeyExpired()",
  "error KeyAlreadyRevoked()",
  "error ExpiryInPast()",
  "error ZeroPublicKey()",
  "error InvalidSignatureType()",
  "error SignatureTypeMismatch(uint8 expected, uint8 actual)",
  "error InvalidSpendingLimit()",
  "error SpendingLimitExceeded()",
  "error InvalidCallScope()",
  "error CallNotAllowed()",
]);

export const keychain = { address: addresses.keychain, abi: keychainAbi } as const;
