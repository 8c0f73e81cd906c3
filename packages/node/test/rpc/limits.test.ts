import { once } from "node:events";
import { MAX_FILTERS, MAX_UNSENT_BYTES, MAX_WEBSOCKETS } from "@ruffchain/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { startTestNode, type TestNode } from "../running-node.js";

const TOO_MUCH = 1013;
let chain: TestNode;
beforeAll(async () => {
  chain = await startTestNode();
});
afterAll(() => chain.close());

async function connect(): Promise<WebSocket> {
  const socket = new WebSocket(chain.url.replace("http", "ws"));
  await once(socket, "open");
  return socket;
}

const chainId = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });

/** Whether the node answers on a connection; it may close it instead. */
async function isAnswered(socket: WebSocket): Promise<boolean> {
  socket.send(chainId);
  const [answer] = await Promise.race([once(socket, "message"), once(socket, "close")]);
  return answer !== TOO_MUCH && JSON.parse(String(answer)).result === "0x1e99";
}

test(`the connection after ${MAX_WEBSOCKETS} is closed, the others stay; when one ends there is room again`, async () => {
  const sockets = await Promise.all(Array.from({ length: MAX_WEBSOCKETS }, connect));
  const [code, reason] = await once(await connect(), "close");
  expect([code, String(reason)]).toStrictEqual([TOO_MUCH, "too many connections"]);
  const [first, second] = sockets as [WebSocket, WebSocket];
  expect(await isAnswered(second)).toBe(true);
  first.close();
  await once(first, "close");
  let next = await connect();
  while (!(await isAnswered(next))) next = await connect();
  for (const socket of [...sockets, next]) socket.terminate();
});

test(`a client that does not fetch more than ${MAX_UNSENT_BYTES} bytes of answers is closed`, async () => {
  const slow = await connect();
  slow.pause();
  // Answers repeat the id of their question.
  const question = JSON.stringify({ jsonrpc: "2.0", id: "x".repeat(2 ** 20), method: "eth_chainId", params: [] });
  let unread = 0;
  const closed = once(slow, "close");
  while (unread < 4 * MAX_UNSENT_BYTES) {
    slow.send(question);
    unread += question.length;
  }
  const other = await connect();
  expect(await isAnswered(other)).toBe(true);
  other.terminate();
  slow.resume();
  expect((await closed)[0]).toBe(TOO_MUCH);
});

test(`${MAX_FILTERS} filters and no more, until one is given up`, async () => {
  const create = { jsonrpc: "2.0", method: "eth_newBlockFilter", params: [] };
  const body = JSON.stringify(Array.from({ length: MAX_FILTERS }, (_, id) => ({ ...create, id })));
  const made = (await (await fetch(chain.url, { method: "POST", body })).json()) as { result: string }[];
  expect(new Set(made.map(({ result }) => result)).size).toBe(MAX_FILTERS);
  expect((await chain.rpc("eth_newBlockFilter")).error?.code).toBe(-32005);
  await chain.rpc("eth_uninstallFilter", [made[0]?.result]);
  expect((await chain.rpc("eth_newBlockFilter")).error).toBeUndefined();
});
