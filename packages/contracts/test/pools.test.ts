import { type Address, pool, poolDayCount, poolPhase, poolPrincipal, poolStep, pools, token } from "@ruffchain/abi";
import {
  LATE_PERIOD,
  MAX_PAYMENT_DATES,
  MAX_PERIODS_PER_CLAIM,
  MAX_POOL_LIFE,
  MAX_POOL_RATE,
  MAX_TRANCHES,
} from "@ruffchain/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Account, account, errorOf, eventOf, openChain, Reverted } from "./chain.js";
import { makeCurrency, totalOf } from "./money.js";

const bank = account(0);
const originator = account(1);
const servicer = account(2);
const alice = account(3);
const bob = account(4);
const stranger = account(5);
const everyone = [bank, originator, servicer, alice, bob, stranger];
const START = 10_000_000n;
const SENIOR = 0;
const JUNIOR = 1;
const YEAR = 31_536_000n;

const step = (kind: number, target = 0) => ({ kind, target });

/** The standard priority of payments for so many tranches. */
const standardSteps = (tranches: number) => [
  step(poolStep.seniorFees),
  step(poolStep.servicingFee),
  ...Array.from({ length: tranches }, (_, rank) => [
    step(poolStep.classInterest, rank),
    step(poolStep.priorityPrincipal, rank),
  ]).flat(),
  step(poolStep.reserve),
  step(poolStep.regularPrincipal),
  step(poolStep.residual),
];

async function open() {
  const chain = await openChain(everyone);
  const currency = await makeCurrency(chain, bank, everyone, START);
  const first = chain.now() + 1_000n;
  const terms = {
    name: "Cars 2026-1",
    currency: currency.address,
    servicer: servicer.id,
    seniorFee: 1_000n,
    servicingRate: 1_200_000n,
    reserve: 0n,
    overcollateralization: 0n,
    principalMode: poolPrincipal.sequential as number,
    recordLag: 1,
    initialValue: 1_000_000n,
    // A year apart, so that the interest is the rate itself.
    paymentDates: [first, first + YEAR, first + 2n * YEAR],
    values: [700_000n, 400_000n, 0n],
    tranches: [
      { name: "Senior", symbol: "SNR", face: 800_000n, rate: 4_000_000n, dayCount: poolDayCount.seconds365 as number },
      { name: "Junior", symbol: "JNR", face: 200_000n, rate: 9_000_000n, dayCount: poolDayCount.actual365Fixed },
    ],
    steps: standardSteps(2),
  };
  const create = async (changes: Partial<typeof terms> = {}) => {
    const { events } = await chain.send(originator, pools, "create", [{ ...terms, ...changes }]);
    const reference = pool((eventOf(events, "PoolCreated").pool as Address).toLowerCase() as Address);
    for (const who of everyone) await chain.send(who, currency, "approve", [reference.address, START]);
    return reference;
  };
  /** A pool whose senior tranche alice has, and bob three quarters of the junior. */
  const active = async (changes: Partial<typeof terms> = {}) => {
    const reference = await create(changes);
    await chain.send(alice, reference, "subscribe", [SENIOR, 800_000n]);
    await chain.send(bob, reference, "subscribe", [JUNIOR, 150_000n]);
    await chain.send(originator, reference, "close", []);
    return reference;
  };
  const earn = (reference: { address: Address }, amount: bigint) =>
    chain.send(stranger, currency, "transfer", [reference.address, amount]);
  const balance = (who: Account) => chain.read(currency, "balanceOf", [who.id]);
  return { chain, currency, terms, first, create, active, earn, balance };
}

type Pool = ReturnType<typeof pool>;

async function trancheToken(chain: Awaited<ReturnType<typeof openChain>>, reference: Pool, tranche: number) {
  const { token: address } = await chain.read(reference, "trancheOf", [tranche]);
  return token(address.toLowerCase() as Address);
}

