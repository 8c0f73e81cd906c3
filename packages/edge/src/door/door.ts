import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { rightScope } from "@ruffchain/abi";
import { decodeCommit, decodeHeader, LightError, MAX_CHALLENGE_AGE_SECONDS } from "@ruffchain/light";
import type { Logger } from "pino";
import { bytesToHex } from "viem";
import { z } from "zod";
import { toJson } from "../files/json.js";
import type { Answer, Guard } from "../guard/guard.js";
import type { Journal } from "../journal/journal.js";
import type { Thing } from "../thing/thing.js";
import { DoorError } from "./door-error.js";
import { readBody } from "./read-body.js";
import { bytesText, idText } from "./text.js";

export const MAX_CONNECTIONS = 32;
export const REQUEST_TIMEOUT_MILLISECONDS = 5000;
/** Most batches in one answer. */
export const MAX_BATCHES = 100;
/** Most validators that a header may come with: as many as the chain can have. */
export const MAX_VALIDATORS = 200;

const challengeMember = {
  right: idText,
  challenge: bytesText,
  algorithm: z.string().max(32),
  signature: bytesText,
};
const returnSchema = z.strictObject(challengeMember);
const accessSchema = z.strictObject({
  ...challengeMember,
  grant: bytesText,
  command: z.enum(Object.keys(rightScope) as [keyof typeof rightScope]),
});

const validators = z.array(z.strictObject({ publicKey: bytesText, power: idText })).max(MAX_VALIDATORS);
const headerSchema = z.strictObject({
  header: bytesText,
  commit: bytesText,
  validators,
  nextValidators: validators,
});

export interface DoorOptions {
  readonly things: ReadonlyMap<string, Thing>;
  readonly guard: Guard;
  readonly journal: Journal;
  /** What phones need to know to ask: given with each challenge. */
  readonly chainId: string;
  readonly asset: bigint;
  readonly log: Logger;
  /** 0: any free one. */
  readonly port?: number;
}

/** The HTTP server by which phones reach the device. */
export interface Door {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Opens the door on loopback only: what brings phones to it (Bluetooth, NFC) runs on the same machine. Pages of web
 * sites are kept out: no CORS, no request with a foreign Origin or Host.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { log } = options;
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MILLISECONDS }, (request, response) => {
    void answer(options, request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  log.info({ url }, "door is open");
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function answer(options: DoorOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    checkOrigin(request);
    const [status, body] = await route(options, request);
    send(response, status, body);
  } catch (error) {
    if (error instanceof DoorError) {
      send(response, error.status, { error: { code: error.code, message: error.message } });
    } else {
      options.log.error({ err: error, path: request.url }, "the door could not answer");
      send(response, 500, { error: { code: "internal", message: "something went wrong here: see the device's log" } });
    }
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(toJson(body));
}

/** Keeps out pages that a browser shows: they may reach loopback, under any name that they like. */
function checkOrigin({ headers }: IncomingMessage): void {
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? "")) {
    throw new DoorError(421, "wrongHost", "ask 127.0.0.1 or localhost");
  }
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`) {
    throw new DoorError(403, "foreignOrigin", "pages of other origins have no access");
  }
}

type Routed = readonly [status: number, body: unknown];

async function route(options: DoorOptions, request: IncomingMessage): Promise<Routed> {
  const { guard, journal, things } = options;
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://door");
  const proof = /^\/v1\/batches\/(\d{1,15})\/proof$/.exec(pathname)?.[1];
  const receipts = /^\/v1\/receipts\/(\d{1,78})$/.exec(pathname)?.[1];
  switch (`${request.method} ${pathname}`) {
    case "GET /v1/things":
      return [200, describeThings(things)];
    case "GET /v1/status":
      return [200, { ...guard.status(), batches: journal.lastBatch, anchored: journal.anchored }];
    case "GET /v1/challenge":
      return [200, challengeOf(options)];
    case "POST /v1/access":
      return answered(await guard.access(await readBody(request, accessSchema)));
    case "POST /v1/return":
      return answered(await guard.return(await readBody(request, returnSchema)));
    case "POST /v1/headers":
      return [200, await follow(guard, await readBody(request, headerSchema))];
    case "GET /v1/batches":
      return [200, await batchesFrom(journal, searchParams)];
    case `GET /v1/batches/${proof}/proof`:
      return [200, await proofOf(journal, Number(proof))];
    case `GET /v1/receipts/${receipts}`:
      return [200, { receipts: await journal.receiptsOf(BigInt(receipts ?? 0)) }];
  }
  throw new DoorError(404, "notFound", `there is no ${request.method} ${pathname} here`);
}

/** What the equipment could not do, as opposed to what was not allowed. */
const equipmentFaults: readonly string[] = ["notConnected", "busy", "notReadBack", "actionFailed"];

function answered(result: Answer): Routed {
  if (result.done) return [200, { done: true, ...result.receipt }];
  const { reason: code, message, details } = result;
  return [equipmentFaults.includes(code) ? 503 : 403, { done: false, error: { code, message, details } }];
}

async function follow(guard: Guard, brought: z.output<typeof headerSchema>): Promise<object> {
  try {
    await guard.follow({ ...brought, header: decodeHeader(brought.header), commit: decodeCommit(brought.commit) });
    return { followed: true };
  } catch (error) {
    if (error instanceof LightError) throw new DoorError(403, error.code, error.message);
    throw error;
  }
}

function challengeOf({ guard, chainId, asset }: DoorOptions): object {
  return { challenge: bytesToHex(guard.challenge()), seconds: MAX_CHALLENGE_AGE_SECONDS, chainId, asset };
}

function describeThings(things: ReadonlyMap<string, Thing>): object {
  return {
    things: [...things.values()].map(({ id, board, properties, actions }) => ({
      id,
      "@type": board["@type"],
      title: board.title,
      properties: [...properties].map(([name, property]) => {
        const { "@type": meaning, type, unit } = property.board;
        return { name, "@type": meaning, type, unit, value: property.latest?.value ?? null };
      }),
      actions: [...actions.keys()],
    })),
  };
}

async function batchesFrom(journal: Journal, search: URLSearchParams): Promise<object> {
  const from = Number(search.get("from") ?? 1);
  const limit = Number(search.get("limit") ?? MAX_BATCHES);
  if (!Number.isSafeInteger(from) || from < 1) throw new DoorError(400, "badRequest", "from: must be 1 or more");
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_BATCHES) {
    throw new DoorError(400, "badRequest", `limit: must be 1 to ${MAX_BATCHES}`);
  }
  const end = Math.min(from + limit - 1, journal.lastBatch);
  const batches: object[] = [];
  for (let sequence = from; sequence <= end; sequence++) {
    const bytes = await journal.batch(sequence);
    batches.push({ sequence, bytes: bytes ? bytesToHex(bytes) : null });
  }
  return { batches, next: end < journal.lastBatch ? end + 1 : null };
}

async function proofOf(journal: Journal, sequence: number): Promise<object> {
  const proof = journal.proof(sequence);
  if (!proof) throw new DoorError(404, "notAnchored", `batch ${sequence} is in no anchor yet`);
  const bytes = await journal.batch(sequence);
  return { sequence, bytes: bytes ? bytesToHex(bytes) : null, ...proof };
}
