// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x5255464600000000000000000000000000000001.
interface ITokens {
    struct TokenEntry {
        address token;
        address issuer;
    }

    event TokenCreated(address indexed token, address indexed issuer, string name, string symbol, uint8 decimals, bool recordBalances);

    error BadName(string name, uint32 longest);
    error BadSymbol(string symbol, uint32 longest);
    error BadDecimals(uint8 decimals, uint8 most);

    function create(string calldata name, string calldata symbol, uint8 decimals, bool recordBalances) external returns (address token);
    function isToken(address token) external view returns (bool);
    function tokens(bytes calldata cursor, uint32 limit) external view returns (TokenEntry[] memory page, bytes memory next);
    function tokensOf(address issuer, bytes calldata cursor, uint32 limit) external view returns (TokenEntry[] memory page, bytes memory next);
}
