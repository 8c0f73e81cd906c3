import { assetClass, assets } from "@ruffchain/abi";
import { MAX_SERIAL_LENGTH } from "@ruffchain/contracts";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { account, type Chain, errorOf, eventOf, openChain } from "./chain.js";

const [firm, ann, bob] = [account(0), account(1), account(2)];
const NOBODY = `0x${"00".repeat(20)}` as const;
/** Wikipedia's example of a check digit; its ninth character is X. */
const VIN = "1M8GDM9AXKP042788";

let chain: Chain;
beforeEach(async () => {
  chain = await openChain([firm, ann, bob]);
});

const registerCar = (vin: string) => chain.send(firm, assets, "register", [assetClass.car, vin]);

describe("registration", () => {
  test("gives the registrant the title, with ERC-721's event", async () => {
    const { events } = await registerCar(VIN);
    expect(eventOf(events, "Transfer")).toEqual({ from: NOBODY, to: firm.address, tokenId: 1n });
    expect(eventOf(events, "Registered")).toMatchObject({ id: 1n, owner: firm.address, class: assetClass.car });
    const car = { id: 1n, owner: firm.address, payee: firm.address, class: assetClass.car, identifier: VIN };
    expect(await chain.read(assets, "asset", [1n])).toEqual(car);
    expect(await chain.read(assets, "assetByIdentifier", [assetClass.car, VIN])).toEqual(car);
    expect(await chain.read(assets, "ownerOf", [1n])).toBe(firm.address);
    expect(await chain.read(assets, "payeeOf", [1n])).toBe(firm.address);
  });

  test("happens once for an identifier, in each class", async () => {
    await registerCar(VIN);
    const again = chain.send(ann, assets, "register", [assetClass.car, VIN]);
    expect(await errorOf(again)).toEqual(["AlreadyRegistered", 1n, assetClass.car, VIN]);
    await chain.send(ann, assets, "register", [assetClass.other, VIN]);
    expect(await chain.read(assets, "ownerOf", [2n])).toBe(ann.address);
    const unknown = chain.read(assets, "assetByIdentifier", [assetClass.other, "X"]);
    expect(await errorOf(unknown)).toEqual(["UnknownIdentifier", assetClass.other, "X"]);
  });

  test.each([
    ["11111111111111111", "seventeen ones"],
    ["5GZCZ43D13S812715", "from North America"],
    ["WVWZZZ1JZXW000001", "from Europe, where the ninth character is no check digit"],
  ])("takes the VIN %s (%s)", async (vin) => {
    await registerCar(vin);
  });

  test.each([
    ["1M8GDM9AXKP04278", "too short"],
    ["1M8GDM9AXKP0427888", "too long"],
    ["WVWZZZ1JZXW00000O", "has an O"],
    ["WVWZZZ1JZXW00000I", "has an I"],
    ["WVWZZZ1JZXW00000Q", "has a Q"],
    ["1m8gdm9axkp042788", "has small letters"],
  ])("refuses the VIN %s (%s)", async (vin) => {
    expect(await errorOf(registerCar(vin))).toEqual(["BadIdentifier", assetClass.car, vin]);
  });

  test("finds every single wrong digit of a VIN with a check digit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 11, max: 16 }), fc.integer({ min: 1, max: 9 }), async (at, by) => {
        const wrong = `${VIN.slice(0, at)}${(Number(VIN[at]) + by) % 10}${VIN.slice(at + 1)}`;
        expect((await errorOf(registerCar(wrong)))[0]).toBe("BadCheckDigit");
      }),
      { numRuns: 25 },
    );
    const wrong = "1M8GDM9A1KP042788";
    expect(await errorOf(registerCar(wrong))).toEqual(["BadCheckDigit", wrong, "X"]);
  });

  test("refuses serial numbers that are empty, too long or not printable, and unknown classes", async () => {
    const register = (kind: number, identifier: string) => chain.send(firm, assets, "register", [kind, identifier]);
    for (const serial of ["", "a b", "é", "s".repeat(MAX_SERIAL_LENGTH + 1)]) {
      expect(await errorOf(register(assetClass.other, serial))).toEqual(["BadIdentifier", assetClass.other, serial]);
    }
    await register(assetClass.other, "s".repeat(MAX_SERIAL_LENGTH));
    expect(await errorOf(register(99, "S1"))).toEqual(["BadClass", 99]);
  });
});

