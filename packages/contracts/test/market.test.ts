import { type Address, assets, market, rights, usage } from "@ruffchain/abi";
import { MAX_BOOKING_DELAY } from "@ruffchain/contracts";
import { areaToBytes } from "@ruffchain/geo";
import fc from "fast-check";
import { bytesToHex } from "viem";
import { describe, expect, test } from "vitest";
import { type Account, account, errorOf, eventOf, openChain, Reverted } from "./chain.js";
import { ANYWHERE, makeAsset, rateCard } from "./fleet.js";
import { makeCurrency, totalOf } from "./money.js";

const bank = account(0);
const firm = account(1);
const renter = account(2);
const second = account(3);
const stranger = account(4);
const everyone = [bank, firm, renter, second, stranger];
const START = 1_000_000n;
const HOUR = 3_600n;
const AREA = bytesToHex(
  areaToBytes([
    { lat: 0, lon: 0 },
    { lat: 0, lon: 1_000 },
    { lat: 1_000, lon: 1_000 },
  ]),
);

async function open() {
  const chain = await openChain(everyone);
  const currency = await makeCurrency(chain, bank, everyone, START);
  const asset = await makeAsset(chain, firm, "car-1");
  for (const who of everyone) {
    await chain.send(who, currency, "approve", [market.address, START]);
    await chain.send(who, currency, "approve", [usage.address, START]);
    await chain.send(who, rights, "setApprovalForAll", [market.address, true]);
  }
  const card = rateCard(currency);
  const setCard = async (changes: Partial<typeof card> = {}) => {
    const { events } = await chain.send(firm, market, "setRateCard", [asset, { ...card, ...changes }]);
    return eventOf(events, "RateCardSet").id as bigint;
  };
  const from = chain.now() + 1_000n;
  const book = async (
    id: bigint,
    start = from,
    until = start + 2n * HOUR,
    area: `0x${string}` = ANYWHERE,
    who = renter,
  ) => {
    const { events } = await chain.send(who, market, "book", [id, start, until, area]);
    return eventOf(events, "Booked").right as bigint;
  };
  const offer = async (who: Account, right: bigint, price: bigint, money: Address = currency.address) => {
    const { events } = await chain.send(who, market, "offer", [right, money, price]);
    return eventOf(events, "Offered").id as bigint;
  };
  const balance = (who: Account) => chain.read(currency, "balanceOf", [who.id]);
  const holder = async (right: bigint) => (await chain.read(rights, "ownerOf", [right])).toLowerCase();
  return { chain, currency, asset, card, setCard, from, book, offer, balance, holder };
}

describe("rate cards", () => {
  test("are numbered, never change, and the newest is the one on offer", async () => {
    const { chain, asset, setCard, card } = await open();
    const first = await setCard();
    const next = await setCard({ pricePerHour: 1_500n });
    expect(await chain.read(market, "rateCardOf", [asset])).toMatchObject({ id: next, card: { pricePerHour: 1_500n } });
    const { owner, card: stored, ...view } = await chain.read(market, "rateCard", [first]);
    expect(view).toEqual({ id: first, asset });
    expect(owner.toLowerCase()).toBe(firm.id);
    expect({ ...stored, currency: stored.currency.toLowerCase() }).toEqual(card);
  });

  test("a quote rounds half up", async () => {
    const { chain, asset, setCard, from, currency } = await open();
    const card = await setCard();
    const quote = await chain.read(market, "quote", [asset, from, from + 2n * HOUR]);
    expect(quote).toMatchObject({ card, price: 2_400n, deposit: 10_000n });
    expect(quote.currency.toLowerCase()).toBe(currency.address);
    // 1,200 an hour for 5,401 s: 1,800.33; for 5,402 s: 1,800.67.
    expect((await chain.read(market, "quote", [asset, from, from + 5_401n])).price).toBe(1_800n);
    expect((await chain.read(market, "quote", [asset, from, from + 5_402n])).price).toBe(1_801n);
  });

  test("are the owner's to set and to withdraw, and end with the asset's sale", async () => {
    const { chain, asset, card, setCard, book } = await open();
    expect(await errorOf(chain.send(renter, market, "setRateCard", [asset, card]))).toEqual([
      "NotAssetOwner",
      asset,
      expect.anything(),
    ]);
    expect(await errorOf(setCard({ currency: market.address }))).toEqual(["NotACurrency", expect.anything()]);
    expect(await errorOf(setCard({ minDuration: 9, maxDuration: 8 }))).toEqual(["BadDurations", 9, 8]);
    expect(await errorOf(setCard({ minDuration: 0, maxDuration: 0 }))).toEqual(["BadDurations", 0, 0]);
    expect(await errorOf(chain.send(firm, market, "withdrawRateCard", [asset]))).toEqual(["NoRateCard", asset]);
    expect(await errorOf(chain.read(market, "rateCardOf", [asset]))).toEqual(["NoRateCard", asset]);
    expect(await errorOf(chain.read(market, "rateCard", [9n]))).toEqual(["UnknownRateCard", 9n]);
    await setCard({ minDuration: 60, maxDuration: 60 });
    const id = await setCard();
    expect(await errorOf(chain.send(renter, market, "withdrawRateCard", [asset]))).toEqual([
      "NotAssetOwner",
      asset,
      expect.anything(),
    ]);
    const { events } = await chain.send(firm, market, "withdrawRateCard", [asset]);
    expect(eventOf(events, "RateCardWithdrawn")).toEqual({ asset, id });
    expect(await errorOf(book(id))).toEqual(["NoRateCard", asset]);
    const again = await setCard();
    await chain.send(firm, assets, "transferFrom", [firm.id, stranger.id, asset]);
    expect(await errorOf(book(again))).toEqual(["NoRateCard", asset]);
  });
});

