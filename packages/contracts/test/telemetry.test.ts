import { devices, type Hex, NO_POSITION, telemetry, telemetryFault } from "@ruffchain/abi";
import { MAX_ANCHOR_LEAD } from "@ruffchain/contracts";
import { type AnchorFields, anchorToBeSigned } from "@ruffchain/cose";
import { beforeEach, describe, expect, test } from "vitest";
import { account, CHAIN_ID, type Chain, errorOf, eventOf, GENESIS_TIME, openChain } from "./chain.js";
import { makeDevice, registerDevice, type TestDevice } from "./device.js";

const [firm, relay] = [account(0), account(1)];
const ZERO = `0x${"00".repeat(32)}` as const;
const T = GENESIS_TIME - 1_000n;

let chain: Chain;
let device: TestDevice;
let id: Hex;
beforeEach(async () => {
  chain = await openChain([firm, relay]);
  device = makeDevice("p256");
  id = await registerDevice(chain, firm, device);
});

const rootOf = (sequence: bigint) => `0x${sequence.toString(16).padStart(64, "a")}` as const;

/** The nth anchor of a device in good order. */
function nth(sequence: bigint, change: Partial<AnchorFields> = {}): AnchorFields {
  return {
    device: id,
    sequence,
    previous: sequence <= 1n ? ZERO : rootOf(sequence - 1n),
    root: rootOf(sequence),
    count: 10,
    from: T + sequence * 100n,
    until: T + sequence * 100n + 99n,
    odometer: 1_000n * sequence,
    energy: 100n * sequence,
    latitude: 464_982_872,
    longitude: 75_679_130,
    ...change,
  };
}

const signAnchor = (signer: TestDevice, anchor: AnchorFields, chainId = CHAIN_ID) =>
  signer.sign(anchorToBeSigned(chainId, signer.kind, anchor));

const handIn = (anchor: AnchorFields, signer: TestDevice = device) =>
  chain.send(relay, telemetry, "anchor", [anchor, signAnchor(signer, anchor)]);

describe("an anchor", () => {
  test.each(["p256", "ed25519"] as const)("signed with %s is taken from anybody", async (kind) => {
    device = makeDevice(kind);
    id = await registerDevice(chain, firm, device);
    const anchor = nth(1n);
    const { events } = await handIn(anchor);
    const { previous: _, ...told } = anchor;
    expect(events).toMatchObject([{ name: "Anchored", args: told }]);
    const { odometer, energy, latitude, longitude, previous: __, ...kept } = anchor;
    const stored = { ...kept, anchoredAt: chain.now(), faults: 0 };
    expect(await chain.read(telemetry, "anchorOf", [id, 1n])).toEqual(stored);
    expect(await chain.read(telemetry, "latest", [id])).toEqual({
      ...{ device: id, sequence: 1n, root: anchor.root, until: anchor.until },
      ...{ odometer, energy, latitude, longitude, positionAt: anchor.until, forked: false },
    });
  });

  test("stands in the state where inclusion proofs end, byte by byte", async () => {
    await handIn(nth(1n));
    const word = (integer: bigint, bytes: number) => integer.toString(16).padStart(2 * bytes, "0");
    const key = `03${telemetry.address.slice(2)}00${id.slice(2)}${word(1n, 8)}`;
    const { value } = chain.app.query({ path: "/state", data: Buffer.from(key, "hex"), height: 0, prove: false });
    const { root, from, until } = nth(1n);
    const times = [from, until, chain.now()].map((time) => word(time, 8)).join("");
    expect(Buffer.from(value).toString("hex")).toBe(`${root.slice(2)}0000000a${times}00`);
  });

  test("is signed by its device, every field of it", async () => {
    const anchor = nth(1n);
    const signature = signAnchor(device, anchor);
    const refusal = ["BadSignature", id];
    expect(await errorOf(handIn(anchor, makeDevice("p256")))).toEqual(refusal);
    const elsewhere = chain.send(relay, telemetry, "anchor", [anchor, signAnchor(device, anchor, CHAIN_ID + 1)]);
    expect(await errorOf(elsewhere)).toEqual(refusal);
    const changes: Partial<AnchorFields>[] = [
      ...[{ sequence: 1n, previous: rootOf(9n) }, { root: rootOf(2n) }, { count: 11 }, { from: T }],
      ...[{ until: anchor.until + 1n }, { odometer: 1n }, { energy: 1n }, { latitude: 1 }, { longitude: 1 }],
    ];
    for (const change of changes) {
      const changed = chain.send(relay, telemetry, "anchor", [{ ...anchor, ...change }, signature]);
      expect(await errorOf(changed)).toEqual(refusal);
    }
    const other = makeDevice("p256");
    const otherId = await registerDevice(chain, firm, other);
    const taken = chain.send(relay, telemetry, "anchor", [{ ...anchor, device: otherId }, signature]);
    expect(await errorOf(taken)).toEqual(["BadSignature", otherId]);
  });

  test("comes from a device that is registered and not revoked", async () => {
    const unknown = `0x${"ab".repeat(32)}` as const;
    expect(await errorOf(handIn(nth(1n, { device: unknown })))).toEqual(["UnknownDevice", unknown]);
    await chain.send(firm, devices, "revoke", [id]);
    expect(await errorOf(handIn(nth(1n)))).toEqual(["DeviceRevoked", id]);
  });

  test("follows the one before it", async () => {
    expect(await errorOf(handIn(nth(0n)))).toEqual(["SequenceGap", id, 0n, 1n]);
    expect(await errorOf(handIn(nth(2n)))).toEqual(["SequenceGap", id, 2n, 1n]);
    await handIn(nth(1n));
    await handIn(nth(2n));
    expect(await errorOf(handIn(nth(4n)))).toEqual(["SequenceGap", id, 4n, 3n]);
    expect(await errorOf(handIn(nth(1n)))).toEqual(["AlreadyAnchored", id, 1n]);
    expect(await errorOf(handIn(nth(2n)))).toEqual(["AlreadyAnchored", id, 2n]);
    const [first, next] = await chain.read(telemetry, "anchors", [id, "0x", 1]);
    const [rest, end] = await chain.read(telemetry, "anchors", [id, next, 1]);
    expect([...first, ...rest].map(({ sequence }) => sequence)).toEqual([1n, 2n]);
    expect(end).toBe("0x");
  });

  test("says something that can be", async () => {
    expect(await errorOf(handIn(nth(1n, { count: 0 })))).toEqual(["EmptyAnchor", id, 1n]);
    expect(await errorOf(handIn(nth(1n, { from: 6n, until: 5n })))).toEqual(["BadTimes", 6n, 5n]);
    const latest = chain.now() + 1n + MAX_ANCHOR_LEAD;
    const early = handIn(nth(1n, { until: latest + 1n }));
    expect(await errorOf(early)).toEqual(["FromTheFuture", latest + 1n, latest]);
    for (const [latitude, longitude] of [
      [900_000_001, 0],
      [-900_000_001, 0],
      [0, 1_800_000_001],
      [0, -1_800_000_001],
      [NO_POSITION, 0],
      [0, NO_POSITION],
    ] as const) {
      const nowhere = handIn(nth(1n, { latitude, longitude }));
      expect(await errorOf(nowhere)).toEqual(["BadPosition", latitude, longitude]);
    }
    await handIn(
      nth(1n, { until: chain.now() + 1n + MAX_ANCHOR_LEAD, latitude: 900_000_000, longitude: -1_800_000_000 }),
    );
  });

  test("without a position leaves the last one", async () => {
    await handIn(nth(1n));
    await handIn(nth(2n, { latitude: NO_POSITION, longitude: NO_POSITION }));
    const { sequence, latitude, longitude, positionAt } = await chain.read(telemetry, "latest", [id]);
    expect({ sequence, latitude, longitude, positionAt }).toEqual({
      sequence: 2n,
      latitude: 464_982_872,
      longitude: 75_679_130,
      positionAt: nth(1n).until,
    });
  });

  test("may begin when the one before it ended, with meters that stood still", async () => {
    const { until, odometer, energy } = nth(1n);
    await handIn(nth(1n));
    const { events } = await handIn(nth(2n, { from: until, odometer, energy }));
    expect(events).toMatchObject([{ name: "Anchored" }]);
    expect((await chain.read(telemetry, "anchorOf", [id, 2n])).faults).toBe(0);
  });

  test("with a clock or meters that went backwards is recorded as what it is", async () => {
    await handIn(nth(1n));
    const { events } = await handIn(nth(2n, { from: nth(1n).until - 1n, odometer: 999n, energy: 99n }));
    const faults = telemetryFault.clock | telemetryFault.odometer | telemetryFault.energy;
    expect(eventOf(events, "Faulted")).toEqual({ device: id, sequence: 2n, faults });
    const third = await handIn(nth(3n, { odometer: 998n }));
    expect(eventOf(third.events, "Faulted").faults).toBe(telemetryFault.odometer);
    expect((await chain.read(telemetry, "anchorOf", [id, 2n])).faults).toBe(faults);
    expect((await chain.read(telemetry, "latest", [id])).odometer).toBe(998n);
  });
});

