import { type Address, poolAddress, token, tokenAddress, tokens } from "@ruffchain/abi";
import { MAX_DECIMALS, MAX_NAME_LENGTH, MAX_SYMBOL_LENGTH } from "@ruffchain/contracts";
import { gasSchedule } from "@ruffchain/kernel";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { account, type Chain, errorOf, eventOf, openChain } from "./chain.js";

const [issuer, ann, bob, carol] = [account(0), account(1), account(2), account(3)];
const everybody = [issuer, ann, bob, carol];
const NOBODY = `0x${"00".repeat(20)}` as const;
const MAX_UINT256 = (1n << 256n) - 1n;

async function createToken(chain: Chain, recordBalances = false) {
  const { events } = await chain.send(issuer, tokens, "create", ["Euro", "EUR", 2, recordBalances]);
  return token(eventOf(events, "TokenCreated").token as Address);
}

type Token = Awaited<ReturnType<typeof createToken>>;

describe("the factory", () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await openChain(everybody);
  });

  test("creates tokens one after another and lists them, also by issuer", async () => {
    const first = await createToken(chain);
    const { events } = await chain.send(ann, tokens, "create", ["Shares", "SHR", 0, true]);
    expect(eventOf(events, "TokenCreated")).toMatchObject({
      issuer: ann.address,
      name: "Shares",
      symbol: "SHR",
      decimals: 0,
      recordBalances: true,
    });
    const second = tokenAddress(2n);
    expect(first.address.toLowerCase()).toBe(tokenAddress(1n));
    expect(await chain.read(tokens, "isToken", [second])).toBe(true);
    expect(await chain.read(tokens, "isToken", [tokenAddress(3n)])).toBe(false);

    const [page, next] = await chain.read(tokens, "tokens", ["0x", 1]);
    expect(page).toEqual([{ token: tokenAddress(1n), issuer: issuer.address }]);
    const [rest, end] = await chain.read(tokens, "tokens", [next, 1]);
    expect(rest).toEqual([{ token: second, issuer: ann.address }]);
    expect(end).toBe("0x");
    expect(await chain.read(tokens, "tokensOf", [ann.id, "0x", 10])).toEqual([
      [{ token: second, issuer: ann.address }],
      "0x",
    ]);
    expect(await chain.read(token(second), "name", [])).toBe("Shares");
    expect(await chain.read(token(second), "symbol", [])).toBe("SHR");
    expect(await chain.read(token(second), "decimals", [])).toBe(0);
    expect(await chain.read(token(second), "issuer", [])).toBe(ann.address);
    expect(await chain.read(token(second), "recordsBalances", [])).toBe(true);
  });

  test("refuses names, symbols and decimals out of their limits", async () => {
    const name = "n".repeat(MAX_NAME_LENGTH + 1);
    const symbol = "s".repeat(MAX_SYMBOL_LENGTH + 1);
    const create = (...args: [string, string, number, boolean]) => chain.send(issuer, tokens, "create", args);
    expect(await errorOf(create(name, "S", 2, false))).toEqual(["BadName", name, MAX_NAME_LENGTH]);
    expect(await errorOf(create("", "S", 2, false))).toEqual(["BadName", "", MAX_NAME_LENGTH]);
    expect(await errorOf(create("N", symbol, 2, false))).toEqual(["BadSymbol", symbol, MAX_SYMBOL_LENGTH]);
    expect(await errorOf(create("N", "", 2, false))).toEqual(["BadSymbol", "", MAX_SYMBOL_LENGTH]);
    const decimals = MAX_DECIMALS + 1;
    expect(await errorOf(create("N", "S", decimals, false))).toEqual(["BadDecimals", decimals, MAX_DECIMALS]);
    await create(name.slice(1), symbol.slice(1), MAX_DECIMALS, false);
  });

  test("is the only one to set up a token, and only tokens that it created exist", async () => {
    const unknown = token(tokenAddress(999n));
    const setUp = chain.send(ann, unknown, "initialize", [ann.id, "N", "S", 2, false]);
    expect(await errorOf(setUp)).toEqual(["OnlyTokens", ann.address]);
    for (const view of ["name", "symbol", "decimals", "totalSupply", "issuer", "paused", "recordsBalances"] as const) {
      expect(await errorOf(chain.read(unknown, view, []))).toEqual(["NoToken", unknown.address]);
    }
    expect(await errorOf(chain.send(ann, unknown, "transfer", [bob.id, 0n]))).toEqual(["NoToken", unknown.address]);
    expect(await errorOf(chain.send(ann, unknown, "approve", [bob.id, 1n]))).toEqual(["NoToken", unknown.address]);
  });
});

