import { keychain, keychainAbi, nonces, noncesAbi } from "@ruffchain/abi";
import {
  EXPIRING_NONCE_KEY,
  gasSchedule,
  MAX_EXPIRY_SECONDS,
  MAX_HELD_SECONDS,
  type TempoTransaction,
  TransactionError,
} from "@ruffchain/kernel";
import fc from "fast-check";
import type { Hex } from "ox";
import type { KeyAuthorization } from "ox/tempo";
import {
  type Abi,
  decodeFunctionResult,
  encodeFunctionData,
  getAddress,
  parseEventLogs,
  toFunctionSelector,
  toHex,
  zeroAddress,
} from "viem";
import { generatePrivateKey } from "viem/accounts";
import { describe, expect, test } from "vitest";
import { bank, bankAbi, bankContract } from "../execution/bank.js";
import { ETHER, GENESIS_TIME, openChain } from "../execution/chain.js";
import {
  accessKey,
  authorization,
  FEES,
  type Fields,
  type Key,
  p256Key,
  secp256k1Key,
  signTempo,
  webAuthnKey,
} from "./tempo.js";

const collector = "0x00000000000000000000000000000000000000fe";
const now = Number(GENESIS_TIME / 1_000_000_000n);
const bob = `0x${"b0".repeat(20)}` as const;

async function open() {
  const privateKey = generatePrivateKey();
  const alice = secp256k1Key(privateKey);
  const [firm, passkey] = [secp256k1Key(), webAuthnKey()];
  const chain = await openChain({ contracts: [bankContract] }, [alice.address, firm.address, passkey.address], {
    feeCollector: collector,
  });
  const { app, block } = chain;
  const balance = (address: Hex.Hex) => app.account(address).balance;
  const nonce = (address: Hex.Hex) => Number(app.account(address).nonce);
  const read = async (to: Hex.Hex, abi: Abi, functionName: string, args: readonly unknown[]) => {
    const data = encodeFunctionData({ abi, functionName, args });
    const result = await app.call({ to, data: Buffer.from(data.slice(2), "hex") });
    return decodeFunctionResult({ abi, functionName, data: toHex(result.output) }) as unknown;
  };
  const deposits = (owner: Hex.Hex) => read(bank.address, bankAbi, "balanceOf", [owner]);
  /** A transaction in a block of its own: its result, and what the block says of it. */
  const send = async (key: Key, fields: Fields, feePayer?: Key, seconds = 1) => {
    const raw = signTempo(key, fields, feePayer);
    const { response, record } = await block([raw], seconds);
    const code = response.txResults[0]?.code ?? -1;
    return { raw, code, refusal: code > 1, transaction: record.transactions.at(-1), record };
  };
  const total = () => {
    const accounts = [alice.address, firm.address, passkey.address, bob, collector, bank.address] as const;
    return accounts.reduce((sum, address) => sum + balance(address), app.chainHead().burnt);
  };
  return { ...chain, alice, firm, passkey, privateKey, balance, nonce, read, deposits, send, total };
}

type Chain = Awaited<ReturnType<typeof open>>;

const code = (reason: ConstructorParameters<typeof TransactionError>[0]) =>
  new TransactionError(reason, { sender: bob, feePayer: bob, account: bob, keyId: bob, reason: "" } as never).number;
const deposit = (value: bigint) => ({
  to: bank.address,
  value,
  data: encodeFunctionData({ abi: bankAbi, functionName: "deposit" }),
});
const move = (to: Hex.Hex, amount: bigint) => ({
  to: bank.address,
  data: encodeFunctionData({ abi: bankAbi, functionName: "move", args: [to, amount] }),
});

