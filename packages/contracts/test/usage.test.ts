import { assets, devices, market, rights, sessionState, usage } from "@ruffchain/abi";
import { CLOCK_TOLERANCE, OVERDUE_PERIOD } from "@ruffchain/contracts";
import { type KeyKind, type ReceiptFields, type ReceiptKind, receiptToBeSigned } from "@ruffchain/cose";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Account, account, CHAIN_ID, errorOf, eventOf, openChain, Reverted } from "./chain.js";
import type { TestDevice } from "./device.js";
import { ANYWHERE, installDevice, makeAsset, rateCard } from "./fleet.js";
import { makeCurrency, totalOf } from "./money.js";

const bank = account(0);
const firm = account(1);
const renter = account(2);
const second = account(3);
const stranger = account(4);
const everyone = [bank, firm, renter, second, stranger];
const START = 1_000_000n;
const HOUR = 3_600n;

function signReceipt(device: TestDevice, is: ReceiptKind, receipt: ReceiptFields, chainId = CHAIN_ID) {
  return device.sign(receiptToBeSigned(chainId, device.kind, is, receipt));
}

async function open(kind: KeyKind = "ed25519") {
  const chain = await openChain(everyone);
  const currency = await makeCurrency(chain, bank, everyone, START);
  const asset = await makeAsset(chain, firm, "car-1");
  const device = await installDevice(chain, firm, asset, kind);
  for (const who of everyone) {
    await chain.send(who, currency, "approve", [market.address, START]);
    await chain.send(who, currency, "approve", [usage.address, START]);
  }
  const { events } = await chain.send(firm, market, "setRateCard", [asset, rateCard(currency)]);
  const card = eventOf(events, "RateCardSet").id as bigint;
  const from = chain.now() + 1_000n;
  const until = from + HOUR;
  const book = async (start = from, end = until, who = renter) => {
    const booked = await chain.send(who, market, "book", [card, start, end, ANYWHERE]);
    return eventOf(booked.events, "Booked").right as bigint;
  };
  const right = await book();
  const receipt = (changes: Partial<ReceiptFields> = {}) => ({
    device: device.id,
    sequence: 1n,
    right,
    time: from + 60n,
    odometer: 1_000_000n,
    energy: 500_000n,
    latitude: 525_200_000,
    longitude: 134_050_000,
    leftArea: false,
    ...changes,
  });
  const hand = (name: "checkOut" | "checkIn", body: ReceiptFields, by: TestDevice = device) =>
    chain.send(stranger, usage, name, [body, signReceipt(by, name, body)]);
  const checkOut = (changes: Partial<ReceiptFields> = {}) => hand("checkOut", receipt(changes));
  const checkIn = (changes: Partial<ReceiptFields> = {}) => {
    const odometer = 1_012_345n;
    return hand("checkIn", receipt({ sequence: 2n, time: until, odometer, energy: 503_000n, ...changes }));
  };
  const balance = (who: Account) => chain.read(currency, "balanceOf", [who.id]);
  const held = () => chain.read(currency, "balanceOf", [usage.address]);
  return {
    chain,
    currency,
    asset,
    device,
    card,
    from,
    until,
    right,
    book,
    receipt,
    hand,
    checkOut,
    checkIn,
    balance,
    held,
  };
}