describe("a token", () => {
  let chain: Chain;
  let euro: Token;
  const balance = (of: { id: Address }) => chain.read(euro, "balanceOf", [of.id]);
  beforeAll(async () => {
    chain = await openChain(everybody);
    euro = await createToken(chain);
    await chain.send(issuer, euro, "mint", [ann.id, 1_000n]);
  });

  test("is minted and burnt by its issuer, with ERC-20's events", async () => {
    const minted = await chain.send(issuer, euro, "mint", [bob.id, 50n]);
    expect(minted.events).toEqual([
      { address: euro.address.toLowerCase(), name: "Transfer", args: { from: NOBODY, to: bob.address, value: 50n } },
    ]);
    expect(await chain.read(euro, "totalSupply", [])).toBe(1_050n);
    const burnt = await chain.send(issuer, euro, "burn", [bob.id, 50n]);
    expect(eventOf(burnt.events, "Transfer")).toEqual({ from: bob.address, to: NOBODY, value: 50n });
    expect(await balance(bob)).toBe(0n);
    expect(await chain.read(euro, "totalSupply", [])).toBe(1_000n);
  });

  test("moves by transfer, also to oneself and also nothing", async () => {
    const { events } = await chain.send(ann, euro, "transfer", [bob.id, 300n]);
    expect(eventOf(events, "Transfer")).toEqual({ from: ann.address, to: bob.address, value: 300n });
    expect([await balance(ann), await balance(bob)]).toEqual([700n, 300n]);
    await chain.send(ann, euro, "transfer", [ann.id, 700n]);
    expect(await balance(ann)).toBe(700n);
    const nothing = await chain.send(carol, euro, "transfer", [ann.id, 0n]);
    expect(eventOf(nothing.events, "Transfer")).toEqual({ from: carol.address, to: ann.address, value: 0n });
    await chain.send(bob, euro, "transfer", [ann.id, 300n]);
  });

  test("moves by allowance, which shrinks unless it is the highest there is", async () => {
    const { events } = await chain.send(ann, euro, "approve", [carol.id, 100n]);
    expect(eventOf(events, "Approval")).toEqual({ owner: ann.address, spender: carol.address, value: 100n });
    await chain.send(carol, euro, "transferFrom", [ann.id, bob.id, 60n]);
    expect(await chain.read(euro, "allowance", [ann.id, carol.id])).toBe(40n);
    const tooMuch = chain.send(carol, euro, "transferFrom", [ann.id, bob.id, 41n]);
    expect(await errorOf(tooMuch)).toEqual(["ERC20InsufficientAllowance", carol.address, 40n, 41n]);
    await chain.send(ann, euro, "approve", [carol.id, MAX_UINT256]);
    await chain.send(carol, euro, "transferFrom", [ann.id, bob.id, 1n]);
    expect(await chain.read(euro, "allowance", [ann.id, carol.id])).toBe(MAX_UINT256);
    await chain.send(ann, euro, "approve", [carol.id, 0n]);
    expect(await chain.read(euro, "allowance", [ann.id, carol.id])).toBe(0n);
    await chain.send(bob, euro, "transfer", [ann.id, 61n]);
  });

  test("refuses what cannot be paid or received", async () => {
    const tooMuch = chain.send(ann, euro, "transfer", [bob.id, 1_001n]);
    expect(await errorOf(tooMuch)).toEqual(["ERC20InsufficientBalance", ann.address, 1_000n, 1_001n]);
    const toNobody = ["ERC20InvalidReceiver", NOBODY];
    expect(await errorOf(chain.send(ann, euro, "transfer", [NOBODY, 1n]))).toEqual(toNobody);
    expect(await errorOf(chain.send(ann, euro, "transfer", [NOBODY, 0n]))).toEqual(toNobody);
    expect(await errorOf(chain.send(issuer, euro, "mint", [NOBODY, 1n]))).toEqual(toNobody);
    expect(await errorOf(chain.send(ann, euro, "approve", [NOBODY, 1n]))).toEqual(["ERC20InvalidSpender", NOBODY]);
    const burn = chain.send(issuer, euro, "burn", [bob.id, 1n]);
    expect(await errorOf(burn)).toEqual(["ERC20InsufficientBalance", bob.address, 0n, 1n]);
    const tooHigh = chain.send(issuer, euro, "mint", [bob.id, MAX_UINT256 - 999n]);
    expect(await errorOf(tooHigh)).toEqual(["SupplyTooHigh", 1_000n, MAX_UINT256 - 999n]);
    expect(await balance(ann)).toBe(1_000n);
  });

  test("obeys nobody but its issuer", async () => {
    const refusal = ["NotIssuer", ann.address];
    expect(await errorOf(chain.send(ann, euro, "mint", [ann.id, 1n]))).toEqual(refusal);
    expect(await errorOf(chain.send(ann, euro, "burn", [ann.id, 1n]))).toEqual(refusal);
    expect(await errorOf(chain.send(ann, euro, "pause", []))).toEqual(refusal);
    expect(await errorOf(chain.send(ann, euro, "unpause", []))).toEqual(refusal);
  });

  test("stands still while it is paused", async () => {
    expect(await errorOf(chain.send(issuer, euro, "unpause", []))).toEqual(["ExpectedPause"]);
    await chain.send(ann, euro, "approve", [bob.id, 5n]);
    const { events } = await chain.send(issuer, euro, "pause", []);
    expect(eventOf(events, "Paused")).toEqual({ account: issuer.address });
    expect(await chain.read(euro, "paused", [])).toBe(true);
    for (const move of [
      () => chain.send(ann, euro, "transfer", [bob.id, 1n]),
      () => chain.send(bob, euro, "transferFrom", [ann.id, bob.id, 1n]),
      () => chain.send(issuer, euro, "mint", [bob.id, 1n]),
      () => chain.send(issuer, euro, "burn", [ann.id, 1n]),
      () => chain.send(issuer, euro, "pause", []),
    ]) {
      expect(await errorOf(move())).toEqual(["EnforcedPause"]);
    }
    const resumed = await chain.send(issuer, euro, "unpause", []);
    expect(eventOf(resumed.events, "Unpaused")).toEqual({ account: issuer.address });
    await chain.send(ann, euro, "transfer", [ann.id, 1n]);
  });
});