describe("creating", () => {
  test("makes an account of its own with a token for each tranche", async () => {
    const { chain, create, terms } = await open();
    const reference = await create();
    const view = await chain.read(reference, "terms", []);
    expect(view).toMatchObject({
      name: terms.name,
      seniorFee: 1_000n,
      paymentDates: terms.paymentDates,
      values: terms.values,
      steps: terms.steps,
      tranches: 2,
    });
    expect(view.originator.toLowerCase()).toBe(originator.id);
    const status = await chain.read(reference, "status", []);
    expect(status).toMatchObject({ phase: poolPhase.open, periods: 0, owed: 0n });
    const [senior] = await chain.read(reference, "tranches", []);
    expect(senior).toMatchObject({ face: 800_000n, rate: 4_000_000n, subscribed: 0n, balance: 0n });
    const units = await trancheToken(chain, reference, SENIOR);
    expect(await chain.read(units, "decimals", [])).toBe(2);
    expect(await chain.read(units, "symbol", [])).toBe("SNR");
    const second = await create();
    const [page] = await chain.read(pools, "pools", ["0x", 9]);
    expect(page.map((entry) => entry.pool.toLowerCase())).toEqual([reference.address, second.address]);
  });

  test("refuses terms that cannot work, each for its reason", async () => {
    const { chain, create, terms, first } = await open();
    const tranche = terms.tranches[0] as (typeof terms.tranches)[number];
    const manyTranches = (count: number) => ({
      tranches: Array.from({ length: count }, () => tranche),
      steps: standardSteps(count),
    });
    expect(await errorOf(create({ tranches: [] }))).toEqual(["BadTrancheCount", 0n, MAX_TRANCHES]);
    expect(await errorOf(create(manyTranches(MAX_TRANCHES + 1)))).toEqual([
      "BadTrancheCount",
      BigInt(MAX_TRANCHES + 1),
      MAX_TRANCHES,
    ]);
    await create(manyTranches(MAX_TRANCHES));
    expect(await errorOf(create({ tranches: [tranche, { ...tranche, face: 0n }] }))).toEqual(["BadTranche", 1n]);
    const rated = (rate: bigint) => create({ tranches: [tranche, { ...tranche, rate }] });
    expect(await errorOf(rated(MAX_POOL_RATE + 1n))).toEqual(["BadTranche", 1n]);
    await rated(MAX_POOL_RATE);

    expect(await errorOf(create({ tranches: [{ ...tranche, dayCount: 6 }] }))).toEqual(["BadTranche", 0n]);
    for (const dayCount of Object.values(poolDayCount)) {
      await create({ tranches: [{ ...tranche, dayCount }], steps: standardSteps(1) });
    }

    const dates = (...paymentDates: bigint[]) => create({ paymentDates, values: paymentDates.map(() => 0n) });
    expect(await errorOf(dates())).toEqual(["BadPaymentDates", 0n]);
    expect(await errorOf(dates(first, first))).toEqual(["BadPaymentDates", 1n]);
    expect(await errorOf(dates(chain.now() + 1n))).toEqual(["BadPaymentDates", 0n]);
    expect(await errorOf(dates(first, chain.now() + 1n + MAX_POOL_LIFE + 1n))).toEqual(["BadPaymentDates", 1n]);
    await dates(first, chain.now() + 1n + MAX_POOL_LIFE);
    const series = (count: number) => Array.from({ length: count }, (_, i) => first + BigInt(i));
    expect(await errorOf(dates(...series(MAX_PAYMENT_DATES + 1)))).toEqual([
      "BadPaymentDates",
      BigInt(MAX_PAYMENT_DATES + 1),
    ]);
    await dates(...series(MAX_PAYMENT_DATES));
    expect(await errorOf(create({ values: [0n, 0n] }))).toEqual(["BadValues", 2n]);

    expect(await errorOf(create({ recordLag: 0 }))).toEqual(["BadRecordLag", 0]);
    expect(await errorOf(create({ principalMode: 3 }))).toEqual(["BadPrincipalMode", 3]);
    const costly = MAX_POOL_RATE + 1n;
    expect(await errorOf(create({ servicingRate: costly }))).toEqual(["BadServicingRate", costly, MAX_POOL_RATE]);
    await create({ servicingRate: MAX_POOL_RATE });
    const { steps } = terms;
    expect(await errorOf(create({ steps: [...steps, step(8)] }))).toEqual(["BadStep", BigInt(steps.length)]);
    expect(await errorOf(create({ steps: [step(poolStep.reserve, 1)] }))).toEqual(["BadStep", 0n]);
    for (const wrong of [
      [...steps, step(poolStep.subordinated)],
      [steps[0] as (typeof steps)[number], ...steps],
      [step(poolStep.classInterest, 2)],
    ]) {
      expect(await errorOf(create({ steps: wrong }))).toEqual(["BadDeal", expect.any(String)]);
    }
    expect(await errorOf(create({ currency: pools.address }))).toEqual(["NotACurrency", expect.anything()]);
  });

  test("a pool comes from Pools only", async () => {
    const { chain, create, terms } = await open();
    const reference = await create();
    expect(await errorOf(chain.send(stranger, reference, "initialize", [stranger.id, terms]))).toEqual([
      "OnlyPools",
      expect.anything(),
    ]);
    const nowhere = pool(`${reference.address.slice(0, -2)}99` as Address);
    expect(await errorOf(chain.read(nowhere, "terms", []))).toEqual(["NoPool", expect.anything()]);
    expect(await errorOf(chain.read(nowhere, "status", []))).toEqual(["NoPool", expect.anything()]);
    expect(await errorOf(chain.send(alice, nowhere, "subscribe", [SENIOR, 1n]))).toEqual(["NoPool", expect.anything()]);
  });
});

