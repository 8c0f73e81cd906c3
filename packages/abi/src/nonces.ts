import { parseAbi } from "abitype";
import { addresses } from "./address.js";

/** Nonces of the lanes of transactions of type 0x76, at the address and with the ABI that viem's Tempo client asks. */
export const noncesAbi = parseAbi([
  "function getNonce(address account, uint256 nonceKey) view returns (uint64 nonce)",

  "event NonceIncremented(address indexed account, uint256 indexed nonceKey, uint64 newNonce)",

  "error ProtocolNonceNotSupported()",
]);

export const nonces = { address: addresses.nonces, abi: noncesAbi } as const;
