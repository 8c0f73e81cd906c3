import { type Address, assets, type Hex, market, marketAbi, rights, token, tokens, usage } from "@ruffchain/abi";
import { roundHalfUp } from "@ruffchain/finance";
import {
  type Context,
  type Contract,
  contract,
  type FunctionArgs,
  type Row,
  table,
  type ViewContext,
} from "@ruffchain/kernel";
import { nextNumber } from "../next-number.js";
import { domainOf, domainSeparator, typedDataHash, typeHash, words } from "../typed-data.js";
import { ZERO_ADDRESS } from "../zero.js";

/** How far before the block a booking may start, in seconds: the time that a booking takes to reach a block. */
export const MAX_BOOKING_DELAY = 300n;

const SECONDS_PER_HOUR = 3_600n;
const ANYWHERE = `0x${"00".repeat(32)}` as const;
const COUNTER = { card: 0, offer: 1 } as const;
/** Of the EIP-712 domain of signed offers. */
const DOMAIN_NAME = "Ruff Chain Market";
const OFFER_TYPE = typeHash(
  "SignedOffer(uint256 right,uint64 from,uint64 until,address seller,address buyer,address currency,uint256 price,uint64 expiry,uint256 nonce)",
);

const tables = {
  cards: table("uint64", {
    asset: "uint256",
    owner: "address",
    currency: "address",
    pricePerHour: "uint128",
    pricePerKm: "uint128",
    pricePerKwh: "uint128",
    deposit: "uint128",
    debtLimit: "uint128",
    lateFeePerMinute: "uint128",
    areaFee: "uint128",
    minDuration: "uint32",
    maxDuration: "uint32",
    area: "bytes32",
    scope: "uint8",
    maxAge: "uint32",
  }),
  /** By asset: the card that it is offered under. */
  currentCards: table("uint256", "uint64"),
  offers: table(
    "uint64",
    { right: "uint256", seller: "address", currency: "address", price: "uint256" },
    { indexes: { bySeller: ["seller"] } },
  ),
  counters: table("uint8", "uint64"),
  /** By seller: nonces of signed offers that were accepted or cancelled. */
  usedNonces: table(["address", "uint256"], "bool"),
};

type Tables = typeof tables;
type View = ViewContext<typeof marketAbi, Tables>;
type Write = Context<typeof marketAbi, Tables>;
type Card = Row<Tables["cards"]>["value"];
type SignedOffer = FunctionArgs<typeof marketAbi, "accept">[0];

function cardOf(ctx: View, id: bigint): Card {
  const card = ctx.tables.cards.get(id);
  if (!card) throw ctx.error("UnknownRateCard", id);
  return card;
}

/** The card that the asset is offered under now: one that its present owner has set. */
function currentCard(ctx: View, asset: bigint): readonly [id: bigint, card: Card] {
  const id = ctx.tables.currentCards.get(asset);
  if (id === undefined) throw ctx.error("NoRateCard", asset);
  const card = cardOf(ctx, id);
  if (ctx.read(assets, "ownerOf", asset) !== card.owner) throw ctx.error("NoRateCard", asset);
  return [id, card];
}

function priceOf(ctx: View, { pricePerHour, minDuration, maxDuration }: Card, from: bigint, until: bigint): bigint {
  const duration = until - from;
  if (duration <= 0n || duration < minDuration || duration > maxDuration) {
    throw ctx.error("DurationNotOffered", from, until, minDuration, maxDuration);
  }
  return roundHalfUp(pricePerHour * duration, SECONDS_PER_HOUR);
}

function assertAssetOwner(ctx: Write, asset: bigint): void {
  if (ctx.read(assets, "ownerOf", asset) !== ctx.sender) throw ctx.error("NotAssetOwner", asset, ctx.sender);
}

function cardView(id: bigint, { asset, owner, ...card }: Card) {
  return { id, asset, owner, card };
}

