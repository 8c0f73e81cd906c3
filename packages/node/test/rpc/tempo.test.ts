import { nonces, noncesAbi, tokenAbi, tokens } from "@ruffchain/abi";
import { P256, Secp256k1, WebCryptoP256 } from "ox";
import {
  type Address,
  encodeFunctionData,
  type Hex,
  maxUint256,
  parseEther,
  parseEventLogs,
  toFunctionSelector,
  toHex,
  zeroAddress,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { Account, Actions } from "viem/tempo";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alice, startTestNode, type TestNode } from "../running-node.js";
import { tempoClient } from "../tempo-client.js";

let chain: TestNode;
let client: ReturnType<typeof tempoClient>;
beforeAll(async () => {
  chain = await startTestNode();
  client = tempoClient(chain);
});
afterAll(() => chain.close());

const bob = `0x${"b0".repeat(20)}` as Address;
const firm = Account.fromSecp256k1(Secp256k1.randomPrivateKey());
const secp256k1 = () => Account.fromSecp256k1(Secp256k1.randomPrivateKey());
const p256 = () => Account.fromP256(P256.randomPrivateKey());
const webCrypto = async () => Account.fromWebCryptoP256(await WebCryptoP256.createKeyPair());
const passkey = () =>
  Account.fromHeadlessWebAuthn(P256.randomPrivateKey(), { rpId: "localhost", origin: "http://localhost" });

async function fund(to: Address, value = parseEther("10")) {
  await chain.confirmed(await chain.wallet.sendTransaction({ to, value }));
}

/** Sends and waits. The client's types know Tempo's own chains only. */
async function send(request: Record<string, unknown>) {
  const hash = await client.sendTransaction(request as never);
  const receipt = await client.waitForTransactionReceipt({ hash });
  return { hash, receipt, transaction: await client.getTransaction({ hash }) };
}

