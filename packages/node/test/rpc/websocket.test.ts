import { expect, test } from "vitest";
import WebSocket from "ws";
import { startTestNode } from "../running-node.js";

test.each(["toString", "__proto__", "constructor"])("%s is no method of a connection", async (method) => {
  const chain = await startTestNode();
  const socket = new WebSocket(chain.url.replace("http", "ws"));
  await new Promise((resolve) => socket.once("open", resolve));
  const answer = new Promise((resolve) => socket.once("message", (data) => resolve(JSON.parse(data.toString()))));
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: [] }));
  expect(await answer).toMatchObject({ id: 1, error: { code: -32601 } });
  socket.close();
  await chain.close();
});