describe("a session", () => {
  test.each(["p256", "ed25519"] as const)("is settled by what a device with a %s key measured", async (kind) => {
    const { chain, right, asset, card, from, until, checkOut, checkIn, balance, held } = await open(kind);
    const paidBefore = await balance(firm);
    const opened = eventOf((await chain.send(renter, usage, "open", [right])).events, "Opened");
    expect(opened).toMatchObject({ right, asset, card, deposit: 10_000n });
    expect(await chain.read(usage, "isOpen", [right])).toBe(true);
    expect(await held()).toBe(10_000n);
    await chain.waitUntil(from + 60n);
    const out = eventOf((await checkOut()).events, "CheckedOut");
    expect(out).toMatchObject({ right, sequence: 1n, odometer: 1_000_000n, latitude: 525_200_000 });
    expect(await chain.read(usage, "session", [right])).toMatchObject({
      asset,
      card,
      deposit: 10_000n,
      state: sessionState.checkedOut,
      sequence: 1n,
      checkedOutAt: from + 60n,
      odometer: 1_000_000n,
    });
    await chain.waitUntil(until);
    const { events } = await checkIn();
    expect(eventOf(events, "CheckedIn")).toMatchObject({ right, sequence: 2n, odometer: 1_012_345n, leftArea: false });
    // 12.345 km at 0.30: 3.7035; 3 kWh at 0.50.
    expect(eventOf(events, "Settled")).toMatchObject({
      distanceFee: 370n,
      energyFee: 150n,
      lateFee: 0n,
      areaFee: 0n,
      paid: 520n,
      debt: 0n,
      refund: 9_480n,
    });
    expect(await balance(firm)).toBe(paidBefore + 520n);
    expect(await balance(renter)).toBe(START - 1_200n - 520n);
    expect(await held()).toBe(0n);
    expect(await chain.read(usage, "isOpen", [right])).toBe(false);
  });

  test("late minutes and a left area cost; what the deposit does not cover is owed up to the limit", async () => {
    const { chain, currency, right, until, checkOut, checkIn, balance } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.waitUntil(until + 10n * HOUR);
    await checkOut();
    // 61 s late is two minutes; 200 km at 0.30.
    const { events } = await checkIn({ time: until + 61n, odometer: 1_200_000n, leftArea: true });
    expect(eventOf(events, "Settled")).toMatchObject({ distanceFee: 6_000n, lateFee: 40n, areaFee: 2_500n, debt: 0n });

    const again = await open();
    await again.chain.send(renter, usage, "open", [again.right]);
    await again.chain.waitUntil(again.until + 10n * HOUR);
    await again.checkOut();
    const outcome = await again.checkIn({ odometer: 1_400_000n });
    expect(eventOf(outcome.events, "Settled")).toMatchObject({
      distanceFee: 12_000n,
      paid: 10_000n,
      debt: 2_150n,
      refund: 0n,
    });
    expect(await again.chain.read(usage, "debtOf", [renter.id, firm.id, again.currency.address])).toBe(2_150n);
    expect(await balance(renter)).toBe(START - 1_200n - 8_690n);
    expect(await chain.read(usage, "debtOf", [renter.id, firm.id, currency.address])).toBe(0n);

    const most = await open();
    await most.chain.send(renter, usage, "open", [most.right]);
    await most.chain.waitUntil(most.until);
    await most.checkOut();
    const excess = await most.checkIn({ odometer: 2n ** 64n - 1n });
    expect(eventOf(excess.events, "Settled")).toMatchObject({ paid: 10_000n, debt: 5_000n });
  });

  test("who is in debt opens no other session with that payee until it is paid", async () => {
    const { chain, currency, right, until, book, checkOut, checkIn, balance } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.waitUntil(until);
    await checkOut();
    await checkIn({ odometer: 1_400_000n });
    const next = await book(until + HOUR, until + 2n * HOUR);
    const before = await balance(firm);
    const pay = (amount: bigint) => chain.send(renter, usage, "payDebt", [firm.id, currency.address, amount]);
    expect((await errorOf(chain.send(renter, usage, "open", [next])))[0]).toBe("InDebt");
    expect(await errorOf(pay(0n))).toEqual(["ZeroAmount"]);
    expect(eventOf((await pay(150n)).events, "DebtPaid")).toMatchObject({ amount: 150n });
    expect(await chain.read(usage, "debtOf", [renter.id, firm.id, currency.address])).toBe(2_000n);
    await pay(9_999n);
    expect(await balance(firm)).toBe(before + 2_150n);
    expect((await errorOf(pay(1n)))[0]).toBe("NoDebt");
    await chain.send(renter, usage, "open", [next]);
  });

  test("a right can be used again while it lasts", async () => {
    const { chain, right, from, checkOut, checkIn } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.waitUntil(from + 300n);
    await checkOut();
    // Nothing driven, nothing charged.
    const idle = await checkIn({ time: from + 120n, odometer: 1_000_000n, energy: 500_000n });
    expect(idle.events.map(({ name }) => name)).toEqual(["CheckedIn", "Transfer", "Settled"]);
    await chain.send(renter, usage, "open", [right]);
    expect((await errorOf(checkOut()))[0]).toBe("StaleReceipt");
    await checkOut({ sequence: 3n, time: from + 200n });
    const [sessions] = await chain.read(usage, "sessionsOf", [renter.id, "0x", 9]);
    expect(sessions).toMatchObject([{ right, state: sessionState.checkedOut, sequence: 3n }]);
  });

  test("a meter that runs backwards is a recorded fault and costs nothing", async () => {
    const { chain, right, until, checkOut, checkIn } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.waitUntil(until);
    await checkOut();
    const { events } = await checkIn({ odometer: 1n });
    expect(eventOf(events, "MeterFault")).toMatchObject({ right, odometer: true, energy: false });
    expect(eventOf(events, "Settled")).toMatchObject({ distanceFee: 0n, energyFee: 150n });
  });

  test("a divided right ends where it was divided; a merged one later", async () => {
    const { chain, right, from, until, checkOut, checkIn } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.waitUntil(from + 60n);
    await checkOut();
    await chain.send(renter, rights, "divide", [right, from + 1_800n]);
    await chain.waitUntil(until);
    const { events } = await checkIn({ time: from + 1_860n });
    expect(eventOf(events, "Settled")).toMatchObject({ lateFee: 20n });

    const extended = await open();
    await extended.chain.send(renter, usage, "open", [extended.right]);
    const more = await extended.book(extended.until, extended.until + HOUR);
    await extended.chain.send(renter, rights, "merge", [extended.right, more]);
    await extended.chain.waitUntil(extended.until + HOUR);
    await extended.checkOut();
    const outcome = await extended.checkIn({ time: extended.until + HOUR });
    expect(eventOf(outcome.events, "Settled")).toMatchObject({ lateFee: 0n });
  });

  test("a session whose right was merged into another ends when the right would have", async () => {
    const { chain, right, until, book, hand, receipt } = await open();
    const later = await book(until, until + HOUR);
    await chain.send(renter, usage, "open", [later]);
    await chain.waitUntil(until - 30n);
    await hand("checkOut", receipt({ right: later, time: until - 30n }));
    await chain.send(renter, rights, "merge", [right, later]);
    expect(await chain.read(rights, "exists", [later])).toBe(false);
    await chain.waitUntil(until + 2n * HOUR);
    const { events } = await hand("checkIn", receipt({ right: later, sequence: 2n, time: until + HOUR + 1n }));
    expect(eventOf(events, "Settled")).toMatchObject({ lateFee: 20n });
  });

  test("a paused currency holds up no settlement: the money waits as credits", async () => {
    const { chain, currency, right, until, checkOut, checkIn, balance, held } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.waitUntil(until);
    await checkOut();
    await chain.send(bank, currency, "pause", []);
    const credits = (await checkIn()).events.filter(({ name }) => name === "Credited").map(({ args }) => args.amount);
    expect(credits).toEqual([520n, 9_480n]);
    expect(await chain.read(usage, "creditOf", [firm.id, currency.address])).toBe(520n);
    expect(await chain.read(usage, "creditOf", [renter.id, currency.address])).toBe(9_480n);
    const withdraw = (who: Account) => chain.send(stranger, usage, "withdraw", [who.id, currency.address]);
    await expect(withdraw(renter)).rejects.toThrow(Reverted);
    await chain.send(bank, currency, "unpause", []);
    expect(eventOf((await withdraw(renter)).events, "Withdrawn")).toMatchObject({ amount: 9_480n });
    await withdraw(firm);
    expect(await held()).toBe(0n);
    expect(await balance(renter)).toBe(START - 1_200n - 520n);
    expect((await errorOf(withdraw(firm)))[0]).toBe("NothingToPay");
  });
});

