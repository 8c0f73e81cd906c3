import { addresses, assetClass, assets, rights, tokens } from "@ruffchain/abi";
import { MAX_TRACE_BYTES } from "@ruffchain/node";
import {
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  numberToHex,
  parseEther,
  toFunctionSelector,
} from "viem";
import { generatePrivateKey } from "viem/accounts";
import { Account } from "viem/tempo";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Anvil } from "../../../evm/test/anvil/anvil.js";
import { compile } from "../../../evm/test/compile.js";
import { alice, bob, lower, startTestNode, type TestNode } from "../running-node.js";
import { tempoClient } from "../tempo-client.js";

interface Frame {
  readonly type: string;
  readonly from: Hex;
  readonly to?: Hex;
  readonly value?: Hex;
  readonly gas: Hex;
  readonly gasUsed: Hex;
  readonly input: Hex;
  readonly output?: Hex;
  readonly error?: string;
  readonly revertReason?: string;
  readonly calls?: readonly Frame[];
  readonly logs?: readonly unknown[];
}

interface Steps {
  readonly gas: number;
  readonly failed: boolean;
  readonly returnValue: Hex;
  readonly structLogs: readonly Record<string, unknown>[];
}

const contracts = compile(new URL("./Traced.sol", import.meta.url));
const { Traced, Sums } = contracts as { Traced: (typeof contracts)[string]; Sums: (typeof contracts)[string] };

const NO_HASH: Hex = `0x${"00".repeat(32)}`;

const GAS = 3_000_000n;

let chain: TestNode;
let anvil: Anvil;
beforeAll(async () => {
  chain = await startTestNode();
  anvil = await Anvil.start(chain.chain.id, ["--steps-tracing"]);
});
afterAll(async () => {
  await anvil.stop();
  await chain.close();
});

/** The same signed transaction on this chain and on anvil; its hash. */
async function onBoth(tx: { readonly to?: Hex; readonly data: Hex; readonly value?: bigint }): Promise<Hex> {
  const { to, data, value = 0n } = tx;
  const nonce = await chain.client.getTransactionCount({ address: alice.address });
  const raw = await alice.signTransaction({
    type: "legacy",
    chainId: chain.chain.id,
    nonce,
    gas: GAS,
    gasPrice: 20_000_000_000n,
    value,
    data,
    ...(to && { to }),
  });
  const hash = await chain.client.sendRawTransaction({ serializedTransaction: raw });
  await chain.confirmed(hash);
  expect(await anvil.call("eth_sendRawTransaction", raw)).toBe(hash);
  return hash;
}

async function trace<T>(hash: Hex, config?: Record<string, unknown>): Promise<T> {
  const { result, error } = await chain.rpc("debug_traceTransaction", [hash, ...(config ? [config] : [])]);
  if (error) throw new Error(error.message);
  return result as T;
}

/** What a frame has on any chain. */
function comparable({ calls = [], ...frame }: Frame): unknown {
  const { type, from, to, value = "0x0", gas, gasUsed, input, output = "0x", error } = frame;
  const address = (hex: Hex | undefined) => hex && lower(hex);
  return {
    ...{ type, from: address(from), value, gas, gasUsed, input, output, failed: error !== undefined },
    // Of a creation that failed clients tell different addresses.
    ...(error === undefined && { to: address(to) }),
    calls: calls.map(comparable),
  };
}

