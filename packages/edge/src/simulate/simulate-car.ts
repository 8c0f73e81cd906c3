import { Socket } from "node:net";
import mqtt from "mqtt";
import { epochsOf } from "../nmea/replay.js";

/** The topics that a simulated car speaks on, and boards/car.json listens to. */
export const carTopics = { gnss: "car/gnss", lockCommand: "car/lock/set", lockState: "car/lock/state" } as const;

export interface SimulatedCarOptions {
  readonly brokerUrl: string;
  /** The text of an NMEA log: the way that it drives. */
  readonly log: string;
  /** How many of the log's epochs it goes through in a second, driving or standing. */
  readonly epochsPerSecond?: number;
}

/** The body of a car: a GNSS receiver and a lock, on a real broker. */
export interface SimulatedCar {
  readonly locked: boolean;
  readonly driving: boolean;
  /** Faults of the lock, to be set and cleared. `deaf`: hears no command. `jammed`: says so and does nothing. */
  readonly faults: { deaf: boolean; jammed: boolean };
  /** How often each command reached the lock. */
  readonly commands: Record<"LOCK" | "UNLOCK", number>;
  /** Goes on along the log; resolves when it stands again, at the log's end or when told to park. */
  drive(): Promise<void>;
  /** Stands, with a fix of where it is at the same pace. */
  park(): void;
  close(): Promise<void>;
}

/** A car for demonstrations and tests without hardware. It stands locked at the log's first position. */
export async function simulateCar({ brokerUrl, log, epochsPerSecond = 1 }: SimulatedCarOptions): Promise<SimulatedCar> {
  const epochs = epochsOf(log);
  const client = await mqtt.connectAsync(brokerUrl);
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  const faults = { deaf: false, jammed: false };
  const commands = { LOCK: 0, UNLOCK: 0 };
  let locked = true;
  let at = 0;
  let arrived: (() => void) | undefined;
  const publishState = (state: string) => client.publishAsync(carTopics.lockState, state, { qos: 1, retain: true });

  const park = () => {
    arrived?.();
    arrived = undefined;
  };
  const tick = () => {
    if (arrived && at === epochs.length - 1) park();
    if (arrived) at += 1;
    const sentences = epochs[at]?.sentences ?? [];
    const message = (arrived ? sentences : sentences.map(standing)).join("\r\n");
    if (client.connected) client.publish(carTopics.gnss, message, { qos: 0 });
  };

  client.on("message", (_, payload) => {
    const command = payload.toString();
    if (command !== "LOCK" && command !== "UNLOCK") return;
    commands[command] += 1;
    if (faults.deaf) return;
    if (!faults.jammed) locked = command === "LOCK";
    void publishState(faults.jammed ? "JAMMED" : locked ? "LOCKED" : "UNLOCKED");
  });
  await client.subscribeAsync(carTopics.lockCommand, { qos: 1 });
  await publishState("LOCKED");
  const timer = setInterval(tick, 1000 / epochsPerSecond);
  tick();

  return {
    get locked() {
      return locked;
    },
    get driving() {
      return arrived !== undefined;
    },
    faults,
    commands,
    drive: () =>
      new Promise((resolve) => {
        park();
        arrived = resolve;
      }),
    park,
    close: async () => {
      park();
      clearInterval(timer);
      await client.endAsync(true);
    },
  };
}

/** The sentence as a receiver says it when the car does not move. */
function standing(sentence: string): string {
  const [body = ""] = sentence.split("*");
  const fields = body.split(",");
  if (!/^\$..RMC$/.test(fields[0] ?? "")) return sentence;
  fields[7] = "0.00";
  const text = fields.join(",");
  let checksum = 0;
  for (const byte of Buffer.from(text.slice(1), "latin1")) checksum ^= byte;
  return `${text}*${checksum.toString(16).toUpperCase().padStart(2, "0")}`;
}
