import { z } from "zod";

/** Ids are part of every reading's name: the name must not outgrow the reading. */
const id = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9-]{0,31}$/, "must be an id: a small letter, then letters, digits and -, 32 at most");
const line = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9-]{0,31}\/[a-z][a-zA-Z0-9-]{0,31}$/, 'must be two ids with a slash: "driver/line"');

const property = z.strictObject({
  /** What it means, as a COVESA VSS name where there is one. */
  "@type": z.string().optional(),
  title: z.string().optional(),
  type: z.enum(["boolean", "number", "string", "position"]),
  /** A unit of the SenML registry (RFC 8428 §12.1, RFC 8798). */
  unit: z.string().optional(),
  /** Digits after the point in telemetry. */
  decimals: z.int().min(0).max(9).default(0),
  /** The driver and which of its outputs feeds this. */
  from: line,
  maxAgeSeconds: z.number().positive().optional(),
});

const action = z.strictObject({
  "@type": z.string().optional(),
  title: z.string().optional(),
  /** The driver and which of its actions does this. */
  to: line,
});

const thing = z.strictObject({
  "@type": z.string().optional(),
  title: z.string().optional(),
  properties: z.record(id, property).default({}),
  actions: z.record(id, action).default({}),
});

/** The settings of a driver are checked by the driver itself. */
const driver = z.looseObject({ type: z.string() });

const telemetry = z.strictObject({
  /** `thing/property` and how often it is sampled; what is not named here is not recorded. */
  sample: z.record(line, z.number().positive()),
  /** `thing/property`: each change is recorded and closes the batch at once. */
  onChange: z.array(line).default([]),
  batchSeconds: z.number().positive().max(3600).default(60),
});

/** Which properties and actions of which thing a right gives access to. */
const access = z.strictObject({
  thing: id,
  position: id,
  speed: id,
  odometer: id,
  locked: id,
  unlock: id,
  lock: id,
});

const broker = z
  .url({ protocol: /^mqtts?$/, error: "must be an mqtt:// or mqtts:// address" })
  .refine((url) => new URL(url).username === "", "must have no user name or password: a board is no place for secrets");

/** One device, as one JSON file. */
export const boardSchema = z.strictObject({
  board: z.literal(1),
  id,
  title: z.string().optional(),
  /** The broker that drivers reach their equipment by. */
  mqtt: z.strictObject({ broker }).optional(),
  drivers: z.record(id, driver),
  things: z.record(id, thing),
  telemetry: telemetry.optional(),
  access: access.optional(),
});

/** A board as people write it. */
export type BoardInput = z.input<typeof boardSchema>;
export type Board = z.output<typeof boardSchema>;
export type ThingBoard = Board["things"][string];
export type PropertyBoard = ThingBoard["properties"][string];
export type AccessBoard = NonNullable<Board["access"]>;
export type TelemetryBoard = NonNullable<Board["telemetry"]>;
