import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CliError } from "../cli-error.js";

const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

/** A `ruff` command in a process of its own. The channel to it ends with this process, and the command with the channel. */
export class Child {
  static readonly #running = new Set<Child>();
  readonly #process: ChildProcess;
  #log = "";

  constructor(args: readonly string[]) {
    this.#process = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    Child.#running.add(this);
    this.#process.once("exit", () => Child.#running.delete(this));
    this.#process.stderr?.on("data", (chunk) => {
      this.#log = `${this.#log}${chunk}`.slice(-4000);
    });
  }

  /** The first line of its answer, as JSON. Rejects with what it logged if it ends before. */
  ready<T>(): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (what: string) => reject(new CliError(`${what}:\n${this.#log}`));
      const timer = setTimeout(() => fail("a process did not start in time"), START_TIMEOUT_MS);
      let text = "";
      const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
      lines.on("line", (line) => {
        text += line;
        try {
          resolve(JSON.parse(text) as T);
          clearTimeout(timer);
        } catch {
          // A record that is printed over several lines is complete with its last.
        }
      });
      this.#process.once("exit", (code) => {
        clearTimeout(timer);
        fail(`a process ended with code ${code}`);
      });
    });
  }

  /** Stops its execution, as if the machine had gone, until thaw(). */
  freeze(): void {
    this.#process.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process.kill("SIGCONT");
  }

  /** Ends all that run. */
  static async stopAll(): Promise<void> {
    await Promise.all([...Child.#running].map((child) => child.stop()));
  }

  /** Ends it in good order, and the hard way if it does not. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.thaw();
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }
}
