import type { Validator } from "@ruffchain/light";
import { z } from "zod";
import { StateFile } from "../files/state-file.js";

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/, "must be hex");
const natural = z.string().regex(/^\d+$/, "must be a decimal number");

const sessionSchema = z.strictObject({
  right: natural,
  holder: z.string().regex(/^0x[0-9a-f]{40}$/),
  /** The encoded area; "0x" for none. */
  area: hex,
  until: natural,
  leftArea: z.boolean(),
  secondsOutside: z.number().min(0),
  endAnnounced: z.boolean(),
});

const stateSchema = z.strictObject({
  /** How often the device was started: written before anything is signed. */
  boot: z.int().min(0).max(0xffffffff),
  /** The newest verified header: seconds since 1970, and its height. */
  newestHeader: z.strictObject({ time: z.int().min(0), height: z.int().min(0) }),
  validators: z.array(z.strictObject({ publicKey: hex, power: natural })).min(1),
  session: sessionSchema.nullable(),
});

/** A use of the thing that has begun and was not returned. */
export type Session = z.output<typeof sessionSchema>;

/** What the device must know after a restart, in one file. */
export class DeviceState {
  readonly #file: StateFile<z.output<typeof stateSchema>>;

  private constructor(file: StateFile<z.output<typeof stateSchema>>) {
    this.#file = file;
  }

  /** Opens the state and counts the start. `validators` are trusted if the device has not followed others since. */
  static async open(path: string, validators: readonly Validator[]): Promise<DeviceState> {
    const file = await StateFile.open(path, stateSchema, {
      boot: 0,
      newestHeader: { time: 0, height: 0 },
      validators: validators.map(({ publicKey, power }) => ({
        publicKey: `0x${Buffer.from(publicKey).toString("hex")}`,
        power: power.toString(),
      })),
      session: null,
    });
    await file.write({ ...file.value, boot: file.value.boot + 1 });
    return new DeviceState(file);
  }

  get boot(): number {
    return this.#file.value.boot;
  }

  get newestHeader(): { readonly time: number; readonly height: number } {
    return this.#file.value.newestHeader;
  }

  get validators(): readonly Validator[] {
    return this.#file.value.validators.map(({ publicKey, power }) => ({
      publicKey: Buffer.from(publicKey.slice(2), "hex"),
      power: BigInt(power),
    }));
  }

  get session(): Session | null {
    return this.#file.value.session;
  }

  /** Notes a verified header's time; older ones change nothing. */
  async raiseHeaderTime(time: number): Promise<void> {
    const { newestHeader } = this.#file.value;
    if (time > newestHeader.time)
      await this.#file.write({ ...this.#file.value, newestHeader: { ...newestHeader, time } });
  }

  /** Takes the validators that a verified header has named as the next ones. */
  async follow(header: { time: number; height: number }, next: readonly Validator[]): Promise<void> {
    const { newestHeader } = this.#file.value;
    await this.#file.write({
      ...this.#file.value,
      newestHeader: { height: header.height, time: Math.max(header.time, newestHeader.time) },
      validators: next.map(({ publicKey, power }) => ({
        publicKey: `0x${Buffer.from(publicKey).toString("hex")}`,
        power: power.toString(),
      })),
    });
  }

  async setSession(session: Session | null): Promise<void> {
    await this.#file.write({ ...this.#file.value, session });
  }
}
