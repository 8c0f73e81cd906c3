import {
  addBusinessDays,
  adjust,
  type Calendar,
  civilDate,
  type DayCountConvention,
  dayCount,
  epochDay,
  FinanceError,
  isBusinessDay,
  MAX_CLOSED_DAYS,
  MAX_YEAR,
  MIN_YEAR,
  weekday,
} from "@ruffchain/finance";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { day, text } from "./day.js";

const FIRST = epochDay({ year: MIN_YEAR, month: 1, day: 1 });
const LAST = epochDay({ year: MAX_YEAR, month: 12, day: 31 });
const anyDay = fc.integer({ min: FIRST, max: LAST });
const weekends: Calendar = { weekend: [6, 7], holidays: new Set() };

function codeOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof FinanceError) return error.code;
    throw error;
  }
  return undefined;
}

describe("civil dates", () => {
  test("agree with the platform's calendar on every day of 800 years", () => {
    for (let d = day("1600-01-01"); d < day("2400-01-01"); d++) {
      const date = new Date(d * 86_400_000);
      const civil = civilDate(d);
      const same =
        civil.year === date.getUTCFullYear() &&
        civil.month === date.getUTCMonth() + 1 &&
        civil.day === date.getUTCDate() &&
        weekday(d) % 7 === date.getUTCDay();
      if (!same || epochDay(civil) !== d) expect.fail(`${date.toISOString()} became ${JSON.stringify(civil)}`);
    }
  });

  test("survive the way there and back", () => {
    fc.assert(
      fc.property(anyDay, (d) => {
        expect(epochDay(civilDate(d))).toBe(d);
      }),
    );
  });

  test("that do not exist are refused", () => {
    for (const [year, month, dayOfMonth] of [
      [2023, 2, 29],
      [1900, 2, 29],
      [2024, 4, 31],
      [2024, 13, 1],
      [2024, 0, 1],
      [2024, 1, 0],
      [2024, 1, 1.5],
      [MIN_YEAR - 1, 1, 1],
      [MAX_YEAR + 1, 1, 1],
    ] as const) {
      expect(codeOf(() => epochDay({ year, month, day: dayOfMonth }))).toBe("date");
    }
    for (const d of [FIRST - 1, LAST + 1, 0.5]) expect(codeOf(() => civilDate(d))).toBe("date");
  });
});

describe("day counts", () => {
  /** From ISDA's "The Actual/Actual Day Count Fraction" (1999). */
  const isda: [string, string, number, number][] = [
    ["2003-11-01", "2004-05-01", 61, 121],
    ["1999-02-01", "1999-07-01", 150, 0],
    ["1999-07-01", "2000-07-01", 184, 182],
    ["2002-08-15", "2003-07-15", 334, 0],
    ["2003-07-15", "2004-01-15", 170, 14],
    ["1999-07-30", "2000-01-30", 155, 29],
    ["2000-01-30", "2000-06-30", 0, 152],
    ["1999-11-30", "2000-04-30", 32, 120],
  ];
  test.each(isda)("ACT/ACT-ISDA from %s to %s", (from, to, common, leap) => {
    const { numerator, denominator } = dayCount("ACT/ACT-ISDA", day(from), day(to));
    expect(numerator * 365n * 366n).toBe(denominator * BigInt(common * 366 + leap * 365));
  });

  const thirty: [string, string, number, number][] = [
    // from, to, days by 30E/360, days by 30/360 US
    ["2007-01-15", "2007-01-30", 15, 15],
    ["2007-01-15", "2007-02-15", 30, 30],
    ["2007-01-15", "2007-07-15", 180, 180],
    ["2007-09-30", "2008-03-31", 180, 180],
    ["2007-09-30", "2007-10-31", 30, 30],
    ["2007-09-30", "2008-09-30", 360, 360],
    ["2007-01-15", "2007-01-31", 15, 16],
    ["2007-01-31", "2007-02-28", 28, 28],
    ["2007-02-28", "2007-03-31", 32, 30],
    ["2006-08-31", "2007-02-28", 178, 178],
    ["2007-02-28", "2007-08-31", 182, 180],
    ["2007-02-14", "2007-02-28", 14, 14],
    ["2007-02-26", "2008-02-29", 363, 363],
    ["2008-02-29", "2009-02-28", 359, 360],
    ["2008-02-29", "2008-03-30", 31, 30],
    ["2008-02-29", "2008-03-31", 31, 30],
    ["2007-02-28", "2007-03-05", 7, 5],
    ["2007-10-31", "2007-11-28", 28, 28],
    ["2007-08-31", "2008-02-29", 179, 179],
    ["2008-02-29", "2008-08-31", 181, 180],
    ["2008-08-31", "2009-02-28", 178, 178],
    ["2009-02-28", "2009-08-31", 182, 180],
  ];
  test.each(thirty)("30/360 from %s to %s", (from, to, european, american) => {
    expect(dayCount("30E/360", day(from), day(to))).toEqual({ numerator: BigInt(european), denominator: 360n });
    expect(dayCount("30/360-US", day(from), day(to))).toEqual({ numerator: BigInt(american), denominator: 360n });
  });

  const conventions: DayCountConvention[] = ["ACT/360", "ACT/365F", "ACT/ACT-ISDA", "30E/360", "30/360-US"];
  const period = fc.tuple(anyDay, fc.nat(4000)).filter(([from, length]) => from + length <= LAST);

  test("grow with the period and are nothing for none", () => {
    fc.assert(
      fc.property(fc.constantFrom(...conventions), period, (convention, [from, length]) => {
        const { numerator, denominator } = dayCount(convention, from, from + length);
        expect(numerator).toBeGreaterThanOrEqual(0n);
        // Never more than six days off the actual share of a year of 360 to 366 days.
        expect(numerator * 366n).toBeGreaterThanOrEqual(BigInt(length - 6) * denominator);
        expect(numerator * 360n).toBeLessThanOrEqual(BigInt(length + 6) * denominator);
        expect(dayCount(convention, from, from).numerator).toBe(0n);
      }),
    );
  });

  test("by actual days add up over parts of a period", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("ACT/360", "ACT/365F", "ACT/ACT-ISDA"),
        period,
        fc.nat(4000),
        (convention, [from, length], cut) => {
          const middle = from + Math.min(cut, length);
          const parts = [dayCount(convention, from, middle), dayCount(convention, middle, from + length)] as const;
          expect(parts[0].numerator + parts[1].numerator).toBe(dayCount(convention, from, from + length).numerator);
        },
      ),
    );
  });

  test("refuse a period that ends before it starts", () => {
    expect(codeOf(() => dayCount("ACT/360", 1, 0))).toBe("period");
  });
});