describe("subscribing", () => {
  test("takes money for units and gives it back until the pool is closed", async () => {
    const { chain, create, balance } = await open();
    const reference = await create();
    const units = await trancheToken(chain, reference, SENIOR);
    await chain.send(alice, reference, "subscribe", [SENIOR, 500n]);
    await chain.send(alice, reference, "unsubscribe", [SENIOR, 200n]);
    expect(await balance(alice)).toBe(START - 300n);
    expect(await chain.read(units, "balanceOf", [alice.id])).toBe(300n);
    expect(await chain.read(reference, "trancheOf", [SENIOR])).toMatchObject({ subscribed: 300n });
  });

  test("closing pays the originator, who keeps what nobody wanted", async () => {
    const { chain, active, balance } = await open();
    const reference = await active();
    expect(await chain.read(reference, "creditOf", [originator.id])).toBe(950_000n);
    await chain.send(originator, reference, "withdraw", []);
    expect(await balance(originator)).toBe(START + 950_000n);
    expect(await errorOf(chain.send(originator, reference, "withdraw", []))).toEqual([
      "NothingToPay",
      expect.anything(),
    ]);
    const units = await trancheToken(chain, reference, JUNIOR);
    expect(await chain.read(units, "balanceOf", [originator.id])).toBe(50_000n);
    expect(await chain.read(units, "totalSupply", [])).toBe(200_000n);
  });

  test("refuses each wrong call for its reason", async () => {
    const { chain, create, terms, first } = await open();
    const reference = await create();
    const subscribe = (tranche: number, units: bigint) => chain.send(alice, reference, "subscribe", [tranche, units]);
    expect(await errorOf(subscribe(2, 1n))).toEqual(["UnknownTranche", 2]);
    expect(await errorOf(subscribe(SENIOR, 0n))).toEqual(["ZeroAmount"]);
    await subscribe(SENIOR, 700_000n);
    expect(await errorOf(subscribe(SENIOR, 100_001n))).toEqual(["Oversubscribed", SENIOR, 100_001n, 100_000n]);
    expect(await errorOf(chain.send(alice, reference, "unsubscribe", [SENIOR, 0n]))).toEqual(["ZeroAmount"]);
    await expect(chain.send(bob, reference, "unsubscribe", [SENIOR, 1n])).rejects.toThrow(Reverted);
    expect(await errorOf(chain.send(alice, reference, "close", []))).toEqual(["NotOriginator", expect.anything()]);
    expect(await errorOf(chain.send(alice, reference, "distribute", []))).toEqual(["WrongPhase", poolPhase.open]);
    await chain.send(originator, reference, "close", []);
    expect(await errorOf(subscribe(SENIOR, 1n))).toEqual(["WrongPhase", poolPhase.active]);
    expect(await errorOf(chain.send(alice, reference, "unsubscribe", [SENIOR, 1n]))).toEqual([
      "WrongPhase",
      poolPhase.active,
    ]);
    expect(await errorOf(chain.send(originator, reference, "close", []))).toEqual(["WrongPhase", poolPhase.active]);

    const demanding = await create({ reserve: 10n });
    await chain.send(alice, demanding, "subscribe", [SENIOR, 9n]);
    expect(await errorOf(chain.send(originator, demanding, "close", []))).toEqual(["ProceedsBelowReserve", 9n, 10n]);
    const late = await create({ recordLag: 500 });
    await chain.waitUntil(first - 500n);
    const latest = (terms.paymentDates[0] as bigint) - 500n;
    expect(await errorOf(chain.send(originator, late, "close", []))).toEqual(["ClosesTooLate", latest + 1n, latest]);
  });
});

