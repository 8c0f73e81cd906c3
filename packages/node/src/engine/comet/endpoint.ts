import { NodeError } from "../../node-error.js";

/** Where a socket is: a file of the machine (Unix domain socket) or a TCP address. */
export type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number };

/** Longest path of a socket that every system takes (macOS has 104 bytes with the zero at its end). */
export const MAX_SOCKET_PATH_BYTES = 103;

/** From "unix:///run/abci.sock" or "tcp://127.0.0.1:26658". Throws NodeError. */
export function parseEndpoint(text: string): Endpoint {
  const [, path] = /^unix:\/\/(\/.+)$/.exec(text) ?? [];
  if (path !== undefined) return { path };
  const [, host, port] = /^tcp:\/\/([^:/]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new NodeError("badAddress", `"${text}" is no address: write tcp://host:port or unix:///path`);
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** As CometBFT writes it. */
export function endpointUrl(endpoint: Endpoint): string {
  if ("path" in endpoint) return `unix://${endpoint.path}`;
  return `tcp://${endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
}

/** For listen and connect. Throws NodeError where a path is too long for a socket. */
export function endpointOptions(endpoint: Endpoint): { path: string } | { host: string; port: number } {
  if ("path" in endpoint && Buffer.byteLength(endpoint.path) > MAX_SOCKET_PATH_BYTES) {
    throw new NodeError(
      "badAddress",
      `the path ${endpoint.path} is longer than ${MAX_SOCKET_PATH_BYTES} bytes, too long for a socket: use a folder with a shorter path`,
    );
  }
  return endpoint;
}