describe("booking", () => {
  test("pays the asset's payee and grants the right", async () => {
    const { chain, asset, setCard, from, book, balance } = await open();
    const card = await setCard();
    await chain.send(firm, assets, "setPayee", [asset, stranger.id]);
    const right = await book(card);
    expect(await balance(renter)).toBe(START - 2_400n);
    expect(await balance(stranger)).toBe(START + 2_400n);
    const view = await chain.read(rights, "right", [right]);
    expect(view).toMatchObject({
      asset,
      from,
      until: from + 2n * HOUR,
      area: ANYWHERE,
      scope: 7,
      maxAge: 3_600,
      terms: card,
    });
    expect(view.holder.toLowerCase()).toBe(renter.id);
  });

  test("the terms of use stay with both parts of a divided right", async () => {
    const { chain, setCard, from, book } = await open();
    const card = await setCard();
    const right = await book(card);
    await setCard({ pricePerKm: 999n });
    const { events } = await chain.send(renter, rights, "divide", [right, from + HOUR]);
    const later = eventOf(events, "Divided").later as bigint;
    for (const id of [right, later]) expect(await chain.read(rights, "right", [id])).toMatchObject({ terms: card });
  });

  test("takes the longest and the shortest time on offer, and nothing for nothing", async () => {
    const { setCard, from, book, balance } = await open();
    const week = 7n * 86_400n;
    await book(await setCard(), from, from + week);
    await book(await setCard(), from + week, from + week + 1_800n);
    const free = await setCard({ minDuration: 0, pricePerHour: 0n });
    const before = await balance(renter);
    expect((await errorOf(book(free, from + 2n * week, from + 2n * week)))[0]).toBe("DurationNotOffered");
    await book(free, from + 2n * week, from + 2n * week + 1n);
    expect(await balance(renter)).toBe(before);
  });

  test("who may go anywhere may ask for less", async () => {
    const { chain, setCard, from, book } = await open();
    const { events } = await chain.send(firm, rights, "registerArea", [AREA]);
    const area = eventOf(events, "AreaRegistered").hash as `0x${string}`;
    const right = await book(await setCard(), from, from + HOUR, area);
    expect(await chain.read(rights, "right", [right])).toMatchObject({ area });
  });

  test("refuses what is not on offer, each for its reason; money stays", async () => {
    const { chain, setCard, from, book, balance } = await open();
    expect(await errorOf(book(9n))).toEqual(["UnknownRateCard", 9n]);
    const old = await setCard();
    const area = `0x${"11".repeat(32)}` as const;
    const card = await setCard({ area });
    expect(await errorOf(book(old))).toEqual(["RateCardNotOffered", old]);
    expect(await errorOf(book(card))).toEqual(["AreaNotOffered", ANYWHERE, area]);
    const wide = await setCard();
    for (const until of [from, from - 1n, from + 1_799n, from + 7n * 86_400n + 1n]) {
      expect((await errorOf(book(wide, from, until)))[0]).toBe("DurationNotOffered");
    }
    const earliest = chain.now() + 1n - MAX_BOOKING_DELAY;
    expect(await errorOf(book(wide, earliest - 1n))).toEqual(["StartsTooEarly", earliest - 1n, earliest]);
    expect(await balance(renter)).toBe(START);
    const soonest = chain.now() + 1n - MAX_BOOKING_DELAY;
    await book(wide, soonest, soonest + 1_800n);
    await expect(book(wide, soonest + 1_799n, soonest + 1_799n + HOUR)).rejects.toThrow(/Overlap/);
    expect(await balance(renter)).toBe(START - 600n);
  });

  test("without the money there is no right", async () => {
    const { chain, asset, setCard, from, book, currency } = await open();
    const card = await setCard();
    await chain.send(renter, currency, "transfer", [bank.id, START - 2_399n]);
    await expect(book(card)).rejects.toThrow(Reverted);
    expect(await chain.read(rights, "isFree", [asset, from, from + 2n * HOUR])).toBe(true);
  });
});

