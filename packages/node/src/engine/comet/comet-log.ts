import { closeSync, openSync, writeSync } from "node:fs";

const TAIL_LENGTH = 2_000;
/**
 * What CometBFT logs when it has stopped deciding for good, for instance since the disk is full. Its process goes on: in
 * silence where it could not write what it was about to sign, for its writer of the WAL does nothing more after an error.
 */
const FAILURE = /CONSENSUS FAILURE|WAL flush failed/;

/** What CometBFT says: in a file, and the last of it in memory, for there may be no room in the file for what went wrong. */
export class CometLog {
  readonly #file: number;
  #tail = "";
  #failure: string | undefined;

  constructor(path: string) {
    this.#file = openSync(path, "w", 0o600);
  }

  /** Why it ended: the beginning of its failure, behind which a long stack comes, or the last that it said. */
  get lastWords(): string {
    return (this.#failure ?? this.#tail).trim();
  }

  get tellsOfFailure(): boolean {
    return this.#failure !== undefined;
  }

  write(bytes: Uint8Array): void {
    const text = this.#tail + Buffer.from(bytes).toString("utf8");
    const at = text.search(FAILURE);
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
