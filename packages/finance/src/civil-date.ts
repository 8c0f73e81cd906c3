import { FinanceError } from "./finance-error.js";

/** A day of the proleptic Gregorian calendar; month 1 to 12. */
export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export const MIN_YEAR = 1;
export const MAX_YEAR = 9999;

/** Days from 1 March of year 0 to 1 January 1970. */
const EPOCH = 719_468;
const DAYS_PER_400_YEARS = 146_097;
const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (MONTH_LENGTHS[month - 1] ?? 0);
}

/** Days since 1970-01-01. Throws FinanceError for a date that does not exist. */
export function epochDay({ year, month, day }: CivilDate): number {
  const exists =
    Number.isInteger(year) &&
    year >= MIN_YEAR &&
    year <= MAX_YEAR &&
    Number.isInteger(day) &&
    day >= 1 &&
    day <= daysInMonth(year, month);
  if (!exists) throw new FinanceError("date", `there is no date ${year}-${month}-${day}`);
  // Years counted from March end with the leap day.
  const marchYear = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return 365 * marchYear + leapDays(marchYear) + dayOfYear - EPOCH;
}

/** The date so many days after 1970-01-01. Throws FinanceError outside of MIN_YEAR to MAX_YEAR. */
export function civilDate(epochDay: number): CivilDate {
  if (!Number.isInteger(epochDay)) throw new FinanceError("date", `${epochDay} is not a whole number of days`);
  const days = epochDay + EPOCH;
  const guess = Math.floor((400 * days) / DAYS_PER_400_YEARS);
  const marchYear = days < startOf(guess) ? guess - 1 : days < startOf(guess + 1) ? guess : guess + 1;
  const dayOfYear = days - startOf(marchYear);
  const march = Math.floor((5 * dayOfYear + 2) / 153);
  const month = march < 10 ? march + 3 : march - 9;
  const year = month > 2 ? marchYear : marchYear + 1;
  if (year < MIN_YEAR || year > MAX_YEAR) throw new FinanceError("date", `day ${epochDay} is in the year ${year}`);
  return { year, month, day: dayOfYear - Math.floor((153 * march + 2) / 5) + 1 };
}

/** 1 (Monday) to 7 (Sunday), as ISO 8601 counts. */
export function weekday(epochDay: number): number {
  // 1970-01-01 was a Thursday.
  return ((((epochDay + 3) % 7) + 7) % 7) + 1;
}

/** Leap days in the years 1 to `year`. */
export function leapDays(year: number): number {
  return Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
}

function startOf(marchYear: number): number {
  return 365 * marchYear + leapDays(marchYear);
}
