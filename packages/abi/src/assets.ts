import { parseAbi } from "abitype";
import { addresses } from "./address.js";

/** What an asset is; it says what its identifier must look like: a car's is its VIN (ISO 3779), others' a serial number. */
export const assetClass = { other: 0, car: 1 } as const;

/**
 * Things with a title, ERC-721-shaped with the errors of ERC-6093 (no `safeTransferFrom`, no metadata). An identifier
 * is registered once in its class. The payee receives the asset's revenue: its owner, unless the owner names another;
 * with a new owner that name is gone.
 */
export const assetsAbi = parseAbi([
  "struct AssetView { uint256 id; address owner; address payee; uint8 class; string identifier; }",

  "function register(uint8 class, string identifier) returns (uint256 id)",
  "function setPayee(uint256 id, address payee)",
  "function transferFrom(address from, address to, uint256 tokenId)",
  "function approve(address to, uint256 tokenId)",
  "function setApprovalForAll(address operator, bool approved)",

  "function asset(uint256 id) view returns (AssetView)",
  "function assetByIdentifier(uint8 class, string identifier) view returns (AssetView)",
  "function assets(bytes cursor, uint32 limit) view returns (AssetView[] page, bytes next)",
  "function assetsOf(address owner, bytes cursor, uint32 limit) view returns (AssetView[] page, bytes next)",
  "function payeeOf(uint256 id) view returns (address)",
  "function ownerOf(uint256 tokenId) view returns (address)",
  "function getApproved(uint256 tokenId) view returns (address)",
  "function isApprovedForAll(address owner, address operator) view returns (bool)",

  "event Registered(uint256 indexed id, address indexed owner, uint8 indexed class, string identifier)",
  "event PayeeSet(uint256 indexed id, address indexed payee)",
  "event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)",
  "event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId)",
  "event ApprovalForAll(address indexed owner, address indexed operator, bool approved)",

  "error BadClass(uint8 class)",
  "error BadIdentifier(uint8 class, string identifier)",
  "error BadCheckDigit(string vin, string expected)",
  "error AlreadyRegistered(uint256 id, uint8 class, string identifier)",
  "error UnknownIdentifier(uint8 class, string identifier)",
  "error NotAssetOwner(uint256 id, address who)",
  "error ERC721NonexistentToken(uint256 tokenId)",
  "error ERC721IncorrectOwner(address sender, uint256 tokenId, address owner)",
  "error ERC721InsufficientApproval(address operator, uint256 tokenId)",
  "error ERC721InvalidReceiver(address receiver)",
  "error ERC721InvalidApprover(address approver)",
  "error ERC721InvalidOperator(address operator)",
]);

export const assets = { address: addresses.assets, abi: assetsAbi } as const;
