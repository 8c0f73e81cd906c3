import {
  type Area,
  areaFromBytes,
  areaToBytes,
  contains,
  containsWithMargin,
  distanceMm,
  GeoError,
  MAX_AREA_POINTS,
  type Point,
} from "@ruffchain/geo";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const square: Area = [
  { lat: 0, lon: 0 },
  { lat: 0, lon: 1000 },
  { lat: 1000, lon: 1000 },
  { lat: 1000, lon: 0 },
];
/** A U, open to the north. */
const notched: Area = [
  { lat: 0, lon: 0 },
  { lat: 0, lon: 300 },
  { lat: 300, lon: 300 },
  { lat: 300, lon: 200 },
  { lat: 100, lon: 200 },
  { lat: 100, lon: 100 },
  { lat: 300, lon: 100 },
  { lat: 300, lon: 0 },
];
const point = fc.record(
  {
    lat: fc.integer({ min: -900_000_000, max: 900_000_000 }),
    lon: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
  },
  { noNullPrototype: true },
);

/** A polygon around a centre whose vertices are sorted by angle is simple: built by star shape from distinct directions. */
const star = fc
  .tuple(
    fc.integer({ min: -400_000_000, max: 400_000_000 }),
    fc.integer({ min: -900_000_000, max: 900_000_000 }),
    fc.uniqueArray(fc.integer({ min: 0, max: 359 }), { minLength: 5, maxLength: 40 }),
    fc.infiniteStream(fc.integer({ min: 1000, max: 400_000_000 })),
  )
  .map(([lat, lon, angles, radii]) => {
    const sorted = angles.sort((a, b) => a - b);
    return sorted.map((angle) => {
      const radius = radii.next().value;
      const radians = (angle * Math.PI) / 180;
      return { lat: lat + Math.round(radius * Math.sin(radians)), lon: lon + Math.round(radius * Math.cos(radians)) };
    });
  });

/** Winding number in exact bigint arithmetic: another method than the library's crossing count. */
function windingContains(area: Area, { lat, lon }: Point): boolean {
  let winding = 0;
  for (let i = 0; i < area.length; i++) {
    const a = area[i] as Point;
    const b = area[(i + 1) % area.length] as Point;
    const cross = BigInt(b.lon - a.lon) * BigInt(lat - a.lat) - BigInt(lon - a.lon) * BigInt(b.lat - a.lat);
    const between =
      lat >= Math.min(a.lat, b.lat) &&
      lat <= Math.max(a.lat, b.lat) &&
      lon >= Math.min(a.lon, b.lon) &&
      lon <= Math.max(a.lon, b.lon);
    if (cross === 0n && between) return true;
    if (a.lat <= lat && b.lat > lat && cross > 0n) winding++;
    if (a.lat > lat && b.lat <= lat && cross < 0n) winding--;
  }
  return winding !== 0;
}

/** Whether edges share more than the vertex of neighbours: by the parameters at which their lines cross. */
function meets(area: Area): boolean {
  const sides = area.map((from, i) => ({ from, to: area[(i + 1) % area.length] as Point }));
  return sides.some(({ from: p, to: p2 }, i) =>
    sides.some(({ from: q, to: q2 }, j) => {
      if (j <= i) return false;
      const r = { x: p2.lon - p.lon, y: p2.lat - p.lat };
      const s = { x: q2.lon - q.lon, y: q2.lat - q.lat };
      const between = { x: q.lon - p.lon, y: q.lat - p.lat };
      const shared = [p, p2].filter((end) => end === q || end === q2).length;
      const lines = r.x * s.y - r.y * s.x;
      if (lines !== 0) {
        const t = (between.x * s.y - between.y * s.x) / lines;
        const u = (between.x * r.y - between.y * r.x) / lines;
        return shared === 0 && t >= 0 && t <= 1 && u >= 0 && u <= 1;
      }
      if (between.x * r.y !== between.y * r.x) return false;
      const onLine = ({ lat, lon }: Point) => (lon - p.lon) * r.x + (lat - p.lat) * r.y;
      const overlap =
        Math.min(Math.max(0, onLine(p2)), Math.max(onLine(q), onLine(q2))) -
        Math.max(Math.min(0, onLine(p2)), Math.min(onLine(q), onLine(q2)));
      return shared === 0 ? overlap >= 0 : overlap > 0;
    }),
  );
}

