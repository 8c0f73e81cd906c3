import { EthereumJsEvm } from "@ruffchain/evm";
import { AUTHORIZATION_GAS, hexToBytes } from "@ruffchain/kernel";
import {
  type Abi,
  concat,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  parseTransaction,
  serializeTransaction,
  toHex,
  zeroAddress,
} from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { beforeEach, describe, expect, test } from "vitest";
import { bank, bankAbi, bankContract } from "../../kernel/test/execution/bank.js";
import { CHAIN_ID, newAccount, openChain } from "../../kernel/test/execution/chain.js";
import { compile } from "./compile.js";

const { abi, bytecode } = compile(new URL("solidity/Caller.sol", import.meta.url)).Caller as {
  abi: Abi;
  bytecode: Hex;
};
const alice = newAccount();
const bob = newAccount();
const lower = (account: PrivateKeyAccount) => account.address.toLowerCase() as Hex;
const [from, owner] = [lower(alice), lower(bob)];

let chain: Awaited<ReturnType<typeof openChain>>;
let caller: Hex;
beforeEach(async () => {
  chain = await openChain({ contracts: [bankContract], evm: new EthereumJsEvm() }, [from, owner]);
  caller = (await chain.send(alice, { data: bytecode, gas: 3_000_000 })).transaction?.contractAddress as Hex;
});

const nonceOf = (address: Hex) => Number(chain.app.account(address).nonce);
const authorize = (address: Hex, nonce = nonceOf(owner), by = bob) =>
  by.signAuthorization({ chainId: CHAIN_ID, address, nonce });

interface SetCode {
  readonly to?: Hex | null;
  readonly data?: Hex;
  readonly value?: bigint;
  readonly gas?: number;
  readonly authorizationList: readonly Awaited<ReturnType<typeof authorize>>[];
}

/** A transaction of type 4 of Alice's, as viem encodes it. */
function sign({ to = owner, gas = 1_000_000, ...rest }: SetCode): Promise<Hex> {
  return alice.signTransaction({
    type: "eip7702",
    chainId: CHAIN_ID,
    nonce: nonceOf(from),
    to,
    gas: BigInt(gas),
    maxFeePerGas: 10_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
    ...rest,
  } as never);
}

async function send(tx: SetCode) {
  const { record, response } = await chain.block([hexToBytes(await sign(tx))]);
  return { transaction: record.transactions.at(-1), result: response.txResults[0] };
}

async function ask<T>(to: Hex, name: string, args: readonly unknown[] = []): Promise<T> {
  const data = hexToBytes(encodeFunctionData({ abi, functionName: name, args }));
  const { ok, output, reason } = await chain.app.call({ from, to, data });
  if (!ok) throw new Error(reason);
  return decodeFunctionResult({ abi, functionName: name, data: toHex(output) }) as T;
}

const call = (name: string, args: readonly unknown[] = []) => encodeFunctionData({ abi, functionName: name, args });
const moveData = encodeFunctionData({ abi: bankAbi, functionName: "move", args: [from, 5n] });
const inBank = async (address: Hex) => {
  const data = hexToBytes(encodeFunctionData({ abi: bankAbi, functionName: "balanceOf", args: [address] }));
  return BigInt(toHex((await chain.app.call({ to: bank.address, data })).output));
};