describe("opening", () => {
  test("refuses each wrong call for its reason", async () => {
    const { chain, currency, asset, right, from, until, balance } = await open();
    const start = (who: Account, id = right) => chain.send(who, usage, "open", [id]);
    expect(await errorOf(start(second))).toEqual(["NotHolder", right, expect.anything()]);
    await chain.send(renter, currency, "approve", [usage.address, 0n]);
    await expect(start(renter)).rejects.toThrow(Reverted);
    expect(await errorOf(chain.read(usage, "session", [right]))).toEqual(["NoSession", right]);
    await chain.send(renter, currency, "approve", [usage.address, START]);
    await start(renter);
    expect(await errorOf(start(renter))).toEqual(["SessionExists", right, sessionState.open]);
    expect(await balance(renter)).toBe(START - 1_200n - 10_000n);

    // A right that the owner granted without a rate card, or with another asset's.
    const other = await makeAsset(chain, firm, "car-2");
    const grant = async (terms: bigint, of: bigint, at: bigint) => {
      const window = { from: at, until: at + HOUR, area: ANYWHERE, scope: 1, maxAge: 60, terms };
      const { events } = await chain.send(firm, rights, "grant", [{ asset: of, holder: renter.id, ...window }]);
      return eventOf(events, "Granted").id as bigint;
    };
    const free = await grant(0n, asset, until);
    expect(await errorOf(start(renter, free))).toEqual(["NoTerms", free]);
    const foreign = await grant(1n, other, from);
    expect(await errorOf(start(renter, foreign))).toEqual(["NoTerms", foreign]);
    const later = await grant(1n, asset, until + HOUR);
    await chain.waitUntil(until + 2n * HOUR - 1n);
    expect(await errorOf(start(renter, later))).toEqual(["RightEnded", later, until + 2n * HOUR]);
  });

  test("a new holder takes over an unused session, and the old one has its deposit back", async () => {
    const { chain, right, from, balance, checkOut } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.send(renter, rights, "transferFrom", [renter.id, second.id, right]);
    await chain.send(second, usage, "open", [right]);
    expect(await balance(renter)).toBe(START - 1_200n);
    expect(await balance(second)).toBe(START - 10_000n);
    await chain.waitUntil(from + 60n);
    await checkOut();
    await chain.send(second, rights, "transferFrom", [second.id, renter.id, right]);
    expect(await errorOf(chain.send(renter, usage, "open", [right]))).toEqual([
      "SessionExists",
      right,
      sessionState.checkedOut,
    ]);
  });
});

