import type { PropertyBoard } from "../board/board.js";
import type { Fix, Value } from "../thing/value.js";

/** A number as a whole one times a power of ten: the same bytes from every language, unlike a float. */
interface Decimal {
  readonly mantissa: number;
  readonly exponent: number;
}

/** One reading or event, for SenML. */
export interface TelemetryRecord {
  readonly name: string;
  readonly unit?: string;
  readonly value: Decimal | boolean | string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** The records of a property's value; a position makes three. `time` is in seconds since 1970. */
export function toRecords(name: string, board: PropertyBoard, value: Value, time: number): TelemetryRecord[] {
  if (typeof value === "object") return positionRecords(name, value, time);
  if (typeof value !== "number") return [{ name, value, time }];
  const decimal = { mantissa: Math.round(value * 10 ** board.decimals), exponent: -board.decimals };
  return [{ name, value: decimal, time, ...(board.unit === undefined ? {} : { unit: board.unit }) }];
}

function positionRecords(name: string, { latitude, longitude, accuracyMetres }: Fix, time: number): TelemetryRecord[] {
  return [
    { name: `${name}/latitude`, unit: "lat", value: { mantissa: latitude, exponent: -7 }, time },
    { name: `${name}/longitude`, unit: "lon", value: { mantissa: longitude, exponent: -7 }, time },
    { name: `${name}/accuracy`, unit: "m", value: { mantissa: accuracyMetres, exponent: 0 }, time },
  ];
}

/** No less than what a record takes in a batch. */
export function estimatedBytes({ name, unit = "", value }: TelemetryRecord): number {
  const text = typeof value === "string" ? Buffer.byteLength(value) : 0;
  return RECORD_BYTES + Buffer.byteLength(name) + unit.length + text;
}

/** Labels, lengths, a number and a time. */
const RECORD_BYTES = 32;
