import { decodeTrustedState, encodeTrustedState, LightError, type TrustedState } from "@ruffchain/light";
import { z } from "zod";
import { StateFile } from "../files/state-file.js";

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/, "must be hex");
const trustedState = hex.refine((text) => {
  try {
    return decodeTrustedState(bytesOf(text)) !== undefined;
  } catch (error) {
    if (error instanceof LightError) return false;
    throw error;
  }
}, "must be a trusted state");
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
  /** Of the newest verified header, in seconds since 1970. */
  newestHeaderTime: z.int().min(0),
  /** What the light client trusts, in protobuf. */
  trusted: trustedState,
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

  /** Opens the state and counts the start. `trusted` is what it trusts if it has not followed the chain since. */
  static async open(path: string, trusted: TrustedState): Promise<DeviceState> {
    const file = await StateFile.open(path, stateSchema, {
      boot: 0,
      newestHeaderTime: 0,
      trusted: hexOf(trusted),
      session: null,
    });
    await file.write({ ...file.value, boot: file.value.boot + 1 });
    return new DeviceState(file);
  }

  get boot(): number {
    return this.#file.value.boot;
  }

  get newestHeaderTime(): number {
    return this.#file.value.newestHeaderTime;
  }

  get trusted(): TrustedState {
    return decodeTrustedState(bytesOf(this.#file.value.trusted));
  }

  get session(): Session | null {
    return this.#file.value.session;
  }

  /** Notes a verified header's time; older ones change nothing. */
  async raiseHeaderTime(time: number): Promise<void> {
    if (time > this.newestHeaderTime) await this.#file.write({ ...this.#file.value, newestHeaderTime: time });
  }

  /** Takes what the light client has verified; older states change nothing. */
  async trust(trusted: TrustedState): Promise<void> {
    if (trusted.height <= this.trusted.height) return;
    const newestHeaderTime = Math.max(this.newestHeaderTime, Number(trusted.time / 1_000_000_000n));
    await this.#file.write({ ...this.#file.value, newestHeaderTime, trusted: hexOf(trusted) });
  }

  async setSession(session: Session | null): Promise<void> {
    await this.#file.write({ ...this.#file.value, session });
  }
}

function hexOf(trusted: TrustedState): string {
  return `0x${Buffer.from(encodeTrustedState(trusted)).toString("hex")}`;
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text.slice(2), "hex");
}
