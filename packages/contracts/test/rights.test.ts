import { createHash } from "node:crypto";
import { assetClass, assets, type Hex, rightScope, rights } from "@ruffchain/abi";
import { areaToBytes } from "@ruffchain/geo";
import { bytesToHex } from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { account, type Chain, errorOf, eventOf, GENESIS_TIME, openChain } from "./chain.js";

const [firm, ann, bob] = [account(0), account(1), account(2)];
const NOBODY = `0x${"00".repeat(20)}` as const;
const ANYWHERE = `0x${"00".repeat(32)}` as const;
const CAR = 1n;
/** When the first test window begins. */
const START = GENESIS_TIME + 1_000n;
const TERMS = {
  asset: CAR,
  holder: ann.id,
  from: START,
  until: START + 100n,
  area: ANYWHERE as Hex,
  scope: rightScope.unlock | rightScope.lock | rightScope.start,
  maxAge: 600,
  terms: 7n,
};

let chain: Chain;
beforeEach(async () => {
  chain = await openChain([firm, ann, bob]);
  await chain.send(firm, assets, "register", [assetClass.other, "S1"]);
});

async function grant(change: Partial<typeof TERMS> = {}, by = firm): Promise<bigint> {
  const { events } = await chain.send(by, rights, "grant", [{ ...TERMS, ...change }]);
  return eventOf(events, "Granted").id as bigint;
}

const SQUARE = areaToBytes([
  { lat: 0, lon: 0 },
  { lat: 0, lon: 1_000 },
  { lat: 1_000, lon: 1_000 },
  { lat: 1_000, lon: 0 },
]);

async function registerSquare(): Promise<Hex> {
  const { events } = await chain.send(firm, rights, "registerArea", [bytesToHex(SQUARE)]);
  return eventOf(events, "AreaRegistered").hash as Hex;
}

const window = async (id: bigint) => {
  const { from, until } = await chain.read(rights, "right", [id]);
  return [from - START, until - START];
};

