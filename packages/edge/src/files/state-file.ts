import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { EdgeError } from "../edge-error.js";
import { replaceFile } from "./replace-file.js";

/** A small JSON file that the device must not lose; each write is durable before it is answered. */
export class StateFile<T> {
  readonly #path: string;
  #value: T;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, value: T) {
    this.#path = path;
    this.#value = value;
  }

  /** Reads the file, or begins with `initial` if there is none; throws EdgeError `invalidFile`. */
  static async open<T>(path: string, schema: z.ZodType<T>, initial: T): Promise<StateFile<T>> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return new StateFile(path, initial);
      throw error;
    }
    const parsed = schema.safeParse(parseJson(path, text));
    if (parsed.success) return new StateFile(path, parsed.data);
    throw invalid(path, parsed.error.issues.map(({ message }) => message).join("; "));
  }

  get value(): T {
    return this.#value;
  }

  /** Takes the new value at once and resolves when it is durable. Writes happen in the order of the calls. */
  write(value: T): Promise<void> {
    this.#value = value;
    const text = `${JSON.stringify(value)}\n`;
    const done = this.#writing.then(() => replaceFile(this.#path, text));
    this.#writing = done.catch(() => undefined); // the caller of that write hears of it; the next one tries again
    return done;
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(path, error instanceof Error ? error.message : String(error));
  }
}

function invalid(file: string, problem: string): EdgeError<"invalidFile"> {
  const message = `${file} is not what this program wrote there (${problem}): restore it, or move it away to begin anew`;
  return new EdgeError("invalidFile", { file, problem }, message);
}
