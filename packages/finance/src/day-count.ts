import { type CivilDate, civilDate, daysInMonth, isLeapYear, leapDays } from "./civil-date.js";
import { FinanceError } from "./finance-error.js";

/** How days become parts of a year (ISDA 2006 definitions, section 4.16; 30/360-US adds the end-of-February rule). */
export type DayCountConvention = "ACT/360" | "ACT/365F" | "ACT/ACT-ISDA" | "30E/360" | "30/360-US";

/** Part of a year. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** The part of a year from a day (included) to another (excluded), both in days since 1970. Throws FinanceError. */
export function dayCount(convention: DayCountConvention, from: number, to: number): Fraction {
  if (to < from) throw new FinanceError("period", `a period cannot end on day ${to}, before its start on day ${from}`);
  const start = civilDate(from);
  const end = civilDate(to);
  switch (convention) {
    case "ACT/360":
      return fraction(to - from, 360);
    case "ACT/365F":
      return fraction(to - from, 365);
    case "ACT/ACT-ISDA": {
      const inLeapYears = daysInLeapYearsBefore(end) - daysInLeapYearsBefore(start);
      return fraction(366 * (to - from - inLeapYears) + 365 * inLeapYears, 365 * 366);
    }
    case "30E/360":
      return thirty360(start, end, Math.min(start.day, 30), Math.min(end.day, 30));
    case "30/360-US": {
      const fromFebruaryEnd = isFebruaryEnd(start);
      const startDay = fromFebruaryEnd ? 30 : Math.min(start.day, 30);
      const isCut = (fromFebruaryEnd && isFebruaryEnd(end)) || (end.day === 31 && startDay === 30);
      return thirty360(start, end, startDay, isCut ? 30 : end.day);
    }
  }
}

function fraction(numerator: number, denominator: number): Fraction {
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

function thirty360(start: CivilDate, end: CivilDate, startDay: number, endDay: number): Fraction {
  return fraction(360 * (end.year - start.year) + 30 * (end.month - start.month) + endDay - startDay, 360);
}

function isFebruaryEnd({ year, month, day }: CivilDate): boolean {
  return month === 2 && day === daysInMonth(year, 2);
}

/** Of all the days before a date, those in leap years. */
function daysInLeapYearsBefore({ year, month, day }: CivilDate): number {
  const ended = 366 * leapDays(year - 1);
  if (!isLeapYear(year)) return ended;
  let dayOfYear = day - 1;
  for (let m = 1; m < month; m++) dayOfYear += daysInMonth(year, m);
  return ended + dayOfYear;
}
