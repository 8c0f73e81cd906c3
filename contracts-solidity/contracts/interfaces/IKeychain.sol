// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0xaaaaaaaa00000000000000000000000000000000.
interface IKeychain {
    struct TokenLimit {
        address token;
        uint256 amount;
        uint64 period;
    }

    struct SelectorRule {
        bytes4 selector;
        address[] recipients;
    }

    struct CallScope {
        address target;
        SelectorRule[] selectorRules;
    }

    struct KeyRestrictions {
        uint64 expiry;
        bool enforceLimits;
        TokenLimit[] limits;
        bool allowAnyCalls;
        CallScope[] allowedCalls;
    }

    struct KeyInfo {
        uint8 signatureType;
        address keyId;
        uint64 expiry;
        bool enforceLimits;
        bool isRevoked;
    }

    event KeyAuthorized(address indexed account, address indexed publicKey, uint8 signatureType, uint64 expiry);
    event KeyRevoked(address indexed account, address indexed publicKey);
    event SpendingLimitUpdated(address indexed account, address indexed publicKey, address indexed token, uint256 newLimit);
    event AllowedCallsChanged(address indexed account, address indexed publicKey, address indexed target);
    event AccessKeySpend(address indexed account, address indexed publicKey, address indexed token, uint256 amount, uint256 remainingLimit);

    error UnauthorizedCaller();
    error KeyAlreadyExists();
    error KeyNotFound();
    error KeyExpired();
    error KeyAlreadyRevoked();
    error ExpiryInPast();
    error ZeroPublicKey();
    error InvalidSignatureType();
    error SignatureTypeMismatch(uint8 expected, uint8 actual);
    error InvalidSpendingLimit();
    error SpendingLimitExceeded();
    error InvalidCallScope();
    error CallNotAllowed();

    function authorizeKey(address keyId, uint8 signatureType, KeyRestrictions calldata config) external;
    function revokeKey(address keyId) external;
    function updateSpendingLimit(address keyId, address token, uint256 newLimit) external;
    function setAllowedCalls(address keyId, CallScope[] calldata scopes) external;
    function removeAllowedCalls(address keyId, address target) external;
    function getKey(address account, address keyId) external view returns (KeyInfo memory);
    function getRemainingLimit(address account, address keyId, address token) external view returns (uint256 remaining);
    function getRemainingLimitWithPeriod(address account, address keyId, address token) external view returns (uint256 remaining, uint64 periodEnd);
    function getAllowedCalls(address account, address keyId) external view returns (bool isScoped, CallScope[] memory scopes);
    function getTransactionKey() external view returns (address);
}
