import { EthereumJsEvm } from "@ruffchain/evm";
import {
  ESTIMATE_TOLERANCE,
  hexToBytes,
  intrinsicGasOfCall,
  MAX_EVM_BLOCK_GAS,
  MAX_EVM_TRANSACTION_GAS,
  readBlockHash,
  TransactionError,
} from "@ruffchain/kernel";
import {
  type Abi,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  getCreate2Address,
  type Hex,
  keccak256,
  type PrivateKeyAccount,
  pad,
  toHex,
} from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { CHAIN_ID, ETHER, newAccount, openChain } from "../../kernel/test/execution/chain.js";
import { compile } from "./compile.js";

const contracts = compile(new URL("solidity/Users.sol", import.meta.url));
type Compiled = (typeof contracts)[string];
const [coin, box, maker] = [contracts.Coin, contracts.Box, contracts.Maker] as [Compiled, Compiled, Compiled];
const alice = newAccount();
const bob = newAccount();
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const lower = (hex: Hex) => hex.toLowerCase() as Hex;

let chain: Awaited<ReturnType<typeof openChain>>;
beforeEach(async () => {
  chain = await openChain({ contracts: [], evm: new EthereumJsEvm() }, [alice.address, bob.address]);
});

async function deploy({ abi, bytecode }: { abi: Abi; bytecode: Hex }, args: readonly unknown[], value = 0n) {
  const data = encodeDeployData({ abi, bytecode, args } as never);
  const { transaction } = await chain.send(alice, { data, value, gas: 5_000_000 });
  if (!transaction?.succeeded || !transaction.contractAddress) throw new Error("the contract was not made");
  return transaction.contractAddress;
}

async function call(to: Hex, abi: Abi, name: string, args: readonly unknown[] = [], more: object = {}) {
  const data = hexToBytes(encodeFunctionData({ abi, functionName: name, args } as never));
  const result = await chain.app.call({ from: lower(alice.address), to, data, ...more });
  return {
    ...result,
    value: result.ok
      ? decodeFunctionResult({ abi, functionName: name, data: toHex(result.output) } as never)
      : undefined,
  } as typeof result & { value: never };
}

const usersAbi = [...box.abi, ...maker.abi.filter(({ type }) => type === "function")];
const send = (from: PrivateKeyAccount, to: Hex, name: string, args: readonly unknown[] = [], more: object = {}) =>
  chain.send(from, { to, abi: usersAbi, name, args, ...more });

