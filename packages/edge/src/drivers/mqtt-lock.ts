import { z } from "zod";
import { EdgeError } from "../edge-error.js";
import type { Message, MqttLink } from "../mqtt/mqtt-link.js";
import type { Driver, Host, RunningDriver } from "./driver.js";

/** The states that a lock reports and the commands that it takes: the words of Home Assistant's MQTT lock. */
const commands = {
  lock: { payload: "LOCK", state: "LOCKED" },
  unlock: { payload: "UNLOCK", state: "UNLOCKED" },
} as const;
type Command = keyof typeof commands;
const JAMMED = "JAMMED";

const settings = z.strictObject({
  commandTopic: z.string().min(1),
  /** The lock reports here after each command, also if its state did not change. */
  stateTopic: z.string().min(1),
  readBackMilliseconds: z.int().positive().max(30_000).default(3000),
});
type Settings = z.output<typeof settings>;

/** A lock behind MQTT. A command is done when the lock has reported its state anew, not when it was sent. */
export const mqttLock: Driver<Settings> = {
  settings,
  outputs: () => ({ locked: { type: "boolean" } }),
  actions: ["lock", "unlock"],
  start: async (chosen, host) => new Lock(chosen, host),
};

class Lock implements RunningDriver {
  readonly #settings: Settings;
  readonly #link: MqttLink;
  readonly #host: Host;
  #waiting: ((state: string) => void) | undefined;

  constructor(chosen: Settings, host: Host) {
    this.#settings = chosen;
    this.#host = host;
    this.#link = host.mqtt();
    this.#link.subscribe(chosen.stateTopic, (message) => this.#heard(message));
  }

  async invoke(action: string): Promise<void> {
    if (this.#waiting) {
      throw new EdgeError("busy", { action }, `the lock is still busy: ${action} again when it is done`);
    }
    const { payload, state } = commands[action as Command];
    const read = this.#readBack(action, state);
    try {
      await this.#link.publish(this.#settings.commandTopic, payload);
    } catch (error) {
      read.cancel();
      throw error;
    }
    await read.done;
  }

  async stop(): Promise<void> {}

  /** Waits for the state; states of before the command (retained ones) do not count. */
  #readBack(action: string, expected: string): { done: Promise<void>; cancel: () => void } {
    const milliseconds = this.#settings.readBackMilliseconds;
    let seen: string | undefined;
    let cancel = () => {};
    const done = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = undefined;
        const details = { action, expected, seen, milliseconds };
        const message = `the lock did not report ${expected} within ${milliseconds} ms: its state is not known`;
        reject(new EdgeError("notReadBack", details, message));
      }, milliseconds);
      cancel = () => {
        clearTimeout(timer);
        this.#waiting = undefined;
        resolve();
      };
      this.#waiting = (state) => {
        seen = state;
        if (state === expected) cancel();
        if (state !== JAMMED) return;
        clearTimeout(timer);
        this.#waiting = undefined;
        reject(new EdgeError("actionFailed", { action, state }, "the lock is jammed: it needs a person"));
      };
    });
    return { done, cancel };
  }

  #heard({ payload, retained }: Message): void {
    const state = Buffer.from(payload).toString("utf8");
    if (state === commands.lock.state) this.#host.feed({ locked: true });
    if (state === commands.unlock.state) this.#host.feed({ locked: false });
    if (!retained) this.#waiting?.(state);
  }
}
