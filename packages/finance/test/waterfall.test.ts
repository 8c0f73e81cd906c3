import { readFileSync } from "node:fs";
import {
  type ClassTerms,
  checkDeal,
  type Deal,
  type DealState,
  FinanceError,
  initialState,
  type PrincipalMode,
  runWaterfall,
  type Step,
  standardSteps,
  type WaterfallInputs,
  type WaterfallResult,
} from "@ruffchain/finance";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cents, decimal } from "./cents.js";
import { day } from "./day.js";

const MONTH = { numerator: 30n, denominator: 360n };
const NEVER = day("2099-12-31");
const nothing = new Set<string>();

function codeOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof FinanceError) return error.code;
    throw error;
  }
  return undefined;
}

function classTerms(seniority: number, rate: bigint, more: Partial<ClassTerms> = {}): ClassTerms {
  return { seniority, principalOrder: seniority, rate, legalFinalDate: NEVER, ...more };
}

/** Three classes, as in the worked example. */
const deal: Deal = {
  classes: [classTerms(0, 4_800_000n), classTerms(1, 5_600_000n), classTerms(2, 7_200_000n)],
  steps: standardSteps(3),
  servicingRate: 1_000_000n,
  reserveTarget: cents("100000.00"),
  targetOvercollateralization: cents("12000000.00"),
  rounding: "halfUp",
};
const opening = initialState([cents("70000000.00"), cents("12000000.00"), cents("8000000.00")], cents("100000.00"), 1);

const quiet: WaterfallInputs = {
  paymentDate: day("2025-02-17"),
  availableFunds: 0n,
  valueBegin: cents("100000000.00"),
  valueEnd: cents("97400000.00"),
  seniorFees: [cents("8500.00")],
  subordinated: 0n,
  accruals: [MONTH, MONTH, MONTH],
  mode: "sequential",
  triggers: nothing,
};

function line({ steps }: WaterfallResult, kind: Step["kind"], target?: number) {
  const found = steps.find(({ step }) => step.kind === kind && (!("target" in step) || step.target === target));
  if (!found) throw new Error(`no step ${kind}`);
  return found;
}

const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n);

describe("the worked example", () => {
  const table: Record<string, string[]> = JSON.parse(
    readFileSync(new URL("data/worked-example.json", import.meta.url), "utf8"),
  );
  const modes: Record<string, PrincipalMode> = { SEQ: "sequential", PRO_RATA: "proRata", TURBO: "turbo" };
  const cell = (name: string, period: number) => {
    const value = table[name]?.[period];
    if (value === undefined) throw new Error(`no ${name}`);
    return value;
  };

  test("comes out to the cent, all lines of five periods", () => {
    let state = opening;
    let valueBegin = cents("100000000.00");
    for (let period = 0; period < 5; period++) {
      const valueEnd = cents(cell("Securitization value, end", period));
      const mode = modes[cell("Mode", period)];
      if (!mode) throw new Error("unknown mode");
      const result = runWaterfall(deal, state, {
        ...quiet,
        paymentDate: quiet.paymentDate + 30 * period,
        availableFunds: cents(cell("Available funds", period)),
        seniorFees: [cents(period === 2 ? "30000.00" : "8500.00")],
        valueBegin,
        valueEnd,
        mode,
      });
      const interest = [0, 1, 2].map((target) => line(result, "classInterest", target));
      const priority = [0, 1, 2].map((target) => line(result, "priorityPrincipal", target));
      const lines: Record<string, bigint | undefined> = {
        "Reserve draw": result.reserveDraw,
        "1 senior fees paid": line(result, "seniorFees").paid,
        "2 servicing fee paid": line(result, "servicingFee").paid,
        "4 Class A interest due": interest[0]?.due,
        "4 Class A interest paid": interest[0]?.paid,
        "5 first priority principal": priority[0]?.paid,
        "6 Class B interest due": interest[1]?.due,
        "6 Class B interest paid": interest[1]?.paid,
        "7 second priority principal": priority[1]?.paid,
        "8 Class C interest due (incl. carry)": interest[2]?.due,
        "8 Class C interest paid": interest[2]?.paid,
        "9 third priority principal due": priority[2]?.due,
        "9 third priority principal paid": priority[2]?.paid,
        "10 reserve deposit": line(result, "reserve").paid,
        "11 regular principal": line(result, "regularPrincipal").paid,
        "13 residual": result.residual,
        "Principal A": result.classes[0]?.principalPaid,
        "Principal B": result.classes[1]?.principalPaid,
        "Principal C": result.classes[2]?.principalPaid,
        "Balance A": result.classes[0]?.balance,
        "Balance B": result.classes[1]?.balance,
        "Balance C": result.classes[2]?.balance,
        "Reserve, end": result.state.reserve,
        "OC, end": result.overcollateralization,
        "C interest shortfall carried": result.state.interestShort[2],
      };
      for (const [name, value] of Object.entries(lines)) {
        expect([period + 1, name, decimal(value ?? 0n)]).toEqual([
          period + 1,
          name,
          cell(name, period).replaceAll(",", ""),
        ]);
      }
      expect(Object.keys(lines).length).toBe(Object.keys(table).length - 3);
      state = result.state;
      valueBegin = valueEnd;
    }
  });
});

