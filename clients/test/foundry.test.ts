import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assetClass, assets } from "@ruffchain/abi";
import { type Abi, type Address, encodeErrorResult, type Hex, toHex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alice, bob, startTestNode, type TestNode } from "../../packages/node/test/running-node.js";
import { foundry, printed, run } from "./run.js";

const key = (account: typeof alice) => toHex(account.getHdKey().privateKey as Uint8Array);
const made = mkdtempSync(join(tmpdir(), "ruff-foundry-"));
const ONE = 10n ** 18n;

let node: TestNode;
let env: Record<string, string>;
beforeAll(async () => {
  node = await startTestNode();
  env = {
    ETH_RPC_URL: node.url,
    FOUNDRY_OUT: join(made, "out"),
    FOUNDRY_CACHE_PATH: join(made, "cache"),
    FOUNDRY_BROADCAST: join(made, "broadcast"),
  };
});
afterAll(async () => {
  await node.close();
  rmSync(made, { recursive: true, force: true });
});

const cast = async (...args: string[]) => printed(await run("foundry", env, foundry("cast"), args));
const forge = async (...args: string[]) => printed(await run("foundry", env, foundry("forge"), args));
const send = async (account: typeof alice, ...args: string[]) =>
  JSON.parse(await cast("send", "--json", "--private-key", key(account), ...args)) as {
    status: Hex;
    transactionHash: Hex;
    blockNumber: Hex;
    logs: { topics: Hex[] }[];
  };

/** Of the contract, as forge has written it. */
const abi = () => JSON.parse(readFileSync(join(made, "out/Odometers.sol/Odometers.json"), "utf8")).abi as Abi;

describe("cast", () => {
  test("asks for the chain, blocks, accounts and fees", async () => {
    expect(await cast("chain-id")).toBe(String(node.chain.id));
    expect(await cast("client")).toMatch(/^ruff\//);
    expect(BigInt(await cast("balance", alice.address))).toBe(await node.client.getBalance(alice));
    const { hash, number } = await node.client.getBlock();
    expect(await cast("block", String(number), "--field", "hash")).toBe(hash);
    expect(BigInt(await cast("gas-price"))).toBeGreaterThan(0n);
    expect(BigInt(await cast("basefee"))).toBeGreaterThan(0n);
  });

  test("sends value, of each type that Ethereum's wallets sign", async () => {
    const before = await node.client.getBalance(bob);
    for (const form of [[], ["--legacy"], ["--access-list", "[]"]]) {
      const { status, transactionHash } = await send(alice, bob.address, "--value", "1ether", ...form);
      expect(status).toBe("0x1");
      const sent = JSON.parse(await cast("tx", "--json", transactionHash)) as { value: Hex; from: Hex };
      expect(BigInt(sent.value)).toBe(ONE);
      expect(sent.from).toBe(alice.address.toLowerCase());
    }
    expect(await node.client.getBalance(bob)).toBe(before + 3n * ONE);
    expect(await cast("nonce", alice.address)).toBe("3");
  });

  test("writes and reads a system contract, finds its events and says why a call fails", async () => {
    const register = [assets.address, "register(uint8,string)", String(assetClass.other), "car-1"];
    const { status, blockNumber, logs } = await send(alice, ...register);
    expect([status, logs.length > 0]).toStrictEqual(["0x1", true]);
    const found = JSON.parse(
      await cast("logs", "--json", "--from-block", String(BigInt(blockNumber)), "--address", assets.address),
    ) as { topics: Hex[] }[];
    expect(found.map(({ topics }) => topics)).toStrictEqual(logs.map(({ topics }) => topics));
    const owner = await cast("call", assets.address, "ownerOf(uint256)(address)", "1");
    expect(owner).toBe(alice.address);
    await expect(cast("call", assets.address, "ownerOf(uint256)(address)", "99")).rejects.toThrow(
      /ended with 1:.*ERC721NonexistentToken\(99\)/s,
    );
  });
});

describe("forge", () => {
  test("creates a contract that cast calls; reverts have the contract's own errors", async () => {
    const args = ["src/Odometers.sol:Odometers", "--private-key", key(bob), "--broadcast", "--json"];
    const { deployedTo } = JSON.parse(await forge("create", ...args, "--constructor-args", "3")) as {
      deployedTo: Address;
    };
    expect(await cast("code", deployedTo)).toBe(await node.client.getCode({ address: deployedTo }));
    expect(await cast("call", deployedTo, "rate()(uint256)")).toBe("3");
    await send(alice, deployedTo, "report(uint256)", "100");
    expect(await cast("call", deployedTo, "balanceOf(address)(uint256)", alice.address)).toBe("300");
    expect(
      BigInt(await cast("estimate", deployedTo, "report(uint256)", "200", "--from", alice.address)),
    ).toBeGreaterThan(21_000n);
    const back = cast("call", "--from", alice.address, deployedTo, "report(uint256)", "50");
    const data = encodeErrorResult({ abi: abi(), errorName: "WentBack", args: [100n, 50n] });
    await expect(back).rejects.toThrow(new RegExp(`ended with 1:.*${data}`, "s"));
  });

  test("runs a script: a deployment and two calls, each confirmed", async () => {
    await forge("script", "script/Deploy.s.sol", "--rpc-url", node.url, "--private-key", key(alice), "--broadcast");
    const path = join(made, "broadcast/Deploy.s.sol", String(node.chain.id), "run-latest.json");
    const { receipts } = JSON.parse(readFileSync(path, "utf8")) as {
      receipts: { status: Hex; transactionHash: Hex; contractAddress: Address | null }[];
    };
    expect(receipts.map(({ status }) => status)).toStrictEqual(["0x1", "0x1", "0x1"]);
    const address = receipts[0]?.contractAddress as Address;
    const read = (functionName: string) =>
      node.client.readContract({ address, abi: abi(), functionName, args: [alice.address] });
    expect(await Promise.all([read("odometer"), read("balanceOf")])).toStrictEqual([250n, 750n]);
  });
});
