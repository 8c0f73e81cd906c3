import { readFileSync } from "node:fs";
import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Hex } from "@ruffchain/abi";
import { decodeBatch, deviceUrn, leafHash, merkleRoot, toBeSigned, verifyInclusion } from "@ruffchain/cose";
import { Journal, MAX_BATCHES, type Signer } from "@ruffchain/edge";
import { bytesToHex, hexToBytes } from "viem";
import { describe, expect, onTestFinished, test } from "vitest";
import { codeOf, silent, temporaryFolder, until } from "./setting.js";
import * as world from "./world.js";
import { restart, startWorld, type World } from "./world.js";

async function batches({ device }: World) {
  const all = [];
  for (let sequence = 1; sequence <= device.journal.lastBatch; sequence++) {
    const bytes = await device.journal.batch(sequence);
    if (bytes) all.push({ bytes, ...decodeBatch(bytes) });
  }
  return all;
}

function isSignedBy({ publicKey }: Signer, message: ReturnType<typeof decodeBatch>["message"]): boolean {
  return p256.verify(message.signature, toBeSigned(message), Buffer.concat([Buffer.of(4), publicKey]), { lowS: true });
}

describe("telemetry", () => {
  const fast = (broker: string) => {
    const board = world.carBoard(broker);
    const sample = { "car/position": 0.005, "car/speed": 0.005, "car/odometer": 0.005 };
    return { ...board, telemetry: { sample, onChange: ["car/locked"], batchSeconds: 0.05 } };
  };

  test("is a chain of batches, each signed, in order and over restarts, with what gpsd measured too", async () => {
    const before = await startWorld();
    const board = fast(before.broker.url);
    const first = await restart(before, { board });
    await first.car.drive();
    await until(() => first.device.journal.lastBatch >= 3);
    const w = await restart(first);
    await until(() => w.device.journal.lastBatch >= first.device.journal.lastBatch + 2);
    const all = await batches(w);
    const id = hexToBytes(w.device.id);
    all.forEach(({ batch, message, bytes }, index) => {
      expect(isSignedBy(w.options.signer, message)).toBe(true);
      expect(batch).toMatchObject({ sequence: index + 1, kid: bytesToHex(id.subarray(0, 16)), timeQuality: 1 });
      expect(batch.pack.baseName).toBe(`${deviceUrn(id)}:`);
      const previous = all[index - 1];
      expect(bytesToHex(batch.previous)).toBe(previous ? bytesToHex(sha256(previous.bytes)) : `0x${"00".repeat(32)}`);
      expect(batch.bootCount).toBeGreaterThanOrEqual(previous?.batch.bootCount ?? 1);
      expect(bytes.length).toBeLessThanOrEqual(4096);
      expect(batch.pack.records.every(({ time = 0 }) => time >= 0)).toBe(true);
    });
    const boots = all.map(({ batch }) => batch.bootCount);
    expect(boots).toEqual(expect.arrayContaining([2, 3]));
    const records = all.flatMap(({ batch }) => batch.pack.records);
    const units = {
      "car/position/latitude": "lat",
      "car/position/longitude": "lon",
      "car/speed": "km/h",
      "car/odometer": "m",
    };
    for (const [name, unit] of Object.entries(units))
      expect(records).toContainEqual(expect.objectContaining({ name, unit }));
    const gpsd = readFileSync(new URL("data/gpsd-nmea/nl2008u.log.chk", import.meta.url), "latin1")
      .split("\n")
      .filter((line) => line.startsWith('{"class":"TPV"'))
      .map((line) => Math.round(JSON.parse(line).lat * 1e7));
    for (const { name, value } of records) {
      if (name === "car/position/latitude") expect(gpsd).toContain((value as { mantissa: number }).mantissa);
    }
  });

  test("a change of the lock is signed at once", async () => {
    const w = await startWorld();
    const last = w.device.journal.lastBatch;
    await w.access();
    await until(() => w.device.journal.lastBatch > last);
    const records = (await batches(w)).flatMap(({ batch }) => batch.pack.records);
    expect(records).toContainEqual({ name: "car/locked", value: false });
  });

  test("a batch is signed before it grows too large", async () => {
    const w = await startWorld();
    const text = "x".repeat(1000);
    const board = {
      ...world.carBoard(w.broker.url, { text: { type: "mqtt-value", topic: "text", kind: "string" } }),
    };
    board.things = { ...board.things, box: { properties: { text: { type: "string", from: "text/value" } } } };
    board.telemetry = { sample: { "box/text": 0.002 }, batchSeconds: 3600 };
    const large = await restart(w, { board });
    const { connectAsync } = (await import("mqtt")).default;
    const client = await connectAsync(w.broker.url);
    onTestFinished(() => client.endAsync(true));
    await until(async () => {
      await client.publishAsync("text", JSON.stringify(text));
      return large.device.journal.lastBatch >= 3;
    });
    for (const { bytes, batch } of await batches(large)) {
      expect(bytes.length).toBeLessThanOrEqual(4096);
      expect(batch.pack.records.length).toBeLessThanOrEqual(3);
    }
  });
});

