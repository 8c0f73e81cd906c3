import { devices, type Hex, market, rights, sessionState, telemetry, usage } from "@ruffchain/abi";
import { leafHash, merkleRoot, verifyInclusion } from "@ruffchain/cose";
import {
  type AnchorChain,
  Anchorer,
  idOf,
  Journal,
  MAX_BATCHES_PER_ANCHOR,
  openKeyFile,
  rpcAnchorChain,
  type Signer,
  signEnrolment,
} from "@ruffchain/edge";
import { bytesToHex, hexToBytes } from "viem";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Account, account, type Chain, GENESIS_TIME, openChain, Reverted } from "../../contracts/test/chain.js";
import { ANYWHERE, makeAsset, rateCard } from "../../contracts/test/fleet.js";
import { makeCurrency } from "../../contracts/test/money.js";
import { alice, bob, startTestNode } from "../../node/test/running-node.js";
import { silent, temporaryFolder, until } from "./setting.js";
import * as world from "./world.js";
import { grantParts, pack, restart, startWorld } from "./world.js";

const [firm, relay, renter] = [account(1), account(2), account(3)];

/** The real contracts; what an edge would say to them by JSON-RPC goes straight there. */
async function anchoringChain(signer: Signer) {
  const chain = await openChain([account(0), firm, relay, renter]);
  const { keyType, publicKey, signature } = await signEnrolment(signer, world.evmChainId, firm.id);
  await chain.send(firm, devices, "register", [keyType, publicKey, signature]);
  return { chain, anchors: anchorsOf(chain, relay) };
}

function anchorsOf(chain: Chain, by: Account): AnchorChain {
  return {
    latest: async (device) => {
      try {
        return await chain.read(telemetry, "latest", [device]);
      } catch (error) {
        if (error instanceof Reverted && error.errorName === "UnknownStream") return undefined;
        throw error;
      }
    },
    send: async ({ anchor, signature }) => {
      await chain.send(by, telemetry, "anchor", [anchor, signature]);
    },
  };
}

const idle = { everySeconds: 3600 };

/** A journal with so many batches, and the anchorer for it. */
async function offline(count: number) {
  const folder = await temporaryFolder();
  const signer = await openKeyFile(`${folder}/device.key`, "ed25519");
  const journal = await Journal.open({ folder: `${folder}/log`, log: silent });
  onTestFinished(() => journal.close());
  const add = async (from: number, to: number) => {
    const adding = [];
    for (let sequence = from; sequence <= to; sequence++) {
      adding.push(
        journal.addBatch(sequence, Number(GENESIS_TIME) - 10_000 + sequence, Buffer.from(`batch ${sequence}`)),
      );
    }
    await Promise.all(adding);
  };
  await add(1, count);
  const meters = () => ({ odometer: 5n, energy: 0n, latitude: 1, longitude: 2 });
  const { chain, anchors } = await anchoringChain(signer);
  const device = idOf(signer);
  const make = (over: AnchorChain = anchors, options = idle) => {
    const { evmChainId } = world;
    const anchorer = new Anchorer({
      journal,
      device,
      evmChainId,
      signer,
      chain: over,
      meters,
      log: silent,
      ...options,
    });
    onTestFinished(() => anchorer.close());
    return anchorer;
  };
  return { journal, signer, device, chain, anchors, add, make };
}