describe("payment dates", () => {
  test("the scheduler splits the cash in the order of the steps", async () => {
    const { chain, active, earn, first } = await open();
    // Closed some blocks before the first date: interest for so many seconds of a year, or for no day.
    const reference = await active();
    const { closedAt, nextPaymentDate } = await chain.read(reference, "status", []);
    expect(nextPaymentDate).toBe(first);
    await earn(reference, 400_000n);
    expect(await chain.waitUntil(first - 1n)).toEqual([]);
    const events = await chain.waitUntil(first);
    const interest =
      (2n * 800_000n * 4_000_000n * (first - closedAt) + YEAR * 100_000_000n) / (2n * YEAR * 100_000_000n);
    const residual = 400_000n - 2_000n - interest - 300_000n;
    expect(eventOf(events, "Distributed")).toMatchObject({ period: 1, collected: 400_000n, fees: 2_000n, residual });
    const report = await chain.read(reference, "report", [1]);
    expect(report).toMatchObject({ date: first, recordTime: first - 1n, value: 700_000n, fees: 2_000n, residual });
    expect(report.steps.map(({ paid }) => paid)).toEqual([
      1_000n,
      1_000n,
      interest,
      100_000n,
      0n,
      200_000n,
      0n,
      0n,
      residual,
    ]);
    expect(report.steps.map(({ kind, target }) => ({ kind, target }))).toEqual(standardSteps(2));
    expect(report.tranches).toEqual([
      { interestDue: interest, interestPaid: interest, principalPaid: 300_000n, balance: 500_000n },
      { interestDue: 0n, interestPaid: 0n, principalPaid: 0n, balance: 200_000n },
    ]);

    // A year later: 4 % of 500,000 and 9 % of 200,000.
    await earn(reference, 350_000n);
    await chain.waitUntil(first + YEAR);
    const second = await chain.read(reference, "report", [2]);
    expect(second.tranches).toEqual([
      { interestDue: 20_000n, interestPaid: 20_000n, principalPaid: 300_000n, balance: 200_000n },
      { interestDue: 18_000n, interestPaid: 18_000n, principalPaid: 0n, balance: 200_000n },
    ]);
    expect(second).toMatchObject({ collected: 350_000n, fees: 1_700n, residual: 10_300n });

    // On the last date everything is due.
    await chain.waitUntil(first + 2n * YEAR);
    const third = await chain.read(reference, "report", [3]);
    expect(third.steps.map(({ due }) => due)).toEqual([1_000n, 400n, 8_000n, 200_000n, 18_000n, 200_000n, 0n, 0n, 0n]);
    const [reports] = await chain.read(reference, "reports", ["0x", 9]);
    expect(reports).toEqual([report, second, third]);
  });

  test("a deal worked out by hand comes out to the cent", async () => {
    const { chain, create, earn, currency } = await open();
    const cents = (euros: number) => BigInt(euros) * 100n;
    const noon = (day: number) => BigInt(day) * 86_400n + 43_200n;
    const closing = noon(20_772); // 15 November 2026
    const tranche = (symbol: string, face: number, rate: bigint) => {
      return { name: symbol, symbol, face: cents(face), rate, dayCount: poolDayCount.thirtyE360 };
    };
    const reference = await create({
      seniorFee: cents(8_500),
      servicingRate: 1_000_000n,
      reserve: cents(100_000),
      overcollateralization: cents(12_000_000),
      initialValue: cents(100_000_000),
      paymentDates: [noon(20_802), noon(20_833)], // 15 December, 15 January
      values: [cents(97_400_000), 0n],
      tranches: [
        tranche("A", 70_000_000, 4_800_000n),
        tranche("B", 12_000_000, 5_600_000n),
        tranche("C", 8_000_000, 7_200_000n),
      ],
      steps: standardSteps(3),
    });
    await chain.send(bank, currency, "mint", [alice.id, cents(90_000_000)]);
    await chain.send(alice, currency, "approve", [reference.address, cents(90_000_000)]);
    for (const [rank, euros] of [70_000_000, 12_000_000, 8_000_000].entries()) {
      await chain.send(alice, reference, "subscribe", [rank, cents(euros)]);
    }
    await chain.waitUntil(closing);
    await chain.send(originator, reference, "close", []);
    expect(await chain.read(reference, "creditOf", [originator.id])).toBe(cents(89_900_000));
    await chain.send(bank, currency, "mint", [stranger.id, cents(5_200_000)]);
    await earn(reference, cents(5_200_000));
    await chain.waitUntil(noon(20_802));
    const report = await chain.read(reference, "report", [1]);
    expect(report.steps.map(({ paid }) => paid)).toEqual([
      cents(8_500),
      8_333_333n,
      cents(280_000),
      0n,
      cents(56_000),
      0n,
      cents(48_000),
      0n,
      0n,
      cents(4_600_000),
      12_416_667n,
    ]);
    expect(report.tranches.map(({ balance }) => balance)).toEqual([
      cents(65_400_000),
      cents(12_000_000),
      cents(8_000_000),
    ]);
    expect(await chain.read(reference, "status", [])).toMatchObject({ reserve: cents(100_000), retained: 0n });
  });

  test("carries what was not paid: interest with interest, fees without", async () => {
    const { chain, active, earn, first } = await open();
    const reference = await active();
    await chain.waitUntil(first);
    const { tranches, fees } = await chain.read(reference, "report", [1]);
    expect(fees).toBe(0n);
    const short = tranches[SENIOR]?.interestDue as bigint;
    expect(short).toBeGreaterThan(0n);
    expect(await chain.read(reference, "status", [])).toMatchObject({ feesShort: 1_000n, servicingShort: 1_000n });
    await earn(reference, 40_000n);
    await chain.waitUntil(first + YEAR);
    const report = await chain.read(reference, "report", [2]);
    // 4 % of 800,000 and, rounded half up, of what was carried; fees of 2,000 and 1,000 + 700.
    const due = 32_000n + short + (2n * short * 4n + 100n) / 200n;
    expect(report.fees).toBe(3_700n);
    expect(report.tranches).toMatchObject([
      { interestDue: due, interestPaid: due, principalPaid: 40_000n - 3_700n - due },
      { interestDue: 18_000n, interestPaid: 0n, principalPaid: 0n, balance: 200_000n },
    ]);
  });

  test("draws the reserve for interest and fills it again", async () => {
    const { chain, active, earn, first } = await open();
    const reference = await active({ reserve: 50_000n });
    expect(await chain.read(reference, "creditOf", [originator.id])).toBe(900_000n);
    await chain.waitUntil(first);
    const { reserveDraw } = await chain.read(reference, "report", [1]);
    expect(reserveDraw).toBe(50_000n);
    expect(await chain.read(reference, "status", [])).toMatchObject({ reserve: 0n });
    await earn(reference, 700_000n);
    await chain.waitUntil(first + YEAR);
    expect(await chain.read(reference, "status", [])).toMatchObject({ reserve: 50_000n });
  });

  test("cash that no step takes is kept for the next date", async () => {
    const { chain, active, earn, first } = await open();
    const reference = await active({ steps: standardSteps(2).slice(0, -1) });
    await earn(reference, 400_000n);
    await chain.waitUntil(first);
    const { retained } = await chain.read(reference, "status", []);
    expect(retained).toBeGreaterThan(90_000n);
    await chain.waitUntil(first + YEAR);
    const { steps, collected } = await chain.read(reference, "report", [2]);
    expect(collected).toBe(0n);
    expect(steps.reduce((sum, { paid }) => sum + paid, 0n)).toBe(retained);
  });

  test.each([
    ["proRata", poolPrincipal.proRata, [80_000n, 20_000n]],
    ["turbo", poolPrincipal.turbo, [398_000n, 0n]],
  ])("regular principal goes %s where the terms say so", async (_, principalMode, paid) => {
    const { chain, active, earn, first } = await open();
    const { steps } = { steps: standardSteps(2).filter(({ kind }) => kind !== poolStep.classInterest) };
    const reference = await active({
      principalMode,
      steps,
      values: [1_000_000n, 0n, 0n],
      overcollateralization: 100_000n,
    });
    await earn(reference, 400_000n);
    await chain.waitUntil(first);
    const { tranches } = await chain.read(reference, "report", [1]);
    expect(tranches.map(({ principalPaid }) => principalPaid)).toEqual(paid);
  });

  test("a chain that stood still makes up for the dates one by one, and anybody may", async () => {
    const { chain, active, first, earn } = await open();
    const reference = await active();
    expect(await errorOf(chain.send(stranger, reference, "distribute", []))).toEqual(["NotDue", chain.now(), first]);
    await earn(reference, 100_000n);
    await chain.waitUntil(first + YEAR);
    const { periods } = await chain.read(reference, "status", []);
    expect(periods).toBe(2);
    expect(await chain.read(reference, "report", [1])).toMatchObject({ collected: 100_000n, date: first });
    expect(await chain.read(reference, "report", [2])).toMatchObject({ collected: 0n, date: first + YEAR });
  });

  test("money that comes after the last date is not lost", async () => {
    const { chain, active, first, earn } = await open();
    const reference = await active();
    const last = first + 2n * YEAR;
    await chain.waitUntil(last);
    await earn(reference, 2_000_000n);
    const due = last + LATE_PERIOD;
    expect(await chain.read(reference, "status", [])).toMatchObject({ nextPaymentDate: due });
    expect(await errorOf(chain.send(stranger, reference, "distribute", []))).toEqual(["NotDue", chain.now(), due]);
    await chain.waitUntil(due);
    const { events } = await chain.send(stranger, reference, "distribute", []);
    expect(eventOf(events, "Distributed")).toMatchObject({ period: 4, date: due + 1n, collected: 2_000_000n });
    const tranches = await chain.read(reference, "tranches", []);
    expect(tranches.map(({ balance, interestShort }) => balance + interestShort)).toEqual([0n, 0n]);
  });

  test("nobody but the scheduler can call them", async () => {
    const { chain, active } = await open();
    const reference = await active();
    await expect(chain.send(originator, reference, "runPaymentDate", [1])).rejects.toThrow(/only the scheduler/);
  });

  test("a paused currency does not stop them: holders claim when it moves again", async () => {
    const { chain, active, earn, first, currency } = await open();
    const reference = await active();
    await earn(reference, 400_000n);
    await chain.send(bank, currency, "pause", []);
    expect(eventOf(await chain.waitUntil(first), "Distributed")).toMatchObject({ collected: 400_000n });
    await expect(chain.send(alice, reference, "claim", [SENIOR])).rejects.toThrow(Reverted);
    await chain.send(bank, currency, "unpause", []);
    await chain.send(alice, reference, "claim", [SENIOR]);
  });
});