describe("receipts", () => {
  test("each wrong one is refused for its reason", async () => {
    const { chain, asset, device, right, from, until, receipt, hand, checkOut, checkIn } = await open();
    expect(await errorOf(checkOut())).toEqual(["NoSession", right]);
    await chain.send(renter, usage, "open", [right]);
    expect(await errorOf(checkIn())).toEqual(["WrongState", right, sessionState.open]);
    const latest = chain.now() + 1n + CLOCK_TOLERANCE;
    expect(await errorOf(checkOut({ time: latest + 1n }))).toEqual(["ReceiptFromTheFuture", latest + 1n, latest]);
    expect(await errorOf(checkOut({ sequence: 0n }))).toEqual(["StaleReceipt", 0n, 0n]);
    await chain.waitUntil(until + HOUR);
    const outside = ["OutsideWindow", from - CLOCK_TOLERANCE - 1n, from, until];
    expect(await errorOf(checkOut({ time: from - CLOCK_TOLERANCE - 1n }))).toEqual(outside);
    expect((await errorOf(checkOut({ time: until + CLOCK_TOLERANCE + 1n })))[0]).toBe("OutsideWindow");

    const otherAsset = await makeAsset(chain, firm, "car-2");
    const other = await installDevice(chain, firm, otherAsset, "ed25519");
    const notTheDevice = ["NotTheDevice", other.id, asset];
    expect(await errorOf(hand("checkOut", receipt({ device: other.id }), other))).toEqual(notTheDevice);
    const badSignature = ["BadSignature", device.id];
    expect(await errorOf(hand("checkOut", receipt(), other))).toEqual(badSignature);
    const signature = signReceipt(device, "checkOut", receipt());
    for (const change of [
      { sequence: 2n },
      { time: from },
      { odometer: 1n },
      { energy: 1n },
      { latitude: 1 },
      { longitude: 1 },
      { leftArea: true },
    ]) {
      const forged = chain.send(stranger, usage, "checkOut", [receipt(change), signature]);
      expect(await errorOf(forged)).toEqual(badSignature);
    }
    await checkOut();
    expect(await errorOf(checkOut({ sequence: 2n }))).toEqual(["WrongState", right, sessionState.checkedOut]);
    expect(await errorOf(checkIn({ sequence: 1n }))).toEqual(["StaleReceipt", 1n, 1n]);

    // Another device of the same car did not see the check-out.
    const twin = await installDevice(chain, firm, asset, "ed25519");
    const strange = receipt({ device: twin.id, sequence: 2n });
    expect(await errorOf(hand("checkIn", strange, twin))).toEqual(["NotTheDevice", twin.id, asset]);
    await chain.send(firm, devices, "revoke", [device.id]);
    expect(await errorOf(checkIn())).toEqual(["NotTheDevice", device.id, asset]);
  });

  test.each([
    ["ahead of the block by the tolerance", (now: bigint) => now + CLOCK_TOLERANCE, 0n],
    ["before the window by the tolerance", (_: bigint, from: bigint) => from - CLOCK_TOLERANCE, 0n],
    ["after the window by the tolerance", (_: bigint, from: bigint) => from + HOUR + CLOCK_TOLERANCE, 2n * HOUR],
  ])("a check-out %s is taken", async (_, timeOf, delay) => {
    const { chain, right, from, checkOut } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.waitUntil(from + delay);
    await checkOut({ time: timeOf(chain.now() + 1n, from) });
  });

  test("one kind does not pass for the other, nor one chain for another", async () => {
    const { chain, device, right, until, receipt, checkOut } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.waitUntil(until);
    const foreign = signReceipt(device, "checkOut", receipt(), CHAIN_ID + 1);
    const elsewhere = chain.send(stranger, usage, "checkOut", [receipt(), foreign]);
    expect(await errorOf(elsewhere)).toEqual(["BadSignature", device.id]);
    await checkOut();
    const second = receipt({ sequence: 2n });
    const again = chain.send(stranger, usage, "checkIn", [second, signReceipt(device, "checkOut", second)]);
    expect(await errorOf(again)).toEqual(["BadSignature", device.id]);
  });
});

