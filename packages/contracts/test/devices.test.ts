import { createHash } from "node:crypto";
import { assetClass, assets, devices, type Hex, keyType } from "@ruffchain/abi";
import { beforeEach, describe, expect, test } from "vitest";
import { account, CHAIN_ID, type Chain, errorOf, eventOf, openChain } from "./chain.js";
import { makeDevice, registerDevice, signEnrolment } from "./device.js";

const [firm, ann] = [account(0), account(1)];
const NOBODY = `0x${"00".repeat(20)}` as const;

let chain: Chain;
beforeEach(async () => {
  chain = await openChain([firm, ann]);
  await chain.send(firm, assets, "register", [assetClass.other, "S1"]);
  await chain.send(ann, assets, "register", [assetClass.other, "S2"]);
});

/** The deterministic COSE_Key (RFC 9052 §7), by hand. */
function coseKey(kind: keyof typeof keyType, publicKey: Hex): Buffer {
  const [x, y] = [publicKey.slice(2, 66), publicKey.slice(66)];
  return Buffer.from(
    kind === "p256" ? `a401022001215820${x}225820${y}` : `a3010120062158 20${x}`.replace(" ", ""),
    "hex",
  );
}

describe.each(["p256", "ed25519"] as const)("a device with a key of %s", (kind) => {
  test("is registered by its own signature, under the hash of its COSE_Key", async () => {
    const device = makeDevice(kind);
    const id = `0x${createHash("sha256").update(coseKey(kind, device.publicKey)).digest("hex")}` as const;
    expect(await registerDevice(chain, firm, device)).toBe(id);
    expect(await chain.read(devices, "device", [id])).toEqual({
      id,
      owner: firm.address,
      asset: 0n,
      keyType: keyType[kind],
      publicKey: device.publicKey,
      revoked: false,
    });
    expect(await errorOf(registerDevice(chain, firm, device))).toEqual(["AlreadyRegistered", id]);
    expect(await errorOf(registerDevice(chain, ann, device))).toEqual(["AlreadyRegistered", id]);
  });

  test("is not registered by somebody else's, for another owner, or on another chain", async () => {
    const device = makeDevice(kind);
    const register = (signature: Hex) =>
      chain.send(firm, devices, "register", [device.keyType, device.publicKey, signature]);
    for (const signature of [
      signEnrolment(makeDevice(kind), firm),
      signEnrolment(device, ann),
      signEnrolment(device, firm, CHAIN_ID + 1),
      "0x" as const,
    ]) {
      expect((await errorOf(register(signature)))[0]).toBe("BadSignature");
    }
  });

  test("has a key of the right length", async () => {
    const device = makeDevice(kind);
    const publicKey = device.publicKey.slice(0, -2) as Hex;
    const short = chain.send(firm, devices, "register", [device.keyType, publicKey, signEnrolment(device, firm)]);
    expect(await errorOf(short)).toEqual(["BadPublicKey", device.keyType, publicKey]);
    const unknown = chain.send(firm, devices, "register", [3, device.publicKey, signEnrolment(device, firm)]);
    expect(await errorOf(unknown)).toEqual(["BadPublicKey", 3, device.publicKey]);
  });
});

test("a point that is not on the curve signs nothing", async () => {
  const device = makeDevice("p256");
  const publicKey = `0x${"01".repeat(64)}` as const;
  const off = chain.send(firm, devices, "register", [device.keyType, publicKey, signEnrolment(device, firm)]);
  expect((await errorOf(off))[0]).toBe("BadSignature");
});