describe("a contract", () => {
  test("is made by a transaction at the address that clients expect, and called", async () => {
    const address = await deploy(coin, [1000n]);
    expect(address).toBe(lower(getContractAddress({ from: alice.address, nonce: 0n })));
    const { transaction } = await chain.send(alice, {
      to: address,
      abi: coin.abi,
      name: "transfer",
      args: [bob.address, 5n],
    });
    expect(transaction?.logs).toHaveLength(1);
    const log = transaction?.logs[0];
    expect(
      decodeEventLog({ abi: coin.abi, topics: log?.topics as never, data: toHex(log?.data ?? new Uint8Array()) }),
    ).toMatchObject({
      eventName: "Transfer",
      args: { from: alice.address, to: bob.address, value: 5n },
    });
    expect((await call(address, coin.abi, "balanceOf", [bob.address])).value).toBe(5n);
    expect(chain.app.account(address)).toMatchObject({ nonce: 1n, codeHash: keccak256(chain.app.code(address)) });
  });

  test("keeps value, and gives none back when its constructor fails", async () => {
    const address = await deploy(box, [1n], 5n);
    expect(chain.app.account(address).balance).toBe(5n);
    const failing = await chain.send(alice, { data: "0x60006000fd", value: 5n, gas: 200_000 });
    expect(failing.transaction).toMatchObject({ succeeded: false, contractAddress: null });
    const missing = lower(getContractAddress({ from: alice.address, nonce: 1n }));
    expect(chain.app.account(missing)).toMatchObject({ nonce: 0n, balance: 0n, codeHash: "0x" });
  });

  test("makes others by CREATE2 at the address of EIP-1014, once", async () => {
    const factory = await deploy(maker, []);
    const salt = `0x${"ab".repeat(32)}` as const;
    const bytecode = encodeDeployData({ abi: box.abi, bytecode: box.bytecode, args: [9n] } as never);
    const address = lower(getCreate2Address({ from: factory, salt, bytecode }));
    expect((await send(alice, factory, "make", [salt, 9n], { gas: 3_000_000 })).transaction?.succeeded).toBe(true);
    expect((await call(address, box.abi, "value")).value).toBe(9n);
    expect((await send(alice, factory, "make", [salt, 9n], { gas: 3_000_000 })).transaction?.succeeded).toBe(false);
    expect((await call(address, box.abi, "value")).value).toBe(9n);
  });

  test("that was there before keeps its code when it destroys itself; one made in the same transaction goes (EIP-6780)", async () => {
    const address = await deploy(box, [1n], 10n);
    const heir = newAccount().address;
    await send(alice, address, "destroy", [heir]);
    expect(chain.app.account(lower(heir)).balance).toBe(10n);
    expect((await call(address, box.abi, "value")).value).toBe(1n);
    const factory = await deploy(maker, []);
    const { transaction } = await send(alice, factory, "flash", [heir], { value: 3n, gas: 3_000_000 });
    expect(transaction?.succeeded).toBe(true);
    const gone = lower(getContractAddress({ from: factory, nonce: 1n }));
    expect(chain.app.account(lower(heir)).balance).toBe(13n);
    expect(chain.app.account(gone)).toStrictEqual({ nonce: 0n, balance: 0n, codeHash: "0x" });
    expect(chain.app.code(gone)).toHaveLength(0);
    expect(chain.app.storage(gone, new Uint8Array(32))).toHaveLength(0);
  });

  test("has transient storage for one transaction, which reverts with the call that wrote it", async () => {
    const address = await deploy(box, [1n]);
    expect((await call(address, box.abi, "rememberTwice")).value).toBe(5n);
    await send(alice, address, "rememberTwice");
    expect((await call(address, box.abi, "remember", [1n])).value).toBe(0n);
  });

  test("knows the block: hashes of the last 256, number, time, chain, no randomness", async () => {
    const address = await deploy(box, [1n]);
    for (let i = 0; i < 5; i++) await chain.block();
    const head = chain.app.chainHead();
    const [hash, number, time, id, randao, fee, coinbase] = (await call(address, box.abi, "world", [3n])).value as [
      Hex,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      Hex,
    ];
    expect(hash).toBe(chain.app.blocks.block(3)?.hash);
    expect([number, time, id, randao, fee]).toStrictEqual([
      BigInt(head.height),
      head.time / 1_000_000_000n,
      BigInt(CHAIN_ID),
      0n,
      head.baseFee,
    ]);
    expect(coinbase.toLowerCase()).toBe(chain.app.parameters().feeCollector);
    expect((await call(address, box.abi, "world", [BigInt(head.height)])).value[0]).toBe(toHex(0, { size: 32 }));
    expect(toHex(readBlockHash(chain.app.view(head.height), 0))).toBe(chain.app.blocks.block(0)?.hash);
  });

  test("runs precompiles, P256VERIFY (EIP-7951) and point evaluation among them", async () => {
    const address = await deploy(box, [1n]);
    const run = async (at: number, input: Hex) => {
      const { value } = await call(address, box.abi, "precompile", [toHex(at, { size: 20 }), input]);
      return (value as [boolean, Hex])[1];
    };
    expect(await run(4, "0x1234")).toBe("0x1234");
    expect(await run(2, "0x")).toBe("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    // ECRECOVER, with low s and with the same signature's high s.
    const signed1 = await alice.sign({ hash: keccak256("0x01") });
    const [r, s] = [signed1.slice(2, 66), BigInt(`0x${signed1.slice(66, 130)}`)];
    const v = BigInt(`0x${signed1.slice(130)}`);
    const recover = (v: bigint, s: bigint) =>
      run(1, `${keccak256("0x01")}${toHex(v, { size: 32 }).slice(2)}${r}${toHex(s, { size: 32 }).slice(2)}`);
    expect(await recover(v, s)).toBe(pad(lower(alice.address)));
    expect(await recover(55n - v, SECP256K1_ORDER - s)).toBe(pad(lower(alice.address)));
    expect(await recover(55n - v, s)).not.toBe(pad(lower(alice.address)));
    for (const [badV, badS] of [
      [29n, s],
      [v, 0n],
      [v, SECP256K1_ORDER],
    ] as const) {
      expect(await recover(badV, badS)).toBe("0x");
    }
    // RFC 6979 A.2.5, message "sample" with SHA-256.
    const signed =
      "0xaf2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bfefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda860fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    expect(await run(0x100, signed)).toBe(toHex(1, { size: 32 }));
    expect(await run(0x100, `${signed.slice(0, -2)}00` as Hex)).toBe("0x");
    // The constant polynomial 2 at z = 3: the commitment is [2]G1, the proof the point at infinity (EIP-4844).
    const commitment =
      "a572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf0f4e";
    const versioned = `01${(await run(2, `0x${commitment}`)).slice(4)}`;
    const [z, y] = [3, 2].map((n) => toHex(n, { size: 32 }).slice(2));
    const proof = `c0${"00".repeat(47)}`;
    expect(await run(10, `0x${versioned}${z}${y}${commitment}${proof}`)).toBe(
      "0x000000000000000000000000000000000000000000000000000000000000100073eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001",
    );
    expect(await run(10, `0x${versioned}${z}${z}${commitment}${proof}`)).toBe("0x");
  });

  test("is called by a transaction to a precompile as well", async () => {
    const { transaction } = await chain.send(alice, { to: toHex(2, { size: 20 }), data: "0x1234", gas: 50_000 });
    expect(transaction).toMatchObject({ succeeded: true, gasUsed: 21_000 + 32 + 72 });
  });
});

describe("a call that fails", () => {
  test.each([
    ["refuse", [5n], /./],
    ["require_", [5n], /not today/],
    ["overflow", [5n], /./],
    ["invalid", [], /invalid opcode/],
    ["spin", [], /out of gas/],
  ] as const)("%s: nothing but gas and nonce changes, and eth_call says why", async (name, args, reason) => {
    const address = await deploy(box, [1n]);
    const { transaction } = await send(alice, address, name, args, { gas: 100_000 });
    expect(transaction).toMatchObject({ succeeded: false, logs: [] });
    expect((await call(address, box.abi, "value")).value).toBe(1n);
    const result = await call(address, box.abi, name, args, { gas: 100_000 });
    expect(result.ok).toBe(false);
    if (name === "refuse") {
      expect(decodeErrorResult({ abi: box.abi, data: toHex(result.output) })).toMatchObject({
        errorName: "Refused",
        args: [alice.address, 5n],
      });
    } else if (name === "overflow") {
      expect(decodeErrorResult({ abi: [], data: toHex(result.output) }).args).toStrictEqual([0x11n]);
    } else {
      expect(result.reason).toMatch(reason);
    }
    if (name === "spin" || name === "invalid") expect(transaction?.gasUsed).toBe(100_000);
  });
});

const selector = (name: string) => hexToBytes(encodeFunctionData({ abi: box.abi, functionName: name } as never));

describe("gas", () => {
  test("refunds cleared storage, at most a fifth (EIP-3529)", async () => {
    const address = await deploy(box, [1n]);
    const call = await chain.app.call({ from: lower(alice.address), to: address, data: selector("clear") });
    expect(call).toMatchObject({ ok: true, refund: 4_800 });
    const { transaction } = await send(alice, address, "clear");
    const intrinsic = intrinsicGasOfCall({ to: address, data: selector("clear") }).gas;
    const spent = intrinsic + call.gasUsed;
    expect(Math.floor(spent / 5)).toBeGreaterThan(4_800);
    expect(transaction?.gasUsed).toBe(spent - 4_800);
  });

  test("a transaction for the EVM has at most MAX_EVM_TRANSACTION_GAS (EIP-7825), a block MAX_EVM_BLOCK_GAS", async () => {
    const address = await deploy(box, [1n]);
    const spin = (gas: number, nonce?: number) =>
      chain.sign(alice, { to: address, abi: box.abi, name: "invalid", gas, ...(nonce && { nonce }) });
    const tooMuch = await spin(MAX_EVM_TRANSACTION_GAS + 1);
    expect(chain.app.checkTx({ tx: tooMuch, type: "new" }).log).toMatch(/exceeds block gas limit/);
    const full = [1, 2, 3].map((nonce) => spin(MAX_EVM_TRANSACTION_GAS, nonce));
    expect(MAX_EVM_BLOCK_GAS).toBe(2 * MAX_EVM_TRANSACTION_GAS);
    const { record, response } = await chain.block(await Promise.all(full));
    expect(record.transactions.map(({ gasUsed }) => gasUsed)).toStrictEqual(Array(2).fill(MAX_EVM_TRANSACTION_GAS));
    expect(response.txResults[2]?.code).toBe(new TransactionError("blockFull", { gasLimit: 1, left: 0 }).number);
    // What system contracts and transfers use does not count.
    const payment = await chain.sign(alice, { to: bob.address, gas: 2 * MAX_EVM_BLOCK_GAS });
    expect((await chain.block([payment])).record.transactions).toHaveLength(1);
  });

  test("an access list warms what it names (EIP-2930)", async () => {
    const address = await deploy(box, [1n]);
    const slot = toHex(0, { size: 32 });
    const cold = (await call(address, box.abi, "store", [2n])).gasUsed;
    const accessList = [{ address, storageKeys: [slot] }];
    expect(cold - (await call(address, box.abi, "store", [2n], { accessList })).gasUsed).toBe(2_100);
    const plain = await send(alice, address, "store", [2n]);
    const listed = await send(alice, address, "store", [3n], { accessList });
    expect((listed.transaction?.gasUsed ?? 0) - (plain.transaction?.gasUsed ?? 0)).toBe(2_400 + 1_900 - 2_100);
  });

  test.each(["deploy", "store", "clear", "makePlain", "flash"])(
    "the estimate for %s is enough, and hardly more",
    async (name) => {
      const address = await (name === "makePlain" || name === "flash" ? deploy(maker, []) : deploy(box, [1n]));
      const args = { store: [5n], makePlain: [3n], flash: [bob.address] }[name as "store"] ?? [];
      const data =
        name === "deploy"
          ? encodeDeployData({ abi: box.abi, bytecode: box.bytecode, args: [1n] } as never)
          : encodeFunctionData({ abi: usersAbi, functionName: name, args } as never);
      const to = name === "deploy" ? null : address;
      const request = { from: lower(alice.address), to, data: hexToBytes(data) };
      const estimate = await chain.app.estimateGas(request);
      if ("failure" in estimate) throw new Error(estimate.failure.reason);
      const transaction = { ...(to && { to }), data };
      const tooLittle = Math.floor(estimate.gas * (1 - 1 / ESTIMATE_TOLERANCE)) - 1;
      const { gas, floor } = intrinsicGasOfCall(request);
      expect(tooLittle).toBeGreaterThan(Math.max(gas, floor));
      expect((await chain.send(alice, { ...transaction, gas: tooLittle })).transaction?.succeeded).toBe(false);
      expect((await chain.send(alice, { ...transaction, gas: estimate.gas })).transaction?.succeeded).toBe(true);
    },
  );
});

describe("eth_call", () => {
  test("takes overrides of balance, code and storage, and changes nothing", async () => {
    const address = await deploy(box, [1n]);
    const nobody = toHex(0xabc, { size: 20 });
    const code = chain.app.code(address);
    const slot = toHex(0, { size: 32 });
    const state = { [slot]: toHex(77, { size: 32 }) };
    const overrides = { [nobody]: { code, state, balance: 5n, nonce: 3n } };
    expect((await call(nobody, box.abi, "value", [], { overrides })).value).toBe(77n);
    expect((await call(address, box.abi, "value", [], { overrides: { [address]: { stateDiff: state } } })).value).toBe(
      77n,
    );
    expect((await call(address, box.abi, "value", [], { overrides: { [address]: { state: {} } } })).value).toBe(0n);
    const rich = { overrides: { [nobody]: { balance: 5n * ETHER } }, from: nobody, value: ETHER };
    expect((await chain.app.call({ to: address, ...rich })).ok).toBe(true);
    expect((await chain.app.call({ to: address, from: nobody, value: ETHER })).ok).toBe(false);
    expect((await call(address, box.abi, "value")).value).toBe(1n);
    expect(chain.app.code(nobody)).toHaveLength(0);
  });

  test("creates: the output is the code", async () => {
    const data = hexToBytes(encodeDeployData({ abi: box.abi, bytecode: box.bytecode, args: [1n] } as never));
    const result = await chain.app.call({ from: lower(alice.address), to: null, data });
    const address = await deploy(box, [1n]);
    expect(toHex(result.output)).toBe(toHex(chain.app.code(address)));
  });
});