describe("steps", () => {
  const run = (steps: readonly Step[], inputs: Partial<WaterfallInputs>, state: DealState = opening) =>
    runWaterfall({ ...deal, steps }, state, { ...quiet, ...inputs });

  test("senior fees are shared by due, capped by the year, and the rest is subordinated", () => {
    const steps = standardSteps(3).map((step) =>
      step.kind === "seniorFees" ? { ...step, yearlyCap: cents("100.00") } : step,
    );
    const state = initialState(opening.balances, 0n, 2);
    const fees = { availableFunds: cents("6000000.00"), seniorFees: [cents("60.00"), cents("30.01")] };
    const first = run(steps, fees, state);
    expect(first.feesPaid).toEqual(fees.seniorFees);

    const scarce = { ...fees, availableFunds: cents("1000.00"), paymentDate: quiet.paymentDate + 30 };
    const second = run(steps, scarce, first.state);
    expect(line(second, "seniorFees").due).toBe(cents("9.99"));
    expect(second.feesPaid).toEqual([cents("6.66"), cents("3.33")]);
    expect(second.state.feesShort).toEqual([cents("53.34"), cents("26.68")]);

    const third = run(steps, { ...fees, paymentDate: quiet.paymentDate + 60 }, second.state);
    expect(line(third, "seniorFees").due).toBe(0n);
    expect(line(third, "subordinated").paid).toBe(cents("170.03"));
    expect(third.feesPaid).toEqual([cents("113.34"), cents("56.69")]);

    const nextYear = run(steps, { ...fees, paymentDate: day("2026-01-15") }, second.state);
    expect(line(nextYear, "seniorFees").due).toBe(cents("100.00"));
    expect(nextYear.state).toMatchObject({ feeYear: 2026, feesPaidInYear: cents("100.00") });
  });

  test("an unpaid servicing fee is carried on", () => {
    const first = run(deal.steps, { availableFunds: cents("10000.00") }, { ...opening, reserve: 0n });
    expect(line(first, "servicingFee")).toMatchObject({ paid: cents("1500.00"), short: cents("81833.33") });
    const second = run(deal.steps, {}, first.state);
    expect(line(second, "servicingFee").due).toBe(cents("165166.66"));
  });

  test("interest of a class can be subordinated by a trigger", () => {
    const trigger = "classBSubordinated";
    const steps = standardSteps(3).flatMap((step): Step[] => {
      const isB = step.kind === "classInterest" && step.target === 1;
      if (step.kind === "residual")
        return [{ kind: "classInterest", target: 1, condition: { trigger, on: true } }, step];
      return [isB ? { ...step, condition: { trigger, on: false } } : step];
    });
    checkDeal({ ...deal, steps });
    const paidAt = (result: WaterfallResult) =>
      result.steps.findIndex(({ step, due }) => step.kind === "classInterest" && step.target === 1 && due > 0n);
    const regular = steps.findIndex((step) => step.kind === "regularPrincipal");
    const funds = { availableFunds: cents("6000000.00") };
    expect(paidAt(run(steps, funds))).toBeLessThan(regular);
    expect(paidAt(run(steps, { ...funds, triggers: new Set([trigger]) }))).toBeGreaterThan(regular);
  });

  test("a blocked residual is kept and paid later", () => {
    const steps = standardSteps(3).map((step) =>
      step.kind === "residual" ? { ...step, condition: { trigger: "retain", on: false } } : step,
    );
    const blocked = run(steps, { availableFunds: cents("6000000.00"), triggers: new Set(["retain"]) });
    expect(blocked.residual).toBe(0n);
    expect(blocked.state.retained).toBe(run(steps, { availableFunds: cents("6000000.00") }).residual);
    const later = run(steps, { valueBegin: cents("97400000.00") }, blocked.state);
    expect(later.steps.reduce((total, { paid }) => total + paid, 0n)).toBe(
      blocked.state.retained + later.reserveDraw - later.state.retained,
    );
  });

  test("other subordinated amounts come after capped fees and are carried on", () => {
    const first = run(deal.steps, { subordinated: 100n });
    expect(line(first, "subordinated")).toMatchObject({ due: 100n, paid: 0n });
    const second = run(deal.steps, { subordinated: 1n, availableFunds: cents("9000000.00") }, first.state);
    expect(line(second, "subordinated").paid).toBe(101n);
    expect(second.state.subordinatedShort).toBe(0n);
  });

  test("a class is due whole on its legal final date, with those before it", () => {
    const classes = [
      classTerms(0, 0n, { principalOrder: 0 }),
      classTerms(0, 0n, { principalOrder: 1, legalFinalDate: quiet.paymentDate }),
      classTerms(0, 0n, { principalOrder: 1 }),
      classTerms(1, 0n, { principalOrder: 2 }),
    ];
    const state = initialState([10n, 20n, 30n, 40n], 0n, 1);
    const inputs = { ...quiet, accruals: classes.map(() => MONTH), seniorFees: [0n], valueBegin: 0n, valueEnd: 1_000n };
    const final = { ...deal, classes, steps: standardSteps(2) };
    const on = runWaterfall(final, state, { ...inputs, availableFunds: 35n });
    expect(line(on, "priorityPrincipal", 0).due).toBe(60n);
    expect(on.state.balances).toEqual([0n, 10n, 15n, 40n]);
    const before = runWaterfall(final, state, { ...inputs, paymentDate: inputs.paymentDate - 1, availableFunds: 35n });
    expect(line(before, "priorityPrincipal", 0).due).toBe(0n);
  });

  test("the reserve pays no regular principal until it and the funds pay everything off", () => {
    const state = initialState([500n, 300n, 200n], 400n, 1);
    const inputs = { seniorFees: [0n], valueBegin: 0n, valueEnd: 1_000n, accruals: [0, 0, 0].map(() => MONTH) };
    const free = { ...deal, classes: deal.classes.map((terms) => ({ ...terms, rate: 0n })), reserveTarget: 400n };
    const almost = runWaterfall(free, state, { ...quiet, ...inputs, availableFunds: 599n, mode: "turbo" });
    expect(almost.reserveDraw).toBe(0n);
    expect(almost.state.balances).toEqual([0n, 201n, 200n]);
    const exact = runWaterfall(free, state, { ...quiet, ...inputs, availableFunds: 601n });
    expect(exact.reserveDraw).toBe(400n);
    expect(exact.state).toMatchObject({ balances: [0n, 0n, 0n], reserve: 0n });
    expect(exact.residual).toBe(1n);
  });

  test("the reserve stays while principal is stopped", () => {
    const steps = standardSteps(3).map((step) =>
      step.kind === "regularPrincipal" ? { ...step, condition: { trigger: "revolving", on: false } } : step,
    );
    const inputs = { availableFunds: cents("200000000.00"), triggers: new Set(["revolving"]) };
    const result = run(steps, inputs);
    expect(result.reserveDraw).toBe(0n);
    expect(result.state.balances).toEqual(opening.balances);
  });

  test("the reserve needs no more than the notes", () => {
    const state = initialState([50n, 0n, 0n], 0n, 1);
    const inputs = { seniorFees: [0n], valueBegin: 0n, valueEnd: 1_000n, availableFunds: 40n };
    expect(line(run(deal.steps, inputs, state), "reserve").due).toBe(50n);
  });

  test("rounding is the deal's", () => {
    const due = (rounding: Deal["rounding"]) =>
      runWaterfall({ ...deal, rounding }, opening, { ...quiet, valueBegin: 6n * 100n }).steps[1]?.due;
    expect([due("floor"), due("halfUp"), due("halfEven"), due("ceiling")]).toEqual([0n, 1n, 0n, 1n]);
  });
});

