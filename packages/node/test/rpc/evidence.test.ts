import { attackEvidence } from "@ruffchain/light";
import { MAX_EVIDENCE_JSON_BYTES } from "@ruffchain/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MAX_VALIDATORS } from "../../../contracts/dist/index.js";
import { makeCommit, makeHeader, makeSigners } from "../../../light/test/chain.js";
import { startTestNode, type TestNode } from "../running-node.js";

// What CometBFT does with it is tested in apps/cli/test/faults.

let chain: TestNode;
beforeAll(async () => {
  chain = await startTestNode();
});
afterAll(() => chain.close());

const send = (...params: unknown[]) => chain.rpc("broadcast_evidence", params);

test("evidence of an attack by as many validators as the chain can have is not too large", async () => {
  const count = Number(MAX_VALIDATORS);
  const validators = makeSigners(Array(count).fill((2n ** 63n - 1n) / 8n / MAX_VALIDATORS));
  const header = makeHeader(validators);
  const conflicting = { header, commit: makeCommit(validators, header), validators, nextValidators: validators };
  const evidence = attackEvidence({ common: { header, validators }, conflicting, byzantine: validators });
  expect(JSON.stringify(evidence).length).toBeLessThan(MAX_EVIDENCE_JSON_BYTES);
  expect((await send({ evidence })).error).toMatchObject({ code: -32601, message: expect.stringContaining("comet") });
});

test("refused: more, and what is no evidence", async () => {
  const ofBytes = (bytes: number) => send({ evidence: { x: "x".repeat(bytes - 8) } });
  expect((await ofBytes(MAX_EVIDENCE_JSON_BYTES)).error?.code).toBe(-32601);
  expect((await ofBytes(MAX_EVIDENCE_JSON_BYTES + 1)).error?.code).toBe(-32005);
  for (const params of [[], [[]], [{}], [{ evidence: "x" }], [{ evidence: null }], ["x"]]) {
    expect((await send(...params)).error?.code, JSON.stringify(params)).toBe(-32602);
  }
});
