import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type BoardInput,
  Clock,
  createEdge,
  type Edge,
  type Fix,
  MAX_MESSAGE_BYTES,
  MAX_NUMBER,
  MAX_TEXT_BYTES,
} from "@ruffchain/edge";
import { carTopics, driveLog, type SimulatedCar, simulateCar } from "@ruffchain/edge/simulate";
import mqtt from "mqtt";
import { describe, expect, onTestFinished, test } from "vitest";
import { codeOf, silent, startBroker, temporaryFolder, until } from "./setting.js";

const log = readFileSync(driveLog, "latin1");
const clock = new Clock(() => 0);
const carBoard = (broker: string): BoardInput => ({
  ...JSON.parse(readFileSync(new URL("../boards/car.json", import.meta.url), "utf8")),
  mqtt: { broker },
});

async function run(board: BoardInput, folder?: string): Promise<Edge> {
  const edge = await createEdge(board, { folder: folder ?? (await temporaryFolder()), clock, log: silent });
  onTestFinished(() => edge.close());
  return edge;
}

async function carOnTheRoad(change: Partial<BoardInput["drivers"]> = {}) {
  const broker = await startBroker();
  onTestFinished(() => broker.stop());
  const car = await simulateCar({ brokerUrl: broker.url, log, epochsPerSecond: 100 });
  onTestFinished(() => car.close());
  const board = carBoard(broker.url);
  const edge = await run({ ...board, drivers: { ...board.drivers, ...change } as BoardInput["drivers"] });
  const thing = edge.thing("car");
  await until(() => thing.actions.size > 0 && isKnown(edge, "locked") && isKnown(edge, "position"));
  return { broker, car, edge, thing };
}

function isKnown(edge: Edge, name: string): boolean {
  try {
    edge.thing("car").property(name).read();
    return true;
  } catch {
    return false;
  }
}

test("things are chosen by id; what is not there is named with what is", async () => {
  const { edge, thing } = await carOnTheRoad();
  expect(await codeOf(() => edge.thing("truck"))).toBe("unknownThing");
  expect(() => thing.property("fuel")).toThrow("it has position, speed, odometer, locked");
  expect(() => thing.action("honk")).toThrow("it has unlock, lock");
  expect(thing.property("position").read().value).toEqual({
    latitude: 482_175_583,
    longitude: 84_144_950,
    accuracyMetres: 7,
  });
});

test("a property without a reading says so, and one that is too old too", async () => {
  let now = 0;
  const { url } = await brokerForTest();
  const aging = new Clock(() => 0, { wall: () => 0, monotonic: () => now });
  const board: BoardInput = {
    board: 1,
    id: "box",
    mqtt: { broker: url },
    drivers: { level: { type: "mqtt-value", topic: "level", kind: "number", unit: "%" } },
    things: { tank: { properties: { level: { type: "number", unit: "%", from: "level/value", maxAgeSeconds: 5 } } } },
  };
  const edge = await createEdge(board, { folder: await temporaryFolder(), clock: aging, log: silent });
  onTestFinished(() => edge.close());
  const level = edge.thing("tank").property("level");
  expect(await codeOf(() => level.read())).toBe("noReading");
  const seen: unknown[] = [];
  const end = level.observe(({ value }) => seen.push(value));
  const client = await mqtt.connectAsync(url);
  onTestFinished(() => client.endAsync(true));
  await client.publishAsync("level", "41.5", { retain: true });
  await until(() => seen.length > 0);
  now = 5000;
  expect(level.read().value).toBe(41.5);
  now = 5001;
  expect(await codeOf(() => level.read())).toBe("staleReading");
  end();
  expect(seen).toEqual([41.5]);
});

async function brokerForTest() {
  const broker = await startBroker();
  onTestFinished(() => broker.stop());
  return broker;
}

describe("mqtt-value", () => {
  test("takes values of its type only, alone or as a member of an object", async () => {
    const { url } = await brokerForTest();
    const edge = await run({
      board: 1,
      id: "box",
      mqtt: { broker: url },
      drivers: {
        plain: { type: "mqtt-value", topic: "plain", kind: "number" },
        member: { type: "mqtt-value", topic: "member", kind: "boolean", member: "open" },
      },
      things: {
        box: {
          properties: {
            plain: { type: "number", from: "plain/value" },
            open: { type: "boolean", from: "member/value" },
          },
        },
      },
    });
    const seen: unknown[] = [];
    for (const property of edge.thing("box").properties.values()) property.observe(({ value }) => seen.push(value));
    const client = await mqtt.connectAsync(url);
    onTestFinished(() => client.endAsync(true));
    await client.publishAsync("plain", "1", { retain: true });
    await until(() => seen.length === 1);
    for (const bad of ["", "x", '"2"', "null", "1e999", "9000001", "{}"]) await client.publishAsync("plain", bad);
    for (const bad of ["true", '{"open":1}', '{"shut":true}', "[]"]) await client.publishAsync("member", bad);
    await client.publishAsync("member", '{"open":false}');
    await client.publishAsync("plain", "-2.5");
    await until(() => seen.length >= 3);
    expect(seen).toEqual([1, false, -2.5]);
  });
});

