import { civilDate, epochDay } from "@ruffchain/finance";

/** Days since 1970 of "2013-12-16". */
export function day(text: string): number {
  const [year = 0, month = 0, dayOfMonth = 0] = text.split("-").map(Number);
  return epochDay({ year, month, day: dayOfMonth });
}

/** "2013-12-16" */
export function text(epochDay: number): string {
  const { year, month, day } = civilDate(epochDay);
  return [year, month, day].map((part) => String(part).padStart(2, "0")).join("-");
}
