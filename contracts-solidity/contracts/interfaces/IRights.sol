// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x5255464600000000000000000000000000000006.
interface IRights {
    struct Grant {
        uint256 asset;
        address holder;
        uint64 from;
        uint64 until;
        bytes32 area;
        uint8 scope;
        uint32 maxAge;
        uint64 terms;
    }

    struct RightView {
        uint256 id;
        uint256 asset;
        address holder;
        uint64 from;
        uint64 until;
        bytes32 area;
        uint8 scope;
        uint32 maxAge;
        uint64 terms;
    }

    event Granted(uint256 indexed id, uint256 indexed asset, address indexed holder, uint64 from, uint64 until, bytes32 area, uint8 scope, uint32 maxAge, uint64 terms);
    event Divided(uint256 indexed id, uint256 indexed later, uint64 at_);
    event Merged(uint256 indexed earlier, uint256 indexed later, uint64 until);
    event Surrendered(uint256 indexed id, uint256 indexed asset, address indexed holder, uint64 until);
    event Expired(uint256 indexed id, uint256 indexed asset, address indexed holder);
    event GrantorSet(address indexed owner, address indexed grantor, bool allowed);
    event AreaRegistered(bytes32 indexed hash, bytes area);
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);

    error NotGrantor(uint256 asset, address who);
    error BadWindow(uint64 from, uint64 until);
    error Overlap(uint256 asset, uint256 right, uint64 from, uint64 until);
    error BadScope(uint8 scope);
    error BadMaxAge(uint32 maxAge);
    error UnknownArea(bytes32 hash);
    error BadArea(string reason);
    error NotHolder(uint256 id, address who);
    error RightEnded(uint256 id, uint64 until);
    error NotInside(uint256 id, uint64 at_, uint64 from, uint64 until);
    error NotMergeable(uint256 earlier, uint256 later);
    error NoRightAt(uint256 asset, uint64 time);
    error ERC721NonexistentToken(uint256 tokenId);
    error ERC721IncorrectOwner(address sender, uint256 tokenId, address owner);
    error ERC721InsufficientApproval(address operator, uint256 tokenId);
    error ERC721InvalidReceiver(address receiver);
    error ERC721InvalidApprover(address approver);
    error ERC721InvalidOperator(address operator);

    function grant(Grant calldata grant) external returns (uint256 id);
    function divide(uint256 id, uint64 at_) external returns (uint256 later);
    function merge(uint256 earlier, uint256 later) external;
    function surrender(uint256 id) external;
    function expire(uint256 id) external;
    function setGrantor(address grantor, bool allowed) external;
    function registerArea(bytes calldata area) external returns (bytes32 hash);
    function transferFrom(address from, address to, uint256 tokenId) external;
    function approve(address to, uint256 tokenId) external;
    function setApprovalForAll(address operator, bool approved) external;
    function right(uint256 id) external view returns (RightView memory);
    function exists(uint256 id) external view returns (bool);
    function rightAt(uint256 asset, uint64 time) external view returns (RightView memory);
    function rightsOf(address holder, bytes calldata cursor, uint32 limit) external view returns (RightView[] memory page, bytes memory next);
    function calendar(uint256 asset, bytes calldata cursor, uint32 limit) external view returns (RightView[] memory page, bytes memory next);
    function isFree(uint256 asset, uint64 from, uint64 until) external view returns (bool);
    function isGrantor(address owner, address grantor) external view returns (bool);
    function area(bytes32 hash) external view returns (bytes memory);
    function ownerOf(uint256 tokenId) external view returns (address);
    function getApproved(uint256 tokenId) external view returns (address);
    function isApprovedForAll(address owner, address operator) external view returns (bool);
}