describe("traces of users' contracts", () => {
  let created: Hex;
  let worked: Hex;
  const traced = () => getContractAddress({ from: alice.address, nonce: 1n });
  beforeAll(async () => {
    await onBoth({ data: Sums.bytecode });
    const library = getContractAddress({ from: alice.address, nonce: 0n }).slice(2).toLowerCase();
    const bytecode = Traced.bytecode.replaceAll(/__\$[0-9a-f]{34}\$__/g, library) as Hex;
    created = await onBoth({ data: encodeDeployData({ abi: Traced.abi, bytecode }), value: parseEther("1") });
    const call = { abi: Traced.abi, functionName: "work", args: [`0x${"ab".repeat(20)}`] };
    worked = await onBoth({ to: traced(), data: encodeFunctionData(call) });
  });

  test("calls are those of anvil: kinds, gas, data, failures", async () => {
    for (const hash of [created, worked]) {
      const theirs = await anvil.call<Frame>("debug_traceTransaction", hash, { tracer: "callTracer" });
      const ours = await trace<Frame>(hash, { tracer: "callTracer" });
      // Geth's has the transaction's whole limit, anvil's what is left behind the intrinsic gas.
      expect(BigInt(ours.gas)).toBe(GAS);
      expect(comparable({ ...ours, gas: theirs.gas })).toStrictEqual(comparable(theirs));
    }
    const kinds = new Set<string>();
    const collect = ({ type, calls = [] }: Frame) => {
      kinds.add(type);
      calls.forEach(collect);
    };
    collect(await trace<Frame>(worked, { tracer: "callTracer" }));
    expect([...kinds].sort()).toStrictEqual(["CALL", "CREATE2", "DELEGATECALL", "SELFDESTRUCT", "STATICCALL"]);
    expect((await trace<Frame>(created, { tracer: "callTracer" })).type).toBe("CREATE");
  });

  test("steps are those of anvil", async () => {
    const config = { enableMemory: true };
    const theirs = await anvil.call<Steps>("debug_traceTransaction", worked, config);
    const ours = await trace<Steps>(worked, config);
    // Anvil counts what a creation is given as its cost; geth, and we, do not.
    const pick = ({ pc, op, gas, gasCost, depth, stack, memory = [] }: Record<string, unknown>) =>
      JSON.stringify({ pc, op, gas, ...(op !== "CREATE2" && { gasCost }), depth, stack, memory });
    const [our, their] = [ours.structLogs.map(pick), theirs.structLogs.map(pick)];
    const differing = our.findIndex((step, i) => step !== their[i]);
    expect(our[differing]).toBe(their[differing]);
    expect(our).toHaveLength(their.length);
    expect(ours).toMatchObject({ gas: theirs.gas, failed: false });
  });

  test("steps tell memory, stack, storage and data that came back as asked", async () => {
    const all = await trace<Steps>(worked, { enableMemory: true, enableReturnData: true });
    const keys = (steps: Steps) => new Set(steps.structLogs.flatMap((step) => Object.keys(step)));
    expect([...keys(all)].sort()).toStrictEqual([
      ...["depth", "error", "gas", "gasCost", "memory", "op", "pc", "refund", "returnData", "stack", "storage"],
    ]);
    const least = await trace<Steps>(worked, { disableStack: true, disableStorage: true });
    expect([...keys(least)].sort()).toStrictEqual(["depth", "error", "gas", "gasCost", "op", "pc", "refund"]);
    const stores = all.structLogs.filter(({ op }) => op === "SSTORE");
    for (const { stack, storage } of stores as { stack: Hex[]; storage: Record<Hex, Hex> }[]) {
      const [value, slot] = stack.slice(-2).map((word) => numberToHex(BigInt(word), { size: 32 })) as [Hex, Hex];
      expect(storage[slot]).toBe(value);
    }
    expect(all.structLogs.filter(({ op, storage }) => storage && op !== "SSTORE" && op !== "SLOAD")).toStrictEqual([]);
    expect((await trace<Steps>(worked, { limit: 5 })).structLogs).toStrictEqual(
      (await trace<Steps>(worked)).structLogs.slice(0, 5),
    );
  });

  test("a failed call has its reason and no logs, others have theirs", async () => {
    const { calls = [], logs } = await trace<Frame>(worked, { tracer: "callTracer", tracerConfig: { withLog: true } });
    const failed = calls.find(({ revertReason }) => revertReason !== undefined);
    expect(failed).toMatchObject({ error: "execution reverted", revertReason: "as it should" });
    expect(failed?.logs).toBeUndefined();
    expect(calls.filter(({ error }) => error === "out of gas")).toHaveLength(1);
    expect(calls.find(({ type }) => type === "DELEGATECALL")?.logs).toMatchObject([{ index: "0x0", position: "0x0" }]);
    expect(logs).toMatchObject([{ address: lower(traced()), position: numberToHex(calls.length) }]);
    const top = await trace<Frame>(worked, { tracer: "callTracer", tracerConfig: { onlyTopCall: true } });
    expect(top.calls).toBeUndefined();
  });

  test("debug_traceCall runs what is not sent", async () => {
    const call = {
      from: alice.address,
      to: traced(),
      data: encodeFunctionData({ abi: Traced.abi, functionName: "fail", args: [1n] }),
    };
    const { result } = await chain.rpc("debug_traceCall", [call, "latest", { tracer: "callTracer" }]);
    expect(result).toMatchObject({ type: "CALL", error: "execution reverted", revertReason: "as it should" });
    const overrides = { [traced()]: { code: "0x60015f55" } };
    const steps = await chain.rpc("debug_traceCall", [call, "latest", { stateOverrides: overrides }]);
    expect((steps.result as Steps).structLogs.map(({ op }) => op)).toStrictEqual(["PUSH1", "PUSH0", "SSTORE", "STOP"]);
  });
});

