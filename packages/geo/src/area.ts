import { GeoError } from "./geo-error.js";
import { isBetween, isPoint, MAX_LONGITUDE, type Point, sideOf } from "./point.js";

/** A simple polygon: its vertices in order, either way round, without repeating the first. Edges are straight in degrees. */
export type Area = readonly Point[];

export const MIN_AREA_POINTS = 3;
export const MAX_AREA_POINTS = 64;
const AREA_VERSION = 1;
const HEADER_BYTES = 2;
const POINT_BYTES = 8;

/** version (1) ‖ count (1) ‖ latitude, longitude of each vertex (int32 each), big-endian. Throws GeoError. */
export function areaToBytes(area: Area): Uint8Array {
  assertArea(area);
  const bytes = new Uint8Array(HEADER_BYTES + POINT_BYTES * area.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = AREA_VERSION;
  bytes[1] = area.length;
  area.forEach(({ lat, lon }, i) => {
    view.setInt32(HEADER_BYTES + POINT_BYTES * i, lat);
    view.setInt32(HEADER_BYTES + POINT_BYTES * i + 4, lon);
  });
  return bytes;
}

/** Reads and checks an area. Throws GeoError. */
export function areaFromBytes(bytes: Uint8Array): Area {
  const count = bytes[1] ?? 0;
  if (bytes[0] !== AREA_VERSION || bytes.length !== HEADER_BYTES + POINT_BYTES * count) {
    throw new GeoError("encoding", `not an area of version ${AREA_VERSION}: ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const area = Array.from({ length: count }, (_, i) => ({
    lat: view.getInt32(HEADER_BYTES + POINT_BYTES * i),
    lon: view.getInt32(HEADER_BYTES + POINT_BYTES * i + 4),
  }));
  assertArea(area);
  return area;
}

/** Whether the point is in the area; its boundary is part of it. Exact. */
export function contains(area: Area, point: Point): boolean {
  let inside = false;
  for (const [a, b] of edges(area)) {
    const side = sideOf(a, b, point);
    if (side === 0 && isBetween(a, b, point)) return true;
    // A ray to the east crosses the edges that span the point's latitude, their lower end included, on its right side.
    if (a.lat > point.lat !== b.lat > point.lat && side === (b.lat > a.lat ? 1 : -1)) inside = !inside;
  }
  return inside;
}

/** Each pair of neighbouring vertices. */
export function edges(area: Area): (readonly [Point, Point])[] {
  return area.map((vertex, i) => [vertex, area[(i + 1) % area.length] as Point] as const);
}

function assertArea(area: Area): void {
  if (area.length < MIN_AREA_POINTS || area.length > MAX_AREA_POINTS) {
    throw new GeoError(
      "vertexCount",
      `an area has ${MIN_AREA_POINTS} to ${MAX_AREA_POINTS} vertices, not ${area.length}`,
    );
  }
  if (!area.every(isPoint)) throw new GeoError("outOfRange", "a vertex is not on Earth: units are 1e-7 degrees");
  if (new Set(area.map(({ lat, lon }) => `${lat},${lon}`)).size !== area.length) {
    throw new GeoError("repeatedVertex", "a vertex comes twice");
  }
  const sides = edges(area);
  if (sides.some(([a, b]) => Math.abs(a.lon - b.lon) > MAX_LONGITUDE)) {
    throw new GeoError("antimeridian", "an edge spans more than 180 degrees: split the area at the antimeridian");
  }
  sides.forEach(([a, b], i) => {
    for (let j = i + 1; j < sides.length; j++) {
      const [c, d] = sides[j] as readonly [Point, Point];
      const neighbours = j === i + 1 || (i === 0 && j === sides.length - 1);
      if (neighbours ? foldsBack(a, b, c, d) : touches(a, b, c, d)) {
        throw new GeoError("selfIntersection", `edges ${i} and ${j} meet`);
      }
    }
  });
}

/** Whether the segments share a point. */
function touches(a: Point, b: Point, c: Point, d: Point): boolean {
  const abc = sideOf(a, b, c);
  const abd = sideOf(a, b, d);
  const cda = sideOf(c, d, a);
  const cdb = sideOf(c, d, b);
  if (abc !== abd && cda !== cdb) return true;
  return (
    (abc === 0 && isBetween(a, b, c)) ||
    (abd === 0 && isBetween(a, b, d)) ||
    (cda === 0 && isBetween(c, d, a)) ||
    (cdb === 0 && isBetween(c, d, b))
  );
}

/** Whether two edges that share a vertex share more than it. */
function foldsBack(a: Point, b: Point, c: Point, d: Point): boolean {
  const shared = b === c ? b : a;
  const one = shared === b ? a : b;
  const other = shared === b ? d : c;
  return sideOf(shared, one, other) === 0 && (isBetween(shared, one, other) || isBetween(shared, other, one));
}
