/** A place on Earth in 1e-7 degrees (WGS 84), as int32: some 11 mm. */
export interface Point {
  /** -900_000_000 to 900_000_000, north positive. */
  readonly lat: number;
  /** -1_800_000_000 to 1_800_000_000, east positive. */
  readonly lon: number;
}

export const MAX_LATITUDE = 900_000_000;
export const MAX_LONGITUDE = 1_800_000_000;

export function isPoint({ lat, lon }: Point): boolean {
  return (
    Number.isSafeInteger(lat) &&
    Number.isSafeInteger(lon) &&
    Math.abs(lat) <= MAX_LATITUDE &&
    Math.abs(lon) <= MAX_LONGITUDE
  );
}

/** Differences below this have products that a double holds exactly. */
const EXACT_DIFFERENCE = 2 ** 26;

/**
 * Which side of the line from a to b the point is on: 1 left, -1 right (with longitude to the east and latitude to the
 * north), 0 on it. Exact.
 */
export function sideOf(a: Point, b: Point, point: Point): -1 | 0 | 1 {
  const abLon = b.lon - a.lon;
  const abLat = b.lat - a.lat;
  const apLon = point.lon - a.lon;
  const apLat = point.lat - a.lat;
  const largest = Math.max(Math.abs(abLon), Math.abs(abLat), Math.abs(apLon), Math.abs(apLat));
  if (largest < EXACT_DIFFERENCE) return Math.sign(abLon * apLat - abLat * apLon) as -1 | 0 | 1;
  const cross = BigInt(abLon) * BigInt(apLat) - BigInt(abLat) * BigInt(apLon);
  return cross > 0n ? 1 : cross < 0n ? -1 : 0;
}

/** Whether a point that is on the line through a and b is between them, both included. */
export function isBetween(a: Point, b: Point, point: Point): boolean {
  return (
    Math.min(a.lon, b.lon) <= point.lon &&
    point.lon <= Math.max(a.lon, b.lon) &&
    Math.min(a.lat, b.lat) <= point.lat &&
    point.lat <= Math.max(a.lat, b.lat)
  );
}