describe("a batch", () => {
  test.each([
    ["secp256k1", () => secp256k1Key()],
    ["P-256 that hashes", () => p256Key(true)],
    ["P-256 that does not", () => p256Key(false)],
    ["WebAuthn", () => webAuthnKey()],
  ])("runs its calls in order, signed by %s", async (_, makeKey) => {
    const key = makeKey();
    const { alice, send, balance, deposits, nonce, total } = await open();
    const before = total();
    await send(alice, { calls: [{ to: key.address, value: ETHER }] });
    const { transaction } = await send(key, {
      calls: [deposit(7n), move(bob, 3n), { to: bob, value: 5n }],
    });
    expect(transaction).toMatchObject({ succeeded: true, sender: key.address, feePayer: key.address });
    expect([await deposits(key.address), await deposits(bob), balance(bob)]).toEqual([4n, 3n, 5n]);
    expect(nonce(key.address)).toBe(1);
    expect(transaction?.logs.map(({ address }) => address)).toEqual([bank.address]);
    const paid = BigInt(transaction?.gasUsed ?? 0) * (transaction?.gasPrice ?? 0n);
    expect(balance(key.address)).toBe(ETHER - 12n - paid);
    expect(total() + balance(key.address)).toBe(before);
  });

  test("does nothing but pay where one of its calls fails", async () => {
    const { alice, send, balance, deposits, nonce } = await open();
    const before = balance(alice.address);
    const { transaction, code } = await send(alice, { calls: [deposit(7n), { to: bob, value: 5n }, move(bob, 8n)] });
    expect(code).toBe(1);
    expect(transaction).toMatchObject({ succeeded: false, logs: [] });
    expect(Buffer.from(transaction?.output ?? []).length).toBeGreaterThan(4);
    expect([await deposits(alice.address), await deposits(bob), balance(bob)]).toEqual([0n, 0n, 0n]);
    expect(balance(alice.address)).toBe(before - BigInt(transaction?.gasUsed ?? 0) * (transaction?.gasPrice ?? 0n));
    expect(nonce(alice.address)).toBe(1);
  });

  test("costs as much more as its signature does", async () => {
    const { alice, passkey, send } = await open();
    const transfer = { calls: [{ to: bob, value: 1n }] };
    const gasOf = async (key: Key) => (await send(key, transfer)).transaction?.gasUsed ?? 0;
    expect(await gasOf(alice)).toBe(21_000);
    const webAuthn = await gasOf(passkey);
    expect(webAuthn).toBeGreaterThan(21_000 + gasSchedule.verifyP256);
    expect(webAuthn).toBeLessThan(21_000 + gasSchedule.verifyP256 + 10_000);
  });

  test("needs the EVM to create a contract", async () => {
    const { alice, send } = await open();
    expect((await send(alice, { calls: [{ data: "0x00" }] })).code).toBe(code("creationUnsupported"));
  });

  test("needs gas for its signature", async () => {
    const { alice, passkey, send } = await open();
    expect((await send(alice, { calls: [{ to: bob }], gas: 20_999n })).code).toBe(code("intrinsicGasTooLow"));
    expect((await send(passkey, { calls: [{ to: bob }], gas: 90_000n })).code).toBe(code("intrinsicGasTooLow"));
  });
});

describe("a fee payer", () => {
  test("pays for a sender that has nothing", async () => {
    const { firm, send, balance, nonce, deposits, total } = await open();
    const poor = p256Key();
    const before = [balance(firm.address), total()] as const;
    const { transaction } = await send(poor, { calls: [move(bob, 0n)] }, firm);
    expect(transaction).toMatchObject({ succeeded: true, sender: poor.address, feePayer: firm.address });
    const paid = BigInt(transaction?.gasUsed ?? 0) * (transaction?.gasPrice ?? 0n);
    expect(balance(firm.address)).toBe(before[0] - paid);
    expect(balance(poor.address)).toBe(0n);
    expect([nonce(poor.address), nonce(firm.address)]).toEqual([1, 0]);
    expect(await deposits(bob)).toBe(0n);
    expect(total()).toBe(before[1]);
  });

  test("pays no value", async () => {
    const { firm, send } = await open();
    const { code: refusal } = await send(p256Key(), { calls: [{ to: bob, value: 1n }] }, firm);
    expect(refusal).toBe(code("insufficientFunds"));
  });

  test("has to have the highest fee", async () => {
    const { alice, send } = await open();
    expect((await send(alice, {}, secp256k1Key())).code).toBe(code("insufficientFeePayerFunds"));
  });

  test("may be the sender, who then has to have both", async () => {
    const { alice, send, balance } = await open();
    const all = balance(alice.address);
    const fee = FEES.gas * FEES.maxFeePerGas;
    const calls = (value: bigint) => ({ calls: [{ to: bob, value }] });
    expect((await send(alice, calls(all - fee + 1n), alice)).code).toBe(code("insufficientFeePayerFunds"));
    expect((await send(alice, calls(all - fee), alice)).code).toBe(0);
  });
});

