import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** An answer that is not what the benchmark asked for. */
export class RpcError extends Error {
  override readonly name = "RpcError";
}

const POLL_MS = 20;
/** A node that does not answer for so long has stalled. */
const ANSWER_LIMIT_MS = 60_000;

/** JSON-RPC over HTTP connections that stay open. Bodies of batches are built beforehand, and answers come as text. */
export class RpcClient {
  readonly #agent: Agent;
  readonly #port: number;

  constructor(port: number, connections: number) {
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, noDelay: true });
  }

  /** Posts a body and resolves with the text of the answer. Rejects with RpcError where the status is not 200 or none comes. */
  post(body: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": body.length };
      const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
      const fail = (error: Error) =>
        reject(signal.aborted ? new RpcError(`no answer in ${ANSWER_LIMIT_MS / 1000} s`) : error);
      const options = { host: "127.0.0.1", port: this.#port, method: "POST", agent: this.#agent, headers, signal };
      const sent = request(options, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("error", fail);
        answer.on("end", () => {
          const text = Buffer.concat(parts).toString("latin1");
          if (answer.statusCode === 200) resolve(text);
          else reject(new RpcError(`HTTP status ${answer.statusCode}: ${text.slice(0, 300)}`));
        });
      });
      sent.on("error", (error: NodeJS.ErrnoException) => {
        // The node has closed a connection that it found idle, just when it was to be used again.
        if (sent.reusedSocket && error.code === "ECONNRESET") resolve(this.post(body));
        else fail(error);
      });
      sent.end(body);
    });
  }

  /** One call; its result. Throws RpcError for an error of the node. */
  async call<T>(method: string, ...params: readonly unknown[]): Promise<T> {
    const text = await this.post(Buffer.from(rpcCall(method, params)));
    const answer = JSON.parse(text) as { result?: T; error?: unknown };
    if (answer.error !== undefined) throw new RpcError(`${method}: ${JSON.stringify(answer.error).slice(0, 500)}`);
    return answer.result as T;
  }

  async blockNumber(): Promise<number> {
    return Number(await this.call<string>("eth_blockNumber"));
  }

  /** Waits for a block above the given one; its number. Throws RpcError at the deadline (milliseconds of performance.now). */
  async blockAfter(block: number, deadline: number): Promise<number> {
    for (;;) {
      const current = await this.blockNumber();
      if (current > block) return current;
      if (performance.now() > deadline) throw new RpcError(`no block after ${block} came in time`);
      await sleep(POLL_MS);
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The text of one JSON-RPC call. */
export function rpcCall(method: string, params: readonly unknown[], id = 1): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${JSON.stringify(params)}}`;
}

/** The body of a batch of calls of one method. */
export function rpcBatch(method: string, paramsOfEach: readonly (readonly unknown[])[]): Buffer {
  return Buffer.from(`[${paramsOfEach.map((params, id) => rpcCall(method, params, id)).join(",")}]`);
}

/** How often a text occurs in another: answers of batches are counted, not parsed, so that the client stays cheap. */
export function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count++;
  return count;
}
