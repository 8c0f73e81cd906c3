import { parseAbi } from "abitype";
import { addresses } from "./address.js";

/**
 * Rate cards, bookings and the swap of rights for money. Prices are minor units of the card's currency; a card never
 * changes: setting a new one gives it a new number, and rights keep the number of the card they were booked under.
 * `debtLimit` is the most that a use may cost beyond its deposit. `area` is the hash of the widest area that may be
 * booked, zero for no bound. `scope` is what the booked right allows the device to do.
 *
 * An offer may also be signed off the chain (EIP-712, the domain's name is "Ruff Chain Market", its version "1") by a seller who
 * has approved the market for the right: `buyer` is zero for anyone, `from` and `until` are the right's window as signed,
 * `expiry` is the last second in which it can be accepted, and each nonce of a seller's is good once, in any order. The
 * signature is of any of the account's kinds: secp256k1 in 65 bytes, P-256 and WebAuthn in the envelope of transactions of type 0x76.
 */
export const marketAbi = parseAbi([
  "struct RateCard { address currency; uint128 pricePerHour; uint128 pricePerKm; uint128 pricePerKwh; uint128 deposit; uint128 debtLimit; uint128 lateFeePerMinute; uint128 areaFee; uint32 minDuration; uint32 maxDuration; bytes32 area; uint8 scope; uint32 maxAge; }",
  "struct RateCardView { uint64 id; uint256 asset; address owner; RateCard card; }",
  "struct Quote { uint64 card; address currency; uint256 price; uint256 deposit; }",
  "struct OfferView { uint64 id; uint256 right; address seller; address currency; uint256 price; }",
  "struct SignedOffer { uint256 right; uint64 from; uint64 until; address seller; address buyer; address currency; uint256 price; uint64 expiry; uint256 nonce; }",

  "function setRateCard(uint256 asset, RateCard card) returns (uint64 id)",
  "function withdrawRateCard(uint256 asset)",
  "function book(uint64 card, uint64 from, uint64 until, bytes32 area) returns (uint256 right)",
  "function offer(uint256 right, address currency, uint256 price) returns (uint64 id)",
  "function buy(uint64 id)",
  "function cancel(uint64 id)",
  "function accept(SignedOffer offer, bytes signature)",
  "function cancelNonce(uint256 nonce)",

  "function rateCard(uint64 id) view returns (RateCardView)",
  "function rateCardOf(uint256 asset) view returns (RateCardView)",
  "function quote(uint256 asset, uint64 from, uint64 until) view returns (Quote)",
  "function offerOf(uint64 id) view returns (OfferView)",
  "function offers(bytes cursor, uint32 limit) view returns (OfferView[] page, bytes next)",
  "function offersOf(address seller, bytes cursor, uint32 limit) view returns (OfferView[] page, bytes next)",
  "function isNonceUsed(address seller, uint256 nonce) view returns (bool)",
  "function hashOffer(SignedOffer offer) view returns (bytes32)",
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
  "function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)",

  "event RateCardSet(uint256 indexed asset, uint64 indexed id, address indexed owner, RateCard card)",
  "event RateCardWithdrawn(uint256 indexed asset, uint64 indexed id)",
  "event Booked(uint256 indexed right, uint256 indexed asset, address indexed holder, uint64 card, uint64 from, uint64 until, uint256 price)",
  "event Offered(uint64 indexed id, uint256 indexed right, address indexed seller, address currency, uint256 price)",
  "event Sold(uint64 indexed id, uint256 indexed right, address indexed buyer, address seller, address currency, uint256 price)",
  "event OfferCancelled(uint64 indexed id, uint256 indexed right)",
  "event OfferAccepted(uint256 indexed right, address indexed seller, address indexed buyer, uint256 nonce, address currency, uint256 price)",
  "event NonceCancelled(address indexed seller, uint256 nonce)",

  "error NotAssetOwner(uint256 asset, address who)",
  "error NotACurrency(address currency)",
  "error BadDurations(uint32 minDuration, uint32 maxDuration)",
  "error NoRateCard(uint256 asset)",
  "error UnknownRateCard(uint64 id)",
  "error RateCardNotOffered(uint64 id)",
  "error DurationNotOffered(uint64 from, uint64 until, uint32 minDuration, uint32 maxDuration)",
  "error StartsTooEarly(uint64 from, uint64 earliest)",
  "error AreaNotOffered(bytes32 area, bytes32 offered)",
  "error NotHolder(uint256 right, address who)",
  "error RightEnded(uint256 right, uint64 until)",
  "error RightInUse(uint256 right)",
  "error UnknownOffer(uint64 id)",
  "error NotSeller(uint64 id, address who)",
  "error OfferExpired(uint64 expiry, uint64 now)",
  "error NonceUsed(address seller, uint256 nonce)",
  "error NotBuyer(address buyer, address who)",
  "error NotSignedBySeller(address signer, address seller)",
  "error RightChanged(uint256 right, uint64 from, uint64 until)",

  // Of contracts that are called.
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC20InvalidReceiver(address receiver)",
  "error EnforcedPause()",
  "error ERC721NonexistentToken(uint256 tokenId)",
  "error NotGrantor(uint256 asset, address who)",
  "error BadWindow(uint64 from, uint64 until)",
  "error Overlap(uint256 asset, uint256 right, uint64 from, uint64 until)",
  "error BadScope(uint8 scope)",
  "error BadMaxAge(uint32 maxAge)",
  "error UnknownArea(bytes32 hash)",
  "error ERC721InsufficientApproval(address operator, uint256 tokenId)",
]);

export const market = { address: addresses.market, abi: marketAbi } as const;