describe("a window", () => {
  test.each([
    ["opens", { validAfter: now + 10 }, 9, "notYetValid"],
    ["is open", { validAfter: now + 10 }, 10, undefined],
    ["is open still", { validBefore: now + 10 }, 9, undefined],
    ["is over", { validBefore: now + 10 }, 10, "expired"],
  ] as const)("%s", async (_, window, seconds, reason) => {
    const { alice, send } = await open();
    expect((await send(alice, window, undefined, seconds)).code).toBe(reason ? code(reason) : 0);
  });

  test("holds nothing for longer than MAX_HELD_SECONDS", async () => {
    const { app, alice } = await open();
    const pooled = (validAfter: number) => () =>
      app.checkPooled(app.decode(signTempo(alice, { validAfter })) as TempoTransaction, BigInt(now));
    expect(pooled(now + MAX_HELD_SECONDS)).not.toThrow();
    expect(pooled(now + MAX_HELD_SECONDS + 1)).toThrow(expect.objectContaining({ code: "notYetValid" }));
  });
});

describe("nonces", () => {
  test("of lanes count each for itself", async () => {
    const { alice, send, read, nonce } = await open();
    const lane = (nonceKey: bigint) => read(nonces.address, noncesAbi, "getNonce", [alice.address, nonceKey]);
    for (const [nonceKey, n, expected] of [
      [5n, 0n, undefined],
      [5n, 1n, undefined],
      [9n, 0n, undefined],
      [5n, 1n, "nonceTooLow"],
      [5n, 3n, "nonceTooHigh"],
      [0n, 0n, undefined],
    ] as const) {
      const { code: result } = await send(alice, { nonceKey, nonce: n });
      expect(result).toBe(expected ? code(expected) : 0);
    }
    expect([await lane(5n), await lane(9n), await lane(7n), nonce(alice.address)]).toEqual([2n, 1n, 0n, 1]);
    await expect(lane(0n)).rejects.toThrow();
  });

  const expiring = (nonce: bigint, validBefore: number, fields: Fields = {}): Fields => ({
    nonceKey: EXPIRING_NONCE_KEY,
    nonce,
    validBefore,
    ...fields,
  });

  test("that expire are good once, in any order, whoever pays", async () => {
    const { alice, firm, block, send, nonce } = await open();
    const until = now + 100;
    const many = [3n, 1n, 2n].map((n) => signTempo(alice, expiring(n, until)));
    const first = await block([...many, many[0] as Uint8Array]);
    expect(first.response.txResults.map((result) => result.code)).toEqual([0, 0, 0, code("nonceSpent")]);
    expect((await block([many[1] as Uint8Array])).response.txResults[0]?.code).toBe(code("nonceSpent"));
    const other = secp256k1Key();
    await send(alice, { calls: [{ to: other.address, value: ETHER }] });
    const fields = expiring(4n, until);
    expect((await send(alice, fields, firm)).code).toBe(0);
    expect((await send(alice, fields, other)).code).toBe(code("nonceSpent"));
    expect(nonce(alice.address)).toBe(1);
  });

  test("that expire do so within MAX_EXPIRY_SECONDS", async () => {
    const { alice, send } = await open();
    expect((await send(alice, expiring(0n, now + 1 + MAX_EXPIRY_SECONDS + 1))).code).toBe(code("expiryTooFar"));
    expect((await send(alice, expiring(0n, now + 2 + MAX_EXPIRY_SECONDS))).code).toBe(0);
    expect((await send(alice, expiring(1n, now + 3))).code).toBe(code("expired"));
  });

  test("that have expired are forgotten, two at a time", async () => {
    const { app, alice, block } = await open();
    const rows = () => [
      ...app.view(app.head.height).range(`\x03${latin(nonces.address)}\x01`, `\x03${latin(nonces.address)}\x02`),
    ];
    const early = Array.from({ length: 5 }, (_, i) => signTempo(alice, expiring(BigInt(i), now + 10)));
    await block(early);
    expect(rows()).toHaveLength(5);
    await block([signTempo(alice, expiring(9n, now + 200))], 60);
    expect(rows()).toHaveLength(4);
    await block([10n, 11n].map((n) => signTempo(alice, expiring(n, now + 200))));
    expect(rows()).toHaveLength(3);
  });
});

