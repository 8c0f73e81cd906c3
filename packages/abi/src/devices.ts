import { parseAbi } from "abitype";
import { addresses } from "./address.js";

/** How a device signs: COSE ESP256 with a public key x ‖ y of 64 bytes, or Ed25519 with one of 32 bytes. */
export const keyType = { p256: 1, ed25519: 2 } as const;

/**
 * The keys of devices. A device's id is SHA-256 of its deterministic COSE_Key. Its owner registers it with the device's
 * signature over the chain id and the owner, and binds it to an asset that is the owner's too. `asset` is zero while
 * it is not bound. A revoked device never speaks again.
 */
export const devicesAbi = parseAbi([
  "struct DeviceView { bytes32 id; address owner; uint256 asset; uint8 keyType; bytes publicKey; bool revoked; }",

  "function register(uint8 keyType, bytes publicKey, bytes signature) returns (bytes32 id)",
  "function bind(bytes32 id, uint256 asset)",
  "function unbind(bytes32 id)",
  "function transfer(bytes32 id, address to)",
  "function revoke(bytes32 id)",

  "function device(bytes32 id) view returns (DeviceView)",
  "function devicesOf(address owner, bytes cursor, uint32 limit) view returns (DeviceView[] page, bytes next)",
  "function devicesOfAsset(uint256 asset, bytes cursor, uint32 limit) view returns (DeviceView[] page, bytes next)",

  "event Registered(bytes32 indexed id, address indexed owner, uint8 keyType, bytes publicKey)",
  "event Bound(bytes32 indexed id, uint256 indexed asset)",
  "event Unbound(bytes32 indexed id, uint256 indexed asset)",
  "event Transferred(bytes32 indexed id, address indexed from, address indexed to)",
  "event Revoked(bytes32 indexed id)",

  "error BadPublicKey(uint8 keyType, bytes publicKey)",
  "error BadSignature(bytes32 id)",
  "error AlreadyRegistered(bytes32 id)",
  "error UnknownDevice(bytes32 id)",
  "error NotDeviceOwner(bytes32 id, address who)",
  "error NotAssetOwner(uint256 asset, address who)",
  "error AlreadyBound(bytes32 id, uint256 asset)",
  "error NotBound(bytes32 id)",
  "error DeviceRevoked(bytes32 id)",
  "error BadReceiver(address to)",
  "error ERC721NonexistentToken(uint256 tokenId)",
]);

export const devices = { address: addresses.devices, abi: devicesAbi } as const;