describe("a title", () => {
  beforeEach(async () => {
    await registerCar(VIN);
  });

  test("moves by its owner, an approved account or an operator; approval and payee end with that", async () => {
    await chain.send(firm, assets, "setPayee", [1n, bob.id]);
    const { events } = await chain.send(firm, assets, "approve", [bob.id, 1n]);
    expect(eventOf(events, "Approval")).toEqual({ owner: firm.address, approved: bob.address, tokenId: 1n });
    expect(await chain.read(assets, "getApproved", [1n])).toBe(bob.address);
    const moved = await chain.send(bob, assets, "transferFrom", [firm.id, ann.id, 1n]);
    expect(eventOf(moved.events, "Transfer")).toEqual({ from: firm.address, to: ann.address, tokenId: 1n });
    expect(await chain.read(assets, "getApproved", [1n])).toBe(NOBODY);
    expect(await chain.read(assets, "payeeOf", [1n])).toBe(ann.address);

    const operator = await chain.send(ann, assets, "setApprovalForAll", [bob.id, true]);
    const args = { owner: ann.address, operator: bob.address, approved: true };
    expect(eventOf(operator.events, "ApprovalForAll")).toEqual(args);
    expect(await chain.read(assets, "isApprovedForAll", [ann.id, bob.id])).toBe(true);
    await chain.send(bob, assets, "approve", [firm.id, 1n]);
    await chain.send(bob, assets, "approve", [NOBODY, 1n]);
    await chain.send(bob, assets, "transferFrom", [ann.id, firm.id, 1n]);
    await chain.send(ann, assets, "setApprovalForAll", [bob.id, false]);
    expect(await chain.read(assets, "isApprovedForAll", [ann.id, bob.id])).toBe(false);
    await chain.send(firm, assets, "transferFrom", [firm.id, ann.id, 1n]);
    expect(await chain.read(assets, "ownerOf", [1n])).toBe(ann.address);
  });

  test("does not move otherwise", async () => {
    const stolen = chain.send(bob, assets, "transferFrom", [firm.id, bob.id, 1n]);
    expect(await errorOf(stolen)).toEqual(["ERC721InsufficientApproval", bob.address, 1n]);
    const notTheirs = chain.send(firm, assets, "transferFrom", [ann.id, bob.id, 1n]);
    expect(await errorOf(notTheirs)).toEqual(["ERC721IncorrectOwner", ann.address, 1n, firm.address]);
    const toNobody = chain.send(firm, assets, "transferFrom", [firm.id, NOBODY, 1n]);
    expect(await errorOf(toNobody)).toEqual(["ERC721InvalidReceiver", NOBODY]);
    const approved = chain.send(bob, assets, "approve", [bob.id, 1n]);
    expect(await errorOf(approved)).toEqual(["ERC721InvalidApprover", bob.address]);
    const operator = chain.send(firm, assets, "setApprovalForAll", [NOBODY, true]);
    expect(await errorOf(operator)).toEqual(["ERC721InvalidOperator", NOBODY]);
  });

  test("says who gets its revenue, as its owner wishes", async () => {
    const { events } = await chain.send(firm, assets, "setPayee", [1n, ann.id]);
    expect(eventOf(events, "PayeeSet")).toEqual({ id: 1n, payee: ann.address });
    expect(await chain.read(assets, "payeeOf", [1n])).toBe(ann.address);
    const taken = chain.send(ann, assets, "setPayee", [1n, ann.id]);
    expect(await errorOf(taken)).toEqual(["NotAssetOwner", 1n, ann.address]);
    const back = await chain.send(firm, assets, "setPayee", [1n, NOBODY]);
    expect(eventOf(back.events, "PayeeSet")).toEqual({ id: 1n, payee: firm.address });
  });

  test("has to exist", async () => {
    const refusal = ["ERC721NonexistentToken", 2n];
    for (const view of ["ownerOf", "payeeOf", "getApproved", "asset"] as const) {
      expect(await errorOf(chain.read(assets, view, [2n]))).toEqual(refusal);
    }
    expect(await errorOf(chain.send(firm, assets, "transferFrom", [firm.id, ann.id, 2n]))).toEqual(refusal);
    expect(await errorOf(chain.send(firm, assets, "approve", [ann.id, 2n]))).toEqual(refusal);
    expect(await errorOf(chain.send(firm, assets, "setPayee", [2n, ann.id]))).toEqual(refusal);
  });

  test("is listed page by page, also by owner", async () => {
    for (const serial of ["S1", "S2", "S3"]) await chain.send(ann, assets, "register", [assetClass.other, serial]);
    const [first, next] = await chain.read(assets, "assets", ["0x", 3]);
    const [rest, end] = await chain.read(assets, "assets", [next, 3]);
    expect([...first, ...rest].map(({ identifier }) => identifier)).toEqual([VIN, "S1", "S2", "S3"]);
    expect(end).toBe("0x");
    const [annsFirst, annsNext] = await chain.read(assets, "assetsOf", [ann.id, "0x", 2]);
    const [annsRest] = await chain.read(assets, "assetsOf", [ann.id, annsNext, 2]);
    expect([...annsFirst, ...annsRest].map(({ id }) => id)).toEqual([2n, 3n, 4n]);
  });
});
