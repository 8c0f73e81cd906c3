import { assetClass, assets } from "@ruffchain/abi";
import { Contract, ContractFactory, isError, Wallet, WebSocketProvider } from "ethers";
import { type Abi, toHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile } from "../../packages/evm/test/compile.js";
import { alice, startTestNode, type TestNode } from "../../packages/node/test/running-node.js";

const { abi, bytecode } = compile(new URL("../foundry/src/Odometers.sol", import.meta.url)).Odometers as {
  abi: Abi;
  bytecode: string;
};

let node: TestNode;
let provider: WebSocketProvider;
let wallet: Wallet;
beforeAll(async () => {
  // ethers waits for the block after its transaction where that came while it asked.
  node = await startTestNode({ emptyBlockMs: 200 });
  provider = new WebSocketProvider(node.url.replace("http", "ws"), undefined, { cacheTimeout: -1 });
  wallet = new Wallet(toHex(alice.getHdKey().privateKey as Uint8Array), provider);
});
afterAll(async () => {
  await provider.destroy();
  await node.close();
});

test("deploys, hears events as they come and finds them later, reads and decodes the contract's errors", async () => {
  const deployed = await new ContractFactory(abi as never, bytecode, wallet).deploy(3);
  await deployed.waitForDeployment();
  const odometers = new Contract(await deployed.getAddress(), abi as never, wallet);
  const heard: unknown[] = [];
  await odometers.once("Reported", (car, metres) => heard.push(car, metres));
  const receipt = await (await odometers.getFunction("report")(100)).wait();
  await expect.poll(() => heard).toStrictEqual([alice.address, 100n]);
  const found = await odometers.queryFilter("Reported", receipt.blockNumber);
  expect(found.map(({ transactionHash }) => transactionHash)).toStrictEqual([receipt.hash]);
  expect(await odometers.getFunction("balanceOf")(alice.address)).toBe(300n);

  const error = await odometers
    .getFunction("report")
    .staticCall(50)
    .catch((reason) => reason);
  expect(isError(error, "CALL_EXCEPTION") && error.revert).toMatchObject({ name: "WentBack", args: [100n, 50n] });
});

test("speaks to a system contract as to any other", async () => {
  const contract = new Contract(assets.address, assets.abi as never, wallet);
  const { hash } = await (await contract.getFunction("register")(assetClass.other, "car-1")).wait();
  const [event] = await contract.queryFilter("Registered", 0);
  expect(event?.transactionHash).toBe(hash);
  expect(await contract.getFunction("ownerOf")(1)).toBe(alice.address);
});
