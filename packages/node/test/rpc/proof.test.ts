import { accountKey, keyBytes } from "@ruffchain/kernel";
import { decodeHeader, verifyMembership } from "@ruffchain/light";
import { MAX_STORE_KEY_BYTES } from "@ruffchain/node";
import { type Address, type Hex, hexToBytes, toHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alice, bob, startTestNode, type TestNode } from "../running-node.js";

let chain: TestNode;
beforeAll(async () => {
  chain = await startTestNode();
});
afterAll(() => chain.close());

test("a proof of the genesis state is checked by the first header, whatever came after", async () => {
  const hash = await chain.wallet.sendTransaction({ to: bob.address, value: 1n });
  await chain.confirmed(hash);
  const key = keyBytes(accountKey(alice.address.toLowerCase() as Address));
  const { result } = await chain.rpc("ruff_getProof", [toHex(key), "earliest"]);
  const { height, value, proof, provenBy } = result as Record<string, Hex>;
  expect({ height, provenBy }).toStrictEqual({ height: "0x0", provenBy: "0x1" });
  const signed = (await chain.rpc("ruff_getCommit", [provenBy])).result as { header: Hex };
  const { appHash } = decodeHeader(hexToBytes(signed.header));
  verifyMembership(appHash, key, hexToBytes(value as Hex), hexToBytes(proof as Hex));
});

test.each([0, MAX_STORE_KEY_BYTES + 1])("a state key of %i bytes is refused", async (size) => {
  const { error } = await chain.rpc("ruff_getProof", [toHex(new Uint8Array(size))]);
  expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(/^key: expected 1 to \d+ bytes/) });
});
