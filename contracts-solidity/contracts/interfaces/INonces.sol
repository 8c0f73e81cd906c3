// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x4e4f4e4345000000000000000000000000000000.
interface INonces {
    event NonceIncremented(address indexed account, uint256 indexed nonceKey, uint64 newNonce);

    error ProtocolNonceNotSupported();

    function getNonce(address account, uint256 nonceKey) external view returns (uint64 nonce);
}