describe("anchors", () => {
  test("are taken by Telemetry, and prove each batch", async () => {
    const folder = await temporaryFolder();
    const signer = await openKeyFile(`${folder}/device.key`);
    const { chain, anchors } = await anchoringChain(signer);
    const w = await startWorld({ signer, anchoring: { chain: anchors, ...idle } });
    w.time.wallSeconds = Number(GENESIS_TIME);
    const set = await restart(w, { folder });
    await set.access({ grant: new Uint8Array() });
    await set.device.anchorNow();
    await set.access({ grant: new Uint8Array() });
    await set.access({ grant: new Uint8Array() });
    await set.device.anchorNow();
    const latest = await chain.read(telemetry, "latest", [set.device.id]);
    expect(latest).toMatchObject({ sequence: 2n, odometer: 0n, latitude: 482_175_583, forked: false });
    const last = set.device.journal.lastBatch;
    expect(last).toBeGreaterThanOrEqual(2);
    expect((await set.get("/v1/status")).body).toMatchObject({ batches: last, anchored: last });
    for (let sequence = 1; sequence <= last; sequence++) {
      const { body } = await set.get(`/v1/batches/${sequence}/proof`);
      const { anchor, leafIndex, treeSize, path, bytes } = body as unknown as {
        anchor: { sequence: string };
        leafIndex: number;
        treeSize: number;
        path: Hex[];
        bytes: Hex;
      };
      const kept = await chain.read(telemetry, "anchorOf", [set.device.id, BigInt(anchor.sequence)]);
      const leaf = leafHash(hexToBytes(bytes));
      const hashes = path.map((hash) => hexToBytes(hash));
      expect(treeSize).toBe(kept.count);
      expect(verifyInclusion(hexToBytes(kept.root), leaf, leafIndex, treeSize, hashes)).toBe(true);
    }
    expect((await set.get(`/v1/batches/${last + 1}/proof`)).code).toBe("notAnchored");
  });

  test("a device that was offline for long makes several", async () => {
    const { journal, device, chain, make } = await offline(2 * MAX_BATCHES_PER_ANCHOR + 5);
    await make().anchorNow();
    expect((await chain.read(telemetry, "latest", [device])).sequence).toBe(3n);
    expect(journal.anchors.map(({ anchor }) => anchor.count)).toEqual([
      MAX_BATCHES_PER_ANCHOR,
      MAX_BATCHES_PER_ANCHOR,
      5,
    ]);
    expect(journal.anchored).toBe(2 * MAX_BATCHES_PER_ANCHOR + 5);
    const proof = journal.proof(1500);
    const leaves = Array.from({ length: MAX_BATCHES_PER_ANCHOR }, (_, index) =>
      leafHash(Buffer.from(`batch ${index + 1001}`)),
    );
    expect(proof?.anchor.root).toBe(bytesToHex(merkleRoot(leaves)));
    expect(proof?.leafIndex).toBe(499);
  });

  test("while the chain cannot be reached nothing is signed, and all is anchored after", async () => {
    const { journal, make, anchors, add, device, chain } = await offline(3);
    let isDown = true;
    const flaky: AnchorChain = {
      latest: async (of) => {
        if (isDown) throw new Error("no route");
        return anchors.latest(of);
      },
      send: anchors.send,
    };
    const anchorer = make(flaky);
    await expect(anchorer.anchorNow()).rejects.toThrow("no route");
    await add(4, 6);
    await expect(anchorer.anchorNow()).rejects.toThrow("no route");
    expect(journal.anchors).toEqual([]);
    isDown = false;
    await anchorer.anchorNow();
    expect(journal.anchors.map(({ anchor }) => anchor.count)).toEqual([6]);
    expect((await chain.read(telemetry, "latest", [device])).sequence).toBe(1n);
  });

  test.each([
    ["lost on the way there", "before"],
    ["taken, and the answer was lost", "after"],
  ])("an anchor that was %s is handed in again as it was", async (_, when) => {
    const { journal, make, anchors, add, device, chain } = await offline(3);
    const lossy: AnchorChain = {
      latest: anchors.latest,
      send: async (signed) => {
        if (when === "after") await anchors.send(signed);
        throw new Error("connection lost");
      },
    };
    await expect(make(lossy).anchorNow()).rejects.toThrow("connection lost");
    const [lost] = journal.anchors;
    await add(4, 4);
    await make().anchorNow();
    expect(journal.anchors[0]).toEqual(lost);
    expect(journal.anchors.map(({ anchor }) => anchor.count)).toEqual([3, 1]);
    expect(await chain.read(telemetry, "latest", [device])).toMatchObject({ sequence: 2n, forked: false });
  });

  test("are tried again by themselves", async () => {
    const { make, anchors, journal } = await offline(1);
    let failures = 1;
    const flaky: AnchorChain = {
      latest: async (of) => {
        if (failures-- > 0) throw new Error("no route");
        return anchors.latest(of);
      },
      send: anchors.send,
    };
    make(flaky, { everySeconds: 0.01 });
    await until(() => journal.anchored === 1);
  });

  test("nothing is signed over a history that is not the device's own", async () => {
    const { chain, signer, device, make, journal } = await offline(1);
    await make().anchorNow();
    const lost = await Journal.open({ folder: await temporaryFolder(), log: silent });
    onTestFinished(() => lost.close());
    await lost.addBatch(1, Number(GENESIS_TIME), Buffer.from("after the log was lost"));
    const meters = () => ({ odometer: 0n, energy: 0n, latitude: 0, longitude: 0 });
    const options = { device, evmChainId: world.evmChainId, signer, meters, log: silent, ...idle };
    const anchorer = new Anchorer({ ...options, journal: lost, chain: anchorsOf(chain, relay) });
    onTestFinished(() => anchorer.close());
    await expect(anchorer.anchorNow()).rejects.toThrow("not this device's");
    expect(lost.anchors).toEqual([]);
    expect(journal.anchors).toHaveLength(1);
    expect((await chain.read(telemetry, "latest", [device])).forked).toBe(false);
  });
});