describe("a grant", () => {
  test("makes a right, with ERC-721's event", async () => {
    const { events } = await chain.send(firm, rights, "grant", [TERMS]);
    expect(eventOf(events, "Transfer")).toEqual({ from: NOBODY, to: ann.address, tokenId: 1n });
    const fields = { ...TERMS, holder: ann.address, id: 1n };
    expect(eventOf(events, "Granted")).toEqual(fields);
    expect(await chain.read(rights, "right", [1n])).toEqual(fields);
    expect(await chain.read(rights, "ownerOf", [1n])).toBe(ann.address);
    expect([await chain.read(rights, "exists", [1n]), await chain.read(rights, "exists", [2n])]).toEqual([true, false]);
  });

  test("stands in the state where devices look for it, byte by byte", async () => {
    await grant();
    const key = `03${rights.address.slice(2)}00${"1".padStart(64, "0")}`;
    const { value } = chain.app.query({ path: "/state", data: Buffer.from(key, "hex"), height: 0, prove: false });
    const word = (integer: bigint, bytes: number) => integer.toString(16).padStart(2 * bytes, "0");
    const times = word(TERMS.from, 8) + word(TERMS.until, 8);
    const read = ["0101", ann.id.slice(2), times, "00".repeat(32), "07", word(600n, 4)].join("");
    const rest = Buffer.from(value).toString("hex").slice(read.length);
    expect(Buffer.from(value).toString("hex").slice(0, read.length)).toBe(read);
    expect(rest.slice(0, 16)).toBe(word(7n, 8));
  });

  test("is the asset's owner's, or a grantor's as long as the owner wants it and owns the asset", async () => {
    expect(await errorOf(grant({}, bob))).toEqual(["NotGrantor", CAR, bob.address]);
    const { events } = await chain.send(firm, rights, "setGrantor", [bob.id, true]);
    expect(eventOf(events, "GrantorSet")).toEqual({ owner: firm.address, grantor: bob.address, allowed: true });
    expect(await chain.read(rights, "isGrantor", [firm.id, bob.id])).toBe(true);
    await grant({}, bob);
    await chain.send(firm, rights, "setGrantor", [bob.id, false]);
    expect((await errorOf(grant({}, bob)))[0]).toBe("NotGrantor");
    await chain.send(firm, rights, "setGrantor", [bob.id, true]);
    await chain.send(firm, assets, "transferFrom", [firm.id, ann.id, CAR]);
    expect((await errorOf(grant({}, bob)))[0]).toBe("NotGrantor");
    expect(await errorOf(grant())).toEqual(["NotGrantor", CAR, firm.address]);
    expect((await chain.read(rights, "right", [1n])).holder).toBe(ann.address);
  });

  test("names an asset, a holder, a window that is not over, a scope, an age and a known area", async () => {
    expect(await errorOf(grant({ asset: 9n }))).toEqual(["ERC721NonexistentToken", 9n]);
    expect(await errorOf(grant({ holder: NOBODY }))).toEqual(["ERC721InvalidReceiver", NOBODY]);
    expect(await errorOf(grant({ until: START }))).toEqual(["BadWindow", START, START]);
    const now = chain.now() + 1n;
    expect(await errorOf(grant({ from: 1n, until: now }))).toEqual(["BadWindow", 1n, now]);
    expect(await errorOf(grant({ scope: 0 }))).toEqual(["BadScope", 0]);
    expect(await errorOf(grant({ scope: 32 }))).toEqual(["BadScope", 32]);
    expect(await errorOf(grant({ maxAge: 0 }))).toEqual(["BadMaxAge", 0]);
    const area = `0x${"ab".repeat(32)}` as const;
    expect(await errorOf(grant({ area }))).toEqual(["UnknownArea", area]);
    expect(await errorOf(chain.read(rights, "area", [area]))).toEqual(["UnknownArea", area]);
  });

  test("may be bound to an area that somebody registered", async () => {
    const area = `0x${createHash("sha256").update(SQUARE).digest("hex")}` as const;
    const { events } = await chain.send(bob, rights, "registerArea", [bytesToHex(SQUARE)]);
    expect(eventOf(events, "AreaRegistered")).toEqual({ hash: area, area: bytesToHex(SQUARE) });
    expect(await chain.read(rights, "area", [area])).toBe(bytesToHex(SQUARE));
    expect((await chain.send(ann, rights, "registerArea", [bytesToHex(SQUARE)])).events).toEqual([]);
    expect((await chain.read(rights, "right", [await grant({ area })])).area).toBe(area);
  });

  test.each([
    ["encoding", "0x"],
    ["encoding", "0x0103"],
    ["vertexCount", "0x0100"],
  ] as const)("is not bound to what is no area (%s)", async (reason, bytes) => {
    expect(await errorOf(chain.send(bob, rights, "registerArea", [bytes]))).toEqual(["BadArea", reason]);
  });

  test("never overlaps another right of the asset, and touches it at will", async () => {
    const id = await grant();
    const refusal = ["Overlap", CAR, id, START, START + 100n];
    for (const [from, until] of [
      [0n, 100n],
      [-10n, 1n],
      [99n, 200n],
      [40n, 60n],
      [-10n, 200n],
    ] as const) {
      const overlap = grant({ from: START + from, until: START + until });
      expect(await errorOf(overlap)).toEqual(refusal);
      expect(await chain.read(rights, "isFree", [CAR, START + from, START + until])).toBe(false);
    }
    expect(await chain.read(rights, "isFree", [CAR, START + 100n, START + 200n])).toBe(true);
    await grant({ from: START + 100n, until: START + 200n });
    await grant({ from: START - 50n, until: START });
    await chain.send(firm, assets, "register", [assetClass.other, "S2"]);
    await grant({ asset: 2n });
    expect(await errorOf(chain.read(rights, "isFree", [CAR, START, START]))).toEqual(["BadWindow", START, START]);
  });
});

