import { closeSync, openSync, writeSync } from "node:fs";

const TAIL_LENGTH = 2_000;
/** What CometBFT logs when it has stopped deciding for good, for instance since the disk is full. Its process goes on. */
const CONSENSUS_FAILURE = "CONSENSUS FAILURE";

/** What CometBFT says: in a file, and the last of it in memory, for there may be no room in the file for what went wrong. */
export class CometLog {
  readonly #file: number;
  #tail = "";
  #failure: string | undefined;

  constructor(path: string) {
    this.#file = openSync(path, "w", 0o600);
  }

  /** Why it ended: the beginning of its consensus failure, behind which a long stack comes, or the last that it said. */
  get lastWords(): string {
    return (this.#failure ?? this.#tail).trim();
  }

  get tellsOfFailure(): boolean {
    return this.#failure !== undefined;
  }

  write(bytes: Uint8Array): void {
    const text = this.#tail + Buffer.from(bytes).toString("utf8");
    const at = text.indexOf(CONSENSUS_FAILURE);
    if (at >= 0) this.#failure ??= text.slice(at, at + TAIL_LENGTH);
    this.#tail = text.slice(-TAIL_LENGTH);
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
