import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { RpcClient } from "../rpc/rpc-client.js";

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 5_000;
const OUTPUT_TAIL = 2_000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

export interface NodeProcess {
  readonly pid: number;
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/** Starts a node that is another program and waits until its JSON-RPC answers. It never outlives this process. */
export async function startNode(
  command: string,
  args: readonly string[],
  port: number,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<NodeProcess> {
  const client = new RpcClient(port, 1);
  try {
    return await startProgram(command, args, () => answers(client), environment);
  } finally {
    client.close();
  }
}

/** Starts another program and waits until it is ready. It never outlives this process. */
export async function startProgram(
  command: string,
  args: readonly string[],
  isReady: () => Promise<boolean>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<NodeProcess> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: environment });
  running.add(child);
  let output = "";
  const keepTail = (part: Buffer) => {
    output = (output + part.toString()).slice(-OUTPUT_TAIL);
  };
  child.stdout.on("data", keepTail);
  child.stderr.on("data", keepTail);
  child.on("error", (error) => keepTail(Buffer.from(String(error))));
  const exited = once(child, "close").then(() => running.delete(child));

  const stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await exited;
    clearTimeout(late);
  };
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await isReady())) {
    if (!running.has(child)) throw new Error(`${command} ended at once:\n${output}`);
    if (performance.now() > deadline) {
      await stop();
      throw new Error(`${command} was not ready in time:\n${output}`);
    }
    await sleep(20);
  }
  return { pid: child.pid as number, stop, kill };
}

async function answers(client: RpcClient): Promise<boolean> {
  try {
    await client.blockNumber();
    return true;
  } catch {
    return false; // not listening yet
  }
}

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
