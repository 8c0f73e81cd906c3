// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x5255464600000000000000000000000000000009.
interface IPools {
    struct TrancheTerms {
        string name;
        string symbol;
        uint128 face;
        uint64 rate;
        uint8 dayCount;
    }

    struct Step {
        uint8 kind;
        uint8 target;
    }

    struct PoolTerms {
        string name;
        address currency;
        address servicer;
        uint128 seniorFee;
        uint64 servicingRate;
        uint128 reserve;
        uint128 overcollateralization;
        uint8 principalMode;
        uint32 recordLag;
        uint128 initialValue;
        uint64[] paymentDates;
        uint128[] values;
        TrancheTerms[] tranches;
        Step[] steps;
    }

    struct PoolEntry {
        address pool;
        address originator;
    }

    event PoolCreated(address indexed pool, address indexed originator, address indexed currency, string name);

    error BadTrancheCount(uint256 count, uint8 most);
    error BadTranche(uint256 index);
    error BadPaymentDates(uint256 index);
    error BadValues(uint256 count);
    error BadRecordLag(uint32 recordLag);
    error BadPrincipalMode(uint8 principalMode);
    error BadServicingRate(uint64 rate, uint64 highest);
    error BadStep(uint256 index);
    error BadDeal(string reason);
    error NotACurrency(address currency);
    error BadName(string name, uint32 longest);
    error BadSymbol(string symbol, uint32 longest);

    function create(PoolTerms calldata terms) external returns (address pool);
    function pools(bytes calldata cursor, uint32 limit) external view returns (PoolEntry[] memory page, bytes memory next);
}
