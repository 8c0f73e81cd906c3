import { parseAbi } from "abitype";
import { addresses } from "./address.js";

/** What a right may allow, as bits of its scope. */
export const rightScope = { unlock: 1, lock: 2, start: 4, boot: 8, chargePort: 16 } as const;

/**
 * Fields of a record of Rights' table 0, keyed by id (uint256): what a device reads from a state proof. `from` and
 * `until` are seconds since 1970 (`until` is the first second that is no longer covered), `area` is SHA-256 of the
 * encoded area or zero for none, `maxAge` is how old in seconds a header may be to prove the right: the revocation
 * delay that the asset's owner accepts. `terms` is the rate card of its use (zero: none), `ticket` the scheduler's.
 */
export const rightRecord = {
  asset: "uint256",
  holder: "address",
  from: "uint64",
  until: "uint64",
  area: "bytes32",
  scope: "uint8",
  maxAge: "uint32",
  terms: "uint64",
  ticket: "uint256",
} as const;

/**
 * The right to use an asset in a window of time, inside an area. Rights are granted by the asset's owner or by whom the
 * owner made a grantor; two rights of one asset never overlap. They are ERC-721-shaped with the errors of ERC-6093 and
 * survive the asset's sale. A right can be divided at a time and merged with the one that follows it on equal terms;
 * surrendered, it ends now, or never was if it had not begun. What has ended stays readable. Lists begin with the latest
 * window.
 */
export const rightsAbi = parseAbi([
  "struct Grant { uint256 asset; address holder; uint64 from; uint64 until; bytes32 area; uint8 scope; uint32 maxAge; uint64 terms; }",
  "struct RightView { uint256 id; uint256 asset; address holder; uint64 from; uint64 until; bytes32 area; uint8 scope; uint32 maxAge; uint64 terms; }",

  "function grant(Grant grant) returns (uint256 id)",
  "function divide(uint256 id, uint64 at) returns (uint256 later)",
  "function merge(uint256 earlier, uint256 later)",
  "function surrender(uint256 id)",
  "function expire(uint256 id)",
  "function setGrantor(address grantor, bool allowed)",
  "function registerArea(bytes area) returns (bytes32 hash)",
  "function transferFrom(address from, address to, uint256 tokenId)",
  "function approve(address to, uint256 tokenId)",
  "function setApprovalForAll(address operator, bool approved)",

  "function right(uint256 id) view returns (RightView)",
  "function exists(uint256 id) view returns (bool)",
  "function rightAt(uint256 asset, uint64 time) view returns (RightView)",
  "function rightsOf(address holder, bytes cursor, uint32 limit) view returns (RightView[] page, bytes next)",
  "function calendar(uint256 asset, bytes cursor, uint32 limit) view returns (RightView[] page, bytes next)",
  "function isFree(uint256 asset, uint64 from, uint64 until) view returns (bool)",
  "function isGrantor(address owner, address grantor) view returns (bool)",
  "function area(bytes32 hash) view returns (bytes)",
  "function ownerOf(uint256 tokenId) view returns (address)",
  "function getApproved(uint256 tokenId) view returns (address)",
  "function isApprovedForAll(address owner, address operator) view returns (bool)",

  "event Granted(uint256 indexed id, uint256 indexed asset, address indexed holder, uint64 from, uint64 until, bytes32 area, uint8 scope, uint32 maxAge, uint64 terms)",
  "event Divided(uint256 indexed id, uint256 indexed later, uint64 at)",
  "event Merged(uint256 indexed earlier, uint256 indexed later, uint64 until)",
  "event Surrendered(uint256 indexed id, uint256 indexed asset, address indexed holder, uint64 until)",
  "event Expired(uint256 indexed id, uint256 indexed asset, address indexed holder)",
  "event GrantorSet(address indexed owner, address indexed grantor, bool allowed)",
  "event AreaRegistered(bytes32 indexed hash, bytes area)",
  "event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)",
  "event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId)",
  "event ApprovalForAll(address indexed owner, address indexed operator, bool approved)",

  "error NotGrantor(uint256 asset, address who)",
  "error BadWindow(uint64 from, uint64 until)",
  "error Overlap(uint256 asset, uint256 right, uint64 from, uint64 until)",
  "error BadScope(uint8 scope)",
  "error BadMaxAge(uint32 maxAge)",
  "error UnknownArea(bytes32 hash)",
  "error BadArea(string reason)",
  "error NotHolder(uint256 id, address who)",
  "error RightEnded(uint256 id, uint64 until)",
  "error NotInside(uint256 id, uint64 at, uint64 from, uint64 until)",
  "error NotMergeable(uint256 earlier, uint256 later)",
  "error NoRightAt(uint256 asset, uint64 time)",
  "error ERC721NonexistentToken(uint256 tokenId)",
  "error ERC721IncorrectOwner(address sender, uint256 tokenId, address owner)",
  "error ERC721InsufficientApproval(address operator, uint256 tokenId)",
  "error ERC721InvalidReceiver(address receiver)",
  "error ERC721InvalidApprover(address approver)",
  "error ERC721InvalidOperator(address operator)",
]);

export const rights = { address: addresses.rights, abi: rightsAbi } as const;