describe("what never comes back", () => {
  test("a session whose right is gone before its use can be closed at once", async () => {
    const { chain, right, balance } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.send(renter, rights, "surrender", [right]);
    await chain.send(stranger, usage, "closeOverdue", [right]);
    expect(await balance(renter)).toBe(START - 1_200n);
  });

  test("a session that was never checked out is closed without charges", async () => {
    const { chain, right, until, balance } = await open();
    expect(await errorOf(chain.send(stranger, usage, "closeOverdue", [right]))).toEqual(["NoSession", right]);
    await chain.send(renter, usage, "open", [right]);
    const due = until + OVERDUE_PERIOD;
    expect(await errorOf(chain.send(stranger, usage, "closeOverdue", [right]))).toEqual(["NotOverdue", right, due]);
    await chain.waitUntil(due - 1n);
    await chain.send(stranger, usage, "closeOverdue", [right]);
    expect(await balance(renter)).toBe(START - 1_200n);
    expect(await errorOf(chain.send(stranger, usage, "closeOverdue", [right]))).toEqual([
      "WrongState",
      right,
      sessionState.settled,
    ]);
  });

  test("one that was never checked in costs the lateness, out of the deposit only", async () => {
    const { chain, right, until, checkOut, balance } = await open();
    await chain.send(renter, usage, "open", [right]);
    await chain.waitUntil(until);
    await checkOut();
    await chain.waitUntil(until + 10n * OVERDUE_PERIOD);
    const { events } = await chain.send(stranger, usage, "closeOverdue", [right]);
    const lateFee = (OVERDUE_PERIOD / 60n) * 20n;
    expect(eventOf(events, "Settled")).toMatchObject({ lateFee, paid: 10_000n, debt: 0n, refund: 0n });
    expect(await balance(renter)).toBe(START - 1_200n - 10_000n);
  });
});

