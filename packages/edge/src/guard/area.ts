import { areaFromBytes, contains, containsWithMargin, GeoError, type Point } from "@ruffchain/geo";
import { type Fix, pointOf } from "../thing/value.js";

const UNITS_PER_METRE = 10_000_000 / 111_319.49;
/** Where around a fix its error is looked at. */
const DIRECTIONS = 8;

/** Whether a thing at this fix is inside the encoded area for certain: with all of the fix's error. */
export function isInside(area: Uint8Array, fix: Fix): boolean {
  try {
    return containsWithMargin(areaFromBytes(area), pointOf(fix), fix.accuracyMetres * 1000);
  } catch (error) {
    if (error instanceof GeoError) return false; // no area that can be read: nobody is inside
    throw error;
  }
}

/** Whether a thing at this fix is outside the encoded area for certain: what its error may explain is not held against it. */
export function isOutside(area: Uint8Array, fix: Fix): boolean {
  const polygon = areaFromBytes(area);
  return ![pointOf(fix), ...around(fix)].some((point) => contains(polygon, point));
}

function around({ latitude, longitude, accuracyMetres }: Fix): Point[] {
  const radius = accuracyMetres * UNITS_PER_METRE;
  const stretch = Math.max(Math.cos((latitude / 1e7) * (Math.PI / 180)), 0.01);
  return Array.from({ length: DIRECTIONS }, (_, direction) => {
    const angle = (direction * 2 * Math.PI) / DIRECTIONS;
    return {
      lat: Math.round(latitude + radius * Math.sin(angle)),
      lon: Math.round(longitude + (radius * Math.cos(angle)) / stretch),
    };
  });
}