describe("a device with two histories", () => {
  test.each([
    ["another past", { sequence: 3n, previous: rootOf(9n) }],
    ["another present", { sequence: 2n, root: rootOf(9n) }],
  ])("(%s) is marked, and nothing more is taken from it until its owner clears that", async (_, change) => {
    await handIn(nth(1n));
    await handIn(nth(2n));
    const other = { ...nth(change.sequence), ...change };
    expect(await errorOf(handIn(other, makeDevice("p256")))).toEqual(["BadSignature", id]);
    const { events } = await handIn(other);
    const { sequence, root, previous } = other;
    expect(events).toMatchObject([{ name: "Forked", args: { device: id, sequence, root, previous } }]);
    expect(await chain.read(telemetry, "latest", [id])).toMatchObject({ sequence: 2n, root: rootOf(2n), forked: true });
    expect(await errorOf(handIn(nth(3n)))).toEqual(["DeviceForked", id]);

    expect(await errorOf(chain.send(relay, telemetry, "clearFork", [id]))).toEqual([
      "NotDeviceOwner",
      id,
      relay.address,
    ]);
    const cleared = await chain.send(firm, telemetry, "clearFork", [id]);
    expect(eventOf(cleared.events, "ForkCleared")).toEqual({ device: id });
    expect(await errorOf(chain.send(firm, telemetry, "clearFork", [id]))).toEqual(["NotForked", id]);
    await handIn(nth(3n));
  });

  test("may show the second one with its first anchor", async () => {
    await handIn(nth(1n, { previous: rootOf(9n) }));
    expect(await chain.read(telemetry, "latest", [id])).toMatchObject({ sequence: 0n, root: ZERO, forked: true });
  });
});

test("what was never anchored is not found", async () => {
  expect(await errorOf(chain.read(telemetry, "latest", [id]))).toEqual(["UnknownStream", id]);
  expect(await errorOf(chain.read(telemetry, "anchorOf", [id, 1n]))).toEqual(["UnknownAnchor", id, 1n]);
  expect(await errorOf(chain.send(firm, telemetry, "clearFork", [id]))).toEqual(["UnknownStream", id]);
});
