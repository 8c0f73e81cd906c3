import { closeSync, openSync, writeSync } from "node:fs";

const TAIL_LENGTH = 2_000;
/** What CometBFT logs when it has stopped deciding for good, for instance since the disk is full. Its process goes on. */
const CONSENSUS_FAILURE = "CONSENSUS FAILURE";

/** What CometBFT says: in a file, and the last of it in memory, for there may be no room in the file for what went wrong. */
export class CometLog {
  readonly #file: number;
  #tail = "";

  constructor(path: string) {
    this.#file = openSync(path, "w", 0o600);
  }

  get tail(): string {
    return this.#tail.trim();
  }

  get tellsOfFailure(): boolean {
    return this.#tail.includes(CONSENSUS_FAILURE);
  }

  write(bytes: Uint8Array): void {
    this.#tail = (this.#tail + Buffer.from(bytes).toString("utf8")).slice(-TAIL_LENGTH);
    try {
      writeSync(this.#file, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
