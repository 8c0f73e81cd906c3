import { CborWriter } from "./cbor-writer.js";
import { CoseError } from "./cose-error.js";
import { isEqual } from "./is-equal.js";
import { decodeStrict, Tagged } from "./strict-cbor.js";

/** A number as mantissa × 10^exponent: the same bytes from every language, as binary floats are not. */
export interface Decimal {
  readonly mantissa: number | bigint;
  readonly exponent: number;
}

/** One reading (RFC 8428). `time` is in seconds after the pack's base time. */
export interface SenmlRecord {
  readonly name: string;
  readonly unit?: string;
  readonly value: number | bigint | Decimal | string | boolean;
  readonly time?: number;
}

export interface SenmlPack {
  readonly baseName: string;
  /** Seconds since 1970. */
  readonly baseTime: number;
  readonly records: readonly SenmlRecord[];
}

/** Labels of RFC 8428, table 4. */
const label = { name: 0, unit: 1, value: 2, string: 3, boolean: 4, time: 6, baseName: -2, baseTime: -3 } as const;
const DECIMAL_TAG = 4;

/** SenML in deterministic CBOR; base name and time stand in the first record. Throws CoseError notInteger for a float. */
export function encodeSenml({ baseName, baseTime, records }: SenmlPack): Uint8Array {
  const writer = new CborWriter().array(records.length);
  records.forEach((record, i) => {
    const time = record.time ?? 0;
    const entries = 2 + (record.unit === undefined ? 0 : 1) + (time === 0 ? 0 : 1) + (i === 0 ? 2 : 0);
    writer.map(entries).uint(label.name).text(record.name);
    if (record.unit !== undefined) writer.uint(label.unit).text(record.unit);
    writeValue(writer, record.value);
    if (time !== 0) writer.uint(label.time).int(integer(time));
    if (i === 0) writer.int(label.baseName).text(baseName).int(label.baseTime).int(integer(baseTime));
  });
  return writer.finish();
}

function writeValue(writer: CborWriter, value: SenmlRecord["value"]): void {
  if (typeof value === "string") writer.uint(label.string).text(value);
  else if (typeof value === "boolean") writer.uint(label.boolean).bool(value);
  else if (typeof value === "object") {
    writer.uint(label.value).tag(DECIMAL_TAG).array(2).int(integer(value.exponent)).int(integer(value.mantissa));
  } else writer.uint(label.value).int(integer(value));
}

function integer(value: number | bigint): number | bigint {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new CoseError("notInteger", `${value} is not an integer: give it as mantissa and exponent`);
  }
  return value;
}

/** Reads a pack. Throws CoseError malformed for floats, unknown labels and base fields after the first record. */
export function decodeSenml(bytes: Uint8Array): SenmlPack {
  const pack = decodeStrict(bytes);
  const fail = (what: string): never => {
    throw new CoseError("malformed", `SenML: ${what}`);
  };
  if (!Array.isArray(pack) || pack.length === 0) return fail("not a list of records");
  let baseName = "";
  let baseTime = 0;
  const records = pack.map((item, i): SenmlRecord => {
    if (!(item instanceof Map)) return fail(`record ${i} is not a map`);
    let record: { name?: string; unit?: string; value?: SenmlRecord["value"]; time?: number } = {};
    for (const [key, value] of item as Map<unknown, unknown>) {
      if (key === label.name && typeof value === "string") record = { ...record, name: value };
      else if (key === label.unit && typeof value === "string") record = { ...record, unit: value };
      else if (key === label.value)
        record = { ...record, value: numberOf(value) ?? fail(`record ${i} has no decimal value`) };
      else if (key === label.string && typeof value === "string") record = { ...record, value };
      else if (key === label.boolean && typeof value === "boolean") record = { ...record, value };
      else if (key === label.time && Number.isSafeInteger(value)) record = { ...record, time: value as number };
      else if (i === 0 && key === label.baseName && typeof value === "string") baseName = value;
      else if (i === 0 && key === label.baseTime && Number.isSafeInteger(value)) baseTime = value as number;
      else return fail(`record ${i} has an unknown label or type`);
    }
    const { name, value, ...rest } = record;
    if (name === undefined || value === undefined) return fail(`record ${i} lacks its name or value`);
    return { name, value, ...rest };
  });
  const decoded = { baseName, baseTime, records };
  // Floats that happen to be whole, and fields in another order, would be a second encoding of the same readings.
  if (!isEqual(encodeSenml(decoded), bytes)) return fail("not in its deterministic encoding");
  return decoded;
}

function numberOf(value: unknown): number | bigint | Decimal | undefined {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return value as number | bigint;
  if (!(value instanceof Tagged) || value.tag !== DECIMAL_TAG || !Array.isArray(value.value)) return undefined;
  const [exponent, mantissa] = value.value;
  const integers = Number.isSafeInteger(exponent) && (typeof mantissa === "bigint" || Number.isSafeInteger(mantissa));
  return integers && value.value.length === 2 ? { exponent, mantissa } : undefined;
}
