import type { Point } from "@ruffchain/geo";

/** Where something is: WGS 84, int32 in 1e-7 degrees; the truth lies within `accuracyMetres` of it (95 %). */
export interface Fix {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracyMetres: number;
}

/** The place of a fix, as geometry takes it. */
export function pointOf({ latitude, longitude }: Fix): Point {
  return { lat: latitude, lon: longitude };
}

/** The kinds of values that a property may have. */
interface ValueTypes {
  boolean: boolean;
  number: number;
  string: string;
  position: Fix;
}
export type ValueType = keyof ValueTypes;
export type Value = ValueTypes[ValueType];

/** A value, and when it was received: milliseconds of the device's monotonic clock. */
export interface Reading {
  readonly value: Value;
  readonly at: number;
}

/** Largest number that a property may have: with nine decimals it is still exact. */
export const MAX_NUMBER = 9_000_000;
/** Longest text of a property: several must fit in a batch. */
export const MAX_TEXT_BYTES = 1024;

/** Whether a value can be signed as it is; what equipment gone wrong says may not be. */
export function isWithinLimits(value: Value): boolean {
  if (typeof value === "number") return Math.abs(value) <= MAX_NUMBER;
  return typeof value !== "string" || Buffer.byteLength(value) <= MAX_TEXT_BYTES;
}
