import {
  DEFAULT_BASE_FEE,
  gasSchedule,
  hexToBytes,
  MAX_CALL_DEPTH,
  MAX_PAGE_ROWS,
  SCHEDULED_CALL_GAS,
} from "@ruffchain/kernel";
import {
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  keccak256,
  toHex,
  zeroAddress,
} from "viem";
import { describe, expect, test } from "vitest";
import { bank, bankAbi, bankContract, teller, tellerContract } from "./bank.js";
import { ETHER, GENESIS_TIME, newAccount, openChain } from "./chain.js";

const alice = newAccount();
const bob = newAccount();
const lower = (address: Hex) => address.toLowerCase() as Hex;
const contracts = [bankContract, tellerContract];
const seconds = (s: number) => GENESIS_TIME / 1_000_000_000n + BigInt(s);

async function open(genesis: Record<string, unknown> = {}) {
  const chain = await openChain({ contracts }, [alice.address, bob.address], genesis);
  const read = async (name: string, args: readonly unknown[]) => {
    const data = encodeFunctionData({ abi: bankAbi, functionName: name, args } as never);
    const result = await chain.app.call({ to: bank.address, data: Buffer.from(data.slice(2), "hex") });
    if (!result.ok) throw new Error(result.reason);
    return decodeFunctionResult({ abi: bankAbi, functionName: name, data: toHex(result.output) } as never) as unknown;
  };
  return { ...chain, read };
}

