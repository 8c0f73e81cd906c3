const RFC_3339_UTC = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;
export const NANOSECONDS = 1_000_000_000n;

/** Nanoseconds since 1970 of an RFC 3339 time in UTC, as Go writes it; undefined where it is none. */
export function parseTime(text: string): bigint | undefined {
  const [, seconds = "", fraction = ""] = RFC_3339_UTC.exec(text) ?? [];
  const milliseconds = Date.parse(`${seconds}Z`);
  // Date.parse lets 30 February be 2 March.
  if (Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(seconds)) return undefined;
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