describe("viem's Tempo client", () => {
  test.each([
    ["secp256k1", secp256k1],
    ["P-256", p256],
    ["WebCrypto", webCrypto],
    ["WebAuthn", passkey],
  ])("sends a batch signed by %s, and reads it back", async (_, make) => {
    const account = await make();
    await fund(account.address);
    const before = await client.getBalance({ address: bob });
    const calls = [
      { to: bob, value: 3n, data: "0x" },
      { to: bob, value: 4n, data: "0x1234" },
    ] as const;
    const { receipt, transaction, hash } = await send({ account, calls });
    expect(receipt).toMatchObject({ status: "success", feePayer: account.address.toLowerCase() });
    expect(await client.getBalance({ address: bob })).toBe(before + 7n);
    expect(transaction).toMatchObject({ hash, type: "tempo", from: account.address.toLowerCase(), calls });
    const block = await client.getBlock({ blockHash: receipt.blockHash, includeTransactions: true });
    expect(block.transactions).toContainEqual(transaction);
  });

  test("sends one call as Ethereum's transactions", async () => {
    const account = secp256k1();
    await fund(account.address);
    const { receipt } = await send({ account, to: bob, value: 1n });
    expect(receipt).toMatchObject({ status: "success", type: "eip1559" });
  });

  test("lets a firm pay for a passkey that has nothing", async () => {
    await fund(firm.address);
    const account = passkey();
    const before = await client.getBalance({ address: firm.address });
    const data = encodeFunctionData({
      ...tokens,
      functionName: "create",
      args: ["Voucher", "VCH", 2, false],
    });
    const { receipt, transaction } = await send({ account, feePayer: firm, calls: [{ to: tokens.address, data }] });
    expect(receipt).toMatchObject({ status: "success", feePayer: firm.address.toLowerCase() });
    const [created] = parseEventLogs({ abi: tokens.abi, logs: receipt.logs, eventName: "TokenCreated" });
    expect(created?.args.issuer).toBe(account.address);
    expect(await client.getBalance({ address: firm.address })).toBe(
      before - receipt.gasUsed * receipt.effectiveGasPrice,
    );
    expect(await client.getBalance({ address: account.address })).toBe(0n);
    // Sponsored transactions have expiring nonces in this client.
    expect(transaction).toMatchObject({ nonceKey: maxUint256 });
    expect(await client.getTransactionCount({ address: account.address })).toBe(0);
  });

  test("sends many at once in lanes and with expiring nonces", async () => {
    const account = secp256k1();
    await fund(account.address);
    const lanes = [1n, 2n, 3n].map((nonceKey) =>
      send({ account, nonceKey, nonce: 0, calls: [{ to: bob, value: 1n }] }),
    );
    const expiring = [1, 2, 3].map(() => send({ account, nonceKey: "expiring", calls: [{ to: bob, value: 1n }] }));
    for (const { receipt } of await Promise.all([...lanes, ...expiring])) expect(receipt.status).toBe("success");
    const nonce = (nonceKey: bigint) => Actions.nonce.getNonce(client as never, { account: account.address, nonceKey });
    expect([await nonce(1n), await nonce(3n), await nonce(4n)]).toEqual([1n, 1n, 0n]);
    await send({ account, nonceKey: 1n, nonce: 1, calls: [{ to: bob, value: 1n }] });
    expect(
      await chain.client.readContract({
        ...nonces,
        abi: noncesAbi,
        functionName: "getNonce",
        args: [account.address, 1n],
      }),
    ).toBe(2n);
  });

  test("waits for the time from which a transaction is valid", async () => {
    const account = secp256k1();
    await fund(account.address);
    const validAfter = Math.floor(Date.now() / 1000) + 2;
    const { receipt } = await send({ account, validAfter, validBefore: validAfter + 600, calls: [{ to: bob }] });
    const { timestamp } = await client.getBlock({ blockHash: receipt.blockHash });
    expect(timestamp).toBeGreaterThanOrEqual(BigInt(validAfter));
  });

  test("deploys a contract in a batch", async () => {
    const account = secp256k1();
    await fund(account.address);
    const { receipt } = await send({
      account,
      nonceKey: 7n,
      nonce: 0,
      calls: [{ data: "0x6001600c60003960016000f300" }, { to: bob, value: 1n }],
    });
    expect(receipt.status).toBe("success");
    expect(await client.getCode({ address: receipt.contractAddress as Address })).toBe("0x00");
    expect(await client.getTransactionCount({ address: account.address })).toBe(1);
  });

  test("says why a batch would fail", async () => {
    const account = secp256k1();
    await fund(account.address);
    const data = encodeFunctionData({ ...tokens, functionName: "create", args: ["", "", 0, false] });
    await expect(
      send({
        account,
        calls: [
          { to: bob, value: 1n },
          { to: tokens.address, data },
        ],
      }),
    ).rejects.toThrow(/BadName/);
  });
});

describe("a trace of a batch", () => {
  test("has its calls below one frame, failed ones too", async () => {
    const account = passkey();
    await fund(account.address);
    const trace = async (hash: Hex) => {
      const { result } = await chain.rpc("debug_traceTransaction", [hash, { tracer: "callTracer" }]);
      return result as { calls: { to: Address; value: Hex }[] };
    };
    const from = account.address.toLowerCase();
    const calls = [1n, 2n].map((value) => ({ to: bob, value }));
    const { hash } = await send({ account, calls });
    expect(await trace(hash)).toMatchObject({ from, to: from, calls: [{ value: "0x1" }, { value: "0x2" }] });
    const failing = { account, gas: 500_000n, calls: [...calls, { to: tokens.address, data: "0x12345678" }] };
    const failed = await send(failing);
    expect(failed.receipt.status).toBe("reverted");
    expect(await trace(failed.hash)).toMatchObject({
      error: "execution reverted",
      calls: [{}, {}, { to: tokens.address }],
    });
    const call = { from, calls: calls.map(({ to, value }) => ({ to, value: toHex(value) })) };
    const { result } = await chain.rpc("debug_traceCall", [call, "latest", { tracer: "callTracer" }]);
    expect(result).toMatchObject({ from, calls: [{ value: "0x1" }, { value: "0x2" }] });
    const { error } = await chain.rpc("eth_simulateV1", [{ blockStateCalls: [{ calls: [call] }] }]);
    expect(error?.message).toMatch(/call\.calls/);
  });
});