describe("a transaction", () => {
  test("moves value, pays the base fee to nobody and the tip to the collector", async () => {
    const collector = newAccount().address;
    const { app, send } = await open({ feeCollector: collector });
    const { transaction, record } = await send(alice, { to: bob.address, value: ETHER, gas: 21_000 });
    expect(transaction?.succeeded).toBe(true);
    expect(transaction?.gasUsed).toBe(21_000);
    const baseFee = record.header.baseFeePerGas;
    const paid = 21_000n * (transaction?.gasPrice ?? 0n);
    expect(app.account(lower(bob.address)).balance).toBe(101n * ETHER);
    expect(app.account(lower(alice.address))).toMatchObject({ nonce: 1n, balance: 99n * ETHER - paid });
    expect(app.account(lower(collector)).balance).toBe(21_000n * 1_000_000_000n);
    expect(app.chainHead().burnt).toBe(21_000n * baseFee);
  });

  test("gives back the gas that was not used", async () => {
    const { app, send } = await open();
    const before = app.account(lower(alice.address)).balance;
    const { transaction } = await send(alice, { ...bank, name: "deposit", value: 5n, to: bank.address, gas: 500_000 });
    const spent = before - app.account(lower(alice.address)).balance;
    expect(spent).toBe(5n + BigInt(transaction?.gasUsed ?? 0) * (transaction?.gasPrice ?? 0n));
    expect(transaction?.gasUsed).toBeLessThan(100_000);
  });

  test("the base fee falls in empty blocks and rises in full ones", async () => {
    const { block, send } = await open({ blockGasLimit: 5_000_000 });
    const first = (await block()).record.header.baseFeePerGas;
    expect(first).toBe((DEFAULT_BASE_FEE * 7n) / 8n);
    await send(alice, { to: bank.address, abi: bankAbi, name: "burnGas", gas: 4_000_000 });
    const after = (await block()).record.header.baseFeePerGas;
    expect(after).toBeGreaterThan((first * 7n) / 8n);
  });

  test.each([
    ["nonceTooLow", { nonce: -1 }],
    ["nonceTooHigh", { nonce: 5 }],
    ["wrongChainId", { chainId: 1 }],
    ["gasLimitTooHigh", { gas: 300_000_001 }],
    ["intrinsicGasTooLow", { gas: 20_999 }],
    ["feeTooLow", { maxFeePerGas: 500_000_000n }],
    ["insufficientFunds", { value: 101n * ETHER }],
  ] as const)("error: %s is refused by checkTx and processProposal, and has no receipt", async (code, change) => {
    const { app, sign, send, block, proposal, noCommit } = await open();
    if (code === "nonceTooLow") await send(alice, { to: bob.address, gas: 21_000 });
    const nonce = "nonce" in change ? (change.nonce < 0 ? 0 : change.nonce) : undefined;
    const raw = await sign(alice, { to: bob.address, gas: 21_000, ...change, ...(nonce !== undefined && { nonce }) });
    const check = app.checkTx({ tx: raw, type: "new" });
    expect(check.code).toBeGreaterThan(1);
    const processed = await app.processProposal({
      ...proposal([raw], 1),
      hash: new Uint8Array(32),
      proposedLastCommit: noCommit,
    });
    expect(processed.accepted).toBe(false);
    const before = app.account(lower(alice.address));
    const { response, record } = await block([raw]);
    expect(response.txResults[0]?.code).toBe(check.code);
    expect(record.transactions).toHaveLength(0);
    expect(app.account(lower(alice.address))).toStrictEqual(before);
  });

  test("prepareProposal leaves out what may not be in a block, and the rest executes once", async () => {
    const { app, sign, proposal, noCommit } = await open();
    const good = await sign(alice, { to: bob.address, gas: 21_000 });
    const gap = await sign(alice, { to: bob.address, gas: 21_000, nonce: 7 });
    const request = proposal([gap, good], 1);
    const { txs, refused } = await app.prepareProposal({
      ...request,
      maxTxBytes: 1_000_000,
      localLastCommit: noCommit,
    });
    expect(txs).toStrictEqual([good]);
    expect(refused).toStrictEqual([]);
    const decided = { ...request, txs, hash: new Uint8Array(32) };
    expect((await app.processProposal({ ...decided, proposedLastCommit: noCommit })).accepted).toBe(true);
    const response = await app.finalizeBlock({ ...decided, decidedLastCommit: noCommit });
    await app.commit();
    expect(response.txResults).toHaveLength(1);
    expect(app.head.root).toStrictEqual(response.appHash);
  });

  test("prepareProposal fills a block by the gas that is used, and says which transactions can be in none", async () => {
    const { app, sign, proposal, noCommit, block } = await open({ blockGasLimit: 5_000_000 });
    const pay = (nonce: number, gas: number) => sign(alice, { to: bob.address, gas, nonce });
    const fits = [await pay(0, 4_900_000), await pay(1, 4_900_000)];
    const waits = [await pay(2, 5_000_000), await pay(3, 21_000)];
    const poor = await sign(bob, { to: alice.address, gas: 21_000, value: 101n * ETHER });
    const request = proposal([...fits, ...waits, poor], 1);
    const { txs, refused } = await app.prepareProposal({
      ...request,
      maxTxBytes: 1_000_000,
      localLastCommit: noCommit,
    });
    expect(txs).toStrictEqual(fits);
    expect(refused).toStrictEqual([poor]);
    await block(txs);
    const { response } = await block(waits);
    expect(response.txResults.map(({ code }) => code)).toStrictEqual([0, 0]);
  });

  test("prepareProposal keeps to maxTxBytes", async () => {
    const { app, sign, proposal, noCommit } = await open();
    const txs = [
      await sign(alice, { to: bob.address, gas: 21_000 }),
      await sign(bob, { to: bob.address, gas: 21_000 }),
    ];
    const request = { ...proposal(txs, 1), maxTxBytes: (txs[0]?.length ?? 0) + 1, localLastCommit: noCommit };
    expect((await app.prepareProposal(request)).txs).toHaveLength(1);
  });

  test("error: creating a contract without an EVM", async () => {
    const { app, sign } = await open();
    const raw = await sign(alice, { to: undefined as never, gas: 100_000 });
    expect(app.checkTx({ tx: raw, type: "new" }).log).toMatch(/contract creation needs the EVM/);
  });
});

