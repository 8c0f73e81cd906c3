import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";

export interface Health {
  /** False once the engine has failed. */
  readonly ok: boolean;
  readonly height: number;
  readonly chainId: string;
  readonly pending: number;
}

/** Serves /metrics (Prometheus text) and /health (JSON, 503 when not healthy) for whoever operates the node. */
export class OperatorServer {
  readonly #server: Server;

  constructor(registry: Registry, health: () => Health) {
    this.#server = createServer((request, response) => {
      if (request.method !== "GET") return send(response, 405, "text/plain", "GET only\n");
      if (request.url === "/health") {
        const state = health();
        return send(response, state.ok ? 200 : 503, "application/json", `${JSON.stringify(state)}\n`);
      }
      if (request.url !== "/metrics") return send(response, 404, "text/plain", "try /metrics or /health\n");
      registry.metrics().then(
        (text) => send(response, 200, registry.contentType, text),
        (error: Error) => send(response, 500, "text/plain", `${error.message}\n`),
      );
    });
  }

  /** Returns the port that it listens on. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type });
  response.end(body);
}
