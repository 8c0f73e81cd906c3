import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isAddress } from "viem";
import { type Faucet, FaucetRefusal } from "./faucet.js";

/** Most bytes of a request. */
export const MAX_FAUCET_BODY_BYTES = 1_024;
/** Most requests at a time: the others are told to come again. */
export const MAX_FAUCET_REQUESTS = 100;
/** A request must have arrived within this time. */
const REQUEST_TIMEOUT_MS = 10_000;
const USAGE = `POST {"address":"0x…"} here, and the address gets money to try this network with.\n`;

/** The faucet over HTTP: POST an address, and the answer comes once the payment is final. */
export class FaucetServer {
  readonly #faucet: Faucet;
  readonly #onFailure: (error: unknown) => void;
  readonly #http: Server;
  #requests = 0;

  /** `onFailure` is told of payments that failed. */
  constructor(faucet: Faucet, onFailure: (error: unknown) => void) {
    this.#faucet = faucet;
    this.#onFailure = onFailure;
    this.#http = createServer((request, response) => {
      this.#requests++;
      response.once("close", () => this.#requests--);
      void this.#serve(request, response);
    });
    this.#http.requestTimeout = REQUEST_TIMEOUT_MS;
  }

  /** Returns the port that it listens on. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#http.once("error", reject);
      this.#http.listen(port, host, () => resolve((this.#http.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    this.#http.closeAllConnections();
    return new Promise((resolve) => this.#http.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "GET") return reply(response, 200, { usage: USAGE.trim() });
    if (request.method !== "POST") return reply(response, 405, { error: USAGE.trim() });
    if (this.#requests > MAX_FAUCET_REQUESTS) return reply(response, 503, { error: "too many ask at once: try again" });
    const body = await read(request).catch(() => null);
    if (body === null) return; // who asked has gone
    if (body === undefined) return reply(response, 413, { error: `at most ${MAX_FAUCET_BODY_BYTES} bytes` });
    const address = addressIn(body);
    if (!address) return reply(response, 400, { error: USAGE.trim() });
    try {
      reply(response, 200, { hash: await this.#faucet.request(address) });
    } catch (error) {
      if (error instanceof FaucetRefusal) {
        response.setHeader("retry-after", error.retryAfter);
        return reply(response, 429, { error: error.message, code: error.code, retryAfter: error.retryAfter });
      }
      this.#onFailure(error);
      reply(response, 502, { error: "the payment failed: try again later" });
    }
  }
}

/** The body, undefined where it is too long. */
async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_FAUCET_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_FAUCET_BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
}

function addressIn(body: string): `0x${string}` | undefined {
  try {
    const { address } = JSON.parse(body) as { address?: unknown };
    return typeof address === "string" && isAddress(address) ? address : undefined;
  } catch {
    return undefined;
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
}
