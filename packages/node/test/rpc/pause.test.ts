import { type Hex, numberToHex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alice, startTestNode, type TestNode } from "../running-node.js";

/**
 * Without input it stores the block's number in slot 0; else it counts its input down, which takes 40 gas and ten operations each time, and
 * returns slot 0.
 */
const CODE = "3615601e575f355b8015601457600190036007565b505f545f5260205ff35b435f5500";
const ROUNDS = 800_000;
const word = (value: number): Hex => numberToHex(value, { size: 32 });

let chain: TestNode;
let contract: Hex;
beforeAll(async () => {
  chain = await startTestNode();
  contract = await chain.deploy(CODE);
});
afterAll(() => chain.close());

describe("calls that take long", () => {
  test.each([
    ["eth_call", (call: unknown) => [call, "latest"], (result: unknown) => result],
    [
      "eth_simulateV1",
      (call: unknown) => [{ blockStateCalls: [{ calls: [call] }] }, "latest"],
      (result: unknown) => (result as { calls: { returnData: Hex }[] }[])[0]?.calls[0]?.returnData,
    ],
    [
      "debug_traceCall",
      (call: unknown) => [call, "latest", { tracer: "callTracer" }],
      (result: unknown) => (result as { output: Hex }).output,
    ],
  ] as const)("%s lets blocks go on, and sees the state that it began with", async (method, params, output) => {
    const { wallet, confirmed, rpc } = chain;
    await confirmed(await wallet.sendTransaction({ to: contract, data: "0x" }));
    const before = await rpc("eth_getStorageAt", [contract, "0x0", "latest"]);
    let isDone = false;
    const call = { from: alice.address, to: contract, data: word(ROUNDS) };
    const long = rpc(method, params(call)).finally(() => {
      isDone = true;
    });
    const heightBefore = chain.node.application.head.height;
    await confirmed(await wallet.sendTransaction({ to: contract, value: 0n, data: "0x" }));
    expect(chain.node.application.head.height).toBeGreaterThan(heightBefore);
    expect(isDone).toBe(false);
    expect(output((await long).result)).toBe(before.result);
  });
});