test("texts and numbers that could not be signed, and messages that are too large, are not taken", async () => {
  const { url } = await brokerForTest();
  const edge = await run({
    board: 1,
    id: "box",
    mqtt: { broker: url },
    drivers: {
      text: { type: "mqtt-value", topic: "text", kind: "string" },
      number: { type: "mqtt-value", topic: "number", kind: "number" },
    },
    things: {
      box: {
        properties: { text: { type: "string", from: "text/value" }, number: { type: "number", from: "number/value" } },
      },
    },
  });
  const seen: unknown[] = [];
  for (const property of edge.thing("box").properties.values()) property.observe(({ value }) => seen.push(value));
  const client = await mqtt.connectAsync(url);
  onTestFinished(() => client.endAsync(true));
  await client.publishAsync("text", '""', { retain: true });
  await until(() => seen.length === 1);
  for (const length of [MAX_TEXT_BYTES + 1, MAX_TEXT_BYTES])
    await client.publishAsync("text", `"${"x".repeat(length)}"`);
  for (const number of [MAX_NUMBER + 1, -MAX_NUMBER]) await client.publishAsync("number", String(number));
  for (const length of [MAX_MESSAGE_BYTES + 1, MAX_MESSAGE_BYTES])
    await client.publishAsync("number", String(length).padStart(length));
  await until(() => seen.length >= 4);
  expect(seen).toEqual(["", "x".repeat(MAX_TEXT_BYTES), -MAX_NUMBER, MAX_MESSAGE_BYTES]);
});

describe("nmea", () => {
  test("replays a log file", async () => {
    const file = fileURLToPath(driveLog);
    const edge = await run({
      board: 1,
      id: "box",
      drivers: { gnss: { type: "nmea", replay: { file, speed: 100 } } },
      things: { box: { properties: { position: { type: "position", from: "gnss/position" } } } },
    });
    const seen: Fix[] = [];
    edge
      .thing("box")
      .property("position")
      .observe(({ value }) => seen.push(value as Fix));
    await until(() => seen.length >= 8);
    expect(seen.at(-1)?.latitude).toBe(482_208_000);
  });
});

describe("odometer", () => {
  test("counts the metres of the drive, and nothing while standing", async () => {
    const { car, edge } = await carOnTheRoad();
    const odometer = edge.thing("car").property("odometer");
    expect(odometer.read().value).toBe(0);
    const steps: number[] = [];
    odometer.observe(({ value }) => steps.push(value as number));
    await car.drive();
    const expected = gpsdMetres();
    await until(() => (steps.at(-1) ?? 0) > expected * 0.99);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps.at(-1)).toBeLessThan(expected * 1.01);
  });
});

/** The way between the positions that gpsd found in the log, on a sphere. */
function gpsdMetres(): number {
  const lines = readFileSync(new URL("data/gpsd-nmea/nl2008u.log.chk", import.meta.url), "latin1").split("\n");
  const fixes = lines.filter((line) => line.startsWith('{"class":"TPV"')).map((line) => JSON.parse(line));
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  return fixes.slice(1).reduce((sum, to, index) => {
    const from = fixes[index];
    const [north, east] = [radians(to.lat - from.lat), radians(to.lon - from.lon)];
    const half = Math.sin(north / 2) ** 2 + Math.cos(radians(to.lat)) ** 2 * Math.sin(east / 2) ** 2;
    return sum + 2 * 6_371_000 * Math.asin(Math.sqrt(half));
  }, 0);
}

