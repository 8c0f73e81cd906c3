import { setTimeout as sleep } from "node:timers/promises";
import { p256 } from "@noble/curves/nist.js";
import { decodeBatch, type ReceiptFields, receiptToBeSigned } from "@ruffchain/cose";
import {
  MAX_GRANT_AGE_SECONDS,
  MAX_OPEN_CHALLENGES,
  MAX_REFUSALS_NOTED_PER_MINUTE,
  MAX_SPEED_AGE_SECONDS,
} from "@ruffchain/edge";
import { carTopics } from "@ruffchain/edge/simulate";
import { areaToBytes } from "@ruffchain/geo";
import {
  absentCommitSig,
  accessText,
  blockIdFlag,
  type CommitSig,
  decodeProof,
  type ExistenceProof,
  encodeCommit,
  encodeHeader,
  encodeProof,
  hashValidators,
  MAX_CHALLENGE_AGE_SECONDS,
  MAX_GRANT_BYTES,
  MAX_POSITION_AGE_SECONDS,
  type Provider,
  rightKey,
  TIME_TOLERANCE_SECONDS,
  trustGenesis,
  type Validator,
} from "@ruffchain/light";
import { decode, encode } from "cborg";
import { bytesToHex, type Hex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { encodeRight, stateWith } from "../../light/test/access.js";
import { chainId, makeCommit, makeHeader, makeSigners } from "../../light/test/chain.js";
import { until } from "./setting.js";
import type { World } from "./world.js";
import * as world from "./world.js";

const { grantParts, now, pack, restart, startWorld } = world;

/** What the device has written down, in order. */
async function noted({ device }: World): Promise<string[]> {
  await device.flush();
  const notes: string[] = [];
  for (let sequence = 1; sequence <= device.journal.lastBatch; sequence++) {
    const bytes = await device.journal.batch(sequence);
    for (const { name, value } of bytes ? decodeBatch(bytes).batch.pack.records : []) {
      if (/^(access|area)\//.test(name)) notes.push(`${name} ${value}`);
    }
  }
  return notes;
}

function fieldsOf(receipt: Record<string, string | boolean | number> | undefined): ReceiptFields {
  const big = (name: string) => BigInt(receipt?.[name] as string);
  return {
    device: receipt?.device as Hex,
    sequence: big("sequence"),
    right: big("right"),
    time: big("time"),
    odometer: big("odometer"),
    energy: big("energy"),
    latitude: receipt?.latitude as number,
    longitude: receipt?.longitude as number,
    leftArea: receipt?.leftArea as boolean,
  };
}

const signedBy = ({ options }: World, kind: "checkOut" | "checkIn", answer: world.Answered): boolean => {
  const message = receiptToBeSigned(world.evmChainId, "p256", kind, fieldsOf(answer.body.receipt));
  const publicKey = Buffer.concat([Buffer.of(4), options.signer.publicKey]);
  return p256.verify(hexToBytes(answer.body.signature ?? "0x"), message, publicKey);
};

test("the whole use: unlock, drive away, come to an end, give back", async () => {
  const w = await startWorld();
  const out = await w.access();
  expect(out).toMatchObject({ status: 200, body: { done: true, kind: "checkOut" } });
  expect(w.car.locked).toBe(false);
  expect(fieldsOf(out.body.receipt)).toMatchObject({
    device: w.device.id,
    right: world.rightId,
    time: BigInt(now),
    odometer: 0n,
    latitude: 482_175_583,
    longitude: 84_144_950,
    leftArea: false,
  });
  expect(signedBy(w, "checkOut", out)).toBe(true);
  expect(signedBy(w, "checkIn", out)).toBe(false);

  await w.car.drive();
  const odometer = () => w.device.edge.thing("car").property("odometer").latest?.value as number;
  await until(() => odometer() > 600 && !w.device.guard.status().moving);
  expect(w.device.guard.status().session).toMatchObject({ right: world.rightId, leftArea: true, ended: false });

  const back = await w.giveBack();
  expect(back).toMatchObject({ status: 200, body: { done: true, kind: "checkIn" } });
  expect(w.car.locked).toBe(true);
  expect(fieldsOf(back.body.receipt)).toMatchObject({ odometer: BigInt(odometer()), leftArea: true });
  expect(fieldsOf(back.body.receipt).sequence).toBeGreaterThan(fieldsOf(out.body.receipt).sequence);
  expect(signedBy(w, "checkIn", back)).toBe(true);
  expect((await w.get("/v1/status")).body.session).toBeUndefined();
  const { receipts } = (await w.get(`/v1/receipts/${world.rightId}`)).body as { receipts?: object[] };
  expect(receipts).toEqual([out.body, back.body].map(({ kind, receipt, signature }) => ({ kind, receipt, signature })));
  expect(await noted(w)).toEqual([
    "access/unlocked 42",
    "area/left 42",
    "access/returned 42",
    expect.stringMatching(/^area\/secondsOutside \d+$/),
  ]);
});

test("within a use the holder locks and unlocks as often as needed, and it stays one use", async () => {
  const w = await startWorld();
  await w.access();
  expect(await w.access({ command: "lock" })).toMatchObject({ status: 200, body: { done: true } });
  expect(w.car.locked).toBe(true);
  const again = await w.access();
  expect(again.body).toEqual({ done: true });
  expect(w.car.locked).toBe(false);
  expect(await noted(w)).toEqual(["access/unlocked 42", "access/locked 42", "access/unlocked 42"]);
});

const parts = grantParts();
const grant = pack(parts);
const existence = decodeProof(parts.proof).existence as ExistenceProof;
const [step] = existence.path as [ExistenceProof["path"][number]];
const ofParts = (change: Partial<typeof parts>) => ({ grant: pack({ ...parts, ...change }) });
const ofRight = (change: Partial<typeof world.right>) => ({ grant: pack(grantParts(change)) });
const ofProof = (change: Partial<ExistenceProof>) =>
  ofParts({ proof: encodeProof({ existence: { ...existence, ...change }, nonExistence: undefined }) });
const ofSlot = (change: Partial<CommitSig>) => {
  const signatures = parts.commit.signatures.map((slot, index) => (index === 0 ? { ...slot, ...change } : slot));
  return ofParts({ commit: { ...parts.commit, signatures } });
};
const elsewhere = areaToBytes([
  { lat: 0, lon: 0 },
  { lat: 0, lon: 10 },
  { lat: 10, lon: 0 },
]);
const upperHalf = (signature: Hex): Hex => {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const high = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, "0");
  return `0x${signature.slice(2, 66)}${high}${signature.endsWith("1b") ? "1c" : "1b"}`;
};

type Asked = NonNullable<Parameters<World["access"]>[0]>;

/** All is as it must be, one thing excepted: what is presented, or what happened before. */
const refusals: Record<string, Asked | ((w: World) => Promise<Asked>)> = {
  grantTooLarge: ofParts({ area: new Uint8Array(MAX_GRANT_BYTES) }),
  malformed: { grant: grant.slice(0, -1) },
  unknownVersion: { grant: encode([2, ...(decode(grant) as unknown[]).slice(1)]) },
  wrongChain: { grant: pack(grantParts({}, { chainId: "another" })) },
  unknownValidators: (() => {
    const others = makeSigners([1n], "others");
    const header = makeHeader(others, { appHash: parts.header.appHash, time: parts.header.time });
    return ofParts({ header, commit: makeCommit(others, header) });
  })(),
  wrongHeight: ofParts({ commit: makeCommit(world.signers, { ...parts.header, height: parts.header.height + 1 }) }),
  wrongBlockHash: ofParts({ commit: makeCommit(world.signers, { ...parts.header, evidenceHash: new Uint8Array(32) }) }),
  wrongSignatureCount: ofParts({
    commit: { ...parts.commit, signatures: [...parts.commit.signatures, absentCommitSig] },
  }),
  wrongSigner: ofSlot({ validatorAddress: new Uint8Array(20) }),
  invalidSignature: ofSlot({ signature: new Uint8Array(64) }),
  insufficientPower: ofParts({
    commit: makeCommit(world.signers, parts.header, [blockIdFlag.commit, blockIdFlag.nil, blockIdFlag.commit, 3]),
  }),
  headerTooOld: async (w) => {
    const newer = { time: BigInt(now + 601) * 1_000_000_000n };
    w.time.advance(601);
    await w.access({ account: world.stranger, grant: pack(grantParts({}, newer)) });
    return {};
  },
  proofWrongKind: ofParts({ proof: stateWith(existence.value).prove(rightKey(1n)) }),
  proofWrongOperation: ofProof({ leaf: undefined }),
  proofOffPath: ofProof({
    path: [{ ...step, prefix: step.suffix, suffix: step.prefix }, ...existence.path.slice(1)],
  }),
  proofWrongRoot: ofProof({ value: encodeRight({ ...world.right, until: world.right.until + 86_400n }) }),
  wrongRecord: { right: 1000n },
  wrongAsset: ofRight({ asset: 8n }),
  commandOutOfScope: ofRight({ scope: 2 }),
  clockUnknown: { grant: pack(grantParts({}, { time: BigInt(now + 500) * 1_000_000_000n })) },
  tooEarly: ofRight({ from: BigInt(now + 120) }),
  ended: ofRight({ until: BigInt(now - 120) }),
  grantTooOld: { grant: pack(grantParts({ maxAge: 60 }, { time: BigInt(now - 120) * 1_000_000_000n })) },
  wrongArea: ofParts({ area: elsewhere }),
  positionTooOld: async (w) => {
    await w.car.close();
    const fixes = w.device.edge.thing("car").property("position");
    const quiet = async (): Promise<void> => {
      const last = fixes.latest;
      await sleep(100); // what the receiver sent before it was gone has come by then
      if (fixes.latest !== last) await quiet();
    };
    await quiet();
    w.time.advance(MAX_POSITION_AGE_SECONDS);
    return {};
  },
  outsideArea: { grant: pack({ ...grantParts({ area: world.hashOf(elsewhere) }), area: elsewhere }) },
  wrongChallenge: { challenge: `0x${"ab".repeat(16)}` },
  challengeTooOld: async (w) => {
    const challenge = await w.challenge();
    const fixes = w.device.edge.thing("car").property("position");
    w.time.advance(MAX_CHALLENGE_AGE_SECONDS + 1);
    const at = w.time.monotonic();
    await until(() => (fixes.latest?.at ?? 0) > at);
    return { challenge };
  },
  challengeUsed: async (w) => {
    const challenge = await w.challenge();
    expect((await w.access({ challenge, command: "lock" })).status).toBe(200);
    return { challenge };
  },
  unknownAlgorithm: { change: { algorithm: "webauthn" } },
  wrongHolder: { account: world.stranger },
  unsupportedCommand: { command: "start" },
};

describe("refused, for one reason, by a car that stays shut", () => {
  test.each(Object.keys(refusals))("%s", async (code) => {
    const w = await startWorld();
    const asked = refusals[code];
    const answer = await w.access(typeof asked === "function" ? await asked(w) : asked);
    expect(answer).toMatchObject({ status: 403, code, body: { done: false } });
    expect(w.car.commands.UNLOCK).toBe(0);
    expect(w.device.guard.status().session).toBeUndefined();
    expect(await noted(w)).toContain(`access/refused ${code}`);
  });

  test("highSignature", async () => {
    const w = await startWorld();
    const challenge = await w.challenge();
    const about = { chainId, asset: world.asset, right: world.rightId, command: "unlock" } as const;
    const message = accessText({ ...about, challenge: hexToBytes(challenge) });
    const signature = upperHalf(await world.holder.signMessage({ message }));
    expect((await w.access({ challenge, change: { signature } })).code).toBe("highSignature");
  });

  test("positionUnknown", async () => {
    const w = await startWorld({ noCar: true });
    expect((await w.access()).code).toBe("positionUnknown");
  });
});

/** Lets time pass, and waits for what the car reports then. */
async function pass(w: World, seconds: number): Promise<void> {
  w.time.advance(seconds);
  const at = w.time.monotonic();
  for (const name of ["position", "speed"]) {
    const property = w.device.edge.thing("car").property(name);
    await until(() => (property.latest?.at ?? 0) > at);
  }
}

/** Another right to the same car. */
const nextRight = { right: 2000n, grant: pack(grantParts({}, {}, 2000n)) };

const at = (seconds: number) => ({ time: BigInt(now + seconds) * 1_000_000_000n });

test("an access that was recorded opens nothing when it is played back", async () => {
  const w = await startWorld();
  const challenge = await w.challenge();
  expect((await w.access({ challenge })).status).toBe(200);
  await w.giveBack();
  expect((await w.access({ challenge })).code).toBe("challengeUsed");
  await pass(w, 2 * MAX_CHALLENGE_AGE_SECONDS + 1);
  await w.challenge();
  expect((await w.access({ challenge })).code).toBe("wrongChallenge");
  expect(w.car.locked).toBe(true);
  expect(w.car.commands.UNLOCK).toBe(1);
});

test("of many challenges the oldest is forgotten", async () => {
  const w = await startWorld();
  const first = await w.challenge();
  for (let count = 1; count < MAX_OPEN_CHALLENGES; count++) w.device.guard.challenge();
  expect((await w.access({ challenge: first })).status).toBe(200);
  const second = await w.challenge();
  for (let count = 0; count < MAX_OPEN_CHALLENGES; count++) w.device.guard.challenge();
  expect((await w.access({ challenge: second })).code).toBe("wrongChallenge");
});

describe("to give back", () => {
  test("is for who uses it, with a fresh challenge of its own", async () => {
    const w = await startWorld();
    expect((await w.giveBack()).code).toBe("notInUse");
    await w.access();
    expect((await w.giveBack({ right: 1000n })).code).toBe("notInUse");
    expect((await w.giveBack({ account: world.stranger })).code).toBe("wrongHolder");
    expect((await w.giveBack({ challenge: `0x${"00".repeat(16)}` })).code).toBe("wrongChallenge");
    const old = await w.challenge();
    w.time.advance(MAX_CHALLENGE_AGE_SECONDS + 1);
    expect((await w.giveBack({ challenge: old })).code).toBe("challengeTooOld");
    const used = await w.challenge();
    await w.access({ challenge: used, command: "lock" });
    expect((await w.giveBack({ challenge: used })).code).toBe("challengeUsed");
    expect((await w.giveBack({ change: { algorithm: "none" } })).code).toBe("unknownAlgorithm");
    expect(w.device.guard.status().session).toBeDefined();
    expect((await w.giveBack()).status).toBe(200);
    expect((await w.giveBack()).code).toBe("notInUse");
  });

  test("whoever comes next with a right of their own ends a use that was not", async () => {
    const w = await startWorld();
    await w.access();
    const next = await w.access(nextRight);
    expect(next).toMatchObject({ status: 200, body: { kind: "checkOut", receipt: { right: "2000" } } });
    const { receipts } = (await w.get(`/v1/receipts/${world.rightId}`)).body as { receipts?: object[] };
    expect(receipts).toMatchObject([{ kind: "checkOut" }, { kind: "checkIn" }]);
    expect(w.device.guard.status().session?.right).toBe(2000n);
  });
});

test("a moving car is not given back or taken over, and is not stopped when its right ends", async () => {
  const w = await startWorld({ way: world.endlessWay });
  expect((await w.access()).status).toBe(200);
  void w.car.drive();
  await until(() => w.device.guard.status().moving);
  const commands = { ...w.car.commands };
  expect((await w.giveBack()).code).toBe("moving");
  expect((await w.access(nextRight)).code).toBe("moving");
  await pass(w, 3700);
  expect(w.device.guard.status()).toMatchObject({ moving: true, session: { ended: true } });
  expect(w.car).toMatchObject({ driving: true, locked: false, commands });
  expect(await noted(w)).toContain("access/ended 42");

  w.car.park();
  await until(() => !w.device.guard.status().moving);
  expect((await w.access({ grant: pack(grantParts({}, at(3700))) })).code).toBe("ended");
  expect(w.car).toMatchObject({ locked: false, commands });
  expect((await w.giveBack()).body).toMatchObject({ done: true, kind: "checkIn" });
});

test(`a grant of more than ${MAX_GRANT_AGE_SECONDS} s is too old, whatever the right allows`, async () => {
  const trusted = trustGenesis({
    chainId,
    time: BigInt(now - 2 * MAX_GRANT_AGE_SECONDS) * 1_000_000_000n,
    initialHeight: 1,
    validators: world.signers,
  });
  const w = await startWorld({ trusted });
  const ofAge = (seconds: number) =>
    pack(grantParts({ maxAge: 2 * MAX_GRANT_AGE_SECONDS }, { time: BigInt(now - seconds) * 1_000_000_000n }));
  expect((await w.access({ grant: ofAge(MAX_GRANT_AGE_SECONDS + 1) })).code).toBe("grantTooOld");
  expect((await w.access({ grant: ofAge(MAX_GRANT_AGE_SECONDS - 600) })).status).toBe(200);
});

test(`a speed that is more than ${MAX_SPEED_AGE_SECONDS} s old says nothing`, async () => {
  const w = await startWorld({ way: world.endlessWay });
  void w.car.drive();
  await until(() => w.device.guard.status().moving);
  await w.broker.stop();
  await until(() => {
    w.time.advance(MAX_SPEED_AGE_SECONDS + 1);
    return !w.device.guard.status().moving;
  });
});

describe("when the lock does not do it, it is said, and no use begins", () => {
  const doors = {
    type: "mqtt-lock",
    commandTopic: carTopics.lockCommand,
    stateTopic: carTopics.lockState,
    readBackMilliseconds: 100,
  };
  test.each([
    ["notReadBack", "deaf"],
    ["actionFailed", "jammed"],
  ] as const)("%s", async (code, fault) => {
    const w = await startWorld({ drivers: { doors } });
    w.car.faults[fault] = true;
    expect(await w.access()).toMatchObject({ status: 503, code });
    expect(w.device.guard.status().session).toBeUndefined();
    w.car.faults[fault] = false;
    expect(await w.access()).toMatchObject({ status: 200, body: { kind: "checkOut" } });
    w.car.faults[fault] = true;
    expect(await w.giveBack()).toMatchObject({ status: 503, code });
    expect(w.device.guard.status().session).toBeDefined();
  });

  test("notConnected", async () => {
    const w = await startWorld();
    await w.broker.stop();
    await until(async () => (await w.access()).code === "notConnected");
    expect(w.device.guard.status().session).toBeUndefined();
  });
});

describe("a header from a far future", () => {
  const future = () => ({ account: world.stranger, grant: pack(grantParts({}, at(10 * 365 * 86_400))) });

  test("shuts out honest ones for as long as clocks may be apart, and no longer", async () => {
    const w = await startWorld();
    for (const _ of [1, 2]) expect((await w.access(future())).code).toBe("clockUnknown");
    expect((await w.access()).code).toBe("clockUnknown");
    await pass(w, TIME_TOLERANCE_SECONDS + 1);
    expect(await w.access({ grant: pack(grantParts({}, at(TIME_TOLERANCE_SECONDS))) })).toMatchObject({ status: 200 });
  });

  test("makes a device look at its clock again, if that was behind", async () => {
    const w = await startWorld();
    w.time.wallSeconds += 3600;
    const grant = pack(grantParts({ until: BigInt(now + 7200) }, at(3600)));
    expect((await w.access({ grant })).code).toBe("clockUnknown");
    expect(await w.access({ grant })).toMatchObject({ status: 200 });
  });
});

describe("after a restart", () => {
  test("the use goes on, and receipts' sequences grow", async () => {
    const before = await startWorld();
    const out = await before.access();
    const after = await restart(before);
    expect(after.device.guard.status().session?.right).toBe(world.rightId);
    expect((await after.access()).body).toEqual({ done: true });
    const back = await after.giveBack();
    expect(fieldsOf(back.body.receipt).sequence).toBeGreaterThan(fieldsOf(out.body.receipt).sequence);
    const { receipts } = (await after.get(`/v1/receipts/${world.rightId}`)).body as { receipts?: object[] };
    expect(receipts).toMatchObject([{ kind: "checkOut" }, { kind: "checkIn" }]);
  });

  test("it knows the newest header that it has seen", async () => {
    const before = await startWorld();
    before.time.advance(601);
    await before.access({ account: world.stranger, grant: pack(grantParts({}, at(601))) });
    const after = await restart(before);
    expect((await after.access()).code).toBe("headerTooOld");
  });

  test("a clock that was set back does not revive a right", async () => {
    const before = await startWorld();
    await before.access({ account: world.stranger, grant: pack(grantParts({}, at(50))) });
    before.time.wallSeconds = now - 86_400;
    const after = await restart(before);
    expect((await after.access()).code).toBe("clockUnknown");
  });
});

test("refusals are noted up to a number in a minute, then counted", async () => {
  const w = await startWorld();
  w.time.advance(60 - ((w.time.monotonic() / 1000) % 60));
  const refuse = () => w.access({ grant: grant.slice(1) });
  for (let count = 0; count < MAX_REFUSALS_NOTED_PER_MINUTE + 5; count++) await refuse();
  w.time.advance(60);
  await refuse();
  const notes = await noted(w);
  expect(notes.filter((note) => note === "access/refused malformed")).toHaveLength(MAX_REFUSALS_NOTED_PER_MINUTE + 1);
  expect(notes).toContain("access/refusalsNotListed 5");
});

describe("newer headers, from whoever brings them", () => {
  const inJson = (set: readonly Validator[]) =>
    set.map(({ publicKey, power }) => ({ publicKey: bytesToHex(publicKey), power: power.toString() }));
  const others = makeSigners([1n, 1n], "others");
  const bring = (header: Parameters<typeof makeHeader>[1], next = others, by = world.signers) => {
    const made = makeHeader(by, { nextValidatorsHash: hashValidators(next), ...header });
    return {
      header: bytesToHex(encodeHeader(made)),
      commit: bytesToHex(encodeCommit(makeCommit(by, made))),
      validators: inJson(by),
      nextValidators: inJson(next),
    };
  };

  test("the device follows a change of validators, and stays there over a restart", async () => {
    const before = await startWorld();
    expect(await before.post("/v1/headers", bring(at(0)))).toMatchObject({ status: 200, body: { followed: true } });
    expect((await before.access()).code).toBe("unknownValidators");
    const w = await restart(before);
    const header = makeHeader(others, { ...at(1), appHash: parts.header.appHash });
    expect((await w.access({ grant: pack({ ...parts, header, commit: makeCommit(others, header) }) })).status).toBe(
      200,
    );
  });

  test.each([
    ["wrongValidators", { ...bring(at(0)), validators: [] }],
    ["wrongValidators", { ...bring(at(0)), nextValidators: [] }],
    ["insufficientTrust", bring(at(0), others, others)],
    ["unknownValidators", bring({ ...at(0), height: 1 }, others, others)],
    ["headerFromFuture", bring(at(90))],
    ["wrongChain", bring({ ...at(0), chainId: "another" })],
    ["malformed", { ...bring(at(0)), header: "0x00" }],
  ])("%s", async (code, body) => {
    const w = await startWorld();
    expect(await w.post("/v1/headers", body)).toMatchObject({ status: 403, code });
    expect((await w.access()).status).toBe(200);
  });

  test("none after the trust period, none without a clock", async () => {
    const w = await startWorld({ trustPeriodSeconds: 7200 });
    w.time.advance(3600);
    expect((await w.post("/v1/headers", bring(at(3600)))).code).toBe("trustExpired");
    const lost = await startWorld();
    await lost.access({ account: world.stranger, grant: pack(grantParts({}, at(50))) });
    lost.time.wallSeconds = now - 86_400;
    expect((await (await restart(lost)).post("/v1/headers", bring(at(60)))).code).toBe("clockUnknown");
  });

  test("a device that is online goes to the newest block by itself, over changes of validators", async () => {
    const { chainId } = makeHeader(others);
    const chain = [world.signers, world.signers, others, others].map((by, index, all) => {
      const next = all[index + 1] ?? others;
      return makeHeader(by, { height: index + 1, nextValidatorsHash: hashValidators(next), ...at(index - 10) });
    });
    const sets = [world.signers, world.signers, others, others, others];
    const of = (height: number) => chain[height - 1] ?? makeHeader(others);
    const provider: Provider = {
      signedHeader: async (height) => {
        const header = of(height === "latest" ? chain.length : height);
        return { header, commit: makeCommit(sets[header.height - 1] ?? others, header) };
      },
      validators: async (height) => sets[height - 1] ?? [],
    };
    const w = await startWorld({ following: { provider, everySeconds: 600 } });
    const header = makeHeader(others, { ...at(-1), chainId, appHash: parts.header.appHash });
    const asked = { grant: pack({ ...parts, header, commit: makeCommit(others, header) }) };
    let answer = await w.access(asked);
    while (answer.code === "unknownValidators") answer = await w.access(asked);
    expect(answer.status).toBe(200);
  });

  test("none that is not newer", async () => {
    const w = await startWorld();
    expect((await w.post("/v1/headers", bring(at(0), world.signers))).status).toBe(200);
    expect((await w.post("/v1/headers", bring(at(9), others))).code).toBe("wrongHeight");
  });
});
