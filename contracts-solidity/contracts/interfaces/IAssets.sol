// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x5255464600000000000000000000000000000004.
interface IAssets {
    struct AssetView {
        uint256 id;
        address owner;
        address payee;
        uint8 class;
        string identifier;
    }

    event Registered(uint256 indexed id, address indexed owner, uint8 indexed class, string identifier);
    event PayeeSet(uint256 indexed id, address indexed payee);
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);

    error BadClass(uint8 class);
    error BadIdentifier(uint8 class, string identifier);
    error BadCheckDigit(string vin, string expected);
    error AlreadyRegistered(uint256 id, uint8 class, string identifier);
    error UnknownIdentifier(uint8 class, string identifier);
    error NotAssetOwner(uint256 id, address who);
    error ERC721NonexistentToken(uint256 tokenId);
    error ERC721IncorrectOwner(address sender, uint256 tokenId, address owner);
    error ERC721InsufficientApproval(address operator, uint256 tokenId);
    error ERC721InvalidReceiver(address receiver);
    error ERC721InvalidApprover(address approver);
    error ERC721InvalidOperator(address operator);

    function register(uint8 class, string calldata identifier) external returns (uint256 id);
    function setPayee(uint256 id, address payee) external;
    function transferFrom(address from, address to, uint256 tokenId) external;
    function approve(address to, uint256 tokenId) external;
    function setApprovalForAll(address operator, bool approved) external;
    function asset(uint256 id) external view returns (AssetView memory);
    function assetByIdentifier(uint8 class, string calldata identifier) external view returns (AssetView memory);
    function assets(bytes calldata cursor, uint32 limit) external view returns (AssetView[] memory page, bytes memory next);
    function assetsOf(address owner, bytes calldata cursor, uint32 limit) external view returns (AssetView[] memory page, bytes memory next);
    function payeeOf(uint256 id) external view returns (address);
    function ownerOf(uint256 tokenId) external view returns (address);
    function getApproved(uint256 tokenId) external view returns (address);
    function isApprovedForAll(address owner, address operator) external view returns (bool);
}
