import { z } from "zod";
import type { Value } from "../thing/value.js";
import type { Driver } from "./driver.js";

const settings = z.strictObject({
  topic: z.string().min(1),
  kind: z.enum(["boolean", "number", "string"]),
  unit: z.string().optional(),
  /** The member of a JSON object that has the value; without it the whole message is the value. */
  member: z.string().optional(),
});

/** One value in JSON (a number alone is JSON too) on an MQTT topic. What is not of the stated kind is not taken. */
export const mqttValue: Driver<z.output<typeof settings>> = {
  settings,
  outputs: ({ kind: type, unit }) => ({ value: unit === undefined ? { type } : { type, unit } }),
  actions: [],
  start: async ({ topic, kind, member }, host) => {
    host.mqtt().subscribe(topic, ({ payload }) => {
      const value = parse(Buffer.from(payload).toString("utf8"), member);
      if (isOfType(value, kind)) host.feed({ value });
      else host.log.warn({ topic, kind }, "not a value of this kind");
    });
    return { stop: async () => {} };
  },
};

function parse(text: string, member: string | undefined): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (member === undefined) return value;
    return value !== null && typeof value === "object" && Object.hasOwn(value, member)
      ? (value as Record<string, unknown>)[member]
      : undefined;
  } catch {
    return undefined; // not JSON: the caller says that this is no value of the type
  }
}

function isOfType(value: unknown, type: "boolean" | "number" | "string"): value is Exclude<Value, object> {
  return typeof value === type && (type !== "number" || Number.isFinite(value));
}