const valid = (area: Area): boolean => {
  try {
    areaToBytes(area);
    return true;
  } catch (error) {
    if (error instanceof GeoError) return false;
    throw error;
  }
};

describe("area", () => {
  test.each([
    [{ lat: 500, lon: 500 }, true],
    [{ lat: 0, lon: 0 }, true],
    [{ lat: 0, lon: 500 }, true],
    [{ lat: 1000, lon: 1000 }, true],
    [{ lat: -1, lon: 500 }, false],
    [{ lat: 500, lon: 1001 }, false],
    [{ lat: 0, lon: 1001 }, false],
  ])("a square and %j: %s", (where, expected) => expect(contains(square, where)).toBe(expected));

  test.each([
    [{ lat: 200, lon: 150 }, false],
    [{ lat: 100, lon: 150 }, true],
    [{ lat: 50, lon: 150 }, true],
    [{ lat: 300, lon: 150 }, false],
    [{ lat: 300, lon: 250 }, true],
  ])("a notched area and %j: %s", (where, expected) => expect(contains(notched, where)).toBe(expected));

  test("contains agrees with exact winding numbers, near edges too, whichever way round", () => {
    fc.assert(
      fc.property(star, point, fc.nat(), fc.integer({ min: -2, max: 2 }), (area, anywhere, pick, off) => {
        fc.pre(valid(area));
        const vertex = area[pick % area.length] as Point;
        const next = area[(pick + 1) % area.length] as Point;
        const near = {
          lat: Math.trunc((vertex.lat + next.lat) / 2) + off,
          lon: Math.trunc((vertex.lon + next.lon) / 2),
        };
        for (const where of [anywhere, near, vertex]) {
          const expected = windingContains(area, where);
          expect(contains(area, where)).toBe(expected);
          expect(contains([...area].reverse(), where)).toBe(expected);
        }
        expect(contains(area, vertex)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("contains does not change when area and point are moved together", () => {
    const offset = fc.integer({ min: -100_000_000, max: 100_000_000 });
    fc.assert(
      fc.property(star, fc.nat(), offset, offset, offset, offset, (area, pick, north, east, lat, lon) => {
        fc.pre(valid(area));
        const vertex = area[pick % area.length] as Point;
        const where = { lat: vertex.lat + lat, lon: vertex.lon + lon };
        const move = (point: Point) => ({ lat: point.lat + north, lon: point.lon + east });
        expect(contains(area.map(move), move(where))).toBe(contains(area, where));
      }),
    );
  });

  test("an area is refused exactly when a naive check finds edges that meet", () => {
    const vertex = fc.record({ lat: fc.nat(5), lon: fc.nat(5) }, { noNullPrototype: true });
    const vertices = fc.uniqueArray(vertex, {
      minLength: 3,
      maxLength: 7,
      selector: ({ lat, lon }) => `${lat} ${lon}`,
    });
    const seen = { simple: 0, meeting: 0 };
    fc.assert(
      fc.property(vertices, fc.constantFrom(1, 25_000_000), (small, scale) => {
        const area = small.map(({ lat, lon }) => ({ lat: lat * scale, lon: lon * scale }));
        const isSimple = !meets(small);
        seen[isSimple ? "simple" : "meeting"] += 1;
        expect(valid(area)).toBe(isSimple);
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(seen.simple, seen.meeting)).toBeGreaterThan(100);
  });

  test("bytes round trip, and are these for a triangle", () => {
    const triangle: Area = [
      { lat: 1, lon: -1 },
      { lat: 256, lon: 2 },
      { lat: -900_000_000, lon: 1_800_000_00 },
    ];
    expect(Buffer.from(areaToBytes(triangle)).toString("hex")).toBe(
      "010300000001ffffffff0000010000000002ca5b17000aba9500",
    );
    fc.assert(
      fc.property(star, (area) => {
        fc.pre(valid(area));
        expect(areaFromBytes(areaToBytes(area))).toStrictEqual(area);
      }),
      { numRuns: 50 },
    );
  });

  test.each<[string, Area]>([
    ["vertexCount", square.slice(0, 2)],
    ["vertexCount", Array.from({ length: MAX_AREA_POINTS + 1 }, (_, i) => ({ lat: i * i, lon: i }))],
    ["outOfRange", [...square.slice(0, 3), { lat: 900_000_001, lon: 0 }]],
    ["outOfRange", [...square.slice(0, 3), { lat: 0.5, lon: 0 }]],
    ["repeatedVertex", [...square, { lat: 0, lon: 1000 }]],
    ["selfIntersection", [square[0], square[2], square[1], square[3]] as Area],
    [
      "selfIntersection",
      [
        { lat: 0, lon: 0 },
        { lat: 0, lon: 10 },
        { lat: 0, lon: 5 },
        { lat: 5, lon: 5 },
      ],
    ],
    [
      "antimeridian",
      [
        { lat: 0, lon: -1_700_000_000 },
        { lat: 0, lon: 1_700_000_000 },
        { lat: 10, lon: 0 },
      ],
    ],
  ])("error: %s", (code, area) => {
    expect(() => areaToBytes(area)).toThrow(expect.objectContaining({ name: "GeoError", code }));
  });

  test("error: bytes of another length or version", () => {
    const bytes = areaToBytes(square);
    for (const wrong of [bytes.subarray(0, -1), Uint8Array.from([2, ...bytes.subarray(1)]), new Uint8Array(0)]) {
      expect(() => areaFromBytes(wrong)).toThrow(expect.objectContaining({ code: "encoding" }));
    }
  });
});

describe("distance", () => {
  /** Great circle on the same sphere. */
  function haversineMm(a: Point, b: Point): number {
    const radians = (units: number) => ((units / 1e7) * Math.PI) / 180;
    const h =
      Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
      Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lon - a.lon) / 2) ** 2;
    return 2 * 6_378_137_000 * Math.asin(Math.sqrt(h));
  }

  test("is within 0.2 % of the great circle below 100 km and 70 degrees", () => {
    const near = fc.integer({ min: -6_000_000, max: 6_000_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: -690_000_000, max: 690_000_000 }),
        fc.integer({ min: -1_700_000_000, max: 1_700_000_000 }),
        near,
        near,
        (lat, lon, north, east) => {
          const a = { lat, lon };
          const b = { lat: lat + north, lon: lon + east };
          const exact = haversineMm(a, b);
          expect(Math.abs(distanceMm(a, b) - exact)).toBeLessThanOrEqual(exact * 0.002 + 25);
          expect(distanceMm(b, a)).toBe(distanceMm(a, b));
        },
      ),
    );
  });

  test("goes the short way across the antimeridian", () => {
    const west = { lat: 0, lon: 1_799_999_000 };
    const east = { lat: 0, lon: -1_799_999_000 };
    expect(distanceMm(west, east)).toBe(distanceMm({ lat: 0, lon: 0 }, { lat: 0, lon: 2_000 }));
    expect(distanceMm(east, west)).toBe(distanceMm(west, east));
  });

  test("a margin keeps the fix away from the boundary", () => {
    const area: Area = [
      { lat: 482_000_000, lon: 84_000_000 },
      { lat: 482_000_000, lon: 84_100_000 },
      { lat: 482_100_000, lon: 84_100_000 },
      { lat: 482_100_000, lon: 84_000_000 },
    ];
    // 0.0005 degrees of latitude north of the south edge: 55.66 m.
    const fix = { lat: 482_005_000, lon: 84_050_000 };
    expect(containsWithMargin(area, fix, 55_000)).toBe(true);
    expect(containsWithMargin(area, fix, 56_000)).toBe(false);
    expect(containsWithMargin(area, { ...fix, lat: 481_999_000 }, 0)).toBe(false);
    expect(containsWithMargin(area, { lat: 482_000_000, lon: 84_050_000 }, 0)).toBe(true);
  });
});
