import type { Provider } from "@ruffchain/light";
import type { Logger } from "pino";
import type { Guard } from "./guard.js";

export interface FollowerOptions {
  readonly guard: Guard;
  /** A node that is not trusted. */
  readonly provider: Provider;
  readonly everySeconds: number;
  readonly log: Logger;
}

/** Keeps a device that is online at the newest block, so that its trust does not grow old. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void>;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#working = this.#round();
    this.#timer = setInterval(() => {
      this.#working = this.#working.then(() => this.#round());
    }, options.everySeconds * 1000);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }

  async #round(): Promise<void> {
    const { guard, provider, log } = this.#options;
    try {
      await guard.followChain(provider);
    } catch (error) {
      log.warn({ err: error }, "could not follow the chain now");
    }
  }
}