describe("any sequence of uses", () => {
  const use = fc.record({
    opens: fc.boolean(),
    startsAt: fc.bigInt(0n, HOUR),
    checksOut: fc.boolean(),
    distance: fc.bigInt(-1_000n, 900_000n),
    energy: fc.bigInt(-1_000n, 90_000n),
    leftArea: fc.boolean(),
    checksIn: fc.boolean(),
    endsAt: fc.bigInt(0n, 2n * HOUR),
    isPaused: fc.boolean(),
    payee: fc.constantFrom(firm, second),
    repays: fc.bigInt(0n, 6_000n),
  });

  test("conserves money: what Usage holds is deposits of open sessions and credits", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(use, { minLength: 6, maxLength: 10 }), fc.boolean(), async (uses, closesOverdue) => {
        const { chain, currency, asset, until, book, receipt, hand, held, right: first } = await open();
        const attempt = async (call: Promise<unknown>) => {
          try {
            await call;
          } catch (error) {
            if (!(error instanceof Reverted)) throw error;
          }
        };
        const balances = async () => {
          let expected = 0n;
          const [sessions] = await chain.read(usage, "sessionsOf", [renter.id, "0x", 99]);
          for (const session of sessions) if (session.state !== sessionState.settled) expected += session.deposit;
          for (const { id } of [renter, firm, second]) {
            expected += await chain.read(usage, "creditOf", [id, currency.address]);
          }
          return { expected, held: await held() };
        };
        const rightIds = [first];
        const start = (i: number) => until + BigInt(i - 1) * HOUR;
        for (let i = 1; i < uses.length; i++) rightIds.push(await book(start(i), start(i + 1)));
        let sequence = 0n;
        let odometer = 10_000_000n;
        for (const [i, one] of uses.entries()) {
          const right = rightIds[i] as bigint;
          const begin = start(i) + one.startsAt;
          const end = begin + one.endsAt;
          if (one.opens || i % 2 === 0) await attempt(chain.send(renter, usage, "open", [right]));
          if (chain.now() < begin) await chain.waitUntil(begin);
          const at = { right, time: begin, odometer, energy: odometer };
          if (one.checksOut || i % 2 === 0) {
            sequence++;
            await attempt(hand("checkOut", receipt({ ...at, sequence })));
          }
          await chain.send(firm, assets, "setPayee", [asset, one.payee.id]);
          if (one.isPaused) await chain.send(bank, currency, "pause", []);
          if (chain.now() < end) await chain.waitUntil(end);
          if (one.checksIn || i % 3 !== 0) {
            const meters = { odometer: odometer + one.distance, energy: odometer + one.energy };
            sequence++;
            await attempt(hand("checkIn", receipt({ ...at, ...meters, time: end, sequence, leftArea: one.leftArea })));
          }
          odometer += 1_000_000n;
          const paused = await balances();
          expect(paused.held).toBe(paused.expected);
          if (one.isPaused) await chain.send(bank, currency, "unpause", []);
          for (const { id } of [renter, firm, second]) {
            if (one.opens) await attempt(chain.send(stranger, usage, "withdraw", [id, currency.address]));
          }
          for (const { id } of [firm, second]) {
            await attempt(chain.send(renter, usage, "payDebt", [id, currency.address, one.repays]));
          }
        }
        if (closesOverdue) {
          await chain.waitUntil(start(uses.length) + OVERDUE_PERIOD);
          for (const right of rightIds) await attempt(chain.send(stranger, usage, "closeOverdue", [right]));
        }
        const after = await balances();
        expect(after.held).toBe(after.expected);
        const all = [...everyone.map((one) => one.id), usage.address];
        expect(await totalOf(chain, currency, all)).toBe(START * BigInt(everyone.length));
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });
});
