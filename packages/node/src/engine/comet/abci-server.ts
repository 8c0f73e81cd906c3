import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { type Endpoint, endpointOptions } from "./endpoint.js";
import { Frames } from "./frames.js";
import {
  type AbciRequest,
  decodeRequest,
  encodeException,
  encodeResponse,
  type MethodName,
  type RequestOf,
  type ResponseOf,
} from "./messages.js";

/** CometBFT opens four; the rest is for those of one that has just ended. */
export const MAX_ABCI_CONNECTIONS = 8;
/** Requests of one connection that wait for their turn; with more it is not read from until half are answered. */
export const MAX_WAITING_REQUESTS = 1024;

/** What answers each request. To throw ends CometBFT: only for what must halt the node. */
export type AbciHandler = {
  readonly [N in Exclude<MethodName, "echo" | "flush">]: (
    request: RequestOf<N>,
  ) => ResponseOf<N> | Promise<ResponseOf<N>>;
};

export interface AbciServerOptions {
  readonly handler: AbciHandler;
  /** Told of a connection that has ended because of an error: of the handler, or of what came in. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The application's end of ABCI 2.0 over a socket. Each connection has its requests answered in their order, one after
 * the other, flushes among them; connections do not wait for each other. What is answered in one turn of the event loop
 * is written at once.
 */
export class AbciServer {
  readonly #options: AbciServerOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();

  constructor(options: AbciServerOptions) {
    this.#options = options;
    // A client that says it is done still gets its answers.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = MAX_ABCI_CONNECTIONS;
  }

  /** Takes the place of a socket file that a process before has left. Returns the port that it listens on with TCP. */
  listen(endpoint: Endpoint): Promise<number | undefined> {
    if ("path" in endpoint) rmSync(endpoint.path, { force: true });
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(endpointOptions(endpoint), () => {
        this.#server.off("error", reject);
        const address = this.#server.address();
        resolve(typeof address === "object" ? address?.port : undefined);
      });
    });
  }

  /** Ends all connections. What is being answered is finished, but no longer sent. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    await Promise.all(Array.from(this.#connections, (connection) => connection.close()));
    await closed;
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, this.#options);
    this.#connections.add(connection);
    socket.once("close", () => this.#connections.delete(connection));
  }
}

class Connection {
  readonly #socket: Socket;
  readonly #options: AbciServerOptions;
  readonly #frames = new Frames();
  #waiting: Buffer[] = [];
  /** Answers of this turn that are not written yet. */
  #answers: Uint8Array[] = [];
  #answering = false;
  /** Settles when the answering that began last is over. */
  #answered: Promise<void> | undefined;
  #ended = false;

  constructor(socket: Socket, options: AbciServerOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("end", () => {
      this.#ended = true;
      this.#finishIfDone();
    });
    // "close" follows; what CometBFT does about it is seen there.
    socket.on("error", () => {});
  }

  async close(): Promise<void> {
    this.#waiting = [];
    this.#socket.destroy();
    await this.#answered;
  }

  #receive(chunk: Buffer): void {
    try {
      this.#waiting.push(...this.#frames.push(chunk));
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#waiting.length > MAX_WAITING_REQUESTS) this.#socket.pause();
    if (!this.#answering) this.#answered = this.#answerAll();
  }

  async #answerAll(): Promise<void> {
    this.#answering = true;
    try {
      for (let frame = this.#waiting.shift(); frame; frame = this.#waiting.shift()) {
        const answer = this.#answer(decodeRequest(frame));
        if (answer instanceof Promise) {
          this.#write();
          this.#answers.push(await answer);
        } else this.#answers.push(answer);
        if (this.#socket.isPaused() && this.#waiting.length < MAX_WAITING_REQUESTS / 2) this.#socket.resume();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#write();
      this.#answering = false;
    }
    this.#finishIfDone();
  }

  /** The encoded response; a promise only where the handler gives one, so that what needs no waiting has none. */
  #answer({ method, value }: AbciRequest): Uint8Array | Promise<Uint8Array> {
    if (method === "echo") return encodeResponse(method, value);
    if (method === "flush") return encodeResponse(method, {});
    const handle = this.#options.handler[method] as (request: unknown) => unknown;
    const response = handle(value);
    return response instanceof Promise
      ? response.then((settled) => encodeResponse(method, settled))
      : encodeResponse(method, response as ResponseOf<typeof method>);
  }

  /** One write is one call of the operating system: most answers are a few bytes. */
  #write(): void {
    const [first, ...more] = this.#answers;
    this.#answers = [];
    if (first && this.#socket.writable) this.#socket.write(more.length > 0 ? Buffer.concat([first, ...more]) : first);
  }

  /** The exception is the last that CometBFT hears on this connection. */
  #fail(error: unknown): void {
    this.#waiting = [];
    this.#answers.push(encodeException(error instanceof Error ? error.message : String(error)));
    this.#write();
    this.#socket.end();
    this.#options.onFailure(error);
  }

  #finishIfDone(): void {
    if (this.#ended && !this.#answering && this.#waiting.length === 0) this.#socket.end();
  }
}
