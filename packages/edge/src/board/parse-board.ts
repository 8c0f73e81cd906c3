import type { z } from "zod";
import type { Driver, LineType } from "../drivers/driver.js";
import { EdgeError } from "../edge-error.js";
import type { ValueType } from "../thing/value.js";
import { type Board, boardSchema } from "./board.js";

/** A driver of a board with its settings, checked. */
export interface ChosenDriver {
  readonly driver: Driver;
  readonly settings: unknown;
  readonly outputs: Readonly<Record<string, LineType>>;
}

export interface CheckedBoard {
  readonly board: Board;
  readonly drivers: ReadonlyMap<string, ChosenDriver>;
}

/** Kinds of drivers by the name that boards call them. */
export type Registry = Readonly<Record<string, Driver>>;

/** Checks a board whole, references and drivers' settings included; throws EdgeError `invalidBoard` naming the path. */
export function parseBoard(json: unknown, registry: Registry): CheckedBoard {
  const board = parse(boardSchema, json, []);
  const drivers = new Map(
    Object.entries(board.drivers).map(([id, { type, ...rest }]) => {
      const driver = Object.hasOwn(registry, type) ? registry[type] : undefined;
      if (!driver) {
        throw invalid(
          ["drivers", id, "type"],
          `there is no driver "${type}", only ${Object.keys(registry).join(", ")}`,
        );
      }
      const settings = parse(driver.settings, rest, ["drivers", id]);
      return [id, { driver, settings, outputs: driver.outputs(settings) }];
    }),
  );
  checkInputs(drivers);
  checkThings(board, drivers);
  checkTelemetry(board);
  checkAccess(board);
  return { board, drivers };
}

/** A property or thing's path, "thing/property", taken apart. */
export function splitName(name: string): readonly [first: string, second: string] {
  const slash = name.indexOf("/");
  return [name.slice(0, slash), name.slice(slash + 1)];
}

type Path = readonly PropertyKey[];
type Drivers = CheckedBoard["drivers"];

function parse<T>(schema: z.ZodType<T>, json: unknown, path: Path): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid([...path, ...(issue?.path ?? [])], issue?.message ?? parsed.error.message);
}

function checkInputs(drivers: Drivers): void {
  for (const [id, { driver, settings }] of drivers) {
    for (const [line, needed] of Object.entries(driver.inputs?.(settings) ?? {})) {
      const { type } = outputOf(drivers, line, ["drivers", id]);
      if (type !== needed.type) {
        throw invalid(["drivers", id], `${line} gives a ${type}, a ${needed.type} is needed`);
      }
    }
  }
}

function checkThings(board: Board, drivers: Drivers): void {
  for (const [thingId, thing] of Object.entries(board.things)) {
    for (const [name, property] of Object.entries(thing.properties)) {
      const path = ["things", thingId, "properties", name];
      const output = outputOf(drivers, property.from, [...path, "from"]);
      if (property.type !== output.type) {
        throw invalid([...path, "type"], `${property.from} gives a ${output.type}, not a ${property.type}`);
      }
      if (output.unit !== undefined && property.unit !== output.unit) {
        throw invalid([...path, "unit"], `${property.from} is in ${output.unit}: say so`);
      }
    }
    for (const [name, { to }] of Object.entries(thing.actions)) {
      const path = ["things", thingId, "actions", name, "to"];
      const [driverId, action] = splitName(to);
      const chosen = drivers.get(driverId);
      if (!chosen) throw invalid(path, `there is no driver "${driverId}" on this board`);
      const { actions } = chosen.driver;
      if (!actions.includes(action)) {
        throw invalid(path, `driver "${driverId}" has no action "${action}", only ${actions.join(", ") || "none"}`);
      }
    }
  }
}

function outputOf(drivers: Drivers, line: string, path: Path): LineType {
  const [driverId, name] = splitName(line);
  const chosen = drivers.get(driverId);
  if (!chosen) throw invalid(path, `there is no driver "${driverId}" on this board`);
  const output = Object.hasOwn(chosen.outputs, name) ? chosen.outputs[name] : undefined;
  if (output) return output;
  throw invalid(path, `driver "${driverId}" has no output "${name}", only ${Object.keys(chosen.outputs).join(", ")}`);
}

function checkTelemetry({ things, telemetry }: Board): void {
  if (!telemetry) return;
  const check = (name: string, path: Path) => {
    const [thing, property] = splitName(name);
    if (!things[thing]?.properties[property]) throw invalid(path, `there is no property "${name}"`);
  };
  for (const name of Object.keys(telemetry.sample)) check(name, ["telemetry", "sample", name]);
  telemetry.onChange.forEach((name, index) => {
    check(name, ["telemetry", "onChange", index]);
  });
}

/** What the roles of `access` must be. */
const roles: Readonly<Record<"position" | "speed" | "odometer" | "locked", { type: ValueType; unit?: string }>> = {
  position: { type: "position" },
  speed: { type: "number", unit: "km/h" },
  odometer: { type: "number", unit: "m" },
  locked: { type: "boolean" },
};

function checkAccess({ things, access }: Board): void {
  if (!access) return;
  const thing = things[access.thing];
  if (!thing) throw invalid(["access", "thing"], `there is no thing "${access.thing}"`);
  for (const [role, { type, unit }] of Object.entries(roles)) {
    const name = access[role as keyof typeof roles];
    const property = thing.properties[name];
    if (!property) throw invalid(["access", role], `"${access.thing}" has no property "${name}"`);
    if (property.type !== type || property.unit !== unit) {
      throw invalid(["access", role], `"${name}" must be a ${type}${unit ? ` in ${unit}` : ""}`);
    }
  }
  for (const role of ["lock", "unlock"] as const) {
    if (thing.actions[access[role]]) continue;
    throw invalid(["access", role], `"${access.thing}" has no action "${access[role]}"`);
  }
}

/** A board's fault; the path is written as in JavaScript, "things.car.properties.speed.from". */
export function invalid(path: Path, problem: string): EdgeError<"invalidBoard"> {
  const where = path.map(String).join(".");
  return new EdgeError("invalidBoard", { path: where, problem }, `board, at ${where || "its root"}: ${problem}`);
}