describe("over JSON-RPC", () => {
  test("the device's own account pays, and the anchor is in a final block", async () => {
    const { signer, journal, make, device } = await offline(2);
    const node = await startTestNode();
    onTestFinished(() => node.close());
    const { keyType, publicKey, signature } = await signEnrolment(signer, node.chain.id, alice.address);
    const registered = await node.wallet.writeContract({
      ...devices,
      functionName: "register",
      args: [keyType, publicKey, signature],
    });
    await node.client.waitForTransactionReceipt({ hash: registered });
    const chain = rpcAnchorChain(node.url, bob);
    expect(await chain.latest(device)).toBeUndefined();
    await make(chain).anchorNow();
    expect(journal.anchored).toBe(2);
    const root = journal.anchors[0]?.anchor.root;
    expect(await chain.latest(device)).toEqual({ sequence: 1n, root, forked: false });
    const [signed] = journal.anchors;
    if (signed) await expect(chain.send(signed)).rejects.toThrow("AlreadyAnchored");
  });

  test("a node that is not there is an error, and nothing is signed", async () => {
    const { journal, make } = await offline(1);
    const anchorer = make(rpcAnchorChain("http://127.0.0.1:9", account(0)));
    await expect(anchorer.anchorNow()).rejects.toThrow("HTTP request failed");
    expect(journal.anchors).toEqual([]);
  });
});

test("Usage settles by the receipts", async () => {
  const folder = await temporaryFolder();
  const signer = await openKeyFile(`${folder}/device.key`);
  const { chain } = await anchoringChain(signer);
  const asset = await makeAsset(chain, firm, "car-1");
  await chain.send(firm, devices, "bind", [idOf(signer), asset]);
  const currency = await makeCurrency(chain, account(0), [firm, renter], 1_000_000n);
  for (const { address } of [market, usage]) await chain.send(renter, currency, "approve", [address, 1_000_000n]);
  await chain.send(firm, market, "setRateCard", [asset, rateCard(currency)]);
  const start = chain.now() + 100n;
  await chain.send(renter, market, "book", [1n, start, start + 3600n, ANYWHERE]);
  const [booked] = (await chain.read(rights, "rightsOf", [renter.id, "0x", 10]))[0];
  const id = booked?.id ?? 0n;
  await chain.send(renter, usage, "open", [id]);
  await chain.waitUntil(start + 60n);

  const origin = await startWorld({ signer, asset });
  origin.time.wallSeconds = Number(start + 60n);
  const w = await restart(origin, { folder });
  const terms = { asset, holder: renter.id, from: start, until: start + 3600n, area: ANYWHERE };
  const parts = grantParts(terms, { time: (start + 60n) * 1_000_000_000n }, id);
  const out = await w.access({ right: id, account: renter, asset, grant: pack({ ...parts, area: new Uint8Array() }) });
  expect(out).toMatchObject({ status: 200 });
  await w.car.drive();
  const odometer = w.device.edge.thing("car").property("odometer");
  await until(() => (odometer.latest?.value as number) > 600 && !w.device.guard.status().moving);
  const back = await w.giveBack({ right: id, account: renter, asset });
  expect(back).toMatchObject({ status: 200 });

  for (const [name, { body }] of [
    ["checkOut", out],
    ["checkIn", back],
  ] as const) {
    const [signed] = (await w.device.journal.receiptsOf(id)).filter(({ kind }) => kind === name);
    expect(signed?.signature).toBe(body.signature);
    if (signed) await chain.send(relay, usage, name, [signed.receipt, signed.signature]);
  }
  expect((await chain.read(usage, "session", [id])).state).toBe(sessionState.settled);
});