describe("mqtt-lock", () => {
  test("is done when the lock says so", async () => {
    const { car, thing } = await carOnTheRoad();
    expect(thing.property("locked").read().value).toBe(true);
    await thing.action("unlock").invoke();
    expect(car.locked).toBe(false);
    expect(thing.property("locked").read().value).toBe(false);
    await thing.action("unlock").invoke();
    await thing.action("lock").invoke();
    expect(car.locked).toBe(true);
    expect(car.commands).toEqual({ LOCK: 1, UNLOCK: 2 });
  });

  test("an answer that does not come is no success; the next command is tried anew", async () => {
    const doors = { type: "mqtt-lock", commandTopic: carTopics.lockCommand, stateTopic: carTopics.lockState };
    const { car, thing } = await carOnTheRoad({ doors: { ...doors, readBackMilliseconds: 100 } });
    car.faults.deaf = true;
    expect(await codeOf(() => thing.action("unlock").invoke())).toBe("notReadBack");
    car.faults.deaf = false;
    await thing.action("unlock").invoke();
    expect(car.locked).toBe(false);
  });

  test("a jammed lock is a failure at once", async () => {
    const { car, thing } = await carOnTheRoad();
    car.faults.jammed = true;
    expect(await codeOf(() => thing.action("unlock").invoke())).toBe("actionFailed");
    expect(thing.property("locked").read().value).toBe(true);
  });

  test("takes one command at a time", async () => {
    const { car, thing } = await carOnTheRoad();
    const first = thing.action("unlock").invoke();
    expect(await codeOf(() => thing.action("lock").invoke())).toBe("busy");
    await first;
    expect(car.commands).toEqual({ LOCK: 0, UNLOCK: 1 });
  });

  test("without a broker a command fails at once and does not come later", async () => {
    const { broker, car, edge, thing } = await carOnTheRoad();
    const port = Number(new URL(broker.url).port);
    await broker.stop();
    await until(async () => (await codeOf(() => thing.action("unlock").invoke())) === "notConnected");
    const again = await startBroker(port);
    onTestFinished(() => again.stop());
    await until(async () => (await codeOf(() => thing.action("lock").invoke())) === undefined);
    expect(car.commands.UNLOCK).toBe(0);
    expect(edge.thing("car").property("locked").read().value).toBe(true);
  });
});

test("a command that the broker does not confirm fails, and is forgotten", async () => {
  const sessions: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const session = sessions.push("") - 1;
    socket.on("error", () => {});
    socket.on("data", (data) => {
      sessions[session] += data.toString("hex");
      if (data[0] === 0x10) socket.write(Buffer.from("20020000", "hex")); // CONNECT is answered, nothing else
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const edge = await run(carBoard(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`));
  await until(() => sessions[0]?.includes(Buffer.from(carTopics.lockState).toString("hex")) ?? false);
  expect(await codeOf(() => edge.thing("car").action("unlock").invoke())).toBe("notConnected");
  const unlock = Buffer.from("UNLOCK").toString("hex");
  expect(sessions[0]).toContain(unlock);
  sockets[0]?.destroy();
  await until(() => sessions[1]?.includes(Buffer.from(carTopics.lockState).toString("hex")) ?? false);
  expect(sessions[1]).not.toContain(unlock);
});

test("a driver that needs a broker says so, and one whose file was damaged too", async () => {
  const board = carBoard("mqtt://127.0.0.1:1");
  const { mqtt: _, ...without } = board;
  expect(await codeOf(() => run(without))).toBe("invalidBoard");
  const folder = await temporaryFolder();
  for (const text of ["{", '{"millimetres":-1}', '{"millimetres":1,"x":1}']) {
    writeFileSync(join(folder, "driver-odometer.json"), text);
    expect(await codeOf(() => run(board, folder))).toBe("invalidFile");
  }
});

test("runs without its broker and works when it comes", async () => {
  const first = await startBroker();
  const port = Number(new URL(first.url).port);
  await first.stop();
  const edge = await run(carBoard(first.url));
  expect(isKnown(edge, "position")).toBe(false);
  const broker = await startBroker(port);
  onTestFinished(() => broker.stop());
  const car: SimulatedCar = await simulateCar({ brokerUrl: broker.url, log, epochsPerSecond: 100 });
  onTestFinished(() => car.close());
  await until(() => isKnown(edge, "position") && isKnown(edge, "locked"));
});

test("what a driver keeps lies in the edge's folder", async () => {
  const broker = await brokerForTest();
  const folder = await temporaryFolder();
  const car = await simulateCar({ brokerUrl: broker.url, log, epochsPerSecond: 100 });
  onTestFinished(() => car.close());
  const edge = await run(carBoard(broker.url), folder);
  await until(() => isKnown(edge, "position"));
  await car.drive();
  await until(() => (edge.thing("car").property("odometer").read().value as number) > 600);
  const before = edge.thing("car").property("odometer").read().value;
  await edge.close();
  expect(JSON.parse(readFileSync(join(folder, "driver-odometer.json"), "utf8")).millimetres).toBeGreaterThan(600_000);
  const again = await run(carBoard(broker.url), folder);
  expect(again.thing("car").property("odometer").read().value).toBe(before);
});
