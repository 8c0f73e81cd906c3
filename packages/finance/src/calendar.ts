import { civilDate, weekday } from "./civil-date.js";
import { FinanceError } from "./finance-error.js";

/** The days on which nothing is paid. */
export interface Calendar {
  /** ISO 8601: 1 (Monday) to 7 (Sunday). */
  readonly weekend: readonly number[];
  /** Days since 1970-01-01. */
  readonly holidays: ReadonlySet<number>;
}

/** Where a day goes that is not a business day. "Modified" never leaves the month. */
export type BusinessDayConvention = "none" | "following" | "modifiedFollowing" | "preceding" | "modifiedPreceding";

/** How many days in a row may be holidays. */
export const MAX_CLOSED_DAYS = 31;

export function isBusinessDay(day: number, { weekend, holidays }: Calendar): boolean {
  return !weekend.includes(weekday(day)) && !holidays.has(day);
}

/** The business day that stands for a day, both in days since 1970. Throws FinanceError. */
export function adjust(day: number, convention: BusinessDayConvention, calendar: Calendar): number {
  if (convention === "none") return day;
  const forward = convention === "following" || convention === "modifiedFollowing";
  const isModified = convention === "modifiedFollowing" || convention === "modifiedPreceding";
  const adjusted = nextBusinessDay(day, forward ? 1 : -1, calendar);
  const leavesMonth = civilDate(adjusted).month !== civilDate(day).month;
  return isModified && leavesMonth ? nextBusinessDay(day, forward ? -1 : 1, calendar) : adjusted;
}

/** So many business days later, or earlier if the count is negative. Throws FinanceError. */
export function addBusinessDays(day: number, count: number, calendar: Calendar): number {
  const direction = count < 0 ? -1 : 1;
  let result = day;
  for (let i = 0; i < Math.abs(count); i++) result = nextBusinessDay(result + direction, direction, calendar);
  return result;
}

/** The day itself if it is a business day, else the nearest in the direction. */
function nextBusinessDay(day: number, direction: 1 | -1, calendar: Calendar): number {
  for (let i = 0; i <= MAX_CLOSED_DAYS; i++) {
    if (isBusinessDay(day + direction * i, calendar)) return day + direction * i;
  }
  throw new FinanceError("noBusinessDay", `no business day within ${MAX_CLOSED_DAYS} days of day ${day}`);
}
