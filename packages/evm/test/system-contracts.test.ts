import { EthereumJsEvm } from "@ruffchain/evm";
import { gasSchedule, hexToBytes, SYSTEM_CODE } from "@ruffchain/kernel";
import {
  type Abi,
  concat,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  keccak256,
  maxUint256,
  toHex,
} from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { bank, bankAbi, bankContract, tellerContract } from "../../kernel/test/execution/bank.js";
import { ETHER, GENESIS_TIME, newAccount, openChain } from "../../kernel/test/execution/chain.js";
import { compile } from "./compile.js";

const { abi, bytecode } = compile(new URL("solidity/Caller.sol", import.meta.url)).Caller as {
  abi: Abi;
  bytecode: Hex;
};
const alice = newAccount();
const bob = newAccount();
const [from, to] = [alice, bob].map(({ address }) => address.toLowerCase() as Hex) as [Hex, Hex];
const contracts = [bankContract, tellerContract];
const HAS = 1_000n;

let chain: Awaited<ReturnType<typeof openChain>>;
let caller: Hex;
let faults: unknown[];

/** A contract that has money in the bank, and an account that has none. */
beforeEach(async () => {
  faults = [];
  const onFault = (fault: unknown) => faults.push(fault);
  chain = await openChain({ contracts, evm: new EthereumJsEvm(), onFault }, [from, to]);
  caller = (await chain.send(alice, { data: bytecode, gas: 3_000_000 })).transaction?.contractAddress as Hex;
  await send("deposit", [], { value: HAS });
});

async function send(name: string, args: readonly unknown[] = [], more: object = {}) {
  const { transaction, record } = await chain.send(alice, { to: caller, abi, name, args, ...more });
  if (!transaction) throw new Error("the transaction is in no block");
  return { ...transaction, record };
}

async function ask<T>(name: string, args: readonly unknown[] = [], more: object = {}): Promise<T> {
  const data = hexToBytes(encodeFunctionData({ abi, functionName: name, args }));
  const { ok, output, reason } = await chain.app.call({ from, to: caller, data, ...more });
  if (!ok) throw new Error(reason);
  return decodeFunctionResult({ abi, functionName: name, data: toHex(output) }) as T;
}

async function inBank(owner: Hex): Promise<bigint> {
  const data = encodeFunctionData({ abi: bankAbi, functionName: "balanceOf", args: [owner] });
  const { output } = await chain.app.call({ to: bank.address, data: hexToBytes(data) });
  return BigInt(toHex(output));
}

const moveData = (amount: bigint) => encodeFunctionData({ abi: bankAbi, functionName: "move", args: [to, amount] });

describe("Solidity calls a system contract", () => {
  test("as itself, with its own money", async () => {
    expect(await inBank(caller)).toBe(HAS);
    expect(await inBank(from)).toBe(0n);
    expect(chain.app.account(bank.address).balance).toBe(HAS);
    expect(chain.app.account(caller).balance).toBe(0n);
  });

  test("and value that comes back runs no code", async () => {
    const { succeeded, logs } = await send("withdraw", [400n]);
    expect([succeeded, logs]).toStrictEqual([true, []]);
    expect([await inBank(caller), chain.app.account(caller).balance]).toStrictEqual([600n, 400n]);
    expect(await ask("received")).toBe(0n);
  });

  test("and events come in the order of what happened", async () => {
    const { logs } = await send("move", [to, 5n]);
    const names = logs.map((log) => {
      const from_ = log.address === caller ? abi : bankAbi;
      return decodeEventLog({ abi: from_ as Abi, topics: log.topics as never, data: toHex(log.data) }).eventName;
    });
    expect(names).toStrictEqual(["Before", "Moved", "After"]);
  });

  test("and gets its ABI's error as revert data", async () => {
    const data = await ask<Hex>("catchData", [to, HAS + 1n]);
    expect(decodeErrorResult({ abi: bankAbi, data })).toMatchObject({ errorName: "Insufficient" });
    const { succeeded, output } = await send("move", [to, HAS + 1n]);
    expect(succeeded).toBe(false);
    expect(toHex(output)).toBe(data);
  });

  test("for the gas that it takes natively, and Ethereum's for the call", async () => {
    const direct = await chain.app.call({ from: caller, to: bank.address, data: hexToBytes(moveData(5n)) });
    const [ok, used] = await ask<[boolean, bigint]>("moveWithGas", [to, 5n, 10_000_000n]);
    expect(ok).toBe(true);
    const overhead = Number(used) - direct.gasUsed;
    expect(overhead).toBeGreaterThanOrEqual(2_600);
    expect(overhead).toBeLessThan(3_500);
  });

  test("which burns the gas that it was given, and 1/64 is left (EIP-150)", async () => {
    const gas = 6_400_000;
    const [ok, left] = await ask<[boolean, bigint]>("burn", [], { gas });
    expect(ok).toBe(false);
    expect(Number(left)).toBeGreaterThan(gas / 64 - 4_000);
    expect(Number(left)).toBeLessThanOrEqual(gas / 64);
  });
});