describe("a token that records balances", () => {
  test("knows what everybody had at any time before now", async () => {
    const chain = await openChain(everybody);
    const shares = await createToken(chain, true);
    const start = chain.now();
    await chain.send(issuer, shares, "mint", [ann.id, 10n]);
    await chain.waitUntil(start + 10n);
    await chain.send(ann, shares, "transfer", [bob.id, 4n]);
    await chain.waitUntil(start + 20n);
    const at = (who: { id: Address }, seconds: bigint) => chain.read(shares, "balanceOfAt", [who.id, start + seconds]);
    expect([await at(ann, 0n), await at(ann, 1n), await at(ann, 10n), await at(ann, 11n)]).toEqual([0n, 10n, 10n, 6n]);
    expect([await at(bob, 10n), await at(bob, 11n), await at(bob, 19n), await at(carol, 19n)]).toEqual([
      0n,
      4n,
      4n,
      0n,
    ]);
    expect(await errorOf(at(ann, 20n))).toEqual(["TimeNotPast", start + 20n, start + 20n]);
  });

  test("is the only kind that does, and pays for it", async () => {
    const chain = await openChain(everybody);
    const euro = await createToken(chain);
    const shares = await createToken(chain, true);
    const plain = await chain.send(issuer, euro, "mint", [ann.id, 1n]);
    const recorded = await chain.send(issuer, shares, "mint", [ann.id, 1n]);
    expect(recorded.gasUsed - plain.gasUsed).toBeGreaterThanOrEqual(gasSchedule.write);
    expect(await errorOf(chain.read(euro, "balanceOfAt", [ann.id, 0n]))).toEqual(["BalancesNotRecorded"]);
  });
});