describe("traces of system contracts", () => {
  test("a call and what it calls in turn are frames, also below Solidity", async () => {
    const { wallet, confirmed } = chain;
    const nonce = await chain.client.getTransactionCount({ address: alice.address });
    const bytecode = Traced.bytecode.replaceAll(/__\$[0-9a-f]{34}\$__/g, "00".repeat(20)) as Hex;
    await confirmed(await wallet.deployContract({ abi: Traced.abi, bytecode, args: [] }));
    const to = getContractAddress({ from: alice.address, nonce: BigInt(nonce) });
    const args = [assets.address, "WVWZZZ1JZXW000042"];
    const hash = await wallet.writeContract({ address: to, abi: Traced.abi, functionName: "register", args });
    await confirmed(hash);
    const frame = await trace<Frame>(hash, { tracer: "callTracer", tracerConfig: { withLog: true } });
    const input = encodeFunctionData({
      ...assets,
      functionName: "register",
      args: [assetClass.car, "WVWZZZ1JZXW000042"],
    });
    expect(frame.calls).toMatchObject([{ type: "CALL", from: lower(to), to: assets.address, input }]);
    const receipt = await chain.client.getTransactionReceipt({ hash });
    expect(frame.calls?.[0]?.logs).toHaveLength(receipt.logs.length);
    expect(BigInt(frame.gasUsed)).toBe(receipt.gasUsed);
  });

  test("a refusal has its error decoded; a plain transfer is a frame alone", async () => {
    const { wallet } = chain;
    const call = {
      ...assets,
      functionName: "register",
      args: [assetClass.car, "WVWZZZ1JZXW000042"],
      gas: 1_000_000n,
    } as const;
    const hash = await wallet.writeContract(call);
    expect((await chain.client.waitForTransactionReceipt({ hash })).status).toBe("reverted");
    expect(await trace<Frame>(hash, { tracer: "callTracer" })).toMatchObject({
      to: assets.address,
      error: "execution reverted",
      revertReason: expect.stringContaining("("),
    });
    expect(await trace<Steps>(hash)).toMatchObject({ failed: true, structLogs: [] });
    const transfer = await wallet.sendTransaction({ to: bob.address, value: 5n });
    await chain.confirmed(transfer);
    expect(await trace<Frame>(transfer, { tracer: "callTracer" })).toMatchObject({
      ...{ type: "CALL", from: lower(alice.address), to: lower(bob.address), value: "0x5" },
      ...{ gas: "0x5208", gasUsed: "0x5208", input: "0x" },
    });
  });

  test("one that calls another shows the call within", async () => {
    const args = ["Euro", "EUR", 2, false] as const;
    const { wallet, confirmed } = chain;
    const hash = await wallet.writeContract({ ...tokens, functionName: "create", args });
    const { logs } = await confirmed(hash);
    const frame = await trace<Frame>(hash, { tracer: "callTracer" });
    const created = lower(`0x${logs.at(-1)?.topics[1]?.slice(-40)}`);
    expect(frame.calls).toMatchObject([{ type: "CALL", from: tokens.address, to: created }]);
    expect(frame.calls?.[0]?.input.slice(0, 10)).toBe(
      toFunctionSelector("initialize(address,string,string,uint8,bool)"),
    );
    expect(BigInt(frame.calls?.[0]?.gasUsed ?? 0)).toBeGreaterThan(0n);
  });
});

describe("traces of batches (type 0x76)", () => {
  const identifiers = ["WVWZZZ1JZXW000051", "WVWZZZ1JZXW000052"];
  const registrations = identifiers.map((identifier) => ({
    to: assets.address,
    data: encodeFunctionData({ ...assets, functionName: "register", args: [assetClass.car, identifier] }),
  }));

  async function sendBatch(calls: readonly unknown[]): Promise<{ readonly hash: Hex; readonly sender: Hex }> {
    const client = tempoClient(chain);
    const account = Account.fromSecp256k1(generatePrivateKey());
    await chain.confirmed(await chain.wallet.sendTransaction({ to: account.address, value: parseEther("1") }));
    const hash = await client.sendTransaction({ account, calls, gas: 2_000_000n } as never);
    await client.waitForTransactionReceipt({ hash });
    return { hash, sender: lower(account.address) };
  }

  test("each call is a frame below one of the sender", async () => {
    const { hash, sender } = await sendBatch(registrations);
    const receipt = await chain.client.getTransactionReceipt({ hash });
    const frame = await trace<Frame>(hash, { tracer: "callTracer", tracerConfig: { withLog: true } });
    expect(frame).toMatchObject({ type: "CALL", from: sender, to: sender, gasUsed: numberToHex(receipt.gasUsed) });
    expect(frame.calls).toMatchObject(registrations.map(({ to, data }) => ({ from: sender, to, input: data })));
    expect(frame.calls?.flatMap(({ logs = [] }) => logs)).toHaveLength(receipt.logs.length);
  });

  test("one that fails says why", async () => {
    const { hash } = await sendBatch([{ to: bob.address, value: 1n }, registrations[0]]);
    const frame = await trace<Frame>(hash, { tracer: "callTracer" });
    expect(frame).toMatchObject({
      error: "execution reverted",
      revertReason: expect.stringContaining("AlreadyRegistered"),
    });
    expect(frame.calls?.map(({ error }) => error)).toStrictEqual([undefined, "execution reverted"]);
  });
});

