import { market, rights, usage } from "@ruffchain/abi";
import { type Address, domainSeparator, encodeFunctionData, hashTypedData, zeroAddress } from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { signTempo } from "../../kernel/test/account/tempo.js";
import { type Account, account, CHAIN_ID, type Chain, errorOf, eventOf, openChain } from "./chain.js";
import { ANYWHERE, makeAsset, rateCard } from "./fleet.js";
import { makeCurrency } from "./money.js";
import { type Owner, owners } from "./owners.js";

const [bank, firm, seller, buyer, stranger] = [0, 1, 2, 3, 4].map(account) as [
  Account,
  Account,
  Account,
  Account,
  Account,
];
const HOUR = 3_600n;
const MONEY = 1_000_000n;
const PRICE = 500n;

const domain = { name: "Ruff Chain Market", version: "1", chainId: CHAIN_ID, verifyingContract: market.address };
const types = {
  SignedOffer: [
    { name: "right", type: "uint256" },
    { name: "from", type: "uint64" },
    { name: "until", type: "uint64" },
    { name: "seller", type: "address" },
    { name: "buyer", type: "address" },
    { name: "currency", type: "address" },
    { name: "price", type: "uint256" },
    { name: "expiry", type: "uint64" },
    { name: "nonce", type: "uint256" },
  ],
} as const;

let chain: Chain;
let currency: Awaited<ReturnType<typeof makeCurrency>>;
let right: bigint;
let offer: Awaited<ReturnType<typeof offerOf>>;

/** What a seller offers: the right as it is now. */
async function offerOf(id: bigint, by: Address) {
  const { from, until } = await chain.read(rights, "right", [id]);
  const terms = { currency: currency.address as Address, price: PRICE, expiry: chain.now() + 600n, nonce: 77n };
  return { right: id, from, until, seller: by, buyer: zeroAddress as Address, ...terms };
}

beforeEach(async () => {
  chain = await openChain([bank, firm, seller, buyer, stranger]);
  currency = await makeCurrency(chain, bank, [seller, buyer, stranger], MONEY);
  const asset = await makeAsset(chain, firm, "car-1");
  for (const who of [seller, buyer, stranger]) {
    await chain.send(who, currency, "approve", [market.address, MONEY]);
    await chain.send(who, currency, "approve", [usage.address, MONEY]);
  }
  for (const who of [firm, seller]) await chain.send(who, rights, "setApprovalForAll", [market.address, true]);
  await chain.send(firm, rights, "setGrantor", [market.address, true]);
  const { events } = await chain.send(firm, market, "setRateCard", [asset, rateCard(currency)]);
  const from = chain.now() + 1_000n;
  const card = eventOf(events, "RateCardSet").id as bigint;
  const booked = await chain.send(seller, market, "book", [card, from, from + 4n * HOUR, ANYWHERE]);
  right = eventOf(booked.events, "Booked").right as bigint;
  offer = await offerOf(right, seller.id);
});

const sign = (by: Owner, message = offer, ofDomain = domain) =>
  by.signTypedData({ domain: ofDomain, types, primaryType: "SignedOffer", message });
const balance = (who: Account) => chain.read(currency, "balanceOf", [who.id]);
const holder = async () => (await chain.read(rights, "ownerOf", [right])).toLowerCase();

/** The error of an acceptance that must change nothing. */
async function refusal(who: Account, signed: typeof offer, signature: `0x${string}`) {
  const before = [await holder(), await balance(seller), await balance(who)];
  const error = await errorOf(chain.send(who, market, "accept", [signed, signature]));
  expect([await holder(), await balance(seller), await balance(who)]).toStrictEqual(before);
  return error;
}

