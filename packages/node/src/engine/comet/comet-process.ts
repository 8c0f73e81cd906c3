import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { NodeError } from "../../node-error.js";
import { cometFiles } from "./comet-home.js";
import { CometLog } from "./comet-log.js";

/** How long one that another process has left behind may take to end, before it is in the way. */
const LEFT_BEHIND_MS = 15_000;
const RETRY_MS = 250;
const STOP_TIMEOUT_MS = 10_000;
/** What a shell answers for a program that is not there, or may not be run. */
const CANNOT_RUN = [126, 127];
/**
 * Runs CometBFT ($0 start --home $1) and ends it at once when the input ends, which it does with the node, however that
 * ends. By itself CometBFT would only end if it had all its connections; before that it waits for a node for ever.
 */
const WITH_THE_NODE = `
exec 3<&0
"$0" start --home "$1" & comet=$!
(read -r _ <&3; kill -KILL $comet) 2> /dev/null & watch=$!
trap 'kill -TERM $comet' TERM
wait $comet; code=$?
while kill -0 $comet 2> /dev/null; do wait $comet; code=$?; done
kill $watch 2> /dev/null
exit $code`;
/** What CometBFT logs when another one still has its database, or its port. */
const IN_THE_WAY = /resource temporarily unavailable|address already in use/;

/** What it logs when it was killed while it made its database for the first time. */
const HALF_MADE = /database entry point either missing or corrupted/;

export interface CometProcessOptions {
  readonly program: string;
  readonly home: string;
  /** Removes a database that was never finished. Whether that was safe: nothing was signed or decided yet. */
  readonly removeHalfMade: () => boolean;
  /** Told when CometBFT ends by itself, or stops deciding, after it has been ready. */
  readonly onEnd: (error: NodeError) => void;
}

/** CometBFT as a process of this node, which it never outlives. */
export class CometProcess {
  readonly #options: CometProcessOptions;
  #child: ChildProcess | undefined;
  #log: CometLog | undefined;
  #stopping = false;

  constructor(options: CometProcessOptions) {
    this.#options = options;
  }

  /** Starts CometBFT; resolves when `isReady` does. Rejects with NodeError where CometBFT ends before. */
  async start(isReady: () => Promise<void>): Promise<void> {
    const { removeHalfMade } = this.#options;
    const deadline = Date.now() + LEFT_BEHIND_MS;
    for (;;) {
      const child = await this.#spawn();
      const ended = once(child, "close");
      if (await becomesReady(child, isReady)) {
        const failed = new Promise<void>((resolve) => {
          child.stdout?.on("data", () => this.#log?.tellsOfFailure && resolve());
        });
        Promise.race([ended, failed]).then(() => {
          if (!this.#stopping) this.#options.onEnd(this.#ended());
        });
        return;
      }
      await ended;
      if (this.#stopping) return;
      const error = this.#ended();
      const goesAway = IN_THE_WAY.test(error.message) || (HALF_MADE.test(error.message) && removeHalfMade());
      if (!goesAway || Date.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }

  /** Ends it in good order, and the hard way if it does not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || !isRunning(child)) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.stdin?.destroy(), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }

  async #spawn(): Promise<ChildProcess> {
    const { program, home } = this.#options;
    const log = new CometLog(cometFiles(home).log);
    // In a process group of its own: Ctrl-C in a terminal ends the node, and the node ends it.
    const child = spawn("sh", ["-c", WITH_THE_NODE, program, home], { stdio: "pipe", detached: true });
    for (const output of [child.stdout, child.stderr]) output.on("data", (bytes: Buffer) => log.write(bytes));
    child.once("close", () => log.close());
    this.#child = child;
    this.#log = log;
    await once(child, "spawn");
    return child;
  }

  #ended(): NodeError {
    const { program } = this.#options;
    const said = this.#log?.lastWords ?? "";
    if (CANNOT_RUN.includes(this.#child?.exitCode ?? 0)) {
      const what = `cannot run CometBFT (${program}). Install it with "npm run comet", or name its program`;
      return new NodeError("cometMissing", `${what}:\n${said}`);
    }
    const what = this.#log?.tellsOfFailure ? "CometBFT has stopped deciding" : "CometBFT has ended";
    return new NodeError("cometEnded", `${what}. What it said:\n${said}`);
  }
}

/** Whether it gets ready before it ends. */
async function becomesReady(child: ChildProcess, isReady: () => Promise<void>): Promise<boolean> {
  while (isRunning(child)) {
    const ready = await isReady().then(
      () => true,
      () => false,
    );
    if (ready) return true;
    await sleep(20);
  }
  return false;
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
