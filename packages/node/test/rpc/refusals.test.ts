import { request } from "node:http";
import { devices } from "@ruffchain/abi";
import { MAX_BATCH_CALLS, MAX_BODY_BYTES, MAX_FILTER_ALTERNATIVES, MAX_SUBSCRIPTIONS } from "@ruffchain/node";
import { encodeFunctionData, type Hex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { alice, bob, startTestNode, type TestNode } from "../running-node.js";

let chain: TestNode;
beforeAll(async () => {
  chain = await startTestNode({ corsOrigins: ["https://desk.example"] });
});
afterAll(() => chain.close());

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(chain.url, { method: "POST", body, headers });
const sign = (change: Record<string, unknown>) =>
  alice.signTransaction({
    type: "eip1559",
    chainId: 7833,
    nonce: 0,
    to: bob.address,
    value: 1n,
    gas: 21_000n,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 1n,
    ...change,
  } as never);

describe("a transaction is refused with geth's words and a typed code", () => {
  test.each([
    ["wrongChainId", { chainId: 1 }, /invalid chain id/],
    ["intrinsicGasTooLow", { gas: 20_000n }, /intrinsic gas too low/],
    ["gasLimitTooHigh", { gas: 10n ** 12n }, /exceeds block gas limit/],
    ["insufficientFunds", { value: 10n ** 40n }, /insufficient funds for gas \* price \+ value/],
    ["nonceTooHigh", { nonce: 100_000 }, /nonce too high/],
  ])("%s", async (code, change, words) => {
    const { error } = await chain.rpc("eth_sendRawTransaction", [await sign(change)]);
    expect(error).toMatchObject({ code: -32000, data: { code } });
    expect(error?.message).toMatch(words);
  });

  test("nonceTooLow and alreadyKnown", async () => {
    const raw = await sign({ nonce: 0 });
    const { result } = await chain.rpc("eth_sendRawTransaction", [raw]);
    await chain.confirmed(result as Hex);
    expect((await chain.rpc("eth_sendRawTransaction", [raw])).error?.message).toMatch(/nonce too low/);
    const gap = await sign({ nonce: 5 });
    await chain.rpc("eth_sendRawTransaction", [gap]);
    expect((await chain.rpc("eth_sendRawTransaction", [gap])).error?.message).toMatch(/already known/);
    expect((await chain.rpc("txpool_status")).result).toStrictEqual({ pending: "0x0", queued: "0x1" });
    const content = (await chain.rpc("txpool_content")).result as {
      queued: Record<string, Record<string, { nonce: string }>>;
    };
    expect(content.queued[alice.address.toLowerCase()]?.["5"]?.nonce).toBe("0x5");
  });

  test("malformed, unsupported types, broken signatures", async () => {
    expect((await chain.rpc("eth_sendRawTransaction", ["0x1234"])).error?.message).toMatch(/malformed|not supported/);
    expect((await chain.rpc("eth_sendRawTransaction", ["0x77c0"])).error?.message).toMatch(
      /transaction type not supported/,
    );
    expect((await chain.rpc("eth_sendRawTransaction", ["hello"])).error?.code).toBe(-32602);
  });
});

describe("calls", () => {
  test("a reverted call answers code 3, the reason and the data", async () => {
    const data = encodeFunctionData({ ...devices, functionName: "revoke", args: [`0x${"12".repeat(32)}`] });
    const { error } = await chain.rpc("eth_call", [{ to: devices.address, data }, "latest"]);
    expect(error).toMatchObject({ code: 3, message: expect.stringMatching(/execution reverted: UnknownDevice/) });
    expect(error?.data).toMatch(/^0x[0-9a-f]{8}/);
    expect((await chain.rpc("eth_estimateGas", [{ to: devices.address, data }])).error?.code).toBe(3);
  });

  test.each([
    ["eth_getBalance", ["0x12"], /address: expected an address/],
    ["eth_getBlockByHash", ["0x12", false], /blockHash: expected a hash/],
    ["eth_getBalance", [alice.address, "soon"], /block: expected a quantity/],
    ["eth_call", [{ to: devices.address, teleport: 1 }], /call.teleport: this field is not supported/],
    ["eth_call", [{ to: devices.address }, "latest", { "0x1": {} }], /overrides: expected an address/],
    ["eth_call", [{ to: devices.address }, "latest", { [devices.address]: { codes: "0x" } }], /is not supported/],
    ["eth_call", [null], /call: expected an object, got null/],
    ["eth_call", [[{}]], /call: expected an object, got a list/],
    ["eth_call", [{ accessList: [null] }], /call.accessList: expected an object, got null/],
    ["eth_call", [{ accessList: [{ address: bob.address }] }], /call.accessList.storageKeys: expected a list/],
    ["eth_call", [{ accessList: {} }], /call.accessList: expected a list, got an object/],
    ["eth_call", [{}, []], /block: expected an object, got a list/],
    ["eth_call", [{}, "latest", []], /overrides: expected an object/],
    ["eth_call", [{}, "latest", { [bob.address]: null }], /overrides.0x\w+: expected an object/],
    ["eth_call", [{}, "latest", { [bob.address]: { state: [] } }], /state: expected an object/],
    ["eth_call", [{}, "latest", {}, []], /blockOverrides: expected an object/],
    ["eth_call", [{}, "latest", {}, { prevRandao: { toString: 1 } }], /prevRandao: this field is not supported/],
    ["eth_feeHistory", ["0x1", "latest", [null]], /percentiles: expected numbers/],
    ["eth_feeHistory", ["0x1", "latest", {}], /percentiles: expected a list/],
    ["eth_getLogs", [null], /filter: expected an object/],
    ["eth_getLogs", [[]], /filter: expected an object/],
    ["eth_getLogs", [{ topics: {} }], /filter.topics: expected a list/],
    ["eth_getLogs", [{ topics: [null, null, null, null, null] }], /filter.topics: there are at most 4/],
    ["eth_getStorageValues", [null], /requests: expected an object/],
    ["eth_getStorageValues", [{ [bob.address]: null }], /requests.0x\w+: expected a list/],
    ["eth_simulateV1", [{ blockStateCalls: {} }], /blockStateCalls: expected a list/],
    ["eth_simulateV1", [{ blockStateCalls: [{ calls: [null] }] }], /call: expected an object, got null/],
    ["eth_simulateV1", [{ blockStateCalls: [{ calls: [{ authorizationList: [] }] }] }], /a simulation has none/],
    ["debug_traceCall", [null], /call: expected an object/],
    ["debug_traceCall", [{}, "latest", []], /config: expected an object/],
    ["debug_traceCall", [{}, "latest", { tracer: { toString: 1 } }], /config.tracer: .* not an object/],
    ["debug_traceCall", [{}, "latest", { tracer: "callTracer", tracerConfig: [] }], /tracerConfig: expected an object/],
    ["eth_subscribe", ["newHeads"], /does not exist/],
    ["debug_everything", [], /does not exist\/is not available/],
  ])("%s %j: %s", async (method, params, words) => {
    const { error } = await chain.rpc(method, params);
    expect(error?.message).toMatch(words);
    expect([-32601, -32602]).toContain(error?.code);
  });

  test("a parameter that is nested too deep is refused as any other", async () => {
    const depth = 200_000;
    const params = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const answer = await post(`{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[${params}]}`);
    expect(await answer.json()).toMatchObject({ error: { code: -32602 } });
  });

  test("states that do not exist yet, and signed headers that do not", async () => {
    expect((await chain.rpc("eth_getBalance", [alice.address, "0xffff"])).error).toMatchObject({ code: -32001 });
    expect((await chain.rpc("ruff_getCommit", ["0xffff"])).error).toMatchObject({ code: -32001 });
    expect((await chain.rpc("eth_getBlockByNumber", ["0xffff", false])).result).toBeNull();
    expect((await chain.rpc("eth_getTransactionReceipt", [`0x${"00".repeat(32)}`])).result).toBeNull();
  });
});

describe("limits", () => {
  test(`a body of more than ${MAX_BODY_BYTES} bytes`, async () => {
    const response = await post(`[${" ".repeat(MAX_BODY_BYTES)}]`);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: -32005 } });
  });

  test(`a batch of more than ${MAX_BATCH_CALLS} calls; one of ${MAX_BATCH_CALLS} is answered in order`, async () => {
    const calls = (count: number) =>
      JSON.stringify(
        Array.from({ length: count }, (_, id) => ({ jsonrpc: "2.0", id, method: "eth_chainId", params: [] })),
      );
    expect(await (await post(calls(MAX_BATCH_CALLS + 1))).json()).toMatchObject({ error: { code: -32005 } });
    const answers = (await (await post(calls(MAX_BATCH_CALLS))).json()) as { id: number }[];
    expect(answers.map(({ id }) => id)).toStrictEqual(Array.from({ length: MAX_BATCH_CALLS }, (_, id) => id));
  });

  test("a filter with too many alternatives", async () => {
    const many = Array.from({ length: MAX_FILTER_ALTERNATIVES + 1 }, (_, i) => `0x${i.toString(16).padStart(40, "0")}`);
    expect((await chain.rpc("eth_getLogs", [{ address: many }])).error).toMatchObject({ code: -32005 });
  });

  test("more subscriptions than a connection may have", async () => {
    const socket = new WebSocket(chain.url.replace("http", "ws"));
    await new Promise((resolve) => socket.once("open", resolve));
    const answers: { error?: { code: number } }[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on("message", (data) => {
        answers.push(JSON.parse(data.toString()));
        if (answers.length === MAX_SUBSCRIPTIONS + 1) resolve();
      });
    });
    for (let id = 0; id <= MAX_SUBSCRIPTIONS; id++) {
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method: "eth_subscribe", params: ["newHeads"] }));
    }
    await all;
    socket.terminate();
    expect(answers.filter(({ error }) => error?.code === -32005)).toHaveLength(1);
  });

  test.each([
    ["text", "not json", -32700],
    ["an empty batch", "[]", -32600],
    ["no version", '{"id":1,"method":"eth_chainId"}', -32600],
    ["named parameters", '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{}}', -32600],
  ])("a request that is %s", async (_what, body, code) => {
    expect(await (await post(body)).json()).toMatchObject({ error: { code } });
  });

  test("notifications are not answered", async () => {
    expect((await post('{"jsonrpc":"2.0","method":"eth_chainId"}')).status).toBe(204);
  });
});

