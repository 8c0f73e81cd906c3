import { distanceMm } from "@ruffchain/geo";
import { z } from "zod";
import { type Fix, pointOf } from "../thing/value.js";
import type { Driver } from "./driver.js";

const settings = z.strictObject({
  /** The output that gives positions, "driver/line". */
  position: z.string(),
  /** Movements below this are taken for noise of the receiver: a car that stands drives no metres. */
  stepMetres: z.number().positive().default(5),
});

const stateSchema = z.strictObject({ millimetres: z.int().min(0) });

/**
 * Adds up the way that positions make, as straight lines between points at least `stepMetres` apart. What it says was
 * written down before, so it never goes back, also not over restarts.
 */
export const odometer: Driver<z.output<typeof settings>> = {
  settings,
  outputs: () => ({ distance: { type: "number", unit: "m" } }),
  inputs: ({ position }) => ({ [position]: { type: "position" } }),
  actions: [],
  start: async ({ position, stepMetres }, host) => {
    const state = await host.state(stateSchema, { millimetres: 0 });
    const feed = () => host.feed({ distance: Math.floor(state.value.millimetres / 1000) });
    let from: Fix | undefined;
    let total = state.value.millimetres;
    let writing: Promise<void> | undefined;

    const persist = async () => {
      while (total !== state.value.millimetres) {
        await state.write({ millimetres: total });
        feed();
      }
      writing = undefined;
    };

    feed();
    host.observe(position, ({ value }) => {
      const fix = value as Fix; // the board was checked: this line gives positions
      from ??= fix;
      const step = distanceMm(pointOf(from), pointOf(fix));
      if (step < stepMetres * 1000) return;
      from = fix;
      total += step;
      writing ??= persist().catch((error: unknown) => {
        writing = undefined;
        host.log.error({ err: error }, "the odometer cannot be written");
      });
    });
    return { stop: async () => writing };
  },
};
