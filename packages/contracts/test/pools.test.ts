import { type Address, pool, poolPhase, poolStep, pools, token } from "@ruffchain/abi";
import {
  LATE_PERIOD,
  MAX_PAYMENT_DATES,
  MAX_PERIODS_PER_CLAIM,
  MAX_POOL_LIFE,
  MAX_TRANCHE_RATE,
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

const { servicingFee, interest, principal } = poolStep;
const step = (kind: number, tranche = 0) => ({ kind, tranche });

async function open() {
  const chain = await openChain(everyone);
  const currency = await makeCurrency(chain, bank, everyone, START);
  const first = chain.now() + 1_000n;
  const terms = {
    name: "Cars 2026-1",
    currency: currency.address,
    servicer: servicer.id,
    servicingFee: 1_000n,
    recordLag: 1,
    // A year apart, so that the interest is the rate itself.
    paymentDates: [first, first + YEAR, first + 2n * YEAR],
    tranches: [
      { name: "Senior", symbol: "SNR", face: 800_000n, rate: 4_000_000n, amortization: 300_000n },
      { name: "Junior", symbol: "JNR", face: 200_000n, rate: 9_000_000n, amortization: 50_000n },
    ],
    steps: [
      step(servicingFee),
      step(interest, SENIOR),
      step(principal, SENIOR),
      step(interest, JUNIOR),
      step(principal, JUNIOR),
    ],
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
      servicingFee: 1_000n,
      paymentDates: terms.paymentDates,
      steps: terms.steps,
      tranches: 2,
      phase: poolPhase.open,
      periods: 0,
    });
    expect(view.originator.toLowerCase()).toBe(originator.id);
    const [senior] = await chain.read(reference, "tranches", []);
    expect(senior).toMatchObject({ face: 800_000n, rate: 4_000_000n, amortization: 300_000n, balance: 0n });
    const units = await trancheToken(chain, reference, SENIOR);
    expect(await chain.read(units, "decimals", [])).toBe(2);
    const second = await create();
    const [page] = await chain.read(pools, "pools", ["0x", 9]);
    expect(page.map((entry) => entry.pool.toLowerCase())).toEqual([reference.address, second.address]);
  });

  test("refuses terms that cannot work, each for its reason", async () => {
    const { chain, create, terms, first } = await open();
    const tranche = terms.tranches[0] as (typeof terms.tranches)[number];
    const manyTranches = (count: number) => ({
      tranches: Array.from({ length: count }, () => tranche),
      steps: [
        step(servicingFee),
        ...Array.from({ length: count }, (_, i) => [step(interest, i), step(principal, i)]).flat(),
      ],
    });
    expect(await errorOf(create({ tranches: [] }))).toEqual(["BadTrancheCount", 0n, MAX_TRANCHES]);
    expect(await errorOf(create(manyTranches(MAX_TRANCHES + 1)))).toEqual([
      "BadTrancheCount",
      BigInt(MAX_TRANCHES + 1),
      MAX_TRANCHES,
    ]);
    await create(manyTranches(MAX_TRANCHES));
    expect(await errorOf(create({ tranches: [tranche, { ...tranche, face: 0n }] }))).toEqual(["BadTrancheTerms", 1n]);
    const rated = (rate: bigint) => create({ tranches: [tranche, { ...tranche, rate }] });
    expect(await errorOf(rated(MAX_TRANCHE_RATE + 1n))).toEqual(["BadTrancheTerms", 1n]);
    await rated(MAX_TRANCHE_RATE);

    const dates = (...paymentDates: bigint[]) => create({ paymentDates });
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

    expect(await errorOf(create({ recordLag: 0 }))).toEqual(["BadRecordLag", 0]);
    const { steps } = terms;
    expect(await errorOf(create({ steps: steps.slice(0, 4) }))).toEqual(["BadSteps", 4n]);
    expect(await errorOf(create({ steps: [...steps, step(interest, JUNIOR)] }))).toEqual(["BadSteps", 5n]);
    expect(await errorOf(create({ steps: [step(9), ...steps] }))).toEqual(["BadSteps", 0n]);
    expect(await errorOf(create({ steps: [step(interest, 2), ...steps] }))).toEqual(["BadSteps", 0n]);
    expect(await errorOf(create({ steps: [step(servicingFee, 1), ...steps] }))).toEqual(["BadSteps", 0n]);
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

    const late = await create({ recordLag: 500 });
    await chain.waitUntil(first - 500n);
    const latest = (terms.paymentDates[0] as bigint) - 500n;
    expect(await errorOf(chain.send(originator, late, "close", []))).toEqual(["ClosesTooLate", latest + 1n, latest]);
  });
});