describe("claiming", () => {
  test("pays the holders of the record date, whoever holds now", async () => {
    const { chain, active, earn, first, balance } = await open();
    const reference = await active();
    const junior = await trancheToken(chain, reference, JUNIOR);
    await earn(reference, 1_000_000n);
    await chain.waitUntil(first - 2n);
    await chain.send(bob, junior, "transfer", [stranger.id, 50_000n]); // at first - 1, the record time
    await chain.waitUntil(first);
    await chain.send(bob, junior, "transfer", [alice.id, 100_000n]);
    const { tranches } = await chain.read(reference, "report", [1]);
    const line = tranches[JUNIOR] as (typeof tranches)[number];
    const paid = line.interestPaid + line.principalPaid;
    const half = paid / 2n;
    expect(await chain.read(reference, "claimable", [JUNIOR, bob.id])).toBe(half);
    const before = await balance(bob);
    const { events } = await chain.send(bob, reference, "claim", [JUNIOR]);
    expect(eventOf(events, "Claimed")).toMatchObject({ paid: half, throughPeriod: 1 });
    expect(await balance(bob)).toBe(before + half);
    expect(await chain.read(reference, "claimed", [JUNIOR, bob.id])).toBe(half);
    expect(await chain.read(reference, "claimable", [JUNIOR, bob.id])).toBe(0n);
    expect(await errorOf(chain.send(bob, reference, "claim", [JUNIOR]))).toEqual(["NothingToPay", expect.anything()]);
    expect(await chain.read(reference, "claimable", [JUNIOR, stranger.id])).toBe(paid / 4n);
    expect(await chain.read(reference, "claimable", [JUNIOR, alice.id])).toBe(0n);
    expect(await errorOf(chain.send(bob, reference, "claim", [2]))).toEqual(["UnknownTranche", 2]);
    expect(await errorOf(chain.read(reference, "report", [2]))).toEqual(["UnknownPeriod", 2]);
  });

  test("servicer and originator withdraw what is theirs", async () => {
    const { chain, active, earn, first, balance } = await open();
    const reference = await active();
    await chain.send(originator, reference, "withdraw", []);
    await earn(reference, 1_000_000n);
    await chain.waitUntil(first);
    const { residual } = await chain.read(reference, "report", [1]);
    const before = await balance(originator);
    await chain.send(originator, reference, "withdraw", []);
    await chain.send(servicer, reference, "withdraw", []);
    expect(await balance(originator)).toBe(before + residual);
    expect(await balance(servicer)).toBe(START + 2_000n);
  });

  test("works through at most MAX_PERIODS_PER_CLAIM dates at once", async () => {
    const { chain, active, earn, first } = await open();
    const count = MAX_PERIODS_PER_CLAIM + 1;
    const paymentDates = Array.from({ length: count }, (_, i) => first + BigInt(i) * 10n);
    const reference = await active({ paymentDates, values: paymentDates.map(() => 0n) });
    await earn(reference, 1_000_000n);
    for (let i = 0; i < count; i += 20) await chain.waitUntil(paymentDates[Math.min(i + 20, count) - 1] as bigint);
    const claim = async () => eventOf((await chain.send(alice, reference, "claim", [SENIOR])).events, "Claimed");
    expect(await claim()).toMatchObject({ throughPeriod: MAX_PERIODS_PER_CLAIM });
    expect(await claim()).toMatchObject({ throughPeriod: count });
  });
});