describe("a call of a system contract", () => {
  test("emits events as EVM logs that clients decode", async () => {
    const { send } = await open();
    await send(alice, { ...bank, to: bank.address, name: "deposit", value: 10n });
    const { transaction } = await send(alice, { ...bank, to: bank.address, name: "move", args: [bob.address, 4n] });
    const [log] = transaction?.logs ?? [];
    const event = decodeEventLog({
      abi: bankAbi,
      data: toHex(log?.data ?? new Uint8Array()),
      topics: log?.topics as [Hex],
    });
    expect(event).toMatchObject({ eventName: "Moved", args: { from: alice.address, to: bob.address, amount: 4n } });
  });

  test("reverts with the named error, and what it wrote is undone", async () => {
    const { app, send, read } = await open();
    const { result, transaction } = await send(alice, {
      ...bank,
      to: bank.address,
      name: "move",
      args: [bob.address, 4n],
    });
    expect(result?.code).toBe(1);
    expect(transaction?.succeeded).toBe(false);
    expect(transaction?.logs).toHaveLength(0);
    const error = decodeErrorResult({ abi: bankAbi, data: toHex(transaction?.output ?? new Uint8Array()) });
    expect(error).toMatchObject({ errorName: "Insufficient", args: [alice.address, 0n, 4n] });
    expect(await read("balanceOf", [bob.address])).toBe(0n);
    expect(app.account(lower(alice.address)).nonce).toBe(1n);
  });

  test("a nested call runs with its caller as the sender, and its failure undoes only itself when caught", async () => {
    const { app, send, read } = await open();
    await send(alice, { ...bank, to: bank.address, name: "deposit", value: 10n });
    // The teller has nothing in the bank, so moving for alice fails: authority is the caller's own.
    const { transaction } = await send(alice, {
      ...teller,
      to: teller.address,
      name: "tryMove",
      args: [bob.address, 1n],
    });
    expect(transaction?.succeeded).toBe(true);
    expect(transaction?.logs).toHaveLength(0);
    expect(await read("balanceOf", [bob.address])).toBe(0n);
    expect(await read("balanceOf", [alice.address])).toBe(10n);
    const twice = await send(alice, { ...teller, to: teller.address, name: "moveTwice", args: [bob.address, 0n] });
    expect(twice.transaction?.logs).toHaveLength(2);
    expect(app.isSystemContract(teller.address)).toBe(true);
  });

  test("sends native value and undoes it on failure", async () => {
    const { app, send } = await open();
    await send(alice, { ...bank, to: bank.address, name: "deposit", value: 10n });
    expect(app.account(bank.address).balance).toBe(10n);
    await send(alice, { ...bank, to: bank.address, name: "withdraw", args: [4n] });
    expect(app.account(bank.address).balance).toBe(6n);
    await send(alice, { ...bank, to: bank.address, name: "withdraw", args: [7n] });
    expect(app.account(bank.address).balance).toBe(6n);
  });

  test("lists in the order of an index, page by page, whatever was written in between", async () => {
    const { block, sign, read } = await open();
    const owners = Array.from({ length: 9 }, (_, i) => `0x${String(i + 1).repeat(40)}` as Hex);
    await block([await sign(alice, { ...bank, to: bank.address, name: "deposit", value: 1000n })]);
    const moves = await Promise.all(
      owners.map((to, i) =>
        sign(alice, { ...bank, to: bank.address, name: "move", args: [to, BigInt((i * 7) % 9)], nonce: i + 1 }),
      ),
    );
    await block(moves);
    const all: { owner: Hex; amount: bigint }[] = [];
    let cursor: Hex = "0x";
    do {
      const [entries, next] = (await read("richest", [cursor, 4])) as [{ owner: Hex; amount: bigint }[], Hex];
      expect(entries.length).toBeLessThanOrEqual(4);
      all.push(...entries);
      cursor = next;
    } while (cursor !== "0x");
    expect(all).toHaveLength(10);
    expect(all.map((entry) => entry.amount)).toStrictEqual(
      all.map((entry) => entry.amount).sort((a, b) => Number(b - a)),
    );
    expect(MAX_PAGE_ROWS).toBe(200);
  });

  test.each([
    ["a view that writes", "sneak", [], /view functions cannot write/],
    ["a scheduled function called by a person", "tick", [1n], /only the scheduler|run by the scheduler/],
  ] as const)("error: %s", async (_what, name, args, reason) => {
    const { app } = await open();
    const data = encodeFunctionData({ abi: bankAbi, functionName: name, args } as never);
    const result = await app.call({ to: bank.address, data: Buffer.from(data.slice(2), "hex") });
    expect(result.ok).toBe(false);
    expect(result.reason).toMatch(reason);
  });

  test("error: a view cannot write through another contract", async () => {
    const { app } = await open();
    const data = encodeFunctionData({ abi: teller.abi, functionName: "readOnlyMove", args: [bob.address] });
    const result = await app.call({ to: teller.address, data: Buffer.from(data.slice(2), "hex") });
    expect(result.reason).toMatch(/view functions cannot write/);
  });

  test("error: value for a function that takes none, unknown selectors, plain transfers, dirty arguments", async () => {
    const { app, send } = await open();
    const notPayable = await send(alice, { ...bank, to: bank.address, name: "withdraw", args: [0n], value: 1n });
    expect(notPayable.transaction?.succeeded).toBe(false);
    expect(app.account(bank.address).balance).toBe(0n);
    expect((await app.call({ to: bank.address, data: Uint8Array.of(1, 2, 3, 4) })).reason).toMatch(/no such function/);
    expect((await app.call({ to: bank.address })).reason).toMatch(/does not take plain transfers/);
    const dirty = Buffer.from(
      encodeFunctionData({ abi: bankAbi, functionName: "balanceOf", args: [bob.address] }).slice(2),
      "hex",
    );
    dirty[5] = 1;
    expect((await app.call({ to: bank.address, data: dirty })).reason).toMatch(/dirty padding/);
  });

  test("error: running out of gas spends all of it and changes nothing else", async () => {
    const { app, send, store } = await open();
    const { transaction } = await send(alice, { ...bank, to: bank.address, name: "burnGas", gas: 300_000 });
    expect(transaction).toMatchObject({ succeeded: false, gasUsed: 300_000 });
    expect(store).toBeDefined();
    expect(app.account(lower(alice.address)).nonce).toBe(1n);
  });

  test("error: a fault of the contract is a revert for all, and is told to the node", async () => {
    const faults: unknown[] = [];
    const chain = await openChain({ contracts, onFault: (fault) => faults.push(fault) }, [alice.address]);
    const { transaction } = await chain.send(alice, { ...bank, to: bank.address, name: "fall", gas: 200_000 });
    expect(transaction).toMatchObject({ succeeded: false, gasUsed: 200_000 });
    expect(toHex(transaction?.output ?? new Uint8Array())).toMatch(/^0x4e487b71/);
    expect(faults).toHaveLength(1);
  });

  test(`error: calls nested deeper than ${MAX_CALL_DEPTH}`, async () => {
    const { send } = await open();
    const fits = await send(alice, { ...bank, to: bank.address, name: "deep", args: [MAX_CALL_DEPTH - 1] });
    expect(fits.transaction?.succeeded).toBe(true);
    const tooDeep = await send(alice, { ...bank, to: bank.address, name: "deep", args: [MAX_CALL_DEPTH] });
    expect(tooDeep.transaction?.succeeded).toBe(false);
  });
});