describe("traps", () => {
  test("partial writes: with too little gas, wherever it runs out, nothing is written", async () => {
    const { gasUsed: needs } = await chain.app.call({ from: caller, to: bank.address, data: hexToBytes(moveData(5n)) });
    let times = 0n;
    for (let gas = gasSchedule.call; gas < needs; gas += Math.floor(needs / 12)) {
      const { succeeded, logs, gasUsed } = await send("moveWithGas", [to, 5n, BigInt(gas)]);
      expect([succeeded, logs]).toStrictEqual([true, []]);
      expect(gasUsed).toBeLessThan(200_000);
      expect([await inBank(to), await inBank(caller), await ask("marker")]).toStrictEqual([0n, HAS, ++times]);
    }
    expect((await send("moveWithGas", [to, 5n, BigInt(needs)])).logs).toHaveLength(1);
    expect(await inBank(to)).toBe(5n);
  });

  test("a revert in try/catch takes native writes, events and scheduled calls with it", async () => {
    const { succeeded, logs } = await send("catchNested", [to, 7n]);
    expect(succeeded).toBe(true);
    expect(logs).toHaveLength(2);
    expect([await inBank(to), await ask("marker")]).toStrictEqual([1n, 1n]);
    const { record } = await chain.block([], 5);
    expect(record.transactions).toHaveLength(0);
  });

  test("STATICCALL lets nobody write, and readers read", async () => {
    for (const data of [moveData(1n), encodeFunctionData({ abi: bankAbi, functionName: "later", args: [1n, 1n] })]) {
      const [ok, output] = await ask<[boolean, Hex]>("low", [1, data]);
      expect(ok).toBe(false);
      expect(decodeErrorResult({ abi: [], data: output }).args).toStrictEqual(["view functions cannot write"]);
      expect((await send("low", [1, data])).logs).toStrictEqual([]);
    }
    const read = encodeFunctionData({ abi: bankAbi, functionName: "balanceOf", args: [caller] });
    expect(await ask("low", [1, read])).toStrictEqual([true, toHex(HAS, { size: 32 })]);
    expect(await inBank(caller)).toBe(HAS);
  });

  test.each([
    [2, "DELEGATECALL"],
    [3, "CALLCODE"],
  ])("call kind %d (%s) lends nobody's identity", async (how) => {
    const [ok, output] = await ask<[boolean, Hex]>("low", [how, moveData(1n)]);
    expect(ok).toBe(false);
    expect(decodeErrorResult({ abi: [], data: output }).args?.[0]).toMatch(/cannot be called by DELEGATECALL/);
    await send("low", [how, moveData(1n)]);
    expect([await inBank(caller), await inBank(to)]).toStrictEqual([HAS, 0n]);
  });

  test("an error thrown by a contract's code is a failed call: no open checkpoint keeps what was reverted", async () => {
    const output = await ask<Hex>("catchFault", [], { gas: 1_000_000 });
    expect(decodeErrorResult({ abi: [], data: output }).args).toStrictEqual([1n]);
    const { succeeded } = await send("catchFault");
    expect(succeeded).toBe(true);
    expect(await ask("marker")).toBe(0n);
    expect(faults).toHaveLength(2);
    expect(faults[1]).toBeInstanceOf(TypeError);
  });

  test("no number is cut: one that does not fit its type reverts", async () => {
    const deep = encodeFunctionData({ abi: bankAbi, functionName: "deep", args: [0] }).slice(0, 10) as Hex;
    for (const [word, fits] of [
      [toHex(0, { size: 32 }), true],
      [toHex(2n ** 32n, { size: 32 }), false],
      [toHex(2n ** 255n, { size: 32 }), false],
    ] as const) {
      expect((await ask<[boolean, Hex]>("low", [0, concat([deep, word])]))[0]).toBe(fits);
    }
    expect((await ask<[boolean, Hex]>("low", [0, moveData(maxUint256)]))[0]).toBe(false);
    const short = moveData(1n).slice(0, -2) as Hex;
    expect((await ask<[boolean, Hex]>("low", [0, short]))[0]).toBe(false);
    await send("low", [0, moveData(2n ** 128n + 1n)]);
    expect(await inBank(to)).toBe(0n);
  });

  test("the account of a system contract has code, and stays when it is touched while empty", async () => {
    const code = toHex(SYSTEM_CODE);
    await send("withdraw", [HAS]);
    const [size, hash, copied, balance] = await ask<[bigint, Hex, Hex, bigint]>("look", [bank.address]);
    expect([size, hash, copied, balance]).toStrictEqual([1n, keccak256(code), code, 0n]);
    expect(toHex(chain.app.code(bank.address))).toBe(code);
    await send("deposit", [], { value: 0n });
    await send("deposit", [], { value: 3n });
    expect(await inBank(caller)).toBe(3n);
    expect(chain.app.account(bank.address)).toStrictEqual({ nonce: 0n, balance: 3n, codeHash: "0x" });
  });

  test("eth_call with overrides sees the same system contracts", async () => {
    const nobody = toHex(0xabc, { size: 20 });
    const overrides = {
      [nobody]: { code: chain.app.code(caller), balance: ETHER },
      [bank.address]: { code: Uint8Array.of(0x00) },
    };
    const data = hexToBytes(encodeFunctionData({ abi, functionName: "deposit" }));
    const request = { from, to: nobody, data, value: 5n, overrides };
    expect(await chain.app.call(request)).toMatchObject({ ok: true });
    const moved = hexToBytes(encodeFunctionData({ abi, functionName: "move", args: [to, 1n] }));
    expect(await chain.app.call({ ...request, data: moved, value: 0n })).toMatchObject({ ok: false });
    expect(await inBank(nobody)).toBe(0n);
  });

  test("a call while a block runs sees and disturbs nothing of it", async () => {
    const raw = await chain.sign(alice, { to: caller, abi, name: "catchNested", args: [to, 7n] });
    const [{ record }, ...answers] = await Promise.all([
      chain.block([raw]),
      ...Array.from({ length: 5 }, () => ask("marker")),
    ]);
    expect(record.transactions[0]?.succeeded).toBe(true);
    for (const answer of answers) expect([0n, 1n]).toContain(answer);
    expect(await inBank(to)).toBe(1n);
  });
});

