import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Board } from "./board/board.js";
import { type ChosenDriver, invalid, parseBoard, type Registry, splitName } from "./board/parse-board.js";
import type { Clock } from "./clock/clock.js";
import type { Host, RunningDriver } from "./drivers/driver.js";
import { drivers } from "./drivers/index.js";
import { EdgeError } from "./edge-error.js";
import { StateFile } from "./files/state-file.js";
import { type MqttCredentials, MqttLink } from "./mqtt/mqtt-link.js";
import { Output } from "./thing/output.js";
import { Property } from "./thing/property.js";
import { type Action, Thing } from "./thing/thing.js";
import { isWithinLimits } from "./thing/value.js";

/** What a board needs from the program around it. */
export interface EdgeModules {
  /** Where drivers keep what must survive a restart. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Drivers by name; the built-in ones if left out. */
  readonly drivers?: Registry;
  readonly credentials?: MqttCredentials;
}

/** A running board. */
export interface Edge {
  readonly board: Board;
  readonly things: ReadonlyMap<string, Thing>;
  /** Throws EdgeError `unknownThing`. */
  thing(id: string): Thing;
  close(): Promise<void>;
}

/**
 * Checks a board and starts its drivers. Throws EdgeError `invalidBoard`. Equipment that cannot be reached yet is no error:
 * its properties have no reading until it can.
 */
export async function createEdge(json: unknown, modules: EdgeModules): Promise<Edge> {
  const { board, drivers: chosen } = parseBoard(json, modules.drivers ?? drivers);
  await mkdir(modules.folder, { recursive: true, mode: 0o700 });
  const outputs = new Map<string, Output>();
  for (const [id, { outputs: lines }] of chosen) {
    for (const line of Object.keys(lines)) outputs.set(`${id}/${line}`, new Output());
  }
  const line = (name: string): Output => {
    const output = outputs.get(name);
    if (!output) throw new Error(`no line ${name}`); // boards are checked before, drivers feed what they declared
    return output;
  };
  let link: MqttLink | undefined;
  const running = new Map<string, RunningDriver>();
  const close = async () => {
    for (const driver of [...running.values()].reverse()) await driver.stop();
    await link?.close();
  };

  const hostOf = (id: string): Host => ({
    log: modules.log.child({ driver: id }),
    mqtt: () => {
      if (!board.mqtt) throw invalid(["mqtt"], `driver "${id}" needs a broker`);
      link ??= new MqttLink(board.mqtt.broker, modules.log.child({ broker: board.mqtt.broker }), modules.credentials);
      return link;
    },
    state: (schema, initial) => StateFile.open(join(modules.folder, `driver-${id}.json`), schema, initial),
    feed: (values) => {
      const at = modules.clock.monotonic();
      for (const [name, value] of Object.entries(values)) {
        if (isWithinLimits(value)) line(`${id}/${name}`).set({ value, at });
        else modules.log.warn({ driver: id, line: name }, "a value is too large and was not taken");
      }
    },
    observe: (name, observer) => line(name).observe(observer),
  });

  const things = thingsOf(board, line, modules.clock, (id) => running.get(id));
  try {
    await startAll(chosen, hostOf, running);
  } catch (error) {
    await close();
    throw error;
  }
  modules.log.info({ board: board.id, things: [...things.keys()] }, "board runs");
  return {
    board,
    things,
    thing: (id) => {
      const thing = things.get(id);
      if (thing) return thing;
      const known = [...things.keys()];
      const message = `there is no thing "${id}" on this board; there are ${known.join(", ") || "none"}`;
      throw new EdgeError("unknownThing", { thing: id, known }, message);
    },
    close,
  };
}

async function startAll(
  chosen: ReadonlyMap<string, ChosenDriver>,
  hostOf: (id: string) => Host,
  running: Map<string, RunningDriver>,
): Promise<void> {
  for (const [id, { driver, settings }] of chosen) running.set(id, await driver.start(settings, hostOf(id)));
}

function thingsOf(
  board: Board,
  line: (name: string) => Output,
  clock: Clock,
  driverOf: (id: string) => RunningDriver | undefined,
): ReadonlyMap<string, Thing> {
  const things = Object.entries(board.things).map(([id, thing]): [string, Thing] => {
    const properties = Object.entries(thing.properties).map(([name, property]): [string, Property] => [
      name,
      new Property(`${id}/${name}`, property, line(property.from), clock),
    ]);
    const actions = Object.entries(thing.actions).map(([name, { to }]): [string, Action] => {
      const [driverId, action] = splitName(to);
      const invoke = async () => {
        const driver = driverOf(driverId);
        if (!driver?.invoke) throw new Error(`driver ${driverId} does not run`);
        await driver.invoke(action);
      };
      return [name, { invoke }];
    });
    return [id, new Thing(id, thing, new Map(properties), new Map(actions))];
  });
  return new Map(things);
}
