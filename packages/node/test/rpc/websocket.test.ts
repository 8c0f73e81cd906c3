import { expect, test } from "vitest";
import WebSocket from "ws";
import { alice, bob, lower, startTestNode } from "../running-node.js";

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

test("new pending transactions come as hashes, or whole where asked for", async () => {
  const chain = await startTestNode();
  const socket = new WebSocket(chain.url.replace("http", "ws"));
  await new Promise((resolve) => socket.once("open", resolve));
  const results: unknown[] = [];
  let subscribed = 0;
  const done = new Promise<void>((resolve, reject) => {
    socket.on("message", (data) => {
      const { id, params } = JSON.parse(data.toString());
      if (params) results.push(params.result);
      if (results.length === 2) resolve();
      if (id !== undefined && ++subscribed === 2) {
        chain.wallet.sendTransaction({ to: bob.address, value: 7n, gas: 21_000n }).catch(reject);
      }
    });
  });
  for (const [id, full] of [false, true].entries()) {
    const params = ["newPendingTransactions", full];
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method: "eth_subscribe", params }));
  }
  await done;
  expect(results).toStrictEqual([expect.stringMatching(/^0x[0-9a-f]{64}$/), expect.objectContaining({ value: "0x7" })]);
  expect(results[1]).toMatchObject({ hash: results[0], from: lower(alice.address), blockHash: null });
  socket.close();
  await chain.close();
});