describe("any sequence of calls", () => {
  const actors = [originator, servicer, alice, bob];
  const move = fc.record({
    kind: fc.constantFrom("earn", "wait", "transfer", "claim", "withdraw"),
    who: fc.nat(3),
    to: fc.nat(3),
    tranche: fc.nat(1),
    amount: fc.integer({ min: 1, max: 300_000 }),
  });

  test("conserves money; what is claimable and claimed is what was paid, but for less than a unit a holder", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { minLength: 20, maxLength: 50 }),
        fc.bigInt(1n, 800_000n),
        fc.bigInt(1n, 200_000n),
        fc.record({
          principalMode: fc.constantFrom(...Object.values(poolPrincipal)),
          reserve: fc.bigInt(0n, 2n),
          steps: fc.constantFrom(standardSteps(2), standardSteps(2).slice(0, -1), standardSteps(2).slice(2)),
        }),
        async (moves, seniorUnits, juniorUnits, changes) => {
          const { chain, create, earn, currency, first } = await open();
          const paymentDates = Array.from({ length: 12 }, (_, i) => first + (BigInt(i) * YEAR) / 12n);
          const values = paymentDates.map((_, i) => 1_000_000n - 80_000n * BigInt(i));
          const reference = await create({ paymentDates, values, ...changes });
          await chain.send(alice, reference, "subscribe", [SENIOR, seniorUnits]);
          await chain.send(bob, reference, "subscribe", [JUNIOR, juniorUnits]);
          await earn(reference, 7n);
          await chain.send(originator, reference, "close", []);
          const attempt = async (call: Promise<unknown>) => {
            try {
              await call;
            } catch (error) {
              if (!(error instanceof Reverted)) throw error;
            }
          };
          for (const { kind, who, to, tranche, amount } of moves) {
            const actor = actors[who] as Account;
            if (kind === "earn") await attempt(earn(reference, BigInt(amount)));
            else if (kind === "wait") await chain.waitUntil(chain.now() + BigInt(amount) * 10n);
            else if (kind === "claim") await attempt(chain.send(actor, reference, "claim", [tranche]));
            else if (kind === "withdraw") await attempt(chain.send(actor, reference, "withdraw", []));
            else {
              const units = await trancheToken(chain, reference, tranche);
              await attempt(chain.send(actor, units, "transfer", [(actors[to] as Account).id, BigInt(amount)]));
            }
          }
          const { periods: before, nextPaymentDate } = await chain.read(reference, "status", []);
          if (before < paymentDates.length) await chain.waitUntil(nextPaymentDate);
          const { owed, periods, reserve, retained } = await chain.read(reference, "status", []);
          const [reports] = await chain.read(reference, "reports", ["0x", 100]);
          expect(reports.length).toBe(periods);
          let unclaimed = owed;
          for (const tranche of [SENIOR, JUNIOR]) {
            const paid = reports.reduce((sum, report) => {
              const line = report.tranches[tranche] as (typeof report.tranches)[number];
              return sum + line.interestPaid + line.principalPaid;
            }, 0n);
            let known = 0n;
            for (const { id } of actors) {
              const claimable = await chain.read(reference, "claimable", [tranche, id]);
              known += claimable + (await chain.read(reference, "claimed", [tranche, id]));
              unclaimed -= claimable;
            }
            expect(known).toBeLessThanOrEqual(paid);
            expect(paid - known).toBeLessThan(BigInt(actors.length));
            const { balance, face } = await chain.read(reference, "trancheOf", [tranche]);
            const repaid = reports.reduce((sum, report) => sum + (report.tranches[tranche]?.principalPaid ?? 0n), 0n);
            expect(balance + repaid).toBe(face);
          }
          for (const { id } of actors) unclaimed -= await chain.read(reference, "creditOf", [id]);
          expect(unclaimed).toBeGreaterThanOrEqual(0n);
          expect(unclaimed).toBeLessThan(2n * BigInt(actors.length));
          for (const report of reports) {
            const lines = report.tranches.reduce((sum, line) => sum + line.interestPaid + line.principalPaid, 0n);
            const paid = report.steps.reduce((sum, step) => sum + step.paid, 0n);
            const filled = report.steps.find(({ kind }) => kind === poolStep.reserve)?.paid ?? 0n;
            expect(report.fees + lines + report.residual + filled).toBe(paid);
          }
          const held = await chain.read(currency, "balanceOf", [reference.address]);
          expect(held).toBeGreaterThanOrEqual(owed + reserve + retained);
          if (periods > before) expect(held).toBe(owed + reserve + retained);
          const all = [...everyone.map((who) => who.id), reference.address];
          expect(await totalOf(chain, currency, all)).toBe(START * BigInt(everyone.length));
        },
      ),
      { numRuns: 20, endOnFailure: true },
    );
  });
});