describe("resale", () => {
  test("swaps the second hour for money in one transaction", async () => {
    const { chain, setCard, from, book, offer, balance, holder } = await open();
    const right = await book(await setCard());
    const { events } = await chain.send(renter, rights, "divide", [right, from + HOUR]);
    const later = eventOf(events, "Divided").later as bigint;
    const id = await offer(renter, later, 1_500n);
    expect(await holder(later)).toBe(market.address);
    const sale = eventOf((await chain.send(second, market, "buy", [id])).events, "Sold");
    expect(sale).toMatchObject({ id, right: later, price: 1_500n });
    expect(await holder(right)).toBe(renter.id);
    expect(await holder(later)).toBe(second.id);
    expect(await balance(renter)).toBe(START - 2_400n + 1_500n);
    expect(await balance(second)).toBe(START - 1_500n);
    expect(await errorOf(chain.send(stranger, market, "buy", [id]))).toEqual(["UnknownOffer", id]);
  });

  test("neither right nor money moves when the money is not there", async () => {
    const { chain, setCard, book, offer, balance, holder, currency } = await open();
    const right = await book(await setCard());
    const id = await offer(renter, right, 500n);
    await chain.send(second, currency, "transfer", [bank.id, START - 499n]);
    await expect(chain.send(second, market, "buy", [id])).rejects.toThrow(Reverted);
    expect(await holder(right)).toBe(market.address);
    expect(await balance(second)).toBe(499n);
    expect(await chain.read(market, "offerOf", [id])).toMatchObject({ right, price: 500n });
  });

  test("cancelling gives the right back, paused money or not", async () => {
    const { chain, setCard, book, offer, holder, currency } = await open();
    const right = await book(await setCard());
    const id = await offer(renter, right, 500n);
    await chain.send(bank, currency, "pause", []);
    expect(await errorOf(chain.send(stranger, market, "cancel", [id]))).toEqual(["NotSeller", id, expect.anything()]);
    const { events } = await chain.send(renter, market, "cancel", [id]);
    expect(eventOf(events, "OfferCancelled")).toEqual({ id, right });
    expect(await holder(right)).toBe(renter.id);
    expect(await errorOf(chain.send(renter, market, "cancel", [id]))).toEqual(["UnknownOffer", id]);
  });

  test("a right can be had back after it ended", async () => {
    const { chain, setCard, book, offer, holder, from } = await open();
    const right = await book(await setCard());
    const id = await offer(renter, right, 500n);
    await chain.waitUntil(from + 2n * HOUR - 1n);
    expect(await errorOf(chain.send(second, market, "buy", [id]))).toEqual(["RightEnded", right, from + 2n * HOUR]);
    await chain.send(renter, market, "cancel", [id]);
    expect(await chain.read(market, "offers", ["0x", 9])).toEqual([[], "0x"]);
    expect(await holder(right)).toBe(renter.id);
    expect((await errorOf(offer(renter, right, 500n)))[0]).toBe("RightEnded");
  });

  test("refuses each wrong offer for its reason", async () => {
    const { chain, setCard, book, offer } = await open();
    const right = await book(await setCard());
    expect(await errorOf(offer(second, right, 1n))).toEqual(["NotHolder", right, expect.anything()]);
    expect(await errorOf(offer(renter, right, 1n, market.address))).toEqual(["NotACurrency", expect.anything()]);
    await chain.send(renter, usage, "open", [right]);
    expect(await errorOf(offer(renter, right, 1n))).toEqual(["RightInUse", right]);
  });

  test("lists offers, all and a seller's", async () => {
    const { chain, setCard, book, offer, from } = await open();
    const card = await setCard();
    const first = await offer(renter, await book(card), 1n);
    const other = await offer(second, await book(card, from + 2n * HOUR, from + 4n * HOUR, ANYWHERE, second), 2n);
    const [all] = await chain.read(market, "offers", ["0x", 9]);
    expect(all.map(({ id }) => id)).toEqual([first, other]);
    const [mine] = await chain.read(market, "offersOf", [second.id, "0x", 9]);
    expect(mine.map(({ id, price }) => [id, price])).toEqual([[other, 2n]]);
  });
});

