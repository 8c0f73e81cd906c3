import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Chain, createClient, http, isAddress, type LocalAccount } from "viem";
import { build, type Connect, preview } from "vite";
import { sponsoredChain } from "./chain.js";
import { foundFleet } from "./fleet.js";
import { createSponsor } from "./sponsor.js";

/** Most bytes of a request to the bank. */
const MAX_WELCOME_BYTES = 42;

export interface SiteOptions {
  readonly chain: Chain;
  readonly bank: LocalAccount;
  readonly firm: LocalAccount;
  readonly vin: string;
  /** On loopback; 0 takes a free one. */
  readonly port: number;
}

/** Puts a car on offer and serves the page that rents it, with the firm's relay and the bank behind it. */
export async function openSite({ port, ...options }: SiteOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { offer, welcome } = await foundFleet(options);
  const sponsor = createSponsor({
    client: createClient({ chain: sponsoredChain(offer.chainId, offer.rpc), transport: http() }),
    firm: options.firm,
    currency: offer.currency,
    card: BigInt(offer.card),
  });
  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>> = {
    "/offer.json": async (_, response) => {
      response.setHeader("content-type", "application/json").end(JSON.stringify(offer));
    },
    "/welcome": async (request, response) => {
      const account = await text(request, MAX_WELCOME_BYTES);
      if (!isAddress(account)) throw new TypeError(`${account} is not an address`);
      await welcome(account);
      response.writeHead(204).end();
    },
    "/sponsor": async (request, response) => {
      const answer = await sponsor(toRequest(request));
      const body = Buffer.from(await answer.arrayBuffer());
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body);
    },
  };
  const handle: Connect.NextHandleFunction = (request, response, next) => {
    const route = routes[request.url ?? ""];
    if (!route) return next();
    route(request, response).catch((error: Error) => response.writeHead(400).end(error.message));
  };

  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const page = { root, configFile: false, logLevel: "warn", build: { outDir: "dist/page", target: "es2022" } } as const;
  await build(page);
  const server = await preview({
    ...page,
    preview: { host: "localhost", port, strictPort: port !== 0 },
    plugins: [{ name: "firm", configurePreviewServer: ({ middlewares }) => void middlewares.use(handle) }],
  });
  const address = server.httpServer.address() as AddressInfo;
  return { url: `http://localhost:${address.port}`, close: () => server.close() };
}

/** As fetch has it. */
function toRequest(request: IncomingMessage): Request {
  return new Request(`http://localhost${request.url}`, {
    method: request.method ?? "GET",
    headers: { "content-type": request.headers["content-type"] ?? "application/json" },
    body: Readable.toWeb(request) as ReadableStream,
    duplex: "half",
  } as RequestInit);
}

async function text(request: IncomingMessage, most: number): Promise<string> {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > most) throw new RangeError(`the request is longer than ${most} bytes`);
  }
  return body;
}