describe("recoverSigner of a contract", () => {
  test("tells whom a signature speaks for, at its price", async () => {
    const { app, read } = await open();
    const hash = keccak256("0x01");
    const signature = await alice.sign({ hash });
    expect(await read("signerOf", [hash, signature])).toBe(alice.address);
    expect(await read("signerOf", [keccak256("0x02"), signature])).not.toBe(alice.address);
    expect(await read("signerOf", [hash, "0x01"])).toBe(zeroAddress);
    const data = encodeFunctionData({ abi: bankAbi, functionName: "signerOf", args: [hash, signature] });
    const result = await app.call({ to: bank.address, data: hexToBytes(data), gas: gasSchedule.recoverSecp256k1 });
    expect(result).toMatchObject({ ok: false, gasUsed: gasSchedule.recoverSecp256k1 });
  });
});

describe("the scheduler", () => {
  const later = (at: bigint, amount: bigint) => ({ ...bank, to: bank.address, name: "later", args: [at, amount] });

  test("runs a call in the first block whose time has come, in order of time and then of scheduling", async () => {
    const { block, sign } = await open();
    const txs = [
      await sign(alice, later(seconds(10), 1n)),
      await sign(alice, { ...later(seconds(5), 2n), nonce: 1 }),
      await sign(alice, { ...later(seconds(10), 3n), nonce: 2 }),
    ];
    await block(txs);
    expect((await block([], 2)).record.transactions).toHaveLength(0);
    const { record } = await block([], 20);
    const [system] = record.transactions;
    expect(record.transactions).toHaveLength(1);
    expect(system?.sender).toBe("0x5255464600000000000000000000000000000000");
    const amounts = system?.logs.map(
      (log) => decodeEventLog({ abi: bankAbi, data: toHex(log.data), topics: log.topics as [Hex] }).args,
    );
    expect(amounts).toMatchObject([{ amount: 2n }, { amount: 1n }, { amount: 3n }]);
    expect((await block([], 20)).record.transactions).toHaveLength(0);
  });

  test("a call that fails is rolled back, logged, and does not stop the others", async () => {
    const { block, sign } = await open();
    await block([await sign(alice, later(seconds(5), 13n)), await sign(alice, { ...later(seconds(5), 2n), nonce: 1 })]);
    const { record } = await block([], 10);
    const logs = record.transactions[0]?.logs ?? [];
    expect(logs.map((log) => log.address)).toStrictEqual(["0x5255464600000000000000000000000000000000", bank.address]);
    expect(record.transactions[0]?.succeeded).toBe(true);
  });

  test("a cancelled call does not run; a ticket of another contract or the past is refused", async () => {
    const { app, block, sign } = await open();
    const { record } = await block([await sign(alice, later(seconds(5), 2n))]);
    expect(record.transactions[0]?.succeeded).toBe(true);
    const ticket = seconds(5) << 64n;
    const { record: cancelled } = await block([
      await sign(alice, { ...bank, to: bank.address, name: "cancel", args: [ticket] }),
    ]);
    expect(cancelled.transactions[0]?.succeeded).toBe(true);
    expect((await block([], 20)).record.transactions).toHaveLength(0);
    const data = encodeFunctionData({ abi: bankAbi, functionName: "cancel", args: [ticket] });
    const again = await app.call({ to: bank.address, data: Buffer.from(data.slice(2), "hex") });
    expect(again.output.at(-1)).toBe(0);
  });

  test("is bounded by gas per block; the rest runs in the next", async () => {
    const { block, sign } = await open({ scheduledGasLimit: SCHEDULED_CALL_GAS + gasSchedule.call });
    const txs = await Promise.all(
      [0, 1, 2].map((nonce) => sign(alice, { ...later(seconds(5), BigInt(nonce)), nonce })),
    );
    await block(txs);
    const counts: number[] = [];
    for (let i = 0; i < 4; i++) counts.push((await block([], 10)).record.transactions[0]?.logs.length ?? 0);
    expect(counts).toStrictEqual([1, 1, 1, 0]);
  });
});

describe("replay", () => {
  test("the same blocks give the same roots and hashes", async () => {
    const first = await open();
    const blocks: { txs: Uint8Array[]; seconds: number }[] = [];
    const play = async (txs: Uint8Array[], seconds: number) => {
      blocks.push({ txs, seconds });
      return (await first.block(txs, seconds)).record.hash;
    };
    const hashes = [
      await play([await first.sign(alice, { ...bank, to: bank.address, name: "deposit", value: 10n })], 1),
      await play([await first.sign(alice, { ...bank, to: bank.address, name: "later", args: [seconds(3), 13n] })], 1),
      await play([], 5),
      await play([await first.sign(bob, { to: alice.address, value: 1n, gas: 21_000 })], 1),
    ];
    const second = await open();
    const replayed: string[] = [];
    for (const { txs, seconds } of blocks) replayed.push((await second.block(txs, seconds)).record.hash);
    expect(replayed).toStrictEqual(hashes);
    expect(second.app.head).toStrictEqual(first.app.head);
  });
});