describe("access keys", () => {
  test("come with their authorization, spend a token up to their limit, and are revoked", async () => {
    const root = passkey();
    await fund(root.address);
    const issued = await send({
      account: root,
      calls: [
        {
          to: tokens.address,
          data: encodeFunctionData({ ...tokens, functionName: "create", args: ["Euro", "EUR", 2, false] }),
        },
      ],
    });
    const [created] = parseEventLogs({ abi: tokens.abi, logs: issued.receipt.logs, eventName: "TokenCreated" });
    const token = created?.args.token as Address;
    const call = (functionName: "mint" | "transfer" | "approve", amount: bigint, whom: Address = bob) => ({
      to: token,
      data: encodeFunctionData({ abi: tokenAbi, functionName, args: [whom, amount] }),
    });
    await send({ account: root, calls: [call("mint", 1_000n, root.address)] });

    const key = Account.fromP256(P256.randomPrivateKey(), { access: root });
    const keyAuthorization = await root.signKeyAuthorization(key, {
      chainId: BigInt(chain.chain.id),
      expiry: Math.floor(Date.now() / 1000) + 3_600,
      limits: [
        { token, limit: 100n },
        { token: zeroAddress, limit: parseEther("5") },
      ],
      scopes: [
        { address: token, selector: toFunctionSelector("transfer(address,uint256)"), recipients: [bob] },
        { address: token, selector: toFunctionSelector("approve(address,uint256)") },
      ],
    } as never);
    const first = await send({ account: key, keyAuthorization, calls: [call("transfer", 60n)] });
    expect(first.receipt).toMatchObject({ status: "success", from: root.address.toLowerCase() });
    expect(first.transaction).toMatchObject({ keyAuthorization: { address: key.accessKeyAddress.toLowerCase() } });
    const limit = () =>
      Actions.accessKey.getRemainingLimit(
        client as never,
        {
          account: root.address,
          accessKey: key.accessKeyAddress,
          token,
        } as never,
      );
    expect(await limit()).toMatchObject({ remaining: 40n });
    const gas = 3_000_000n;
    // Fails as it runs: the amount is above what is left.
    expect((await send({ account: key, gas, calls: [call("transfer", 41n)] })).receipt.status).toBe("reverted");
    expect((await send({ account: key, gas, calls: [call("approve", 41n)] })).receipt.status).toBe("reverted");
    // Is refused: another recipient, and a contract of its own.
    await expect(send({ account: key, gas, calls: [call("transfer", 1n, firm.address)] })).rejects.toThrow(
      /CallNotAllowed/,
    );
    await expect(send({ account: key, gas, calls: [{ data: "0x00" }] })).rejects.toThrow(/CallNotAllowed/);
    expect(
      (await send({ account: key, gas, calls: [call("approve", 30n), call("transfer", 10n)] })).receipt.status,
    ).toBe("success");
    expect(await limit()).toMatchObject({ remaining: 0n });
    expect(await client.readContract({ abi: tokenAbi, address: token, functionName: "balanceOf", args: [bob] })).toBe(
      70n,
    );

    const revoke = Actions.accessKey.revoke.call({ accessKey: key.accessKeyAddress } as never) as {
      to: Hex;
      data: Hex;
    };
    await send({ account: root, calls: [revoke] });
    const metadata = await Actions.accessKey.getMetadata(
      client as never,
      {
        account: root.address,
        accessKey: key.accessKeyAddress,
      } as never,
    );
    expect(metadata).toMatchObject({ isRevoked: true, keyType: "p256" });
    await expect(send({ account: key, gas, calls: [call("approve", 0n)] })).rejects.toThrow(/KeyAlreadyRevoked/);
  });
});

