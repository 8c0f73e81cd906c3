import { MAX_AUTHORIZATIONS } from "@ruffchain/node";
import { concat, type Hex, toHex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alice, startTestNode, type TestNode } from "../running-node.js";

/** Init code of a contract that logs nothing but that it was called. */
const LOGGER = "0x635f5fa0005f526004601cf3";

let node: TestNode;
let logger: Hex;
beforeAll(async () => {
  node = await startTestNode();
  const hash = await node.wallet.sendTransaction({ account: alice, data: LOGGER });
  logger = (await node.client.waitForTransactionReceipt({ hash })).contractAddress?.toLowerCase() as Hex;
});
afterAll(() => node.close());

test("viem signs an authorization, sends it and reads it back (EIP-7702)", async () => {
  const owner = privateKeyToAccount(generatePrivateKey());
  const authorization = await node.wallet.signAuthorization({ account: owner, contractAddress: logger });
  const hash = await node.wallet.sendTransaction({
    account: alice,
    to: owner.address,
    authorizationList: [authorization],
  });
  const receipt = await node.client.waitForTransactionReceipt({ hash });
  expect(receipt).toMatchObject({ status: "success", type: "eip7702", from: alice.address.toLowerCase() });
  expect(receipt.logs.map(({ address }) => address)).toStrictEqual([owner.address.toLowerCase()]);
  expect(await node.client.getCode({ address: owner.address })).toBe(concat(["0xef0100", logger]));
  expect(await node.client.getDelegation({ address: owner.address })).toMatch(new RegExp(logger, "i"));
  const { authorizationList } = await node.client.getTransaction({ hash });
  const { chainId, nonce, yParity } = authorization;
  // Quantities have no leading zeros (execution API), what viem signs has.
  const [r, s] = [authorization.r, authorization.s].map((part) => toHex(BigInt(part)));
  expect(authorizationList).toStrictEqual([{ address: logger, chainId, nonce, r, s, yParity }]);
});

test("an account authorizes for itself, and viem's estimate holds", async () => {
  const authorization = await node.wallet.signAuthorization({
    account: alice,
    contractAddress: logger,
    executor: "self",
  });
  const request = { account: alice, to: alice.address, authorizationList: [authorization] } as const;
  const gas = await node.client.estimateGas(request);
  const hash = await node.wallet.sendTransaction({ ...request, gas });
  expect((await node.client.waitForTransactionReceipt({ hash })).logs).toHaveLength(1);
  // It goes on sending.
  const plain = await node.wallet.sendTransaction({ account: alice, to: logger });
  expect((await node.client.waitForTransactionReceipt({ hash: plain })).status).toBe("success");
});

test.each([[{ chainId: "0x1", address: "0x12" }], null, [null], ["0x"], [[]]])(
  "the authorizations %j of a call are refused",
  async (authorizationList) => {
    const call = { from: alice.address, to: alice.address, authorizationList };
    const { error } = await node.rpc("eth_estimateGas", [call]);
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("call.authorizationList") });
  },
);

test(`a call has at most ${MAX_AUTHORIZATIONS} authorizations`, async () => {
  const authorization = { chainId: "0x0", address: logger, nonce: "0x0", yParity: "0x0", r: "0x1", s: "0x1" };
  const call = (count: number) => [{ to: alice.address, authorizationList: Array(count).fill(authorization) }];
  expect((await node.rpc("eth_call", call(MAX_AUTHORIZATIONS))).error).toBeUndefined();
  for (const method of ["eth_call", "eth_estimateGas", "eth_createAccessList"]) {
    expect((await node.rpc(method, call(MAX_AUTHORIZATIONS + 1))).error).toMatchObject({ code: -32005 });
  }
});