describe("payment dates", () => {
  test("the scheduler splits the cash in the order of the steps", async () => {
    const { chain, active, earn, first } = await open();
    // Closed some blocks before the first date: interest for so many seconds of a year.
    const reference = await active();
    const { closedAt } = await chain.read(reference, "terms", []);
    await earn(reference, 400_000n);
    expect(await chain.waitUntil(first - 1n)).toEqual([]);
    const events = await chain.waitUntil(first);
    const due = (balance: bigint, rate: bigint) =>
      (2n * balance * rate * (first - closedAt) + YEAR * 100_000_000n) / (2n * YEAR * 100_000_000n);
    const seniorInterest = due(800_000n, 4_000_000n);
    const juniorInterest = due(200_000n, 9_000_000n);
    const residual = 400_000n - 1_000n - seniorInterest - 300_000n - juniorInterest - 50_000n;
    expect(eventOf(events, "Distributed")).toMatchObject({ period: 1, collected: 400_000n, feePaid: 1_000n, residual });
    const report = await chain.read(reference, "report", [1]);
    expect(report).toMatchObject({ date: first, recordTime: first - 1n, feeDue: 1_000n, residual });
    expect(report.lines).toEqual([
      {
        interestDue: seniorInterest,
        interestPaid: seniorInterest,
        principalDue: 300_000n,
        principalPaid: 300_000n,
        balance: 500_000n,
      },
      {
        interestDue: juniorInterest,
        interestPaid: juniorInterest,
        principalDue: 50_000n,
        principalPaid: 50_000n,
        balance: 150_000n,
      },
    ]);

    // A year later: 4 % of 500,000 and 9 % of 150,000.
    await earn(reference, 350_000n);
    await chain.waitUntil(first + YEAR);
    const second = await chain.read(reference, "report", [2]);
    expect(second.lines).toEqual([
      {
        interestDue: 20_000n,
        interestPaid: 20_000n,
        principalDue: 300_000n,
        principalPaid: 300_000n,
        balance: 200_000n,
      },
      { interestDue: 13_500n, interestPaid: 13_500n, principalDue: 50_000n, principalPaid: 15_500n, balance: 134_500n },
    ]);
    expect(second).toMatchObject({ collected: 350_000n, feePaid: 1_000n, residual: 0n });

    // On the last date everything is due.
    await chain.waitUntil(first + 2n * YEAR);
    const { lines } = await chain.read(reference, "report", [3]);
    expect(lines.map((line) => line.principalDue)).toEqual([200_000n, 134_500n]);
    expect(await chain.read(reference, "reports", ["0x", 9])).toMatchObject([
      [{ period: 1 }, { period: 2 }, { period: 3 }],
      "0x",
    ]);
  });

  test("carries what was not paid: interest with interest, fees without", async () => {
    const { chain, active, earn, first } = await open();
    const reference = await active({ paymentDates: [first, first + YEAR, first + 2n * YEAR, first + 3n * YEAR] });
    await chain.waitUntil(first);
    const { lines, feePaid } = await chain.read(reference, "report", [1]);
    expect(feePaid).toBe(0n);
    const short = lines[SENIOR]?.interestDue as bigint;
    expect(short).toBeGreaterThan(0n);
    await earn(reference, 40_000n);
    await chain.waitUntil(first + YEAR);
    const report = await chain.read(reference, "report", [2]);
    // 4 % of 800,000 and, rounded half up, of what was carried.
    const dueNow = 32_000n + short + (2n * short * 4n + 100n) / 200n;
    expect(report.lines[SENIOR]).toMatchObject({ interestDue: dueNow, interestPaid: dueNow, principalDue: 600_000n });
    expect(report).toMatchObject({ feeDue: 2_000n, feePaid: 2_000n });
    expect(report.lines[SENIOR]?.principalPaid).toBe(40_000n - 2_000n - dueNow);
    expect(report.lines[JUNIOR]).toMatchObject({ interestPaid: 0n, principalPaid: 0n, balance: 200_000n });
  });

  test("a chain that stood still makes up for the dates one by one, and anybody may", async () => {
    const { chain, active, first, earn } = await open();
    const reference = await active();
    expect(await errorOf(chain.send(stranger, reference, "distribute", []))).toEqual(["NotDue", chain.now(), first]);
    await earn(reference, 100_000n);
    await chain.waitUntil(first + YEAR);
    const { periods } = await chain.read(reference, "terms", []);
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
    expect(await chain.read(reference, "nextPaymentDate", [])).toBe(due);
    expect(await errorOf(chain.send(stranger, reference, "distribute", []))).toEqual(["NotDue", chain.now(), due]);
    await chain.waitUntil(due);
    const { events } = await chain.send(stranger, reference, "distribute", []);
    expect(eventOf(events, "Distributed")).toMatchObject({ period: 4, date: due + 1n, collected: 2_000_000n });
    const tranches = await chain.read(reference, "tranches", []);
    expect(tranches.map(({ balance, interestShortfall }) => balance + interestShortfall)).toEqual([0n, 0n]);
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
    const { lines } = await chain.read(reference, "report", [1]);
    const line = lines[JUNIOR] as (typeof lines)[number];
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
    expect(await balance(servicer)).toBe(START + 1_000n);
  });

  test("works through at most MAX_PERIODS_PER_CLAIM dates at once", async () => {
    const { chain, active, earn, first } = await open();
    const count = MAX_PERIODS_PER_CLAIM + 1;
    const paymentDates = Array.from({ length: count }, (_, i) => first + BigInt(i) * 10n);
    const reference = await active({ paymentDates, servicingFee: 0n });
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
        async (moves, seniorUnits, juniorUnits) => {
          const { chain, create, earn, currency, first } = await open();
          const paymentDates = Array.from({ length: 12 }, (_, i) => first + (BigInt(i) * YEAR) / 12n);
          const reference = await create({ paymentDates });
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
          const { owed, periods } = await chain.read(reference, "terms", []);
          const [reports] = await chain.read(reference, "reports", ["0x", 100]);
          expect(reports.length).toBe(periods);
          let unclaimed = owed;
          for (const tranche of [SENIOR, JUNIOR]) {
            const paid = reports.reduce((sum, report) => {
              const line = report.lines[tranche] as (typeof report.lines)[number];
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
            const repaid = reports.reduce((sum, report) => sum + (report.lines[tranche]?.principalPaid ?? 0n), 0n);
            expect(balance + repaid).toBe(face);
          }
          for (const { id } of actors) unclaimed -= await chain.read(reference, "creditOf", [id]);
          expect(unclaimed).toBeGreaterThanOrEqual(0n);
          expect(unclaimed).toBeLessThan(2n * BigInt(actors.length));
          for (const report of reports) {
            const lines = report.lines.reduce((sum, line) => sum + line.interestPaid + line.principalPaid, 0n);
            expect(report.feePaid + lines + report.residual).toBe(report.collected);
          }
          const held = await chain.read(currency, "balanceOf", [reference.address]);
          expect(held).toBeGreaterThanOrEqual(owed);
          const all = [...everyone.map((who) => who.id), reference.address];
          expect(await totalOf(chain, currency, all)).toBe(START * BigInt(everyone.length));
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });
});