describe("an offer signed off the chain (EIP-712)", () => {
  test("is accepted in one transaction: right and money swap", async () => {
    const had = await balance(seller);
    const { events } = await chain.send(buyer, market, "accept", [offer, await sign(seller)]);
    expect(eventOf(events, "OfferAccepted")).toStrictEqual({
      right,
      seller: seller.address,
      buyer: buyer.address,
      nonce: offer.nonce,
      currency: expect.stringMatching(new RegExp(currency.address, "i")),
      price: PRICE,
    });
    expect([await holder(), await balance(seller), await balance(buyer)]).toStrictEqual([
      buyer.id,
      had + PRICE,
      MONEY - PRICE,
    ]);
    expect(await chain.read(market, "isNonceUsed", [seller.id, offer.nonce])).toBe(true);
  });

  test("is accepted once, also where the right has come back", async () => {
    const signature = await sign(seller);
    await chain.send(buyer, market, "accept", [offer, signature]);
    await chain.send(buyer, rights, "transferFrom", [buyer.id, seller.id, right]);
    expect(await refusal(buyer, offer, signature)).toStrictEqual(["NonceUsed", seller.address, offer.nonce]);
  });

  test("may be for one buyer only", async () => {
    offer = { ...offer, buyer: buyer.id };
    const signature = await sign(seller);
    expect(await refusal(stranger, offer, signature)).toStrictEqual(["NotBuyer", buyer.address, stranger.address]);
    await chain.send(buyer, market, "accept", [offer, signature]);
    expect(await holder()).toBe(buyer.id);
  });

  test("is good up to its expiry, in seconds", async () => {
    const signature = await sign(seller);
    await chain.waitUntil(offer.expiry);
    expect(await refusal(buyer, offer, signature)).toStrictEqual(["OfferExpired", offer.expiry, offer.expiry + 1n]);
    offer = { ...offer, expiry: chain.now() + 1n };
    await chain.send(buyer, market, "accept", [offer, await sign(seller)]);
    expect(await holder()).toBe(buyer.id);
  });

  test("is cancelled by its nonce, by its seller alone, whatever the order", async () => {
    const signature = await sign(seller);
    await chain.send(stranger, market, "cancelNonce", [offer.nonce]);
    expect(await chain.read(market, "isNonceUsed", [seller.id, offer.nonce])).toBe(false);
    const { events } = await chain.send(seller, market, "cancelNonce", [offer.nonce]);
    expect(eventOf(events, "NonceCancelled")).toStrictEqual({ seller: seller.address, nonce: offer.nonce });
    expect(await refusal(buyer, offer, signature)).toStrictEqual(["NonceUsed", seller.address, offer.nonce]);
    const again = await errorOf(chain.send(seller, market, "cancelNonce", [offer.nonce]));
    expect(again).toStrictEqual(["NonceUsed", seller.address, offer.nonce]);
    offer = { ...offer, nonce: 3n };
    await chain.send(buyer, market, "accept", [offer, await sign(seller)]);
    expect(await holder()).toBe(buyer.id);
  });

  test("is refused where a word of it is not what was signed", async () => {
    const signature = await sign(seller);
    const changes = {
      right: right + 1n,
      from: offer.from + 1n,
      until: offer.until - 1n,
      buyer: buyer.id,
      currency: market.address,
      price: offer.price - 1n,
      expiry: offer.expiry + 1n,
      nonce: offer.nonce + 1n,
    };
    for (const [name, value] of Object.entries(changes)) {
      const [error] = await refusal(buyer, { ...offer, [name]: value }, signature);
      expect([name, error]).toStrictEqual([name, "NotSignedBySeller"]);
    }
    expect(await refusal(buyer, { ...offer, seller: stranger.id }, signature)).toStrictEqual([
      "NotSignedBySeller",
      expect.any(String),
      stranger.address,
    ]);
  });

  test.each([
    ["name", { name: "Ruff Chain" }],
    ["version", { version: "2" }],
    ["chain", { chainId: 1 }],
    ["contract", { verifyingContract: rights.address }],
  ])("is refused where it was signed for another domain: its %s", async (_, change) => {
    const [error] = await refusal(buyer, offer, await sign(seller, offer, { ...domain, ...change } as typeof domain));
    expect(error).toBe("NotSignedBySeller");
  });

  test("is refused with somebody else's signature, and with none", async () => {
    expect(await refusal(buyer, offer, await sign(stranger))).toStrictEqual([
      "NotSignedBySeller",
      stranger.address,
      seller.address,
    ]);
    expect(await refusal(buyer, offer, "0x")).toStrictEqual(["NotSignedBySeller", zeroAddress, seller.address]);
    const nobody = { ...offer, seller: zeroAddress as Address };
    expect(await refusal(buyer, nobody, "0x")).toStrictEqual(["NotSignedBySeller", zeroAddress, zeroAddress]);
  });

  test("is refused where the right has changed, is elsewhere, or has ended", async () => {
    const signature = await sign(seller);
    const middle = offer.from + HOUR;
    await chain.send(seller, rights, "divide", [right, middle]);
    expect(await refusal(buyer, offer, signature)).toStrictEqual(["RightChanged", right, offer.from, middle]);
    offer = { ...(await offerOf(right, seller.id)), expiry: offer.from + 5n * HOUR };
    const divided = await sign(seller);
    await chain.send(seller, rights, "transferFrom", [seller.id, stranger.id, right]);
    expect(await refusal(buyer, offer, divided)).toStrictEqual(["NotHolder", right, seller.address]);
    await chain.send(stranger, rights, "transferFrom", [stranger.id, seller.id, right]);
    await chain.waitUntil(offer.until);
    expect(await refusal(buyer, offer, divided)).toStrictEqual(["RightEnded", right, offer.until]);
  });

  test("is refused without the seller's approval, the buyer's money, and in what is no currency", async () => {
    const signature = await sign(seller);
    await chain.send(buyer, currency, "approve", [market.address, PRICE - 1n]);
    expect((await refusal(buyer, offer, signature))[0]).toBe("ERC20InsufficientAllowance");
    await chain.send(seller, rights, "setApprovalForAll", [market.address, false]);
    expect((await refusal(stranger, offer, signature))[0]).toBe("ERC721InsufficientApproval");
    offer = { ...offer, currency: market.address };
    expect((await refusal(stranger, offer, await sign(seller)))[0]).toBe("NotACurrency");
    expect(await chain.read(market, "isNonceUsed", [seller.id, offer.nonce])).toBe(false);
  });

  test.each(Object.entries(owners))("is signed by a seller with a key of %s", async (_, by) => {
    await chain.send(seller, rights, "transferFrom", [seller.id, by.id, right]);
    offer = { ...offer, seller: by.id };
    const [error] = await refusal(buyer, offer, await sign(by, { ...offer, price: 1n }));
    expect(error).toBe("NotSignedBySeller");
    const signature = await sign(by);
    expect((await refusal(buyer, offer, signature))[0]).toBe("ERC721InsufficientApproval");
    const approval = { abi: rights.abi, functionName: "setApprovalForAll", args: [market.address, true] } as const;
    const calls = [{ to: rights.address, data: encodeFunctionData(approval) }];
    await chain.block([signTempo(by.key, { calls, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n })]);
    await chain.send(buyer, market, "accept", [offer, signature]);
    expect(await holder()).toBe(buyer.id);
    expect(await chain.read(currency, "balanceOf", [by.id])).toBe(PRICE);
  });

  test("has the hash and the domain that viem computes (EIP-5267)", async () => {
    const message = { domain, types, primaryType: "SignedOffer", message: offer } as const;
    expect(await chain.read(market, "hashOffer", [offer])).toBe(hashTypedData(message));
    expect(await chain.read(market, "DOMAIN_SEPARATOR", [])).toBe(domainSeparator({ domain }));
    const [fields, name, version, chainId, verifyingContract] = await chain.read(market, "eip712Domain", []);
    expect(fields).toBe("0x0f");
    expect({ name, version, chainId: Number(chainId), verifyingContract }).toStrictEqual(domain);
  });
});