const latin = (address: Hex.Hex) => Buffer.from(address.slice(2), "hex").toString("latin1");

type Grant = Partial<KeyAuthorization.KeyAuthorization>;

/** The account of a passkey lets a P-256 key act for it. */
async function withKey(grant: Grant, chain?: Chain) {
  const opened = chain ?? (await open());
  const { passkey } = opened;
  const key = p256Key();
  const keyAuthorization = authorization(passkey, key, grant);
  const signer = accessKey(key, passkey.address);
  const account = passkey.address;
  const ask = (name: string, args: readonly unknown[] = []) =>
    opened.read(keychain.address, keychainAbi, name, [account, key.address, ...args]);
  const change = (functionName: string, args: readonly unknown[]) => ({
    to: keychain.address,
    data: encodeFunctionData({ abi: keychainAbi as Abi, functionName, args }),
  });
  let lane = 100n;
  const use = (fields: Fields, by: Key = signer, feePayer?: Key) =>
    opened.send(by, { nonceKey: lane++, ...fields }, feePayer);
  return { ...opened, key, signer, account, keyAuthorization, ask, change, use };
}

describe("an access key", () => {
  test("acts for its account from the transaction on that authorizes it", async () => {
    const { use, keyAuthorization, ask, deposits, account, balance } = await withKey({});
    expect((await use({ calls: [move(bob, 0n)] })).code).toBe(code("accessKeyRefused"));
    const { transaction } = await use({ keyAuthorization, calls: [deposit(5n)] });
    expect(transaction).toMatchObject({ succeeded: true, sender: account });
    expect(await deposits(account)).toBe(5n);
    expect((await use({ calls: [{ to: bob, value: 3n }] })).code).toBe(0);
    expect(balance(bob)).toBe(3n);
    expect(await ask("getKey")).toMatchObject({ signatureType: 1, isRevoked: false, enforceLimits: false });
    expect((await use({ keyAuthorization })).code).toBe(code("accessKeyRefused"));
  });

  test("signs with both versions of the envelope, for its account only", async () => {
    const { use, key, keyAuthorization, account, alice } = await withKey({});
    expect((await use({ keyAuthorization }, accessKey(key, account, "v1"))).code).toBe(0);
    expect((await use({}, accessKey(key, account))).code).toBe(0);
    expect((await use({}, accessKey(key, alice.address))).code).toBe(code("accessKeyRefused"));
  });

  test("is authorized and revoked by the account's own key alone", async () => {
    const { use, key, change, ask, passkey, read, account } = await withKey({});
    const config = { expiry: 2n ** 64n - 1n, enforceLimits: false, limits: [], allowAnyCalls: true, allowedCalls: [] };
    const authorize = (keyId: Hex.Hex) => change("authorizeKey", [keyId, 1, config]);
    expect((await use({ calls: [authorize(key.address)] }, passkey)).code).toBe(0);
    expect((await use({ calls: [authorize(key.address)] }, passkey)).code).toBe(1);
    for (const call of [
      authorize(bob),
      change("revokeKey", [key.address]),
      change("updateSpendingLimit", [key.address, zeroAddress, 1n]),
      change("setAllowedCalls", [key.address, []]),
      change("removeAllowedCalls", [key.address, bob]),
    ]) {
      expect((await use({ calls: [call] })).code).toBe(1);
    }
    expect((await use({ calls: [change("revokeKey", [key.address])] }, passkey)).code).toBe(0);
    expect(await ask("getKey")).toMatchObject({ isRevoked: true });
    expect((await use({})).code).toBe(code("accessKeyRefused"));
    // A revoked key never comes back.
    expect((await use({ calls: [authorize(key.address)] }, passkey)).code).toBe(1);
    expect(await read(keychain.address, keychainAbi, "getTransactionKey", [])).toBe(zeroAddress);
    expect(await read(keychain.address, keychainAbi, "getKey", [account, bob])).toMatchObject({ keyId: zeroAddress });
  });

  test.each<[string, (key: Hex.Hex) => readonly unknown[]]>([
    ["a key of another kind", (key) => [key, 3, {}]],
    ["no key", () => [zeroAddress, 0, {}]],
    ["an expiry in the past", (key) => [key, 0, { expiry: BigInt(now) }]],
    [
      "two limits of a token",
      (key) => [
        key,
        0,
        { enforceLimits: true, limits: [1n, 2n].map((amount) => ({ token: bob, amount, period: 0n })) },
      ],
    ],
    [
      "two rules of a function",
      (key) => {
        const rule = { selector: "0x12345678", recipients: [] };
        return [key, 0, { allowAnyCalls: false, allowedCalls: [{ target: bob, selectorRules: [rule, rule] }] }];
      },
    ],
  ])("cannot be authorized with %s", async (_, args) => {
    const { use, key, change, passkey, ask } = await withKey({});
    const [keyId, type, config] = args(key.address) as [Hex.Hex, number, object];
    const whole = {
      expiry: 2n ** 64n - 1n,
      enforceLimits: false,
      limits: [],
      allowAnyCalls: true,
      allowedCalls: [],
      ...config,
    };
    expect((await use({ calls: [change("authorizeKey", [keyId, type, whole])] }, passkey)).code).toBe(1);
    expect(await ask("getKey")).toMatchObject({ keyId: zeroAddress });
  });

  test("expires", async () => {
    const { use, block, keyAuthorization } = await withKey({ expiry: now + 50 });
    expect((await use({ keyAuthorization })).code).toBe(0);
    await block([], 47);
    expect((await use({})).code).toBe(0);
    expect((await use({})).code).toBe(code("accessKeyRefused"));
  });

  test("of one kind is not one of another", async () => {
    const { use, keyAuthorization, key, account, passkey, change } = await withKey({});
    const config = { expiry: 2n ** 64n - 1n, enforceLimits: false, limits: [], allowAnyCalls: true, allowedCalls: [] };
    expect((await use({ calls: [change("authorizeKey", [key.address, 2, config])] }, passkey)).code).toBe(0);
    expect((await use({}, accessKey(key, account))).code).toBe(code("accessKeyRefused"));
    expect((await use({ keyAuthorization }, passkey)).code).toBe(code("accessKeyRefused"));
  });

  const moveSelector = toFunctionSelector("move(address,uint256)");
  test.each<[string, Grant["scopes"], NonNullable<Fields["calls"]>, boolean]>([
    ["any call of a target", [{ address: bank.address }], [deposit(1n), move(bob, 0n)], true],
    ["no other target", [{ address: bank.address }], [deposit(1n), { to: bob, data: "0x" }], false],
    ["nothing with an empty list", [], [move(bob, 0n)], false],
    ["a function", [{ address: bank.address, selector: moveSelector }], [move(bob, 0n)], true],
    ["no other function", [{ address: bank.address, selector: moveSelector }], [deposit(1n)], false],
    [
      "no plain transfer with a function",
      [{ address: bank.address, selector: moveSelector }],
      [{ to: bank.address, data: "0x" }],
      false,
    ],
    ["a recipient", [{ address: bank.address, selector: moveSelector, recipients: [bob] }], [move(bob, 0n)], true],
    [
      "no other recipient",
      [{ address: bank.address, selector: moveSelector, recipients: [bob] }],
      [move(bank.address, 0n)],
      false,
    ],
    [
      "no missing recipient",
      [{ address: bank.address, selector: moveSelector, recipients: [bob] }],
      [{ to: bank.address, data: moveSelector }],
      false,
    ],
  ])("scoped to %s", async (_, scopes, calls, allowed) => {
    const { use, keyAuthorization, ask } = await withKey({ scopes: scopes ?? [] });
    const { code: result } = await use({ keyAuthorization, calls });
    expect(result).toBe(allowed ? 0 : code("accessKeyRefused"));
    if (allowed) expect(await ask("getAllowedCalls")).toMatchObject([true, [{ target: bank.address }]]);
  });

  test("gets other scopes", async () => {
    const { use, key, keyAuthorization, passkey, change } = await withKey({ scopes: [{ address: bank.address }] });
    expect((await use({ keyAuthorization, calls: [move(bob, 0n)] })).code).toBe(0);
    const rules = [{ target: bob, selectorRules: [] }];
    const set = await use({ calls: [change("setAllowedCalls", [key.address, rules])] }, passkey);
    const events = (logs: readonly object[] = []) => parseEventLogs({ abi: keychainAbi, logs: logs as never });
    const logs = set.transaction?.logs.map((log) => ({ ...log, data: toHex(log.data) }));
    expect(events(logs)).toMatchObject([{ eventName: "AllowedCallsChanged", args: { target: getAddress(bob) } }]);
    expect((await use({ calls: [{ to: bob }] })).code).toBe(0);
    await use({ calls: [change("removeAllowedCalls", [key.address, bank.address])] }, passkey);
    expect((await use({ calls: [move(bob, 0n)] })).code).toBe(code("accessKeyRefused"));
  });

  test("spends no more than its limit, fees of its account included", async () => {
    const limit = ETHER;
    const { use, keyAuthorization, ask, balance, account, firm } = await withKey({
      limits: [{ token: zeroAddress, limit }],
    });
    const before = balance(account);
    expect((await use({ keyAuthorization, calls: [{ to: bob, value: ETHER / 2n }] })).code).toBe(0);
    expect(await ask("getRemainingLimit", [zeroAddress])).toBe(limit - (before - balance(account)));
    const failed = await use({
      calls: [
        { to: bob, value: 1n },
        { to: bob, value: ETHER / 2n },
      ],
    });
    expect(failed.code).toBe(1);
    expect(balance(bob)).toBe(ETHER / 2n);
    expect(await ask("getRemainingLimit", [zeroAddress])).toBe(limit - (before - balance(account)));
    // With a firm that pays the fees, all that is left can go.
    const left = (await ask("getRemainingLimit", [zeroAddress])) as bigint;
    expect((await use({ calls: [{ to: bob, value: left + 1n }] }, undefined, firm)).code).toBe(1);
    expect((await use({ calls: [{ to: bob, value: left }] }, undefined, firm)).code).toBe(0);
    expect(await ask("getRemainingLimit", [zeroAddress])).toBe(0n);
    expect((await use({})).code).toBe(code("accessKeyRefused"));
  });

  test("gets back what it has not spent though its transaction has no gas left for that", async () => {
    const { use, keyAuthorization, ask, balance, account } = await withKey({
      limits: [{ token: zeroAddress, limit: ETHER }],
    });
    const before = balance(account);
    expect((await use({ keyAuthorization })).code).toBe(0);
    const { transaction } = await use({});
    const gasUsed = BigInt(transaction?.gasUsed ?? 0);
    expect((await use({ gas: gasUsed + 1n })).transaction).toMatchObject({ succeeded: true, gasUsed: Number(gasUsed) });
    expect(await ask("getRemainingLimit", [zeroAddress])).toBe(ETHER - (before - balance(account)));
  });

  test("pays from its limit for an account that pays for itself by a second signature", async () => {
    const { send, alice, balance, read } = await open();
    const key = p256Key();
    const limits = [{ token: zeroAddress, limit: 2n ** 256n - 1n }];
    const keyAuthorization = authorization(alice, key, { limits });
    const before = balance(alice.address);
    const signer = accessKey(key, alice.address);
    expect((await send(signer, { keyAuthorization, nonceKey: 1n }, alice)).code).toBe(0);
    expect((await send(signer, { nonceKey: 2n }, alice)).code).toBe(0);
    const left = await read(keychain.address, keychainAbi, "getRemainingLimit", [
      alice.address,
      key.address,
      zeroAddress,
    ]);
    expect(left).toBe(2n ** 256n - 1n - (before - balance(alice.address)));
  });

  test.each([2 ** 40, 2n ** 64n - 1n])("may have its limit for a period of %s seconds", async (period) => {
    const { use, keyAuthorization, ask, firm } = await withKey({
      limits: [{ token: zeroAddress, limit: 10n, period: period as number }],
    });
    expect((await use({ keyAuthorization, calls: [{ to: bob, value: 4n }] }, undefined, firm)).code).toBe(0);
    const end = BigInt(now + 1) + BigInt(period);
    const last = 2n ** 64n - 1n;
    expect(await ask("getRemainingLimitWithPeriod", [zeroAddress])).toEqual([6n, end > last ? last : end]);
  });

  test("has its limit again after its period", async () => {
    const { use, block, keyAuthorization, ask, firm } = await withKey({
      limits: [{ token: zeroAddress, limit: 10n, period: 100 }],
    });
    const spend = async (value: bigint, fields: Fields = {}) =>
      (await use({ calls: [{ to: bob, value }], ...fields }, undefined, firm)).code;
    expect(await spend(10n, { keyAuthorization })).toBe(0);
    expect(await spend(1n)).toBe(1);
    await block([], 99);
    expect(await ask("getRemainingLimitWithPeriod", [zeroAddress])).toEqual([10n, BigInt(now + 201)]);
    expect(await spend(10n)).toBe(0);
    expect(await spend(1n)).toBe(1);
  });

  test("gets another limit", async () => {
    const { use, keyAuthorization, key, passkey, change, ask, firm } = await withKey({});
    expect((await use({ keyAuthorization, calls: [{ to: bob, value: 5n }] })).code).toBe(0);
    await use({ calls: [change("updateSpendingLimit", [key.address, zeroAddress, 4n])] }, passkey);
    expect(await ask("getKey")).toMatchObject({ enforceLimits: true });
    expect((await use({ calls: [{ to: bob, value: 5n }] }, undefined, firm)).code).toBe(1);
    expect((await use({ calls: [{ to: bob, value: 4n }] }, undefined, firm)).code).toBe(0);
  });

  test("is authorized for this chain only", async () => {
    const { use, key, passkey } = await withKey({});
    const keyAuthorization = authorization(passkey, key, { chainId: 1n });
    expect((await use({ keyAuthorization })).code).toBe(code("wrongChainId"));
  });
});

test("wei are neither made nor lost, whatever is sent", async () => {
  const chain = await open();
  const keys = [chain.alice, chain.firm, chain.passkey] as const;
  const before = chain.total();
  const amounts = fc.array(fc.bigInt({ min: 0n, max: 3n * ETHER }), { minLength: 1, maxLength: 4 });
  let lane = 1n;
  await fc.assert(
    fc.asyncProperty(fc.nat(2), fc.option(fc.nat(2)), amounts, fc.boolean(), async (from, payer, values, fails) => {
      const calls = values.map((value) => ({ to: bob, value }));
      await chain.send(
        keys[from] as Key,
        { nonceKey: lane++, calls: fails ? [...calls, move(bob, ETHER)] : calls },
        payer === null || payer === 2 ? undefined : keys[payer],
      );
      expect(chain.total()).toBe(before);
    }),
    { numRuns: 40 },
  );
});