describe("any sequence of calls", () => {
  const traders = [renter, second, stranger];
  const step = fc.record({
    kind: fc.constantFrom("book", "book", "divide", "offer", "offer", "buy", "buy", "buy", "cancel", "spend", "wait"),
    isHolder: fc.boolean(),
    who: fc.nat(2),
    pick: fc.nat(),
    amount: fc.integer({ min: 0, max: 300_000 }),
  });

  test("conserves money, and a swap moves both sides or neither", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async (steps) => {
        const { chain, currency, setCard, from, balance, holder } = await open();
        const card = await setCard();
        let rightCount = 0n;
        let offerCount = 0n;
        for (const { kind, isHolder, who, pick, amount } of steps) {
          const right = rightCount === 0n ? 1n : (BigInt(pick) % rightCount) + 1n;
          const id = offerCount === 0n ? 1n : (BigInt(pick) % offerCount) + 1n;
          const start = from + BigInt(pick % 40) * HOUR;
          const owner = isHolder && rightCount > 0n ? await holder(right) : undefined;
          const actor = traders.find((trader) => trader.id === owner) ?? (traders[who] as Account);
          try {
            if (kind === "book") {
              await chain.send(actor, market, "book", [card, start, start + 2n * HOUR, ANYWHERE]);
              rightCount++;
            } else if (kind === "divide") {
              await chain.send(actor, rights, "divide", [right, start + HOUR]);
              rightCount++;
            } else if (kind === "offer") {
              await chain.send(actor, market, "offer", [right, currency.address, BigInt(amount)]);
              offerCount++;
            } else if (kind === "cancel") await chain.send(actor, market, "cancel", [id]);
            else if (kind === "spend") await chain.send(actor, currency, "transfer", [bank.id, 3n * BigInt(amount)]);
            else if (kind === "wait") await chain.waitUntil(chain.now() + BigInt(amount) / 100n + 1n);
            else {
              const offer = await chain.read(market, "offerOf", [id]);
              const seller = traders.find((trader) => trader.id === offer.seller.toLowerCase()) as Account;
              const before = [await balance(actor), await balance(seller), await holder(offer.right)] as const;
              const outcome = await chain.send(actor, market, "buy", [id]).then(
                () => true,
                () => false,
              );
              const moved = seller === actor ? 0n : offer.price;
              const after = [await balance(actor), await balance(seller), await holder(offer.right)];
              const expected = [before[0] - moved, before[1] + moved, actor.id];
              expect(after).toEqual(outcome ? expected : [...before]);
            }
          } catch (error) {
            if (!(error instanceof Reverted)) throw error;
          }
        }
        // What the market holds is what is offered, and it never holds money.
        const [offers] = await chain.read(market, "offers", ["0x", 100]);
        for (const { right } of offers) expect(await holder(right)).toBe(market.address);
        expect(await chain.read(currency, "balanceOf", [market.address])).toBe(0n);
        const all = everyone.map((one) => one.id);
        expect(await totalOf(chain, currency, all)).toBe(START * BigInt(everyone.length));
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });
});