describe("bad deals and inputs are refused", () => {
  test.each<[string, Partial<Deal>, string]>([
    ["no class", { classes: [] }, "classes"],
    ["a class that skips a seniority", { classes: [classTerms(0, 0n), classTerms(2, 0n)] }, "classes"],
    ["junior before senior", { classes: [classTerms(1, 0n), classTerms(0, 0n)] }, "classes"],
    ["a skipped order", { classes: [classTerms(0, 0n), classTerms(1, 0n, { principalOrder: 3 })] }, "classes"],
    ["a negative rate", { classes: [classTerms(0, -1n)] }, "negative"],
    ["no legal final date", { classes: [classTerms(0, 0n, { legalFinalDate: Number.NaN })] }, "date"],
    ["a negative servicing rate", { servicingRate: -1n }, "negative"],
    ["a negative reserve", { reserveTarget: -1n }, "negative"],
    ["a negative target", { targetOvercollateralization: -1n }, "negative"],
    ["a negative cap", { steps: [{ kind: "seniorFees", yearlyCap: -1n }] }, "negative"],
    ["a step for nobody", { steps: [{ kind: "classInterest", target: 3 }] }, "steps"],
    ["a step twice", { steps: [{ kind: "reserve" }, { kind: "reserve" }] }, "steps"],
    [
      "a step twice under one condition",
      {
        steps: [
          { kind: "residual", condition: { trigger: "x", on: true } },
          { kind: "residual", condition: { trigger: "x", on: true } },
        ],
      },
      "steps",
    ],
    ["a step after the residual", { steps: [{ kind: "residual" }, { kind: "reserve" }] }, "steps"],
  ])("%s", (_, wrong, code) => {
    expect(codeOf(() => checkDeal({ ...deal, ...wrong }))).toBe(code);
  });

  test("the standard deal is taken", () => {
    expect(codeOf(() => checkDeal(deal))).toBeUndefined();
  });

  test.each<[string, Partial<WaterfallInputs>, string]>([
    ["accruals of other classes", { accruals: [MONTH] }, "inputs"],
    ["fees of other payees", { seniorFees: [] }, "inputs"],
    ["negative funds", { availableFunds: -1n }, "negative"],
    ["a negative value", { valueEnd: -1n }, "negative"],
    ["a negative fee", { seniorFees: [-1n] }, "negative"],
    ["a negative subordinated amount", { subordinated: -1n }, "negative"],
  ])("%s", (_, wrong, code) => {
    expect(codeOf(() => runWaterfall(deal, opening, { ...quiet, ...wrong }))).toBe(code);
  });

  test("the state of another deal", () => {
    expect(codeOf(() => runWaterfall(deal, initialState([1n], 0n, 1), quiet))).toBe("state");
  });
});

