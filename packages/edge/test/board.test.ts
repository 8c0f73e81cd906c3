import { readFileSync } from "node:fs";
import { type BoardInput, drivers, EdgeError, parseBoard } from "@ruffchain/edge";
import { describe, expect, test } from "vitest";

const car = (): BoardInput => JSON.parse(readFileSync(new URL("../boards/car.json", import.meta.url), "utf8"));

/** The board of the car with one thing changed: `path` is set to `value`, or taken out. */
function carWith(path: string, value?: unknown): unknown {
  const board: Record<string, unknown> = { ...car() };
  const names = path.split(".");
  const last = names.pop() ?? "";
  let place = board;
  for (const name of names) place = place[name] as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return board;
}

test("the example boards are right, and defaults are filled in", () => {
  const { board } = parseBoard(car(), drivers);
  expect(board.things.car?.properties.locked?.decimals).toBe(0);
  expect(board.things.car?.properties.speed).toMatchObject({ "@type": "Vehicle.Speed", unit: "km/h" });
});

describe("a board is refused with the path of its fault", () => {
  test.each<[path: string, value: unknown, where?: string]>([
    ["board", 2],
    ["id", "Car!"],
    ["surprise", true, "its root"],
    ["mqtt.broker", "http://127.0.0.1"],
    ["mqtt.broker", "mqtt://user:hunter2@127.0.0.1"],
    ["drivers.gnss.type", "gps"],
    ["drivers.gnss.topic", 7],
    ["drivers.gnss.surprise", 7, "drivers.gnss"],
    ["drivers.gnss", { type: "nmea" }],
    ["drivers.gnss", { type: "nmea", topic: "a", replay: { file: "b" } }],
    ["drivers.odometer.position", "gnss/speed", "drivers.odometer"],
    ["drivers.odometer.position", "gps/position", "drivers.odometer"],
    ["drivers.doors.readBackMilliseconds", 0],
    ["things.car.properties.speed.from", "gps/speed"],
    ["things.car.properties.speed.from", "gnss/velocity"],
    ["things.car.properties.speed.from", "gnss"],
    ["things.car.properties.speed.type", "boolean"],
    ["things.car.properties.speed.unit", "m/s"],
    ["things.car.properties.speed.decimals", 10],
    ["things.car.actions.unlock.to", "doors/open"],
    ["things.car.actions.unlock.to", "door/unlock"],
    ["telemetry.sample", { "car/fuel": 1 }, "telemetry.sample.car/fuel"],
    ["telemetry.sample", { "car/speed": 0 }, "telemetry.sample.car/speed"],
    ["telemetry.onChange", ["car/doors"], "telemetry.onChange.0"],
    ["access.thing", "truck"],
    ["access.position", "speed"],
    ["access.odometer", "distance"],
    ["access.unlock", "open"],
  ])("%s: %j", (path, value, where = path) => {
    let error: unknown;
    try {
      parseBoard(carWith(path, value), drivers);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(EdgeError);
    expect(error).toMatchObject({ code: "invalidBoard" });
    expect((error as Error).message).toContain(`at ${where}: `);
    expect((error as Error).message).not.toContain("hunter2");
  });

  test.each(["drivers", "things", "id", "board"])("without %s", (member) => {
    expect(() => parseBoard(carWith(member), drivers)).toThrow(EdgeError);
  });
});
