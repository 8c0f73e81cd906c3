import { accountKey, keyBytes } from "@ruffchain/kernel";
import {
  decodeTrustedState,
  encodeTrustedState,
  followChain,
  hashValidators,
  rpcProvider,
  trustBlock,
  trustGenesis,
  verifyLightBlock,
  verifyMembership,
  verifyNonMembership,
} from "@ruffchain/light";
import { ValidatorKey } from "@ruffchain/node";
import { P256, Secp256k1 } from "ox";
import { type Hex, hexToBytes, toHex } from "viem";
import { Account } from "viem/tempo";
import { describe, expect, test } from "vitest";
import { alice, bob, lower, startTestNode, type TestNodeOptions } from "../running-node.js";
import { tempoClient } from "../tempo-client.js";
import { cometMissing } from "./comet.js";
import { signedHeader, validatorsOf, waitForHeight } from "./signed-header.js";

/** What every engine must do; CometBFT's part is skipped where it is not installed ("npm run comet"). */
describe.each([
  { engine: "solo", missing: false },
  { engine: "comet", missing: cometMissing },
] as const)("$engine engine", ({ engine, missing }) => {
  const start = (options: TestNodeOptions = {}) => startTestNode({ engine, ...options });

  describe.skipIf(missing)("as every engine", () => {
    test("a light client checks every header, and a balance down from one", async () => {
      const chain = await start();
      const validators = validatorsOf(chain);
      const hash = await chain.wallet.sendTransaction({ to: bob.address, value: 3n });
      const { blockNumber } = await chain.confirmed(hash);
      const height = Number(blockNumber);
      await waitForHeight(chain, height + 1);
      const now = BigInt(Date.now()) * 1_000_000n;
      let state = trustGenesis({ ...chain.genesis, validators });
      let trusted = (await signedHeader(chain, 1)).header;
      for (let at = 1; at <= height + 1; at++) {
        const signed = await signedHeader(chain, at);
        const block = { ...signed, validators, nextValidators: validators };
        state = verifyLightBlock(state, block, { now, trustPeriod: now });
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

    test("executes what a passkey has signed and a firm pays for, once, and knows it after a restart", async () => {
      const first = await start();
      const client = tempoClient(first);
      const user = Account.fromHeadlessWebAuthn(P256.randomPrivateKey(), {
        rpId: "localhost",
        origin: "http://localhost",
      });
      const firm = Account.fromSecp256k1(Secp256k1.randomPrivateKey());
      await first.confirmed(await first.wallet.sendTransaction({ to: firm.address, value: 10n ** 18n }));
      const request = await client.prepareTransactionRequest({
        account: user,
        feePayer: firm,
        calls: [{ to: bob.address }],
      } as never);
      const raw = await user.signTransaction(request as never);
      const hash = await client.sendRawTransaction({ serializedTransaction: raw as never });
      await client.waitForTransactionReceipt({ hash });
      await first.node.stop();
      const { dataDirectory, genesis, validator } = first;
      const second = await start({ dataDirectory, genesis, validator });
      const receipt = await tempoClient(second).getTransactionReceipt({ hash });
      expect(receipt).toMatchObject({ status: "success", feePayer: lower(firm.address), from: lower(user.address) });
      const { error } = await second.rpc("eth_sendRawTransaction", [raw]);
      expect(error?.data).toMatchObject({ code: "nonceSpent" });
      await second.close();
    });

    test("goes on where it stopped, and refuses another genesis", async () => {
      const first = await start();
      const hash = await first.wallet.sendTransaction({ to: bob.address, value: 7n });
      await first.confirmed(hash);
      await first.node.stop();
      const { dataDirectory, genesis, validator } = first;
      const second = await start({ dataDirectory, genesis, validator });
      expect((await second.client.getTransactionReceipt({ hash })).status).toBe("success");
      const again = await second.wallet.sendTransaction({ to: bob.address, value: 7n });
      const receipt = await second.confirmed(again);
      const before = await signedHeader(second, Number(receipt.blockNumber) - 1);
      const validators = validatorsOf(second);
      const now = BigInt(Date.now()) * 1_000_000n;
      const trusted = trustBlock(before.commit.blockId.hash, before.header, validators);
      const after = await signedHeader(second, Number(receipt.blockNumber));
      verifyLightBlock(trusted, { ...after, validators, nextValidators: validators }, { now, trustPeriod: now });
      await second.node.stop();
      const stranger = ValidatorKey.generate();
      await expect(start({ dataDirectory, validator: stranger })).rejects.toThrow(
        expect.objectContaining({ code: "otherGenesis" }),
      );
      await (await start({ dataDirectory, genesis, validator })).close();
    });

    test("a light client that knows the genesis file follows it, and goes on from what it kept", async () => {
      const chain = await start();
      const request = async (method: string, params: readonly unknown[]) => (await chain.rpc(method, params)).result;
      const provider = rpcProvider(request);
      const options = () => ({ now: BigInt(Date.now()) * 1_000_000n, trustPeriod: 10n ** 18n * 3n });
      await waitForHeight(chain, 1);
      const genesis = trustGenesis({ ...chain.genesis, validators: validatorsOf(chain) });
      const { state, block } = await followChain(genesis, provider, options());
      const next = await provider.validators(block.header.height + 1);
      expect(hashValidators(next)).toEqual(block.header.nextValidatorsHash);
      await chain.wallet.sendTransaction({ to: bob.address, value: 1n });
      await waitForHeight(chain, block.header.height + 1);
      const kept = decodeTrustedState(encodeTrustedState(state));
      expect((await followChain(kept, provider, options())).state.height).toBeGreaterThan(state.height);
      expect((await chain.rpc("ruff_getValidators", ["0xffff"])).error?.message).toMatch(/not known/);
      await chain.close();
    });

    test("waits with a transaction whose nonce is ahead until the gap is filled", async () => {
      const chain = await start();
      const send = (nonce: number) => chain.wallet.sendTransaction({ to: bob.address, value: 1n, nonce });
      const later = await send(1);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await chain.client.getTransactionCount({ address: alice.address })).toBe(0);
      await send(0);
      await chain.confirmed(later);
      await chain.close();
    });

    test("gives each block a time after the one before it, and lists what happened in it", async () => {
      const chain = await start();
      const hashes: Hex[] = [];
      for (let i = 0; i < 3; i++) {
        const hash = await chain.wallet.sendTransaction({ to: bob.address, value: 1n });
        await chain.confirmed(hash);
        hashes.push(hash);
      }
      const newest = chain.node.application.head.height;
      const heights = Array.from({ length: newest }, (_, i) => i + 1);
      const times = await Promise.all(heights.map(async (at) => (await signedHeader(chain, at)).header.time));
      expect(times.every((time, i) => i === 0 || time > (times[i - 1] as bigint))).toBe(true);
      const blocks = await Promise.all(heights.map((at) => chain.client.getBlock({ blockNumber: BigInt(at) })));
      expect(blocks.flatMap(({ transactions }) => transactions)).toStrictEqual(hashes);
      for (const [i, block] of blocks.entries()) {
        expect(block.parentHash).toBe(blocks[i - 1]?.hash ?? (await chain.client.getBlock({ blockNumber: 0n })).hash);
        expect(block.timestamp).toBe((times[i] as bigint) / 1_000_000_000n);
      }
      await chain.close();
    });

    test("has no signed header of a height that there is not", async () => {
      const chain = await start();
      expect((await chain.rpc("ruff_getCommit", ["0xffff"])).error?.message).toMatch(/no signed header/);
      await chain.close();
    });
  });
});