function offerOf(ctx: View, id: bigint) {
  const offer = ctx.tables.offers.get(id);
  if (!offer) throw ctx.error("UnknownOffer", id);
  return offer;
}

function offerView({ key: [id], value }: Row<Tables["offers"]>) {
  return { id, ...value };
}

function hashOffer(ctx: View, offer: SignedOffer): Hex {
  const { right, from, until, seller, buyer, currency, price, expiry, nonce } = offer;
  const struct = words(OFFER_TYPE, right, from, until, seller, buyer, currency, price, expiry, nonce);
  return typedDataHash(ctx, DOMAIN_NAME, ctx.crypto.keccak256(struct));
}

function useNonce(ctx: Write, seller: Address, nonce: bigint): void {
  if (ctx.tables.usedNonces.has(seller, nonce)) throw ctx.error("NonceUsed", seller, nonce);
  ctx.tables.usedNonces.set(seller, nonce, true);
}

/** What may be sold: a right that its holder has, that has not ended, and that nobody uses now. Returns its window. */
function assertForSale(ctx: View, right: bigint, seller: Address, currency: Address) {
  const { holder, from, until } = ctx.read(rights, "right", right);
  if (holder !== seller) throw ctx.error("NotHolder", right, seller);
  if (until <= ctx.time) throw ctx.error("RightEnded", right, until);
  if (ctx.read(usage, "isOpen", right)) throw ctx.error("RightInUse", right);
  if (!ctx.read(tokens, "isToken", currency)) throw ctx.error("NotACurrency", currency);
  return { from, until };
}

/**
 * Direct booking at the owner's rate card, and the resale of rights. A right for sale is held by the market, so that
 * it is what the offer said when somebody buys it; money goes from buyer to seller in the same transaction.
 */
