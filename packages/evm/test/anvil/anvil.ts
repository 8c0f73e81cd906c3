import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const START_LIMIT_MS = 20_000;

/** The program itself: the package's launcher would leave it behind when killed. */
function binary(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const name = `@foundry-rs/anvil-${process.platform}-${architecture}/package.json`;
  const manifest = createRequire(import.meta.url).resolve(name);
  return join(manifest, "../bin", process.platform === "win32" ? "anvil.exe" : "anvil");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** Foundry's anvil with a block for each transaction, by the rules of Osaka. */
export class Anvil {
  readonly #process: ChildProcess;
  readonly #url: string;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.#url = url;
  }

  static async start(chainId: number, more: readonly string[] = []): Promise<Anvil> {
    const port = await freePort();
    const args = ["--port", String(port), "--silent", "--accounts", "1", "--chain-id", String(chainId), ...more];
    const child = spawn(binary(), [...args, "--hardfork", "osaka", "--gas-limit", "300000000"], { stdio: "ignore" });
    const anvil = new Anvil(child, `http://127.0.0.1:${port}`);
    for (let waited = 0; waited < START_LIMIT_MS; waited += 20) {
      try {
        await anvil.call("eth_chainId");
        return anvil;
      } catch {
        await sleep(20); // not listening yet
      }
    }
    await anvil.stop();
    throw new Error("anvil did not answer");
  }

  /** Calls of one batch, in order; a call that fails has its error. */
  async batch(calls: readonly (readonly [method: string, ...params: unknown[]])[]) {
    const body = calls.map(([method, ...params], id) => ({ jsonrpc: "2.0", id, method, params }));
    const headers = { "content-type": "application/json" };
    const response = await fetch(this.#url, { method: "POST", headers, body: JSON.stringify(body) });
    return (await response.json()) as { result?: unknown; error?: { message: string; data?: string } }[];
  }

  async call<T>(method: string, ...params: unknown[]): Promise<T> {
    const [answer] = await this.batch([[method, ...params]]);
    if (answer?.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer?.result as T;
  }

  async stop(): Promise<void> {
    const closed = once(this.#process, "close");
    this.#process.kill("SIGKILL");
    await closed;
  }
}