describe("for any deal", () => {
  const amount = (max: bigint) => fc.bigInt({ min: 0n, max });
  const groups = fc.array(fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
  /** Classes of one to three seniorities, each of up to three classes, some pari passu. */
  const anyClasses = groups.chain((seniorities) => {
    const shape: { seniority: number; principalOrder: number }[] = [];
    let principalOrder = 0;
    seniorities.forEach((members, seniority) => {
      members.forEach((kind, i) => {
        if (shape.length > 0 && (i === 0 || kind > 0)) principalOrder += 1;
        shape.push({ seniority, principalOrder });
      });
    });
    return fc.tuple(
      ...shape.map((place) =>
        fc.record({ rate: amount(20_000_000n), isFinal: fc.nat(9) }).map(({ rate, isFinal }): ClassTerms => {
          return { ...place, rate, legalFinalDate: isFinal === 0 ? quiet.paymentDate + 31 : NEVER };
        }),
      ),
    );
  });
  const anyDeal = anyClasses.chain((classes) =>
    fc.record({
      deal: fc
        .record({
          servicingRate: amount(5_000_000n),
          reserveTarget: amount(2_000n),
          targetOvercollateralization: amount(100_000n),
          cap: fc.option(amount(500n)),
          rounding: fc.constantFrom("halfUp", "halfEven", "floor", "ceiling"),
        })
        .map(({ cap, ...terms }): Deal => {
          const steps = standardSteps((classes.at(-1)?.seniority ?? 0) + 1).map((step): Step => {
            if (step.kind === "seniorFees" && cap !== null) return { ...step, yearlyCap: cap };
            return step.kind === "residual" ? { ...step, condition: { trigger: "retain", on: false } } : step;
          });
          return { ...terms, classes, steps };
        }),
      balances: fc.tuple(...classes.map(() => amount(300_000n))),
      reserve: amount(2_000n),
      periods: fc.array(
        fc.record({
          availableFunds: fc.oneof(amount(10_000n), amount(1_000_000n)),
          valueEnd: amount(1_000_000n),
          seniorFees: fc.tuple(amount(300n), amount(300n)),
          subordinated: amount(100n),
          mode: fc.constantFrom<PrincipalMode>("sequential", "proRata", "turbo"),
          retain: fc.boolean(),
        }),
        { minLength: 1, maxLength: 5 },
      ),
    }),
  );

  type Period = { deal: Deal; before: DealState; inputs: WaterfallInputs; result: WaterfallResult };

  function everyPeriod(check: (period: Period) => void, atEnd: (periods: readonly Period[]) => void = () => {}) {
    fc.assert(
      fc.property(anyDeal, ({ deal, balances, reserve, periods }) => {
        checkDeal(deal);
        let before = initialState(balances, reserve, 2);
        let valueBegin = 1_000_000n;
        const done = periods.map(({ retain, ...period }, i): Period => {
          const inputs: WaterfallInputs = {
            ...period,
            paymentDate: quiet.paymentDate + 31 * i,
            valueBegin,
            accruals: balances.map(() => MONTH),
            triggers: retain ? new Set(["retain"]) : nothing,
          };
          const result = runWaterfall(deal, before, inputs);
          const ran = { deal, before, inputs, result };
          check(ran);
          before = result.state;
          valueBegin = inputs.valueEnd;
          return ran;
        });
        atEnd(done);
      }),
      { numRuns: 1_000 },
    );
  }

  const paidOut = ({ steps }: WaterfallResult) => sum(steps.map(({ paid }) => paid));

  test("all cash is paid or kept, and nothing else is", () => {
    everyPeriod(({ before, inputs, result }) => {
      expect(inputs.availableFunds + before.retained + result.reserveDraw).toBe(
        paidOut(result) + result.state.retained,
      );
      const deposit = line(result, "reserve").paid;
      expect(before.reserve - result.reserveDraw + deposit).toBe(result.state.reserve);
      expect(result.state.reserve >= 0n && result.reserveDraw >= 0n).toBe(true);
      for (const { due, paid, short } of result.steps)
        expect(paid >= 0n && short >= 0n && due === paid + short).toBe(true);
    });
  });

  test("a step that is short leaves nothing to those after it", () => {
    everyPeriod(({ result: { steps } }) => {
      const short = steps.findIndex((step) => step.short > 0n);
      if (short >= 0) expect(sum(steps.slice(short + 1).map(({ paid }) => paid))).toBe(0n);
    });
  });

  test("classes get what their steps pay, never more than they are owed", () => {
    everyPeriod(({ before, result: { steps, classes, state, feesPaid } }) => {
      const of = (...kinds: Step["kind"][]) =>
        sum(steps.filter(({ step }) => kinds.includes(step.kind)).map(({ paid }) => paid));
      expect(sum(classes.map(({ principalPaid }) => principalPaid))).toBe(of("priorityPrincipal", "regularPrincipal"));
      expect(sum(classes.map(({ interestPaid }) => interestPaid))).toBe(of("classInterest"));
      classes.forEach(({ interestDue, interestPaid, principalPaid, balance }, i) => {
        expect(principalPaid + balance).toBe(before.balances[i]);
        expect(principalPaid >= 0n && balance >= 0n && interestPaid >= 0n).toBe(true);
        expect(state.interestShort[i]).toBe(interestDue - interestPaid);
        expect(interestPaid <= interestDue).toBe(true);
      });
      expect(feesPaid.every((paid) => paid >= 0n) && state.feesShort.every((short) => short >= 0n)).toBe(true);
      expect(state.servicingShort >= 0n && state.subordinatedShort >= 0n).toBe(true);
    });
  });

  test("a cent more takes from no step, unless it pays the notes off and frees the reserve", () => {
    everyPeriod(({ deal, before, inputs, result }) => {
      const richer = runWaterfall(deal, before, { ...inputs, availableFunds: inputs.availableFunds + 1n });
      const paysOff = sum(richer.state.balances) === 0n && richer.reserveDraw === before.reserve;
      richer.steps.forEach(({ step, paid }, i) => {
        if (step.kind === "reserve" && paysOff) return;
        expect(paid).toBeGreaterThanOrEqual(result.steps[i]?.paid ?? 0n);
      });
    });
  });

  test("over all periods, what was paid is what came in, less what the accounts hold", () => {
    everyPeriod(
      () => {},
      (periods) => {
        const [first] = periods;
        const last = periods.at(-1);
        if (!first || !last) throw new Error("no periods");
        const deposits = sum(periods.map(({ result }) => line(result, "reserve").paid));
        const paid = sum(periods.map(({ result }) => paidOut(result))) - deposits;
        const income = sum(periods.map(({ inputs }) => inputs.availableFunds));
        expect(paid).toBe(income + first.before.reserve - last.result.state.reserve - last.result.state.retained);
      },
    );
  });
});