test("blocks with users' contracts have the same roots on every node", async () => {
  const nodes = await Promise.all(
    [0, 1, 2].map(() => openChain({ contracts, evm: new EthereumJsEvm() }, [from, to], { initialBaseFee: "7" })),
  );
  const [first] = nodes as [(typeof nodes)[0]];
  const calls = [
    { data: bytecode, gas: 3_000_000 },
    { to: caller, abi, name: "deposit", value: 50n },
    { to: caller, abi, name: "catchNested", args: [to, 7n] },
    { to: caller, abi, name: "moveWithGas", args: [to, 7n, 9_000n] },
    { to: caller, abi, name: "catchFault" },
    { to: caller, abi, name: "low", args: [3, moveData(1n)] },
  ];
  const txs = await Promise.all(calls.map((call, nonce) => first.sign(alice, { ...call, nonce })));
  for (const block of [txs.slice(0, 1), txs.slice(1), []]) {
    // One proposes, one checks the proposal, one is told of the decision only; the calls between disturb none.
    const [a, b, c] = nodes as [typeof first, typeof first, typeof first];
    const request = { ...a.proposal(block, 1), hash: new Uint8Array(32) };
    const proposed = await a.app.prepareProposal({ ...request, maxTxBytes: 1_000_000, localLastCommit: a.noCommit });
    expect(proposed.txs).toHaveLength(block.length);
    await b.app.processProposal({ ...request, proposedLastCommit: a.noCommit });
    const roots = [];
    for (const { app } of [a, b, c]) {
      const { appHash } = await app.finalizeBlock({ ...request, decidedLastCommit: a.noCommit });
      await app.commit();
      roots.push(toHex(appHash));
    }
    expect(new Set(roots).size).toBe(1);
    expect(new Set(nodes.map(({ app }) => app.blocks.block(app.head.height)?.hash)).size).toBe(1);
  }
  expect(first.app.blocks.block(2)?.transactions.map(({ succeeded }) => succeeded)).toStrictEqual(Array(5).fill(true));
  expect(GENESIS_TIME).toBeLessThan(first.app.chainHead().time);
});