describe("a right", () => {
  beforeEach(async () => {
    await grant();
  });

  test("is divided into two that follow each other", async () => {
    const { events } = await chain.send(ann, rights, "divide", [1n, START + 30n]);
    expect(eventOf(events, "Divided")).toEqual({ id: 1n, later: 2n, at: START + 30n });
    expect(eventOf(events, "Transfer")).toEqual({ from: NOBODY, to: ann.address, tokenId: 2n });
    expect([await window(1n), await window(2n)]).toEqual([
      [0n, 30n],
      [30n, 100n],
    ]);
    const { id: _, from: __, until: ___, ...first } = await chain.read(rights, "right", [1n]);
    expect(await chain.read(rights, "right", [2n])).toMatchObject(first);
  });

  test("is divided by its holder only, inside its window and not in the past", async () => {
    const divide = (at: bigint, by = ann) => chain.send(by, rights, "divide", [1n, START + at]);
    expect(await errorOf(divide(30n, bob))).toEqual(["NotHolder", 1n, bob.address]);
    for (const at of [0n, 100n, -1n, 101n]) {
      expect(await errorOf(divide(at))).toEqual(["NotInside", 1n, START + at, START, START + 100n]);
    }
    await chain.waitUntil(START + 50n);
    expect((await errorOf(divide(51n)))[0]).toBe("NotInside");
    await chain.waitUntil(START + 100n);
    expect(await errorOf(divide(30n))).toEqual(["RightEnded", 1n, START + 100n]);
    expect(await errorOf(chain.send(ann, rights, "divide", [9n, START]))).toEqual(["ERC721NonexistentToken", 9n]);
  });

  test("is merged with the one that follows it on equal terms", async () => {
    await chain.send(ann, rights, "divide", [1n, START + 30n]);
    const { events } = await chain.send(ann, rights, "merge", [1n, 2n]);
    expect(eventOf(events, "Merged")).toEqual({ earlier: 1n, later: 2n, until: START + 100n });
    expect(eventOf(events, "Transfer")).toEqual({ from: ann.address, to: NOBODY, tokenId: 2n });
    expect(await window(1n)).toEqual([0n, 100n]);
    expect(await chain.read(rights, "exists", [2n])).toBe(false);
  });

  test("is not merged with anything else", async () => {
    const merge = (earlier: bigint, later: bigint, by = ann) => chain.send(by, rights, "merge", [earlier, later]);
    const refusal = async (later: bigint) =>
      expect(await errorOf(merge(1n, later))).toEqual(["NotMergeable", 1n, later]);
    const after = { from: START + 100n, until: START + 200n };
    const area = await registerSquare();
    await refusal(1n);
    await refusal(await grant({ from: START + 300n, until: START + 400n }));
    await chain.send(firm, assets, "register", [assetClass.other, "S2"]);
    for (const change of [{ terms: 8n }, { scope: 1 }, { maxAge: 1 }, { asset: 2n }, { area }]) {
      const later = await grant({ ...after, ...change });
      await refusal(later);
      await chain.send(ann, rights, "surrender", [later]);
    }
    const later = await grant({ ...after, holder: bob.id });
    expect(await errorOf(merge(1n, later))).toEqual(["NotHolder", later, ann.address]);
    expect(await errorOf(merge(1n, later, bob))).toEqual(["NotHolder", 1n, bob.address]);
    await chain.send(bob, rights, "transferFrom", [bob.id, ann.id, later]);
    await chain.waitUntil(START + 100n);
    expect(await errorOf(merge(1n, later))).toEqual(["RightEnded", 1n, START + 100n]);
  });

  test("is surrendered: before it begins it is gone, afterwards it ends, and the rest is free", async () => {
    const before = await chain.send(ann, rights, "surrender", [1n]);
    expect(eventOf(before.events, "Surrendered")).toEqual({ id: 1n, asset: CAR, holder: ann.address, until: START });
    expect(eventOf(before.events, "Transfer")).toEqual({ from: ann.address, to: NOBODY, tokenId: 1n });
    expect(await chain.read(rights, "exists", [1n])).toBe(false);
    await grant();
    await chain.waitUntil(START + 9n);
    expect(await errorOf(chain.send(bob, rights, "surrender", [2n]))).toEqual(["NotHolder", 2n, bob.address]);
    const { events } = await chain.send(ann, rights, "surrender", [2n]);
    expect(eventOf(events, "Surrendered").until).toBe(chain.now());
    expect(await window(2n)).toEqual([0n, chain.now() - START]);
    expect((await errorOf(chain.send(ann, rights, "surrender", [2n])))[0]).toBe("RightEnded");
    await grant({ from: START + 20n, until: START + 100n });
    expect(await chain.waitUntil(START + 99n)).toEqual([]);
  });

  test("moves like an ERC-721 token; what was approved before a change is void", async () => {
    const approve = () => chain.send(ann, rights, "approve", [bob.id, 1n]);
    const { events } = await approve();
    expect(eventOf(events, "Approval")).toEqual({ owner: ann.address, approved: bob.address, tokenId: 1n });
    expect(await chain.read(rights, "getApproved", [1n])).toBe(bob.address);
    await chain.send(ann, rights, "divide", [1n, START + 30n]);
    expect(await chain.read(rights, "getApproved", [1n])).toBe(NOBODY);
    await approve();
    await chain.send(ann, rights, "merge", [1n, 2n]);
    expect(await chain.read(rights, "getApproved", [1n])).toBe(NOBODY);
    await approve();
    await chain.send(ann, rights, "approve", [NOBODY, 1n]);
    expect((await errorOf(chain.send(bob, rights, "transferFrom", [ann.id, bob.id, 1n])))[0]).toBe(
      "ERC721InsufficientApproval",
    );
    await approve();
    const moved = await chain.send(bob, rights, "transferFrom", [ann.id, bob.id, 1n]);
    expect(eventOf(moved.events, "Transfer")).toEqual({ from: ann.address, to: bob.address, tokenId: 1n });
    expect(await chain.read(rights, "getApproved", [1n])).toBe(NOBODY);
    const operator = await chain.send(bob, rights, "setApprovalForAll", [ann.id, true]);
    const allowed = { owner: bob.address, operator: ann.address, approved: true };
    expect(eventOf(operator.events, "ApprovalForAll")).toEqual(allowed);
    expect(await chain.read(rights, "isApprovedForAll", [bob.id, ann.id])).toBe(true);
    await chain.send(ann, rights, "approve", [firm.id, 1n]);
    await chain.send(ann, rights, "transferFrom", [bob.id, ann.id, 1n]);
    await chain.send(bob, rights, "setApprovalForAll", [ann.id, false]);
    expect(await chain.read(rights, "isApprovedForAll", [bob.id, ann.id])).toBe(false);
    expect(await chain.read(rights, "ownerOf", [1n])).toBe(ann.address);
  });

  test("does not move otherwise, not even by the asset's owner", async () => {
    const taken = chain.send(firm, rights, "transferFrom", [ann.id, firm.id, 1n]);
    expect(await errorOf(taken)).toEqual(["ERC721InsufficientApproval", firm.address, 1n]);
    const notTheirs = chain.send(ann, rights, "transferFrom", [bob.id, firm.id, 1n]);
    expect(await errorOf(notTheirs)).toEqual(["ERC721IncorrectOwner", bob.address, 1n, ann.address]);
    const toNobody = chain.send(ann, rights, "transferFrom", [ann.id, NOBODY, 1n]);
    expect(await errorOf(toNobody)).toEqual(["ERC721InvalidReceiver", NOBODY]);
    const approved = chain.send(firm, rights, "approve", [firm.id, 1n]);
    expect(await errorOf(approved)).toEqual(["ERC721InvalidApprover", firm.address]);
    const operator = chain.send(ann, rights, "setApprovalForAll", [NOBODY, true]);
    expect(await errorOf(operator)).toEqual(["ERC721InvalidOperator", NOBODY]);
    expect(await errorOf(chain.read(rights, "getApproved", [9n]))).toEqual(["ERC721NonexistentToken", 9n]);
    expect(await errorOf(chain.read(rights, "ownerOf", [9n]))).toEqual(["ERC721NonexistentToken", 9n]);
  });

  test("ends by itself, once, and stays readable", async () => {
    await chain.send(ann, rights, "divide", [1n, START + 30n]);
    await chain.send(ann, rights, "divide", [2n, START + 60n]);
    await chain.send(ann, rights, "merge", [2n, 3n]);
    await chain.send(ann, rights, "approve", [bob.id, 1n]);
    expect(await chain.waitUntil(START + 29n)).toEqual([]);
    const expired = (id: bigint) => ({ name: "Expired", args: { id, asset: CAR, holder: ann.address } });
    expect(await chain.waitUntil(START + 30n)).toMatchObject([expired(1n)]);
    expect(await chain.read(rights, "getApproved", [1n])).toBe(NOBODY);
    expect(await chain.waitUntil(START + 60n)).toEqual([]);
    expect(await chain.waitUntil(START + 1_000n)).toMatchObject([expired(2n)]);
    expect(await window(1n)).toEqual([0n, 30n]);
    const byHand = await errorOf(chain.send(ann, rights, "expire", [1n]));
    expect(byHand[0]).toBe("Error");
  });

  test("is found by its time, in its asset's calendar and at its holder's, latest first", async () => {
    await grant({ from: START + 200n, until: START + 300n });
    await grant({ from: START - 100n, until: START - 50n, holder: bob.id });
    const at = async (seconds: bigint) => (await chain.read(rights, "rightAt", [CAR, START + seconds])).id;
    expect([await at(0n), await at(99n), await at(200n), await at(-100n)]).toEqual([1n, 1n, 2n, 3n]);
    for (const seconds of [100n, 199n, 300n, -50n, -101n]) {
      expect(await errorOf(at(seconds))).toEqual(["NoRightAt", CAR, START + seconds]);
    }
    const [first, next] = await chain.read(rights, "calendar", [CAR, "0x", 2]);
    const [rest, end] = await chain.read(rights, "calendar", [CAR, next, 2]);
    expect([first.map(({ id }) => id), rest.map(({ id }) => id), end]).toEqual([[2n, 1n], [3n], "0x"]);
    const [anns] = await chain.read(rights, "rightsOf", [ann.id, "0x", 10]);
    const [bobs] = await chain.read(rights, "rightsOf", [bob.id, "0x", 10]);
    expect([anns.map(({ id }) => id), bobs.map(({ id }) => id)]).toEqual([[2n, 1n], [3n]]);
  });
});
