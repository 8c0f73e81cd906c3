import { type Address, token, tokens } from "@ruffchain/abi";
import { domainSeparator, parseSignature, zeroAddress } from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { account, CHAIN_ID, type Chain, errorOf, eventOf, openChain } from "./chain.js";
import { makeCurrency } from "./money.js";
import { type Owner, owners } from "./owners.js";

const [bank, spender, stranger] = [account(0), account(1), account(2)];
const owner = account(3);
const types = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

let chain: Chain;
let euro: Awaited<ReturnType<typeof makeCurrency>>;
let deadline: bigint;
beforeEach(async () => {
  chain = await openChain([bank, spender, stranger, owner]);
  euro = await makeCurrency(chain, bank, [owner, ...Object.values(owners)] as never, 100n);
  deadline = chain.now() + 1_000n;
});

const domain = () => ({ name: "Test euro", version: "1", chainId: CHAIN_ID, verifyingContract: euro.address });

async function signed(by: Owner, changes: object = {}, ofDomain: object = {}) {
  const message = { owner: by.id, spender: spender.id, value: 40n, nonce: 0n, deadline, ...changes };
  return by.signTypedData({ domain: { ...domain(), ...ofDomain }, types, primaryType: "Permit", message });
}

const allowance = (of: Address) => chain.read(euro, "allowance", [of, spender.id]);

describe("permit (EIP-2612)", () => {
  test("sets an allowance by viem's signature, whoever sends it, and is spent", async () => {
    const { v, r, s } = parseSignature(await signed(owner));
    const args = [owner.id, spender.id, 40n, deadline, Number(v), r, s] as const;
    const { events } = await chain.send(stranger, euro, "permit", args);
    expect(eventOf(events, "Approval")).toMatchObject({ owner: owner.address, spender: spender.address, value: 40n });
    expect([await allowance(owner.id), await chain.read(euro, "nonces", [owner.id])]).toStrictEqual([40n, 1n]);
    await chain.send(spender, euro, "transferFrom", [owner.id, spender.id, 40n]);
    expect(await chain.read(euro, "balanceOf", [spender.id])).toBe(40n);
    // The same permit again is for a nonce that is gone.
    expect((await errorOf(chain.send(stranger, euro, "permit", args)))[0]).toBe("ERC2612InvalidSigner");
    expect(await allowance(owner.id)).toBe(0n);
  });

  test.each(Object.entries(owners))("is signed by an owner with a key of %s, once", async (_, by) => {
    const signature = await signed(by);
    const args = [by.id, spender.id, 40n, deadline, signature] as const;
    await chain.send(stranger, euro, "permitWithSignature", args);
    expect([await allowance(by.id), await chain.read(euro, "nonces", [by.id])]).toStrictEqual([40n, 1n]);
    expect((await errorOf(chain.send(stranger, euro, "permitWithSignature", args)))[0]).toBe("ERC2612InvalidSigner");
    const next = await signed(by, { nonce: 1n, value: 7n });
    await chain.send(stranger, euro, "permitWithSignature", [by.id, spender.id, 7n, deadline, next]);
    expect(await allowance(by.id)).toBe(7n);
  });

  const other = "0x5255464654000000000000000000000000000009" as const;
  test.each([
    ["another domain's name", {}, { name: "Test dollar" }],
    ["another version", {}, { version: "2" }],
    ["another chain", {}, { chainId: 1 }],
    ["another token", {}, { verifyingContract: other }],
    ["another owner", { owner: other }, {}],
    ["another spender", { spender: other }, {}],
    ["another value", { value: 41n }, {}],
    ["another nonce", { nonce: 1n }, {}],
    ["another deadline", { deadline: 1n }, {}],
  ])("is refused where %s was signed", async (_, changes, ofDomain) => {
    for (const by of Object.values(owners)) {
      const signature = await signed(by, changes, ofDomain);
      const error = await errorOf(
        chain.send(stranger, euro, "permitWithSignature", [by.id, spender.id, 40n, deadline, signature]),
      );
      expect([error[0], error[2]]).toStrictEqual([
        "ERC2612InvalidSigner",
        expect.stringMatching(new RegExp(by.id, "i")),
      ]);
      expect(await allowance(by.id)).toBe(0n);
    }
  });

  test("is good up to its deadline, in seconds", async () => {
    const at = async (time: bigint) => {
      const signature = await signed(owner, { deadline: time, nonce: await chain.read(euro, "nonces", [owner.id]) });
      return chain.send(stranger, euro, "permitWithSignature", [owner.id, spender.id, 40n, time, signature]);
    };
    await at(chain.now() + 1n); // the time of the block that it is in
    const late = chain.now();
    expect(await errorOf(at(late))).toStrictEqual(["ERC2612ExpiredSignature", late]);
  });

  test("refuses what is no signature, and nobody as owner or spender", async () => {
    const permit = (by: Address, to: Address, signature: `0x${string}`) =>
      errorOf(chain.send(stranger, euro, "permitWithSignature", [by, to, 40n, deadline, signature]));
    const good = await signed(owner);
    for (const signature of ["0x", `0x${"00".repeat(65)}`, good.slice(0, -2), `${good}00`] as const) {
      const refused = ["ERC2612InvalidSigner", zeroAddress, owner.address];
      expect(await permit(owner.id, spender.id, signature as `0x${string}`)).toStrictEqual(refused);
    }
    expect(await permit(zeroAddress, spender.id, "0x")).toStrictEqual([
      "ERC2612InvalidSigner",
      zeroAddress,
      zeroAddress,
    ]);
    const toNobody = await signed(owner, { spender: zeroAddress });
    expect(await permit(owner.id, zeroAddress, toNobody)).toStrictEqual(["ERC20InvalidSpender", zeroAddress]);
  });

  test("tells its domain (EIP-5267), as viem hashes it", async () => {
    const [fields, name, version, chainId, verifyingContract, , extensions] = await chain.read(
      euro,
      "eip712Domain",
      [],
    );
    expect([fields, extensions]).toStrictEqual(["0x0f", []]);
    expect({
      name,
      version,
      chainId: Number(chainId),
      verifyingContract: verifyingContract.toLowerCase(),
    }).toStrictEqual({
      ...domain(),
      verifyingContract: euro.address.toLowerCase(),
    });
    expect(await chain.read(euro, "DOMAIN_SEPARATOR", [])).toBe(domainSeparator({ domain: domain() }));
    const { events } = await chain.send(bank, tokens, "create", ["Zürich ☕", "ZRH", 2, false]);
    const named = token(eventOf(events, "TokenCreated").token as Address);
    const itsDomain = { ...domain(), name: "Zürich ☕", verifyingContract: named.address };
    expect(await chain.read(named, "DOMAIN_SEPARATOR", [])).toBe(domainSeparator({ domain: itsDomain }));
  });
});