describe("traces of blocks", () => {
  test("have each transaction's, the scheduler's too", async () => {
    const { wallet, confirmed, client, rpc } = chain;
    const identifier = "WVWZZZ1JZXW000043";
    await confirmed(
      await wallet.writeContract({ ...assets, functionName: "register", args: [assetClass.car, identifier] }),
    );
    const known = { ...assets, functionName: "assetByIdentifier", args: [assetClass.car, identifier] } as const;
    const { id } = await client.readContract(known);
    const { timestamp } = await client.getBlock();
    const until = timestamp + 2n;
    const grant = {
      asset: id,
      holder: bob.address,
      from: timestamp + 1n,
      until,
      area: NO_HASH,
      scope: 1,
      maxAge: 60,
      terms: 0n,
    };
    await confirmed(await wallet.writeContract({ ...rights, functionName: "grant", args: [grant] }));
    const expired = await vi.waitUntil(
      async () => {
        await confirmed(await wallet.sendTransaction({ to: bob.address, value: 1n }));
        const logs = await client.getContractEvents({ ...rights, fromBlock: "earliest", eventName: "Expired" });
        return logs[0];
      },
      { timeout: 60_000, interval: 200 },
    );
    const block = await client.getBlock({ blockHash: expired.blockHash, includeTransactions: true });
    const config = { tracer: "callTracer" };
    const byNumber = await rpc("debug_traceBlockByNumber", [numberToHex(block.number), config]);
    expect((await rpc("debug_traceBlockByHash", [block.hash, config])).result).toStrictEqual(byNumber.result);
    const traces = byNumber.result as { txHash: Hex; result: Frame }[];
    expect(traces.map(({ txHash }) => txHash)).toStrictEqual(block.transactions.map(({ hash }) => hash));
    const { scheduler } = addresses;
    expect(traces[0]?.result).toMatchObject({
      ...{ type: "CALL", from: scheduler, to: scheduler },
      calls: [
        {
          type: "CALL",
          from: scheduler,
          to: rights.address,
          input: encodeFunctionData({ ...rights, functionName: "expire", args: [1n] }),
        },
      ],
    });
  });
});

describe("what cannot be traced", () => {
  test.each([
    ["genesis", "debug_traceBlockByNumber", ["0x0"], { code: -32000, message: "genesis is not traceable" }],
    [
      "a transaction that is not there",
      "debug_traceTransaction",
      [NO_HASH],
      { code: -32000, message: "transaction not found" },
    ],
    ["a block that is not there", "debug_traceBlockByHash", [NO_HASH], { code: -32000, message: "block not found" }],
    ["a future block", "debug_traceBlockByNumber", ["0xffffff"], { code: -32000, message: "block not found" }],
    ["with a tracer of JavaScript", "debug_traceBlockByNumber", ["latest", { tracer: "{}" }], { code: -32602 }],
  ])("%s", async (_what, method, params, error) => {
    expect((await chain.rpc(method, params)).error).toMatchObject(error);
  });

  test(`more than ${MAX_TRACE_BYTES} bytes of steps`, async () => {
    // A loop that counts: JUMPDEST, PUSH0, NOT, POP, PUSH0, JUMP.
    const call = { to: bob.address, gas: numberToHex(3_000_000) };
    const config = { stateOverrides: { [bob.address]: { code: "0x5b5f19505f56" } } };
    expect((await chain.rpc("debug_traceCall", [call, "latest", config])).error).toMatchObject({ code: -32005 });
    const limited = await chain.rpc("debug_traceCall", [call, "latest", { ...config, limit: 10 }]);
    expect((limited.result as Steps).structLogs).toHaveLength(10);
  });

  test("a block whose state before it is not kept", async () => {
    const young = await startTestNode({ historyWindow: 2 });
    const hash = await young.wallet.sendTransaction({ to: bob.address, value: 1n });
    await young.confirmed(hash);
    for (let i = 0; i < 3; i++)
      await young.confirmed(await young.wallet.sendTransaction({ to: bob.address, value: 1n }));
    const { error } = await young.rpc("debug_traceTransaction", [hash, { tracer: "callTracer" }]);
    expect(error).toMatchObject({ code: -32001, message: expect.stringContaining("is not kept") });
    await young.close();
  });
});
