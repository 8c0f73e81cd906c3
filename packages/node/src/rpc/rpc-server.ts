import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Backend } from "./backend.js";
import { Dispatcher, errorText } from "./dispatcher.js";
import { Filters } from "./filters.js";
import { RpcError, rpcCode } from "./rpc-error.js";
import { answerSourcify } from "./sourcify-api.js";
import { Subscriptions } from "./subscriptions.js";

/** Most bytes of a request, over HTTP or WebSocket. */
export const MAX_BODY_BYTES = 5 * 2 ** 20;
/** WebSocket connections at a time. */
export const MAX_WEBSOCKETS = 500;
/** A WebSocket that has so much unsent is too slow and is closed. */
export const MAX_UNSENT_BYTES = 16 * 2 ** 20;
/** A request must have arrived within this time. */
const REQUEST_TIMEOUT_MS = 30_000;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]", "::1"]);

export interface RpcServerOptions {
  readonly backend: Backend;
  /** Loopback unless told. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Web pages of these origins may call; none unless named, "*" is all. */
  readonly corsOrigins: readonly string[];
  readonly onCall?: (method: string, seconds: number) => void;
  readonly onFault?: (error: unknown, method: string) => void;
}

/** JSON-RPC over HTTP (POST, batches) and WebSocket (with subscriptions) on one port. */
export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #dispatcher: Dispatcher;
  readonly #subscriptions = new Map<WebSocket, Subscriptions>();
  readonly #unsubscribe: (() => void)[];

  constructor(options: RpcServerOptions) {
    this.#options = options;
    const { backend } = options;
    const filters = new Filters(() => Date.now());
    this.#dispatcher = new Dispatcher({ ...options, methods: filters.methods });
    this.#http = createServer((request, response) => this.#serve(request, response));
    this.#http.requestTimeout = REQUEST_TIMEOUT_MS;
    this.#sockets = new WebSocketServer({
      server: this.#http,
      maxPayload: MAX_BODY_BYTES,
      verifyClient: ({ req }: { req: IncomingMessage }) => this.#mayCall(req),
    });
    this.#sockets.on("connection", (socket) => this.#connect(socket));
    this.#sockets.on("error", () => {}); // the HTTP server's own error: listen() rejects with it
    this.#unsubscribe = [
      backend.onBlock((block) => {
        filters.onBlock(block);
        for (const subscriptions of this.#subscriptions.values()) subscriptions.onBlock(block);
      }),
      backend.mempool.onPending((tx) => {
        filters.onPending(tx);
        const sender = backend.mempool.get(tx.hash)?.sender;
        if (!sender) return;
        for (const subscriptions of this.#subscriptions.values()) subscriptions.onPending(tx, sender);
      }),
    ];
  }

  /** Returns the port that it listens on. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#http.once("error", reject);
      this.#http.listen(this.#options.port, this.#options.host, () => {
        this.#http.off("error", reject);
        resolve((this.#http.address() as AddressInfo).port);
      });
    });
  }

  async close(): Promise<void> {
    for (const end of this.#unsubscribe) end();
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#mayCall(request))
      return reply(response, 403, "this host or origin may not call: see --cors\n", "text/plain");
    const { origin } = request.headers;
    if (origin) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("vary", "origin");
    }
    if (request.method === "OPTIONS") {
      response.setHeader("access-control-allow-methods", "GET, POST");
      response.setHeader("access-control-allow-headers", "content-type");
      return reply(response, 204, "", "text/plain");
    }
    if (request.method === "GET") {
      if (this.#answersSourcify(request, response, "")) return;
    }
    if (request.method !== "POST") {
      const text = "This is the JSON-RPC address of a Ruff Chain node: POST JSON-RPC 2.0 here, or open a WebSocket.\n";
      return reply(response, request.method === "GET" ? 200 : 405, text, "text/plain");
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on("end", () => {
      if (size > MAX_BODY_BYTES) {
        const error = new RpcError(rpcCode.limitExceeded, `a request has at most ${MAX_BODY_BYTES} bytes`);
        return reply(response, 413, errorText(null, error), "application/json");
      }
      const text = Buffer.concat(chunks).toString("utf8");
      if (this.#answersSourcify(request, response, text)) return;
      void this.#dispatcher.answer(text).then((answer) => {
        reply(response, answer === undefined ? 204 : 200, answer ?? "", "application/json");
      });
    });
  }

  /** Whether the request was one of Sourcify's API; it is answered then. */
  #answersSourcify({ method = "", url = "" }: IncomingMessage, response: ServerResponse, body: string): boolean {
    const { backend, onFault } = this.#options;
    try {
      const answer = answerSourcify(backend, method, url.split("?")[0] as string, body);
      if (answer) reply(response, answer.status, JSON.stringify(answer.body), "application/json");
      return answer !== undefined;
    } catch (error) {
      onFault?.(error, "sourcify");
      reply(response, 500, `${JSON.stringify({ customCode: "internal_error" })}\n`, "application/json");
      return true;
    }
  }

  /** A page elsewhere must not reach a node on loopback through its visitor's browser: neither by origin nor by a false host. */
  #mayCall({ headers }: IncomingMessage): boolean {
    const { corsOrigins, host } = this.#options;
    const named = (headers.host ?? "").replace(/:\d+$/, "");
    if (LOOPBACK.has(host) && !LOOPBACK.has(named)) return false;
    return headers.origin === undefined || corsOrigins.includes("*") || corsOrigins.includes(headers.origin);
  }

  #connect(socket: WebSocket): void {
    if (this.#sockets.clients.size > MAX_WEBSOCKETS) return socket.close(1013, "too many connections");
    const send = (text: string) => {
      if (socket.bufferedAmount > MAX_UNSENT_BYTES) socket.close(1013, "too slow");
      else socket.send(text);
    };
    const subscriptions = new Subscriptions(send);
    this.#subscriptions.set(socket, subscriptions);
    socket.on("close", () => this.#subscriptions.delete(socket));
    // ws ends the connection after an error; there is nobody left to tell.
    socket.on("error", () => socket.terminate());
    socket.on("message", (data) => {
      void this.#dispatcher.answer(data.toString(), subscriptions.methods).then((answer) => {
        if (answer !== undefined && socket.readyState === socket.OPEN) send(answer);
      });
    });
  }
}

function reply(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
