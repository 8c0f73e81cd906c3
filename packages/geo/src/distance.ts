import { type Area, contains, edges } from "./area.js";
import { MAX_LONGITUDE, type Point } from "./point.js";

/**
 * Distances in whole millimetres on a sphere of 6,378,137 m that is flat around the points (equirectangular). Below
 * 100 km and 70 degrees of latitude they are within 0.6 % of the distance on the ellipsoid, and the same on every machine.
 */

/** Nanometres of one unit (1e-7 degrees) of latitude. */
const NANOMETRES_PER_UNIT = 11_131_949n;
const NANOMETRES_PER_MM = 1_000_000n;
const UNITS_PER_DEGREE = 10_000_000;
const FULL_CIRCLE = 2 * MAX_LONGITUDE;

/** Cosine of each whole degree from 0 to 90, in 1e-9. Between them it is taken as straight: within 4e-5. */
const COSINES = [
  1000000000, 999847695, 999390827, 998629535, 997564050, 996194698, 994521895, 992546152, 990268069, 987688341,
  984807753, 981627183, 978147601, 974370065, 970295726, 965925826, 961261696, 956304756, 951056516, 945518576,
  939692621, 933580426, 927183855, 920504853, 913545458, 906307787, 898794046, 891006524, 882947593, 874619707,
  866025404, 857167301, 848048096, 838670568, 829037573, 819152044, 809016994, 798635510, 788010754, 777145961,
  766044443, 754709580, 743144825, 731353702, 719339800, 707106781, 694658370, 681998360, 669130606, 656059029,
  642787610, 629320391, 615661475, 601815023, 587785252, 573576436, 559192903, 544639035, 529919264, 515038075,
  500000000, 484809620, 469471563, 453990500, 438371147, 422618262, 406736643, 390731128, 374606593, 358367950,
  342020143, 325568154, 309016994, 292371705, 275637356, 258819045, 241921896, 224951054, 207911691, 190808995,
  173648178, 156434465, 139173101, 121869343, 104528463, 87155743, 69756474, 52335956, 34899497, 17452406, 0,
];
const COSINE_SCALE = 1_000_000_000n;

/** Cosine of a latitude in 1e-7 degrees, in 1e-9. */
function cosine(lat: number): bigint {
  const units = Math.abs(lat);
  const degree = Math.floor(units / UNITS_PER_DEGREE);
  const low = BigInt(COSINES[degree] as number);
  const high = BigInt(COSINES[degree + 1] ?? 0);
  return low + ((high - low) * BigInt(units % UNITS_PER_DEGREE)) / BigInt(UNITS_PER_DEGREE);
}

/** Where a point is seen from another, in millimetres to the east and to the north. */
function offsetMm(from: Point, to: Point): { readonly east: bigint; readonly north: bigint } {
  const middle = Math.trunc((from.lat + to.lat) / 2);
  const north = (BigInt(to.lat - from.lat) * NANOMETRES_PER_UNIT) / NANOMETRES_PER_MM;
  const flat = BigInt(to.lon - from.lon) * NANOMETRES_PER_UNIT * cosine(middle);
  return { east: flat / (COSINE_SCALE * NANOMETRES_PER_MM), north };
}

/** The distance between two points in millimetres, across the antimeridian if that is shorter. */
export function distanceMm(a: Point, b: Point): number {
  const turn = b.lon - a.lon > MAX_LONGITUDE ? -FULL_CIRCLE : a.lon - b.lon > MAX_LONGITUDE ? FULL_CIRCLE : 0;
  const { east, north } = offsetMm(a, { lat: b.lat, lon: b.lon + turn });
  return Number(squareRoot(east * east + north * north));
}

/** Whether the point is in the area and at least so many millimetres from its boundary. */
export function containsWithMargin(area: Area, point: Point, marginMm: number): boolean {
  if (!contains(area, point)) return false;
  const margin = BigInt(marginMm) * BigInt(marginMm);
  return edges(area).every(([a, b]) => isAtLeast(margin, offsetMm(point, a), offsetMm(point, b)));
}

interface Offset {
  readonly east: bigint;
  readonly north: bigint;
}

/** Whether the segment from a to b stays so far (squared) from the origin. */
function isAtLeast(squaredDistance: bigint, a: Offset, b: Offset): boolean {
  const east = b.east - a.east;
  const north = b.north - a.north;
  const length = east * east + north * north;
  const along = -(a.east * east + a.north * north);
  if (along <= 0n) return a.east * a.east + a.north * a.north >= squaredDistance;
  if (along >= length) return b.east * b.east + b.north * b.north >= squaredDistance;
  const cross = a.east * north - a.north * east;
  return cross * cross >= squaredDistance * length;
}

/** The integer square root, rounded down (Newton). */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