export const marketContract: Contract = contract({
  name: "Market",
  address: market.address,
  abi: marketAbi,
  tables,
  functions: {
    setRateCard(ctx, asset, card) {
      assertAssetOwner(ctx, asset);
      if (!ctx.read(tokens, "isToken", card.currency)) throw ctx.error("NotACurrency", card.currency);
      const { minDuration, maxDuration } = card;
      if (maxDuration === 0 || minDuration > maxDuration) throw ctx.error("BadDurations", minDuration, maxDuration);
      const id = nextNumber(ctx.tables.counters, COUNTER.card);
      ctx.tables.cards.set(id, { ...card, asset, owner: ctx.sender });
      ctx.tables.currentCards.set(asset, id);
      ctx.emit("RateCardSet", asset, id, ctx.sender, card);
      return id;
    },

    withdrawRateCard(ctx, asset) {
      assertAssetOwner(ctx, asset);
      const id = ctx.tables.currentCards.get(asset);
      if (id === undefined) throw ctx.error("NoRateCard", asset);
      ctx.tables.currentCards.delete(asset);
      ctx.emit("RateCardWithdrawn", asset, id);
    },

    book(ctx, id, from, until, area) {
      const { asset, currency, scope, maxAge, area: offeredArea } = cardOf(ctx, id);
      const [current, card] = currentCard(ctx, asset);
      if (current !== id) throw ctx.error("RateCardNotOffered", id);
      const earliest = ctx.time - MAX_BOOKING_DELAY;
      if (from < earliest) throw ctx.error("StartsTooEarly", from, earliest);
      // Who may go anywhere may also ask for less; narrowing a bounded card would need a proof of containment.
      if (offeredArea !== ANYWHERE && area !== offeredArea) throw ctx.error("AreaNotOffered", area, offeredArea);
      const price = priceOf(ctx, card, from, until);
      const payee = ctx.read(assets, "payeeOf", asset);
      if (price > 0n) ctx.call(token(currency), "transferFrom", ctx.sender, payee, price);
      const right = ctx.call(rights, "grant", {
        asset,
        holder: ctx.sender,
        from,
        until,
        area,
        scope,
        maxAge,
        terms: id,
      });
      ctx.emit("Booked", right, asset, ctx.sender, id, from, until, price);
      return right;
    },

    offer(ctx, right, currency, price) {
      assertForSale(ctx, right, ctx.sender, currency);
      ctx.call(rights, "transferFrom", ctx.sender, ctx.self, right);
      const id = nextNumber(ctx.tables.counters, COUNTER.offer);
      ctx.tables.offers.set(id, { right, seller: ctx.sender, currency, price });
      ctx.emit("Offered", id, right, ctx.sender, currency, price);
      return id;
    },

    buy(ctx, id) {
      const { right, seller, currency, price } = offerOf(ctx, id);
      const { until } = ctx.read(rights, "right", right);
      if (until <= ctx.time) throw ctx.error("RightEnded", right, until);
      ctx.tables.offers.delete(id);
      if (price > 0n) ctx.call(token(currency), "transferFrom", ctx.sender, seller, price);
      ctx.call(rights, "transferFrom", ctx.self, ctx.sender, right);
      ctx.emit("Sold", id, right, ctx.sender, seller, currency, price);
    },

    cancel(ctx, id) {
      const { right, seller } = offerOf(ctx, id);
      if (seller !== ctx.sender) throw ctx.error("NotSeller", id, ctx.sender);
      ctx.tables.offers.delete(id);
      ctx.call(rights, "transferFrom", ctx.self, seller, right);
      ctx.emit("OfferCancelled", id, right);
    },

    accept(ctx, offer, signature) {
      const { right, from, until, seller, buyer, currency, price, expiry, nonce } = offer;
      if (expiry < ctx.time) throw ctx.error("OfferExpired", expiry, ctx.time);
      if (buyer !== ZERO_ADDRESS && buyer !== ctx.sender) throw ctx.error("NotBuyer", buyer, ctx.sender);
      const signer = ctx.crypto.recoverSigner(hashOffer(ctx, offer), signature) ?? ZERO_ADDRESS;
      if (signer !== seller || signer === ZERO_ADDRESS) throw ctx.error("NotSignedBySeller", signer, seller);
      useNonce(ctx, seller, nonce);
      const now = assertForSale(ctx, right, seller, currency);
      if (now.from !== from || now.until !== until) throw ctx.error("RightChanged", right, now.from, now.until);
      if (price > 0n) ctx.call(token(currency), "transferFrom", ctx.sender, seller, price);
      ctx.call(rights, "transferFrom", seller, ctx.sender, right);
      ctx.emit("OfferAccepted", right, seller, ctx.sender, nonce, currency, price);
    },

    cancelNonce(ctx, nonce) {
      useNonce(ctx, ctx.sender, nonce);
      ctx.emit("NonceCancelled", ctx.sender, nonce);
    },

    rateCard: (ctx, id) => cardView(id, cardOf(ctx, id)),
    rateCardOf: (ctx, asset) => cardView(...currentCard(ctx, asset)),

    quote(ctx, asset, from, until) {
      const [id, card] = currentCard(ctx, asset);
      return { card: id, currency: card.currency, price: priceOf(ctx, card, from, until), deposit: card.deposit };
    },

    isNonceUsed: (ctx, seller, nonce) => ctx.tables.usedNonces.has(seller, nonce),
    hashOffer,
    DOMAIN_SEPARATOR: (ctx) => domainSeparator(ctx, DOMAIN_NAME),
    eip712Domain: (ctx) => domainOf(ctx, DOMAIN_NAME),

    offerOf: (ctx, id) => offerView({ key: [id], value: offerOf(ctx, id) }),

    offers(ctx, cursor, limit) {
      const page = ctx.tables.offers.page([], { cursor, limit });
      return [page.rows.map(offerView), page.cursor] as const;
    },

    offersOf(ctx, seller, cursor, limit) {
      const page = ctx.tables.offers.pageBy("bySeller", [seller], { cursor, limit });
      return [page.rows.map(offerView), page.cursor] as const;
    },
  },
});
