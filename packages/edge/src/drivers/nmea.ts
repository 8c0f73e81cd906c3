import { readFile } from "node:fs/promises";
import { z } from "zod";
import { GnssReceiver } from "../nmea/gnss-receiver.js";
import { replay } from "../nmea/replay.js";
import type { Driver } from "./driver.js";

const settings = z
  .strictObject({
    /** An MQTT topic with one or more sentences in each message. */
    topic: z.string().min(1).optional(),
    /** A receiver's log instead, replayed at `speed` times its own pace. */
    replay: z.strictObject({ file: z.string().min(1), speed: z.number().positive().default(1) }).optional(),
    /** The receiver's accuracy (95 %) at a horizontal dilution of 1. */
    metresPerDilution: z.number().positive().default(10),
  })
  .refine(
    ({ topic, replay: log }) => (topic === undefined) !== (log === undefined),
    "must have either topic or replay",
  );

/** A GNSS receiver that speaks NMEA 0183. */
export const nmea: Driver<z.output<typeof settings>> = {
  settings,
  outputs: () => ({
    position: { type: "position" },
    speed: { type: "number", unit: "km/h" },
    satellites: { type: "number" },
  }),
  actions: [],
  start: async (chosen, host) => {
    const receiver = new GnssReceiver(chosen.metresPerDilution);
    const take = (sentence: string) => {
      try {
        const epoch = receiver.take(sentence);
        if (!epoch) return;
        const { position, speedKilometresPerHour: speed, satellites } = epoch;
        host.feed({ position, speed, satellites });
      } catch (error) {
        host.log.debug({ err: error }, "damaged sentence");
      }
    };
    if (chosen.topic !== undefined) {
      host.mqtt().subscribe(chosen.topic, ({ payload }) => {
        for (const sentence of Buffer.from(payload).toString("latin1").split(/\r?\n/)) take(sentence);
      });
    }
    const stopped = new AbortController();
    if (chosen.replay) {
      const log = await readFile(chosen.replay.file, "latin1");
      void follow(replay(log, chosen.replay.speed, stopped.signal), take);
    }
    return { stop: async () => stopped.abort() };
  },
};

async function follow(epochs: AsyncIterable<readonly string[]>, take: (sentence: string) => void): Promise<void> {
  for await (const sentences of epochs) for (const sentence of sentences) take(sentence);
}
