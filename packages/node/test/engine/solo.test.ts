import { accountKey, keyBytes } from "@ruffchain/kernel";
import {
  decodeCommit,
  decodeHeader,
  verifyAdjacent,
  verifyCommit,
  verifyMembership,
  verifyNonMembership,
} from "@ruffchain/light";
import { ValidatorKey } from "@ruffchain/node";
import { type Hex, hexToBytes, toHex } from "viem";
import { describe, expect, test } from "vitest";
import { alice, bob, lower, startTestNode, type TestNode } from "../running-node.js";

async function signedHeader(chain: TestNode, height: number) {
  const { result } = await chain.rpc("ruff_getCommit", [toHex(height)]);
  const { header, commit } = result as { header: Hex; commit: Hex };
  return { header: decodeHeader(hexToBytes(header)), commit: decodeCommit(hexToBytes(commit)) };
}

/** As a light client learns them: from the genesis file. */
function validatorsOf({ genesis }: TestNode) {
  return genesis.validators.map(({ publicKey, power }) => ({ publicKey: publicKey.bytes, power }));
}

async function waitForHeight(chain: TestNode, height: number): Promise<void> {
  while (chain.node.application.head.height < height) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe("solo engine", () => {
  test("a light client checks every header, and a balance down from one", async () => {
    const chain = await startTestNode();
    const validators = validatorsOf(chain);
    const hash = await chain.wallet.sendTransaction({ to: bob.address, value: 3n });
    const { blockNumber } = await chain.client.waitForTransactionReceipt({ hash });
    const height = Number(blockNumber);
    await waitForHeight(chain, height + 1);
    let trusted = (await signedHeader(chain, 1)).header;
    for (let at = 1; at <= height + 1; at++) {
      const signed = await signedHeader(chain, at);
      verifyCommit(validators, chain.genesis.chainId, signed.header, signed.commit);
      if (at > 1) verifyAdjacent(trusted, { ...signed, validators });
      trusted = signed.header;
    }
    const key = keyBytes(accountKey(lower(bob.address)));
    const { result } = await chain.rpc("ruff_getProof", [toHex(key), toHex(height)]);
    const { value, proof, provenBy } = result as { value: Hex; proof: Hex; provenBy: Hex };
    expect(Number(provenBy)).toBe(height + 1);
    verifyMembership(trusted.appHash, key, hexToBytes(value), hexToBytes(proof));
    const absent = keyBytes(accountKey(`0x${"12".repeat(20)}`));
    const nothing = (await chain.rpc("ruff_getProof", [toHex(absent), toHex(height)])).result as { proof: Hex };
    verifyNonMembership(trusted.appHash, absent, hexToBytes(nothing.proof));
    expect(() => verifyMembership(trusted.appHash, key, hexToBytes(`${value}00`), hexToBytes(proof))).toThrow();
    await chain.close();
  });

  test("makes blocks on demand: none while idle, and one more that proves the last", async () => {
    const chain = await startTestNode({ emptyBlockMs: 0 });
    await waitForHeight(chain, 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const idle = chain.node.application.head.height;
    const hash = await chain.wallet.sendTransaction({ to: bob.address, value: 1n });
    const { blockNumber } = await chain.client.waitForTransactionReceipt({ hash });
    expect(Number(blockNumber)).toBe(idle + 1);
    await waitForHeight(chain, idle + 2);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(chain.node.application.head.height).toBe(idle + 2);
    await chain.close();
  });

  test("makes empty blocks at an interval where asked for, with times that grow", async () => {
    const chain = await startTestNode({ emptyBlockMs: 30 });
    await waitForHeight(chain, 4);
    const times = await Promise.all([1, 2, 3, 4].map(async (at) => (await signedHeader(chain, at)).header.time));
    expect(times).toStrictEqual([...times].sort((a, b) => Number(a - b)));
    expect(new Set(times).size).toBe(4);
    await chain.close();
  });

  test("goes on where it stopped, and refuses another genesis", async () => {
    const first = await startTestNode();
    const hash = await first.wallet.sendTransaction({ to: bob.address, value: 7n });
    await first.client.waitForTransactionReceipt({ hash });
    await first.node.stop();
    const { dataDirectory, genesis, validator } = first;
    const second = await startTestNode({ dataDirectory, genesis, validator });
    expect((await second.client.getTransactionReceipt({ hash })).status).toBe("success");
    const again = await second.wallet.sendTransaction({ to: bob.address, value: 7n });
    const receipt = await second.client.waitForTransactionReceipt({ hash: again });
    const before = await signedHeader(second, Number(receipt.blockNumber) - 1);
    const validators = validatorsOf(second);
    verifyAdjacent(before.header, { ...(await signedHeader(second, Number(receipt.blockNumber))), validators });
    await second.node.stop();
    const stranger = ValidatorKey.generate();
    await expect(startTestNode({ dataDirectory, validator: stranger })).rejects.toThrow(
      expect.objectContaining({ code: "otherGenesis" }),
    );
    await expect(startTestNode({ dataDirectory, genesis, validator: stranger })).rejects.toThrow(
      expect.objectContaining({ code: "notTheValidator" }),
    );
    await (await startTestNode({ dataDirectory, genesis, validator })).close();
  });

  test("serves health and metrics to its operator", async () => {
    const chain = await startTestNode();
    const hash = await chain.wallet.sendTransaction({ to: bob.address, value: 1n });
    await chain.client.waitForTransactionReceipt({ hash });
    const operator = `http://127.0.0.1:${chain.node.operatorPort}`;
    expect(await (await fetch(`${operator}/health`)).json()).toMatchObject({
      ok: true,
      chainId: chain.genesis.chainId,
    });
    const metrics = await (await fetch(`${operator}/metrics`)).text();
    expect(metrics).toMatch(/ruff_transactions_total\{outcome="succeeded"\} 1/);
    expect(metrics).toMatch(/ruff_rpc_seconds_count\{method="eth_sendRawTransaction"\} 1/);
    expect(metrics).toMatch(/ruff_mempool_transactions\{state="pending"\} 0/);
    expect((await fetch(`${operator}/secrets`)).status).toBe(404);
    expect((await fetch(`${operator}/health`, { method: "POST" })).status).toBe(405);
    await chain.close();
  });

  test("waits with a transaction whose nonce is ahead until the gap is filled", async () => {
    const chain = await startTestNode();
    const send = (nonce: number) => chain.wallet.sendTransaction({ to: bob.address, value: 1n, nonce });
    const later = await send(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await chain.client.getTransactionCount({ address: alice.address })).toBe(0);
    await send(0);
    expect((await chain.client.waitForTransactionReceipt({ hash: later })).status).toBe("success");
    await chain.close();
  });
});
