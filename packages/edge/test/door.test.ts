import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { MAX_BODY_BYTES, MAX_CONNECTIONS, MAX_VALIDATORS } from "@ruffchain/edge";
import {
  encodeCommit,
  encodeHeader,
  hashValidators,
  MAX_TOTAL_POWER,
  trimCommit,
  trustGenesis,
} from "@ruffchain/light";
import { bytesToHex } from "viem";
import { describe, expect, onTestFinished, test } from "vitest";
import { MAX_VALIDATORS as MAX_VALIDATORS_OF_CHAIN } from "../../contracts/dist/index.js";
import { chainId, makeCommit, makeSigners, type Signer } from "../../light/test/chain.js";
import { ordered } from "../../light/test/light-chain.js";
import { until } from "./setting.js";
import { grantParts, now, pack, request, startWorld, type World } from "./world.js";

/** Asks with headers that fetch would not send. */
function ask({ device }: World, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${device.url}${path}`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("says what the thing is, how it is, and what to sign", async () => {
  const w = await startWorld();
  expect((await w.get("/v1/things")).body).toEqual({
    things: [
      {
        id: "car",
        "@type": "Vehicle",
        properties: [
          expect.objectContaining({
            name: "position",
            type: "position",
            value: expect.objectContaining({ latitude: 482_175_583 }),
          }),
          { name: "speed", "@type": "Vehicle.Speed", type: "number", unit: "km/h", value: 0 },
          { name: "odometer", "@type": "Vehicle.TraveledDistance", type: "number", unit: "m", value: 0 },
          { name: "locked", "@type": "Vehicle.Cabin.Door.Row1.DriverSide.IsLocked", type: "boolean", value: true },
        ],
        actions: ["unlock", "lock"],
      },
    ],
  });
  expect((await w.get("/v1/status")).body).toMatchObject({ locked: true, moving: false, anchored: 0 });
  const asked = (await w.get("/v1/challenge")).body;
  expect(asked).toEqual({
    challenge: expect.stringMatching(/^0x[0-9a-f]{32}$/),
    seconds: 30,
    chainId: "ruff-test",
    asset: "7",
  });
});

test("takes the grants and the blocks of as many validators as the chain can have", async () => {
  expect(MAX_VALIDATORS).toBe(Number(MAX_VALIDATORS_OF_CHAIN));
  const [mine, next] = ["mine", "next"].map((tag) => {
    const validators = makeSigners(Array(MAX_VALIDATORS).fill(MAX_TOTAL_POWER / BigInt(MAX_VALIDATORS)), tag);
    return ordered(validators);
  }) as [Signer[], Signer[]];
  const time = BigInt(now) * 1_000_000_000n;
  const w = await startWorld({
    trusted: trustGenesis({ chainId, time: time - 1n, initialHeight: 1, validators: mine }),
  });
  const sets = { validatorsHash: hashValidators(mine), nextValidatorsHash: hashValidators(next) };
  const parts = grantParts({}, sets);
  const commit = makeCommit(mine, parts.header);
  expect(await w.access({ grant: pack({ ...parts, commit: trimCommit(commit, mine) }) })).toMatchObject({
    status: 200,
  });
  expect(await w.access({ grant: pack({ ...parts, commit }) })).toMatchObject({ status: 200 });

  const inJson = (set: readonly Signer[]) =>
    set.map(({ publicKey, power }) => ({ publicKey: bytesToHex(publicKey), power: power.toString() }));
  const brought = {
    header: bytesToHex(encodeHeader(parts.header)),
    commit: bytesToHex(encodeCommit(commit)),
    validators: inJson(mine),
    nextValidators: inJson(next),
  };
  expect(JSON.stringify(brought).length).toBeLessThan(MAX_BODY_BYTES);
  expect(await w.post("/v1/headers", brought)).toMatchObject({ status: 200, body: { followed: true } });
});

describe("refuses", () => {
  test("what is not the request that it knows", async () => {
    const w = await startWorld();
    const body = { right: "1", challenge: "0x00", algorithm: "eip191", signature: "0x00" };
    const bad: [unknown, string][] = [
      ["{", "the body is not JSON"],
      [[], "the body: "],
      [{ ...body, right: 1 }, "right: "],
      [{ ...body, right: "-1" }, "right: "],
      [{ ...body, challenge: "0x0" }, "challenge: "],
      [{ ...body, challenge: "?" }, "challenge: "],
      [{ ...body, algorithm: "x".repeat(33) }, "algorithm: "],
      [{ ...body, time: 1 }, "the body: "],
    ];
    for (const [sent, problem] of bad) {
      const answer = await w.post("/v1/return", sent);
      expect(answer).toMatchObject({ status: 400, code: "badRequest" });
      expect((answer.body.error as { message: string }).message).toContain(problem);
    }
    const unknownCommand = await w.post("/v1/access", { ...body, grant: "0x00", command: "explode" });
    expect(unknownCommand.status).toBe(400);
    const key = { publicKey: bytesToHex(new Uint8Array(1)), power: "1" };
    const validators = Array(MAX_VALIDATORS + 1).fill(key);
    expect(
      (await w.post("/v1/headers", { header: "0x00", commit: "0x00", validators, nextValidators: [] })).status,
    ).toBe(400);
  });

  test("paths and methods that it does not have", async () => {
    const w = await startWorld();
    for (const path of ["/", "/v1", "/v1/batches/x/proof", "/v1/access", "/v1/receipts/"]) {
      expect(await w.get(path)).toMatchObject({ status: 404, code: "notFound" });
    }
    expect(await w.post("/v1/status", {})).toMatchObject({ status: 404 });
  });

  test("bodies that are too large, or not JSON by their type", async () => {
    const w = await startWorld();
    const text = (length: number) => JSON.stringify({ x: "x".repeat(length - 8) });
    expect((await w.post("/v1/return", text(MAX_BODY_BYTES))).status).toBe(400);
    expect((await w.post("/v1/return", text(MAX_BODY_BYTES + 1))).status).toBe(413);
    const form = { method: "POST", body: "{}", headers: { "content-type": "text/plain" } };
    expect((await request(`${w.device.url}/v1/return`, form)).status).toBe(415);
  });

  test(`the connection after ${MAX_CONNECTIONS}, until one ends`, async () => {
    const w = await startWorld();
    const { hostname, port } = new URL(w.device.url);
    const open = () => connect(Number(port), hostname);
    const sockets = Array.from({ length: MAX_CONNECTIONS }, open);
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const refused = open().on("error", () => {});
    await once(refused, "close");
    expect(sockets.every(({ readableEnded }) => !readableEnded)).toBe(true);
    sockets[0]?.destroy();
    await until(async () => (await w.get("/v1/status").catch(() => undefined))?.status === 200);
  });

  test("pages of web sites", async () => {
    const w = await startWorld();
    const { host } = new URL(w.device.url);
    expect(await ask(w, "/v1/status", { host, origin: "https://evil.example" })).toBe(403);
    expect(await ask(w, "/v1/status", { host: "evil.example" })).toBe(421);
    expect(await ask(w, "/v1/status", { host, origin: `http://${host}` })).toBe(200);
    expect(await ask(w, "/v1/status", { host: host.replace("127.0.0.1", "localhost") })).toBe(200);
  });
});
