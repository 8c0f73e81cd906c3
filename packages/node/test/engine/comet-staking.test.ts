import { STAKE_PER_POWER, staking, validatorProofMessage } from "@ruffchain/abi";
import { followChain, hashValidators, rpcProvider, trustGenesis } from "@ruffchain/light";
import { ValidatorKey } from "@ruffchain/node";
import { bytesToHex, createWalletClient, http, parseEther } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alice, bob, startTestNode, type TestNode } from "../running-node.js";
import { cometMissing } from "./comet.js";
import { validatorsOf, waitForHeight } from "./signed-header.js";

const MISSED = 4;

/** CometBFT with one validator of ours, and one that never votes. */
describe.skipIf(cometMissing)("stake decides on CometBFT's validators", () => {
  let chain: TestNode;
  beforeAll(async () => {
    const parameters = { epochBlocks: "3", signedWindow: "1000", maxMissed: String(MISSED) };
    chain = await startTestNode({
      engine: "comet",
      emptyBlockMs: 20,
      app: { parameters },
    });
  });
  afterAll(() => chain.close());

  const options = () => ({ now: BigInt(Date.now()) * 1_000_000n, trustPeriod: 86_400_000_000_000n });
  const powers = async () => {
    const members = await chain.client.readContract({ ...staking, functionName: "activeSet" });
    return members.map(({ power }) => power).sort();
  };
  async function until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await waitForHeight(chain, chain.node.application.head.height + 1);
  }
  /** The validators of the newest header, as a light client finds them that began with the genesis file. */
  async function verified() {
    const provider = rpcProvider(async (method, params) => (await chain.rpc(method, params)).result);
    await waitForHeight(chain, chain.node.application.head.height + 5); // what the application said is effective
    const genesis = trustGenesis({ ...chain.genesis, validators: validatorsOf(chain) });
    const { block } = await followChain(genesis, provider, options());
    const validators = await provider.validators(block.header.height);
    expect(hashValidators(validators)).toEqual(block.header.validatorsHash);
    return validators.map(({ power }) => power).sort();
  }

  test("its power follows delegations, and light clients follow it", async () => {
    const hash = await chain.wallet.writeContract({
      ...staking,
      functionName: "delegate",
      args: [alice.address],
      value: parseEther("90"),
    });
    await chain.confirmed(hash);
    await until(async () => (await powers())[0] === 100n);
    expect(await verified()).toEqual([100n]);
  });

  test("who joins and never votes is jailed and leaves", async () => {
    const key = ValidatorKey.generate();
    const chainId = chain.node.application.parameters().chainId;
    const proof = bytesToHex(key.sign(Buffer.from(validatorProofMessage(chainId, bob.address))));
    const wallet = createWalletClient({ account: bob, chain: chain.chain, transport: http(chain.url) });
    const hash = await wallet.writeContract({
      ...staking,
      functionName: "createValidator",
      args: [bytesToHex(key.publicKey), proof, "silent", "", 0, 0, 0],
      value: STAKE_PER_POWER,
    });
    await chain.confirmed(hash);
    await until(async () => (await powers()).length === 2);
    const view = () => chain.client.readContract({ ...staking, functionName: "validator", args: [bob.address] });
    await until(async () => (await view()).jailed);
    expect(await powers()).toEqual([100n]);
    expect(await verified()).toEqual([100n]);
  });
});