describe("whatever is called", () => {
  const who = fc.integer({ min: 0, max: everybody.length - 1 });
  const amount = fc.bigInt({ min: 0n, max: 120n });
  const step = fc.oneof(
    fc.record({ name: fc.constant("transfer" as const), from: who, to: who, amount }),
    fc.record({ name: fc.constant("approve" as const), from: who, to: who, amount }),
    fc.record({ name: fc.constant("transferFrom" as const), from: who, owner: who, to: who, amount }),
    fc.record({ name: fc.constant("mint" as const), from: fc.constant(0), to: who, amount }),
    fc.record({ name: fc.constant("burn" as const), from: fc.constant(0), to: who, amount }),
  );

  test("the balances add up to the supply, now and at every time before, and a model agrees", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const chain = await openChain(everybody);
        const shares = await createToken(chain, true);
        const balances = everybody.map(() => 0n);
        const allowances = new Map<string, bigint>();
        const supplies: { time: bigint; balances: bigint[] }[] = [];
        for (const { from, ...action } of steps) {
          const sender = everybody[from] as (typeof everybody)[number];
          const [receiver, to] = [everybody[action.to] as typeof sender, action.to];
          const giver = action.name === "transferFrom" ? action.owner : action.name === "burn" ? to : from;
          const allowanceKey = action.name === "transferFrom" ? `${giver} ${from}` : `${from} ${to}`;
          const allowed = action.name !== "transferFrom" || (allowances.get(allowanceKey) ?? 0n) >= action.amount;
          const moves = action.name !== "approve";
          const covered = !moves || action.name === "mint" || (balances[giver] as bigint) >= action.amount;
          const call =
            action.name === "transferFrom"
              ? chain.send(sender, shares, action.name, [
                  (everybody[giver] as typeof sender).id,
                  receiver.id,
                  action.amount,
                ])
              : chain.send(sender, shares, action.name, [receiver.id, action.amount]);
          if (!allowed) expect((await errorOf(call))[0]).toBe("ERC20InsufficientAllowance");
          else if (!covered) expect((await errorOf(call))[0]).toBe("ERC20InsufficientBalance");
          else {
            await call;
            if (action.name === "approve") allowances.set(allowanceKey, action.amount);
            if (action.name === "transferFrom") {
              allowances.set(allowanceKey, (allowances.get(allowanceKey) ?? 0n) - action.amount);
            }
            if (moves && action.name !== "mint") balances[giver] = (balances[giver] as bigint) - action.amount;
            if (moves && action.name !== "burn") balances[to] = (balances[to] as bigint) + action.amount;
          }
          supplies.push({ time: chain.now(), balances: [...balances] });
        }
        const sum = balances.reduce((a, b) => a + b, 0n);
        expect(await chain.read(shares, "totalSupply", [])).toBe(sum);
        await chain.waitUntil(chain.now() + 1n);
        for (const past of supplies) {
          const recorded = await Promise.all(
            everybody.map(({ id }) => chain.read(shares, "balanceOfAt", [id, past.time])),
          );
          expect(recorded).toEqual(past.balances);
        }
      }),
      { numRuns: 50 },
    );
  });
});

test("an address of another kind of contract is no token", async () => {
  const chain = await openChain(everybody);
  expect(await chain.read(tokens, "isToken", [poolAddress(1n)])).toBe(false);
});
