const NANOSECONDS = 1_000_000_000n;

/** The RFC 3339 time in UTC, as Go writes it, of nanoseconds since 1970: with no more decimals than needed. */
export function timeToString(time: bigint): string {
  const seconds = new Date(Number(time / NANOSECONDS) * 1000).toISOString().slice(0, 19);
  const fraction = (time % NANOSECONDS).toString().padStart(9, "0").replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
