// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

/// The system contract at 0x5255464600000000000000000000000000000003.
interface IDevices {
    struct DeviceView {
        bytes32 id;
        address owner;
        uint256 asset;
        uint8 keyType;
        bytes publicKey;
        bool revoked;
    }

    event Registered(bytes32 indexed id, address indexed owner, uint8 keyType, bytes publicKey);
    event Bound(bytes32 indexed id, uint256 indexed asset);
    event Unbound(bytes32 indexed id, uint256 indexed asset);
    event Transferred(bytes32 indexed id, address indexed from, address indexed to);
    event Revoked(bytes32 indexed id);

    error BadPublicKey(uint8 keyType, bytes publicKey);
    error BadSignature(bytes32 id);
    error AlreadyRegistered(bytes32 id);
    error UnknownDevice(bytes32 id);
    error NotDeviceOwner(bytes32 id, address who);
    error NotAssetOwner(uint256 asset, address who);
    error AlreadyBound(bytes32 id, uint256 asset);
    error NotBound(bytes32 id);
    error DeviceRevoked(bytes32 id);
    error BadReceiver(address to);
    error ERC721NonexistentToken(uint256 tokenId);

    function register(uint8 keyType, bytes calldata publicKey, bytes calldata signature) external returns (bytes32 id);
    function bind(bytes32 id, uint256 asset) external;
    function unbind(bytes32 id) external;
    function transfer(bytes32 id, address to) external;
    function revoke(bytes32 id) external;
    function device(bytes32 id) external view returns (DeviceView memory);
    function devicesOf(address owner, bytes calldata cursor, uint32 limit) external view returns (DeviceView[] memory page, bytes memory next);
    function devicesOfAsset(uint256 asset, bytes calldata cursor, uint32 limit) external view returns (DeviceView[] memory page, bytes memory next);
}