describe("business days", () => {
  test.each([
    ["2013-12-15", "following", "2013-12-16"],
    ["2013-12-15", "preceding", "2013-12-13"],
    ["2013-12-15", "none", "2013-12-15"],
    ["2013-12-16", "following", "2013-12-16"],
    ["2015-05-31", "following", "2015-06-01"],
    ["2015-05-31", "modifiedFollowing", "2015-05-29"],
    ["2015-08-01", "preceding", "2015-07-31"],
    ["2015-08-01", "modifiedPreceding", "2015-08-03"],
  ] as const)("%s, %s, is %s", (from, convention, to) => {
    expect(text(adjust(day(from), convention, weekends))).toBe(to);
  });

  test("pass over holidays", () => {
    const calendar = { weekend: [6, 7], holidays: new Set([day("2025-12-25"), day("2025-12-26")]) };
    expect(text(adjust(day("2025-12-25"), "following", calendar))).toBe("2025-12-29");
    expect(text(addBusinessDays(day("2025-12-29"), -2, calendar))).toBe("2025-12-23");
    expect(text(addBusinessDays(day("2025-12-23"), 2, calendar))).toBe("2025-12-29");
    expect(text(addBusinessDays(day("2025-12-24"), 0, calendar))).toBe("2025-12-24");
  });

  test("adjusting lands on the nearest open day in its direction, within the month if modified", () => {
    const calendar = fc
      .uniqueArray(fc.integer({ min: -60, max: 60 }), { maxLength: 12 })
      .map((holidays): Calendar => ({ weekend: [6, 7], holidays: new Set(holidays) }));
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), calendar, (d, calendar) => {
        const next = adjust(d, "following", calendar);
        const last = adjust(d, "preceding", calendar);
        expect(isBusinessDay(next, calendar) && isBusinessDay(last, calendar)).toBe(true);
        for (let between = last + 1; between < next; between++) expect(isBusinessDay(between, calendar)).toBe(false);
        const isSameMonth = civilDate(next).month === civilDate(d).month;
        expect(adjust(d, "modifiedFollowing", calendar)).toBe(isSameMonth ? next : last);
      }),
    );
  });

  test("refuse a calendar that stays closed", () => {
    const closed = (days: number): Calendar => ({
      weekend: [],
      holidays: new Set(Array.from({ length: days }, (_, i) => i)),
    });
    expect(adjust(0, "following", closed(MAX_CLOSED_DAYS))).toBe(MAX_CLOSED_DAYS);
    expect(codeOf(() => adjust(0, "following", closed(MAX_CLOSED_DAYS + 1)))).toBe("noBusinessDay");
  });
});