test("keys with limits do not act for an account that runs another's code", async () => {
  const privateKey = Secp256k1.randomPrivateKey();
  const root = Account.fromSecp256k1(privateKey);
  await fund(root.address);
  const act = async (limits?: readonly object[]) => {
    const key = Account.fromP256(P256.randomPrivateKey(), { access: root });
    const chainId = BigInt(chain.chain.id);
    const keyAuthorization = await root.signKeyAuthorization(key, { chainId, ...(limits && { limits }) } as never);
    return send({ account: key, keyAuthorization, nonceKey: "expiring", gas: 2_000_000n, calls: [{ to: bob }] });
  };
  const limits = [{ token: zeroAddress, limit: parseEther("5") }];
  expect((await act(limits)).receipt.status).toBe("success");
  const nonce = await client.getTransactionCount({ address: root.address });
  const delegation = { chainId: chain.chain.id, nonce, contractAddress: bob };
  const authorizationList = [await privateKeyToAccount(privateKey).signAuthorization(delegation)];
  await chain.confirmed(await chain.wallet.sendTransaction({ to: bob, authorizationList }));
  expect(await client.getCode({ address: root.address })).toBeDefined();
  await expect(act(limits)).rejects.toThrow(/AccountHasCode/);
  expect((await act()).receipt.status).toBe("success");
});

describe("refusals by name", () => {
  const prepared = async (request: Record<string, unknown>, account: ReturnType<typeof secp256k1>) => {
    const base = {
      account,
      gas: 500_000n,
      maxFeePerGas: 10n ** 11n,
      maxPriorityFeePerGas: 1n,
      nonce: 0,
      calls: [{ to: bob }],
    };
    const raw = await account.signTransaction({ ...base, chainId: chain.chain.id, ...request } as never);
    return chain.rpc("eth_sendRawTransaction", [raw]);
  };
  const now = Math.floor(Date.now() / 1000);

  test.each<[string, Record<string, unknown>, string]>([
    ["a fee token", { feeToken: bob }, "unsupportedField"],
    ["a fee payer that has not signed", { feePayer: true }, "feePayerUnsigned"],
    ["an old transaction", { validBefore: now - 10 }, "expired"],
    ["an expiring nonce that is good for too long", { nonceKey: maxUint256, validBefore: now + 3_600 }, "expiryTooFar"],
    ["one that is valid in a day", { validAfter: now + 86_400 }, "notYetValid"],
    ["a fee payer without funds", { feePayer: secp256k1() }, "insufficientFeePayerFunds"],
  ])("%s", async (_, request, code) => {
    const account = secp256k1();
    await fund(account.address, parseEther("1"));
    expect((await prepared(request, account)).error?.data).toMatchObject({ code });
  });

  test("the replay of an expiring nonce", async () => {
    const account = secp256k1();
    await fund(account.address, parseEther("1"));
    const request = { nonceKey: maxUint256, validBefore: Math.floor(Date.now() / 1000) + 100 };
    const { result } = await prepared(request, account);
    await client.waitForTransactionReceipt({ hash: result as Hex });
    expect((await prepared(request, account)).error?.data).toMatchObject({ code: "nonceSpent" });
  });

  const grant = { keyId: bob, keyType: "p256", signature: { type: "secp256k1" } };
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["no list of calls", { calls: {} }, /call.calls: expected a list/],
    ["a call that is null", { calls: [null] }, /call.calls: expected an object, got null/],
    ["a call that is a list", { calls: [[]] }, /call.calls: expected an object, got a list/],
    ["a grant that is a list", { keyAuthorization: [] }, /keyAuthorization: expected an object/],
    [
      "a limit that is null",
      { keyAuthorization: { ...grant, limits: [null] } },
      /limits: expected an object, got null/,
    ],
    [
      "recipients that are null",
      {
        keyAuthorization: {
          ...grant,
          allowedCalls: [{ target: bob, selectorRules: [{ selector: "0x12345678", recipients: null }] }],
        },
      },
      /recipients: expected a list, got null/,
    ],
  ])("%s", async (_, fields, words) => {
    const { error } = await chain.rpc("eth_estimateGas", [{ from: alice.address, to: bob, ...fields }]);
    expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(words) });
  });

  test("fields of a call that this chain does not have", async () => {
    const call = { from: alice.address, calls: [{ to: bob }], feeToken: bob };
    expect((await chain.rpc("eth_estimateGas", [call])).error?.message).toMatch(/feeToken/);
    expect((await chain.rpc("eth_estimateGas", [{ ...call, feeToken: null, calls: [] }])).error?.message).toMatch(
      /calls/,
    );
    expect((await chain.rpc("eth_estimateGas", [{ ...call, feeToken: null, keyType: "rsa" }])).error?.message).toMatch(
      /keyType/,
    );
  });
});