describe("a registered device", () => {
  let id: Hex;
  beforeEach(async () => {
    id = await registerDevice(chain, firm, makeDevice("p256"));
  });

  test("is bound to an asset of the same owner, and unbound", async () => {
    const bound = await chain.send(firm, devices, "bind", [id, 1n]);
    expect(eventOf(bound.events, "Bound")).toEqual({ id, asset: 1n });
    expect((await chain.read(devices, "device", [id])).asset).toBe(1n);
    expect(await errorOf(chain.send(firm, devices, "bind", [id, 1n]))).toEqual(["AlreadyBound", id, 1n]);
    expect(await errorOf(chain.send(ann, devices, "unbind", [id]))).toEqual(["NotDeviceOwner", id, ann.address]);
    const unbound = await chain.send(firm, devices, "unbind", [id]);
    expect(eventOf(unbound.events, "Unbound")).toEqual({ id, asset: 1n });
    expect(await errorOf(chain.send(firm, devices, "unbind", [id]))).toEqual(["NotBound", id]);
  });

  test("is not bound by another or to another's asset", async () => {
    expect(await errorOf(chain.send(ann, devices, "bind", [id, 2n]))).toEqual(["NotDeviceOwner", id, ann.address]);
    expect(await errorOf(chain.send(firm, devices, "bind", [id, 2n]))).toEqual(["NotAssetOwner", 2n, firm.address]);
    expect(await errorOf(chain.send(firm, devices, "bind", [id, 9n]))).toEqual(["ERC721NonexistentToken", 9n]);
  });

  test("is unbound by who bought the asset, too", async () => {
    await chain.send(firm, devices, "bind", [id, 1n]);
    await chain.send(firm, assets, "transferFrom", [firm.id, ann.id, 1n]);
    await chain.send(ann, devices, "unbind", [id]);
    expect((await chain.read(devices, "device", [id])).asset).toBe(0n);
  });

  test("changes its owner while it is not bound", async () => {
    await chain.send(firm, devices, "bind", [id, 1n]);
    expect(await errorOf(chain.send(firm, devices, "transfer", [id, ann.id]))).toEqual(["AlreadyBound", id, 1n]);
    await chain.send(firm, devices, "unbind", [id]);
    expect(await errorOf(chain.send(firm, devices, "transfer", [id, NOBODY]))).toEqual(["BadReceiver", NOBODY]);
    const stolen = chain.send(ann, devices, "transfer", [id, ann.id]);
    expect(await errorOf(stolen)).toEqual(["NotDeviceOwner", id, ann.address]);
    const { events } = await chain.send(firm, devices, "transfer", [id, ann.id]);
    expect(eventOf(events, "Transferred")).toEqual({ id, from: firm.address, to: ann.address });
    await chain.send(ann, devices, "bind", [id, 2n]);
  });

  test("is revoked for good", async () => {
    expect(await errorOf(chain.send(ann, devices, "revoke", [id]))).toEqual(["NotDeviceOwner", id, ann.address]);
    const { events } = await chain.send(firm, devices, "revoke", [id]);
    expect(eventOf(events, "Revoked")).toEqual({ id });
    expect((await chain.read(devices, "device", [id])).revoked).toBe(true);
    const refusal = ["DeviceRevoked", id];
    expect(await errorOf(chain.send(firm, devices, "revoke", [id]))).toEqual(refusal);
    expect(await errorOf(chain.send(firm, devices, "bind", [id, 1n]))).toEqual(refusal);
    expect(await errorOf(chain.send(firm, devices, "transfer", [id, ann.id]))).toEqual(refusal);
  });

  test("has to exist", async () => {
    const unknown = `0x${"ab".repeat(32)}` as const;
    const refusal = ["UnknownDevice", unknown];
    expect(await errorOf(chain.read(devices, "device", [unknown]))).toEqual(refusal);
    expect(await errorOf(chain.send(firm, devices, "bind", [unknown, 1n]))).toEqual(refusal);
    expect(await errorOf(chain.send(firm, devices, "unbind", [unknown]))).toEqual(refusal);
  });

  test("is listed by owner and by asset", async () => {
    const other = await registerDevice(chain, firm, makeDevice("ed25519"));
    await chain.send(firm, devices, "bind", [other, 1n]);
    const [first, next] = await chain.read(devices, "devicesOf", [firm.id, "0x", 1]);
    const [rest, end] = await chain.read(devices, "devicesOf", [firm.id, next, 1]);
    expect([...first, ...rest].map((device) => device.id)).toEqual([id, other].sort());
    expect(end).toBe("0x");
    const [bound] = await chain.read(devices, "devicesOfAsset", [1n, "0x", 10]);
    expect(bound.map((device) => device.id)).toEqual([other]);
  });
});