describe("the journal", () => {
  test("thins the oldest batches to their hashes, keeps receipts and anchors, and still proves the others", async () => {
    const folder = await temporaryFolder();
    const options = { folder, log: silent, segmentBytes: 4000, quotaBytes: 20_000 };
    const journal = await Journal.open(options);
    const bytesOf = (sequence: number) => Buffer.from(`batch ${sequence} `.repeat(50));
    const device: Hex = `0x${"01".repeat(32)}`;
    const receipt = {
      ...{ device, sequence: 1n, right: 9n, time: 1n, odometer: 1n, energy: 0n },
      ...{ latitude: 0, longitude: 0, leftArea: false },
    };
    await journal.addReceipt({ kind: "checkOut", receipt, signature: "0x01" });
    for (let sequence = 1; sequence <= 60; sequence++) await journal.addBatch(sequence, sequence, bytesOf(sequence));
    const leaves = Array.from({ length: 60 }, (_, index) => leafHash(bytesOf(index + 1)));
    const root = bytesToHex(merkleRoot(leaves));
    const zero = `0x${"00".repeat(32)}` as const;
    const span = { from: 1n, until: 60n, odometer: 0n, energy: 0n, latitude: 0, longitude: 0 };
    const anchor = { device, sequence: 1n, previous: zero, root, count: 60, ...span };
    await journal.addAnchor({ anchor, signature: "0x02", firstBatch: 1 });
    expect(journal.bytes).toBeLessThanOrEqual(20_000);
    await journal.close();

    const again = await Journal.open(options);
    onTestFinished(() => again.close());
    expect(await again.batch(1)).toBeUndefined();
    expect(Buffer.from((await again.batch(60)) ?? []).equals(bytesOf(60))).toBe(true);
    expect(again.lastBatch).toBe(60);
    expect(bytesToHex(again.lastHash)).toBe(bytesToHex(sha256(bytesOf(60))));
    expect(await again.receiptsOf(9n)).toEqual([{ kind: "checkOut", receipt, signature: "0x01" }]);
    for (const sequence of [1, 30, 60]) {
      const proof = again.proof(sequence);
      const path = (proof?.path ?? []).map((hash) => hexToBytes(hash));
      const leaf = leafHash(bytesOf(sequence));
      expect(verifyInclusion(hexToBytes(root), leaf, proof?.leafIndex ?? -1, 60, path)).toBe(true);
    }
  });
});

test("two processes do not share a folder", async () => {
  const w = await startWorld();
  const { startDevice } = await import("@ruffchain/edge");
  expect(await codeOf(() => startDevice(w.options))).toBe("folderInUse");
});

test("raw batches are listed in pages", async () => {
  const w = await startWorld();
  for (let count = 0; count < 3; count++) {
    await w.access({ grant: new Uint8Array() });
    await w.device.flush();
  }
  const first = (await w.get("/v1/batches?limit=2")).body as unknown as { batches: { bytes: Hex }[]; next: number };
  expect(first.batches).toHaveLength(2);
  expect(first.next).toBe(3);
  expect(decodeBatch(hexToBytes(first.batches[1]?.bytes ?? "0x")).batch.sequence).toBe(2);
  const last = w.device.journal.lastBatch;
  const rest = (await w.get(`/v1/batches?from=${last}`)).body;
  expect(rest).toMatchObject({ batches: [{ sequence: last }], next: null });
  for (const query of ["from=0", "from=x", "limit=0", `limit=${MAX_BATCHES + 1}`]) {
    expect(await w.get(`/v1/batches?${query}`)).toMatchObject({ status: 400, code: "badRequest" });
  }
});