describe("who may call", () => {
  const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';

  test("pages of named origins only", async () => {
    const named = await post(body, { origin: "https://desk.example" });
    expect(named.headers.get("access-control-allow-origin")).toBe("https://desk.example");
    expect((await post(body, { origin: "https://evil.example" })).status).toBe(403);
  });

  test("nobody who calls loopback by another name (DNS rebinding)", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const call = request(chain.url, { method: "POST", headers: { host: "evil.example" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on("error", reject);
      call.end(body);
    });
    expect(status).toBe(403);
  });
});

test("filters that clients poll", async () => {
  const filter = (await chain.rpc("eth_newBlockFilter")).result;
  const nonce = await chain.client.getTransactionCount({ address: alice.address });
  const { result } = await chain.rpc("eth_sendRawTransaction", [await sign({ nonce })]);
  await chain.confirmed(result as Hex);
  const changes = (await chain.rpc("eth_getFilterChanges", [filter])).result as Hex[];
  expect(changes.length).toBeGreaterThan(0);
  expect((await chain.rpc("eth_uninstallFilter", [filter])).result).toBe(true);
  for (const id of [filter, null, { toString: 1 }]) {
    expect((await chain.rpc("eth_getFilterChanges", [id])).error?.message).toMatch(/filter not found/);
    expect((await chain.rpc("eth_uninstallFilter", [id])).result).toBe(false);
  }
});