describe("a transaction of type 4 (EIP-7702)", () => {
  test("lets an account run a contract's code as itself, now and later", async () => {
    const authorizationList = [await authorize(caller)];
    const { transaction } = await send({ authorizationList, data: call("deposit"), value: 50n });
    expect(transaction).toMatchObject({ succeeded: true });
    expect(toHex(chain.app.code(owner))).toBe(concat(["0xef0100", caller]));
    expect([await inBank(owner), await inBank(caller), nonceOf(owner)]).toStrictEqual([50n, 0n, 1]);
    await chain.send(alice, { to: owner, abi, name: "moveWithGas", args: [from, 5n, 200_000n] });
    expect([await inBank(from), await ask(owner, "marker"), await ask(caller, "marker")]).toStrictEqual([5n, 1n, 0n]);
  });

  test("leaves its authorizations though the call fails, and the account goes on sending", async () => {
    const { transaction } = await send({
      authorizationList: [await authorize(caller)],
      data: call("deposit").slice(0, 8) as Hex,
    });
    expect(transaction?.succeeded).toBe(false);
    expect(toHex(chain.app.code(owner))).toBe(concat(["0xef0100", caller]));
    const paid = await chain.send(bob, { to: from, value: 7n });
    expect([paid.transaction?.succeeded, nonceOf(owner)]).toStrictEqual([true, 2]);
    // The zero address takes it back.
    await send({ authorizationList: [await authorize(zeroAddress)] });
    expect(chain.app.account(owner)).toMatchObject({ codeHash: "0x", nonce: 3n });
  });

  test("passes over what is for another chain or nonce, and what nobody signed", async () => {
    const good = await authorize(caller);
    const other = await bob.signAuthorization({ chainId: 1, address: caller, nonce: 0 });
    for (const wrong of [other, await authorize(caller, 1), { ...good, r: toHex(0, { size: 32 }) }]) {
      const { transaction } = await send({ authorizationList: [wrong] });
      expect(transaction?.succeeded).toBe(true);
      expect(chain.app.account(owner)).toMatchObject({ codeHash: "0x", nonce: 0n });
    }
    const anywhere = await bob.signAuthorization({ chainId: 0, address: caller, nonce: 0 });
    await send({ authorizationList: [anywhere] });
    expect(toHex(chain.app.code(owner))).toBe(concat(["0xef0100", caller]));
  });

  test("costs AUTHORIZATION_GAS each, half of it back where the account was there", async () => {
    const gasUsed = async (by: PrivateKeyAccount) =>
      (await send({ to: from, authorizationList: [await authorize(caller, 0, by)] })).transaction?.gasUsed;
    const fresh = 21_000 + AUTHORIZATION_GAS;
    expect(await gasUsed(newAccount())).toBe(fresh);
    expect(await gasUsed(bob)).toBe(fresh - Math.floor(fresh / 5)); // the cap of EIP-3529
    const tooLittle = await sign({ authorizationList: [await authorize(caller)], gas: fresh - 1 });
    expect(chain.app.checkTx({ tx: hexToBytes(tooLittle), type: "new" }).log).toMatch(/intrinsic gas too low/);
  });

  test("is estimated with its authorizations, also the sender's own", async () => {
    const own = await authorize(caller, nonceOf(from) + 1, alice);
    const authorizationList = [own].map(({ r, s, yParity = 0, ...rest }) => ({
      ...rest,
      chainId: BigInt(rest.chainId),
      nonce: BigInt(rest.nonce),
      yParity,
      signature: hexToBytes(concat([r, s])),
    }));
    const data = call("deposit");
    const request = { from, to: from, data: hexToBytes(data), value: 3n, authorizationList };
    const estimate = await chain.app.estimateGas(request);
    if ("failure" in estimate) throw new Error(estimate.failure.reason);
    const { transaction } = await send({ to: from, data, value: 3n, gas: estimate.gas, authorizationList: [own] });
    expect(transaction?.succeeded).toBe(true);
    expect([await inBank(from), nonceOf(from)]).toStrictEqual([3n, 3]);
  });

  test("is refused without authorizations, and where it would create", async () => {
    const none = hexToBytes(await sign({ authorizationList: [] }));
    expect(chain.app.checkTx({ tx: none, type: "new" })).toMatchObject({
      log: expect.stringMatching(/empty auth list/),
    });
    // viem refuses to encode a creation, so its destination is taken out.
    const good = parseTransaction(await sign({ authorizationList: [await authorize(caller)] }));
    const raw = serializeTransaction({ ...good, to: undefined } as never, { r: "0x01", s: "0x01", yParity: 0 });
    expect(chain.app.checkTx({ tx: hexToBytes(raw), type: "new" })).toMatchObject({
      log: expect.stringMatching(/cannot be used to create/),
    });
    const { app } = await openChain({ contracts: [bankContract] }, [from, owner]);
    const fine = hexToBytes(await sign({ authorizationList: [await authorize(caller)] }));
    expect(app.checkTx({ tx: fine, type: "new" })).toMatchObject({
      log: expect.stringMatching(/unsupported transaction type 0x04/),
    });
  });
});

describe("a delegation lends no identity", () => {
  test("to a system contract: calls of the account fail, and nothing moves", async () => {
    await chain.send(bob, { to: bank.address, abi: bankAbi, name: "deposit", value: 50n });
    const { transaction } = await send({ authorizationList: [await authorize(bank.address)], data: moveData });
    expect(transaction).toMatchObject({ succeeded: false, logs: [] });
    expect([await inBank(owner), await inBank(from)]).toStrictEqual([50n, 0n]);
    await chain.send(alice, { to: owner, data: moveData });
    expect([await inBank(owner), await inBank(from)]).toStrictEqual([50n, 0n]);
  });

  test("DELEGATECALL and CALLCODE from a delegated account into a system contract revert", async () => {
    await chain.send(bob, { to: bank.address, abi: bankAbi, name: "deposit", value: 50n });
    await send({ authorizationList: [await authorize(caller)] });
    for (const how of [2, 3]) {
      expect((await ask<[boolean, Hex]>(owner, "low", [how, moveData]))[0]).toBe(false);
      await chain.send(alice, { to: owner, abi, name: "low", args: [how, moveData] });
    }
    expect([await inBank(owner), await inBank(from)]).toStrictEqual([50n, 0n]);
  });

  test("value that a system contract sends runs none of its code", async () => {
    await send({ authorizationList: [await authorize(caller)], data: call("deposit"), value: 50n });
    const before = chain.app.account(owner).balance;
    await chain.send(alice, { to: owner, abi, name: "withdraw", args: [20n] });
    expect(chain.app.account(owner).balance - before).toBe(20n);
    expect(await ask(owner, "received")).toBe(0n);
  });
});
