// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x5255464600000000000000000000000000000007.
interface IMarket {
    struct RateCard {
        address currency;
        uint128 pricePerHour;
        uint128 pricePerKm;
        uint128 pricePerKwh;
        uint128 deposit;
        uint128 debtLimit;
        uint128 lateFeePerMinute;
        uint128 areaFee;
        uint32 minDuration;
        uint32 maxDuration;
        bytes32 area;
        uint8 scope;
        uint32 maxAge;
    }

    struct SignedOffer {
        uint256 right;
        uint64 from;
        uint64 until;
        address seller;
        address buyer;
        address currency;
        uint256 price;
        uint64 expiry;
        uint256 nonce;
    }

    struct RateCardView {
        uint64 id;
        uint256 asset;
        address owner;
        RateCard card;
    }

    struct Quote {
        uint64 card;
        address currency;
        uint256 price;
        uint256 deposit;
    }

    struct OfferView {
        uint64 id;
        uint256 right;
        address seller;
        address currency;
        uint256 price;
    }

    event RateCardSet(uint256 indexed asset, uint64 indexed id, address indexed owner, RateCard card);
    event RateCardWithdrawn(uint256 indexed asset, uint64 indexed id);
    event Booked(uint256 indexed right, uint256 indexed asset, address indexed holder, uint64 card, uint64 from, uint64 until, uint256 price);
    event Offered(uint64 indexed id, uint256 indexed right, address indexed seller, address currency, uint256 price);
    event Sold(uint64 indexed id, uint256 indexed right, address indexed buyer, address seller, address currency, uint256 price);
    event OfferCancelled(uint64 indexed id, uint256 indexed right);
    event OfferAccepted(uint256 indexed right, address indexed seller, address indexed buyer, uint256 nonce, address currency, uint256 price);
    event NonceCancelled(address indexed seller, uint256 nonce);

    error NotAssetOwner(uint256 asset, address who);
    error NotACurrency(address currency);
    error BadDurations(uint32 minDuration, uint32 maxDuration);
    error NoRateCard(uint256 asset);
    error UnknownRateCard(uint64 id);
    error RateCardNotOffered(uint64 id);
    error DurationNotOffered(uint64 from, uint64 until, uint32 minDuration, uint32 maxDuration);
    error StartsTooEarly(uint64 from, uint64 earliest);
    error AreaNotOffered(bytes32 area, bytes32 offered);
    error NotHolder(uint256 right, address who);
    error RightEnded(uint256 right, uint64 until);
    error RightInUse(uint256 right);
    error UnknownOffer(uint64 id);
    error NotSeller(uint64 id, address who);
    error OfferExpired(uint64 expiry, uint64 now);
    error NonceUsed(address seller, uint256 nonce);
    error NotBuyer(address buyer, address who);
    error NotSignedBySeller(address signer, address seller);
    error RightChanged(uint256 right, uint64 from, uint64 until);
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error ERC20InvalidReceiver(address receiver);
    error EnforcedPause();
    error ERC721NonexistentToken(uint256 tokenId);
    error NotGrantor(uint256 asset, address who);
    error BadWindow(uint64 from, uint64 until);
    error Overlap(uint256 asset, uint256 right, uint64 from, uint64 until);
    error BadScope(uint8 scope);
    error BadMaxAge(uint32 maxAge);
    error UnknownArea(bytes32 hash);
    error ERC721InsufficientApproval(address operator, uint256 tokenId);

    function setRateCard(uint256 asset, RateCard calldata card) external returns (uint64 id);
    function withdrawRateCard(uint256 asset) external;
    function book(uint64 card, uint64 from, uint64 until, bytes32 area) external returns (uint256 right);
    function offer(uint256 right, address currency, uint256 price) external returns (uint64 id);
    function buy(uint64 id) external;
    function cancel(uint64 id) external;
    function accept(SignedOffer calldata offer, bytes calldata signature) external;
    function cancelNonce(uint256 nonce) external;
    function rateCard(uint64 id) external view returns (RateCardView memory);
    function rateCardOf(uint256 asset) external view returns (RateCardView memory);
    function quote(uint256 asset, uint64 from, uint64 until) external view returns (Quote memory);
    function offerOf(uint64 id) external view returns (OfferView memory);
    function offers(bytes calldata cursor, uint32 limit) external view returns (OfferView[] memory page, bytes memory next);
    function offersOf(address seller, bytes calldata cursor, uint32 limit) external view returns (OfferView[] memory page, bytes memory next);
    function isNonceUsed(address seller, uint256 nonce) external view returns (bool);
    function hashOffer(SignedOffer calldata offer) external view returns (bytes32);
    function DOMAIN_SEPARATOR() external view returns (bytes32);
    function eip712Domain() external view returns (bytes1 fields, string memory name, string memory version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] memory extensions);
}
