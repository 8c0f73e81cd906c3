import { randomBytes } from "node:crypto";
import { CHALLENGE_BYTES, MAX_CHALLENGE_AGE_SECONDS } from "@ruffchain/light";

/** How many challenges may be open at once, so that one who asks again and again does not lock out the next. */
export const MAX_OPEN_CHALLENGES = 64;

interface Issued {
  readonly nonce: Uint8Array;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  used: boolean;
}

/** The device's random challenges: each for one command, for a short time. */
export class Challenges {
  readonly #monotonic: () => number;
  readonly #issued = new Map<string, Issued>();

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  issue(): Uint8Array {
    const now = this.#monotonic();
    for (const [name, { at }] of this.#issued) {
      const isOld = now - at > MAX_CHALLENGE_AGE_SECONDS * 2000; // kept a while, to be refused as too old by name
      if (isOld || this.#issued.size >= MAX_OPEN_CHALLENGES) this.#issued.delete(name);
    }
    const nonce = randomBytes(CHALLENGE_BYTES);
    this.#issued.set(nonce.toString("hex"), { nonce, at: now, used: false });
    return nonce;
  }

  /** What the device knows of a challenge that is presented, as `decide` asks for it. */
  find(nonce: Uint8Array): { readonly nonce: Uint8Array; readonly age: number; readonly used: boolean } | undefined {
    const issued = this.#issued.get(Buffer.from(nonce).toString("hex"));
    return issued && { nonce: issued.nonce, age: (this.#monotonic() - issued.at) / 1000, used: issued.used };
  }

  /** Uses it up. */
  use(nonce: Uint8Array): void {
    const issued = this.#issued.get(Buffer.from(nonce).toString("hex"));
    if (issued) issued.used = true;
  }
}
