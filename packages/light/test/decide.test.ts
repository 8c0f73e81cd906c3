import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { rightScope } from "@ruffchain/abi";
import {
  type AccessRequest,
  absentCommitSig,
  accessText,
  blockIdFlag,
  CLOCK_DRIFT_PPM,
  type ClientFailures,
  type CommitSig,
  clockBounds,
  type Decision,
  type Device,
  decide,
  decodeGrant,
  decodeProof,
  decodeRight,
  type ExistenceProof,
  encodeGrant,
  encodeProof,
  hashHeader,
  type LightErrorCode,
  MAX_CHALLENGE_AGE_SECONDS,
  MAX_GRANT_BYTES,
  MAX_POSITION_AGE_SECONDS,
  nobleCrypto,
  type RightRecord,
  rightKey,
  TIME_TOLERANCE_SECONDS,
  verifyPossession,
} from "@ruffchain/light";
import { decode, encode } from "cborg";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as world from "./access.js";
import { chainId, makeCommit, makeSigners } from "./chain.js";
import { nodeCrypto } from "./node-crypto.js";
import { codeOf } from "./refusal.js";

const { device, right, headerTime, nonce } = world;
const request = await world.ask();
const parts = world.grantParts(world.encodeRight(right));
const grant = world.pack(parts);
const existence = decodeProof(parts.proof).existence as ExistenceProof;
const [lowest] = existence.path;
const step = lowest as NonNullable<typeof lowest>;

interface Presented {
  readonly grant?: Uint8Array;
  readonly request?: AccessRequest;
  readonly device?: Partial<Device>;
}

const present = (changed: Presented, crypto = nodeCrypto) =>
  decide(
    { grant: changed.grant ?? grant, request: changed.request ?? request, device: { ...device, ...changed.device } },
    crypto,
  );
const reason = (changed: Presented) => {
  const decision = present(changed);
  return decision.open ? "open" : decision.reason;
};
const ofRight = (change: Partial<RightRecord>) =>
  world.pack(world.grantParts(world.encodeRight({ ...right, ...change })));
const ofParts = (change: Partial<typeof parts>) => world.pack({ ...parts, ...change });
const ofProof = (change: Partial<ExistenceProof>) =>
  ofParts({ proof: encodeProof({ existence: { ...existence, ...change }, nonExistence: undefined }) });
const upperHalf = (signature: Uint8Array) => {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const high = order - BigInt(`0x${bytesToHex(signature.slice(32, 64))}`);
  const v = signature[64] === 27 ? 28 : 27;
  return concatBytes(signature.slice(0, 32), hexToBytes(high.toString(16).padStart(64, "0")), Uint8Array.of(v));
};

describe.each([
  ["noble", nobleCrypto],
  ["node", nodeCrypto],
])("with %s crypto", (_, crypto) => {
  test("the holder opens", () => {
    expect(present({}, crypto)).toEqual({ open: true, right, headerTime });
  });

  test("a stranger does not", async () => {
    const decision = present({ request: await world.ask("unlock", world.stranger) }, crypto);
    expect(decision).toMatchObject({
      open: false,
      reason: "wrongHolder",
      details: { expected: right.holder, actual: world.stranger.address.toLowerCase() },
      headerTime,
    });
  });
});

/** Reasons that only other questions have, or that MAX_GRANT_BYTES comes before. */
type Elsewhere =
  | keyof ClientFailures
  | "timeNotLater"
  | "proofWrongKey"
  | "proofWrongValue"
  | "proofWrongOrder"
  | "proofNotAdjacent"
  | "proofTooDeep";

const ofSlot = (index: number, change: Partial<CommitSig>) => {
  const signatures = parts.commit.signatures.map((slot, at) => (at === index ? { ...slot, ...change } : slot));
  return ofParts({ commit: { ...parts.commit, signatures } });
};

/** Everything is as it must be, one thing excepted. */
const refused: Record<Exclude<LightErrorCode, Elsewhere>, () => Presented> = {
  grantTooLarge: () => ({ grant: ofParts({ area: new Uint8Array(MAX_GRANT_BYTES) }) }),
  malformed: () => ({ grant: grant.slice(0, -1) }),
  unknownVersion: () => ({ grant: encode([2, ...(decode(grant) as unknown[]).slice(1)]) }),

  wrongChain: () => ({ grant: world.pack(world.grantParts(world.encodeRight(right), { chainId: "another" })) }),
  unknownValidators: () => ({ device: { validators: makeSigners([1n, 1n, 1n, 1n], "others") } }),
  wrongHeight: () => {
    const header = { ...parts.header, height: parts.header.height + 1 };
    return { grant: ofParts({ commit: makeCommit(world.signers, header, [], 0, hashHeader(parts.header)) }) };
  },
  wrongBlockHash: () => ({
    grant: ofParts({ commit: makeCommit(world.signers, { ...parts.header, evidenceHash: new Uint8Array(32) }) }),
  }),
  wrongSignatureCount: () => ({
    grant: ofParts({ commit: { ...parts.commit, signatures: [...parts.commit.signatures, absentCommitSig] } }),
  }),
  wrongSigner: () => ({ grant: ofSlot(0, { validatorAddress: new Uint8Array(20) }) }),
  invalidSignature: () => ({ grant: ofSlot(0, { signature: new Uint8Array(64) }) }),
  insufficientPower: () => {
    const { commit, nil } = blockIdFlag;
    return { grant: ofParts({ commit: makeCommit(world.signers, parts.header, [commit, nil, commit, nil]) }) };
  },

  headerTooOld: () => ({ device: { newestHeaderTime: headerTime + device.headerSlack + 1 } }),

  proofWrongKind: () => ({ grant: ofParts({ proof: world.stateWith(existence.value).prove(rightKey(1n)) }) }),
  proofWrongOperation: () => ({ grant: ofProof({ leaf: undefined }) }),
  proofOffPath: () => ({
    grant: ofProof({ path: [{ ...step, prefix: step.suffix, suffix: step.prefix }, ...existence.path.slice(1)] }),
  }),
  proofWrongRoot: () => ({ grant: ofProof({ value: world.encodeRight({ ...right, maxAge: right.maxAge + 1 }) }) }),
  wrongRecord: () => ({ request: { ...request, right: 1000n } }),

  wrongAsset: () => ({ device: { asset: 8n } }),
  commandOutOfScope: () => ({ grant: ofRight({ scope: rightScope.start | rightScope.lock }) }),

  clockUnknown: () => ({ device: { clock: undefined } }),
  tooEarly: () => ({ grant: ofRight({ from: BigInt(headerTime + 899 + TIME_TOLERANCE_SECONDS + 1) }) }),
  ended: () => ({ grant: ofRight({ until: BigInt(headerTime + 901 - TIME_TOLERANCE_SECONDS - 1) }) }),
  grantTooOld: () => ({ grant: ofRight({ maxAge: 900 }) }),

  wrongArea: () => ({ grant: ofParts({ area: new Uint8Array() }) }),
  positionUnknown: () => ({ device: { position: undefined } }),
  positionTooOld: () => ({
    device: { position: { latitude: 0, longitude: 0, accuracyMetres: 5, age: MAX_POSITION_AGE_SECONDS } },
  }),
  outsideArea: () => ({ device: { contains: () => false } }),

  wrongChallenge: () => ({ device: { challenge: { nonce: nonce.toReversed(), age: 3, used: false } } }),
  challengeTooOld: () => ({ device: { challenge: { nonce, age: MAX_CHALLENGE_AGE_SECONDS + 1, used: false } } }),
  challengeUsed: () => ({ device: { challenge: { nonce, age: 3, used: true } } }),

  unknownAlgorithm: () => ({ request: { ...request, algorithm: "webauthn" } }),
  highSignature: () => ({ request: { ...request, signature: upperHalf(request.signature) } }),
  wrongHolder: () => ({ grant: ofRight({ holder: world.stranger.address.toLowerCase() as `0x${string}` }) }),
};

describe("refused for one reason only", () => {
  test.each(Object.entries(refused))("%s", (code, presented) => {
    expect(reason(presented())).toBe(code);
  });
});

describe("at the limit", () => {
  const opens = (presented: Presented) => expect(reason(presented)).toBe("open");

  test("the header may be older than the newest seen by the slack", () => {
    opens({ device: { newestHeaderTime: headerTime + device.headerSlack } });
  });

  test("the window counts with its tolerance on both sides", () => {
    opens({ grant: ofRight({ from: BigInt(headerTime + 899 + TIME_TOLERANCE_SECONDS) }) });
    opens({ grant: ofRight({ until: BigInt(headerTime + 901 - TIME_TOLERANCE_SECONDS) }) });
    opens({ grant: ofRight({ until: 2n ** 64n - 1n }) });
  });

  test("the grant's age is limited by the right's terms and by the device, the stricter counts", () => {
    opens({ grant: ofRight({ maxAge: 901 }) });
    opens({ device: { maxGrantAge: 901 } });
    expect(reason({ device: { maxGrantAge: 900 } })).toBe("grantTooOld");
  });

  test("a header a little ahead of the clock sets it, one far ahead means that the clock is wrong", () => {
    const behind = (seconds: number) => ({ device: { clock: { lo: headerTime - seconds, hi: headerTime - seconds } } });
    opens(behind(TIME_TOLERANCE_SECONDS));
    expect(reason(behind(TIME_TOLERANCE_SECONDS + 1))).toBe("clockUnknown");
    const begins = world.pack(world.grantParts(world.encodeRight({ ...right, from: BigInt(headerTime + 60) })));
    opens({ grant: begins, ...behind(TIME_TOLERANCE_SECONDS) });
  });

  test("position and challenge", () => {
    opens({
      device: { position: { latitude: 0, longitude: 0, accuracyMetres: 5, age: MAX_POSITION_AGE_SECONDS - 1 } },
    });
    opens({ device: { challenge: { nonce, age: MAX_CHALLENGE_AGE_SECONDS, used: false } } });
    expect(reason({ device: { challenge: undefined } })).toBe("wrongChallenge");
  });

  test("a right without an area opens anywhere, and takes no area from the one who asks", () => {
    const made = world.grantParts(world.encodeRight({ ...right, area: `0x${"00".repeat(32)}` }));
    opens({ grant: world.pack({ ...made, area: new Uint8Array() }), device: { position: undefined } });
    expect(reason({ grant: world.pack(made) })).toBe("wrongArea");
  });

  test("the device's own position is what counts", () => {
    let asked: unknown;
    const contains: Device["contains"] = (...question) => {
      asked = question;
      return true;
    };
    opens({ device: { contains } });
    expect(asked).toEqual([world.area, device.position]);
  });

  test("fields that a newer Rights table adds do not lock the renter out", () => {
    opens({ grant: world.pack(world.grantParts(world.encodeRight(right, Uint8Array.of(1, 2, 3)))) });
  });
});

test("the holder can always lock: without time or place, also when the right has ended", async () => {
  const lock = await world.ask("lock");
  const lost = { clock: undefined, position: undefined };
  expect(reason({ request: lock, device: lost })).toBe("open");
  expect(reason({ request: lock, device: lost, grant: ofRight({ until: 0n }) })).toBe("open");
  expect(reason({ request: await world.ask("lock", world.stranger), device: lost })).toBe("wrongHolder");
  expect(reason({ request: lock, device: lost, grant: ofRight({ scope: rightScope.unlock }) })).toBe(
    "commandOutOfScope",
  );
});

test("a signature for one command, right, asset, chain or challenge is none for another", async () => {
  expect(reason({ request: { ...(await world.ask("lock")), command: "start" } })).toBe("wrongHolder");
  const access = { chainId, asset: world.asset, right: world.rightId, command: "unlock" as const, challenge: nonce };
  const verify = (change: Partial<typeof access>) =>
    codeOf(() => verifyPossession(right.holder, { ...access, ...change }, "eip191", request.signature));
  expect(verify({})).toBeUndefined();
  expect(verify({ chainId: "another" })).toBe("wrongHolder");
  expect(verify({ asset: 1n })).toBe("wrongHolder");
  expect(verify({ right: 1n })).toBe("wrongHolder");
  expect(verify({ challenge: nonce.toReversed() })).toBe("wrongHolder");
});

test("the text to sign can be read", () => {
  const challenge = hexToBytes("000102030405060708090a0b0c0d0e0f");
  expect(accessText({ chainId: "ruff-1", asset: 7n, right: 42n, command: "unlock", challenge })).toBe(
    "Ruff access\nchain: ruff-1\nasset: 7\nright: 42\ncommand: unlock\nchallenge: 000102030405060708090a0b0c0d0e0f",
  );
});

test("the largest grant is read; one byte more is not", () => {
  const empty = ofParts({ area: new Uint8Array(300) });
  const room = MAX_GRANT_BYTES - empty.length + 300;
  expect(ofParts({ area: new Uint8Array(room) }).length).toBe(MAX_GRANT_BYTES);
  expect(reason({ grant: ofParts({ area: new Uint8Array(room) }) })).toBe("wrongArea");
  expect(reason({ grant: ofParts({ area: new Uint8Array(room + 1) }) })).toBe("grantTooLarge");
});

test("EIP-2: s up to half the order is low", () => {
  const withS = (s: string) => ({
    ...request,
    signature: concatBytes(request.signature.slice(0, 32), hexToBytes(s), Uint8Array.of(27)),
  });
  const half = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
  expect(reason({ request: withS(half) })).toBe("wrongHolder");
  expect(reason({ request: withS(half.replace(/0$/, "1")) })).toBe("highSignature");
});

test("a signature that nobody can have made has no signer", () => {
  const signature = concatBytes(new Uint8Array(64), Uint8Array.of(27));
  expect(present({ request: { ...request, signature } })).toMatchObject({
    reason: "wrongHolder",
    details: { actual: undefined },
  });
});

describe("malformed", () => {
  const { header, commit, proof, area } = decodeGrant(grant);
  const garbage = Uint8Array.of(0xff);
  test.each<[string, string, Presented]>([
    ["an empty grant", "grant", { grant: new Uint8Array() }],
    ["bytes after the grant", "grant", { grant: concatBytes(grant, Uint8Array.of(0)) }],
    ["an array of indefinite length", "grant", { grant: concatBytes(Uint8Array.of(0x9f), grant.slice(1), garbage) }],
    [
      "a version not in its shortest form",
      "grant",
      { grant: concatBytes(Uint8Array.of(0x85, 0x18, 1), grant.slice(2)) },
    ],
    ["a version as a float", "grant", { grant: concatBytes(Uint8Array.of(0x85, 0xf9, 0x3c, 0), grant.slice(2)) }],
    ["a part too few", "grant", { grant: encode([1, header, commit, proof]) }],
    ["a part too many", "grant", { grant: encode([1, header, commit, proof, area, area]) }],
    ["a text for the header", "grant", { grant: encode([1, "header", commit, proof, area]) }],
    ["a text for the commit", "grant", { grant: encode([1, header, "commit", proof, area]) }],
    ["a text for the proof", "grant", { grant: encode([1, header, commit, "proof", area]) }],
    ["a text for the area", "grant", { grant: encode([1, header, commit, proof, "area"]) }],
    ["a map", "grant", { grant: encode({ version: 1 }) }],
    ["a version that is no number", "grant", { grant: encode(["1", header, commit, proof, area]) }],
    ["the header", "Header", { grant: encodeGrant({ header: garbage, commit, proof, area }) }],
    ["the commit", "Commit", { grant: encodeGrant({ header, commit: garbage, proof, area }) }],
    ["the proof", "CommitmentProof", { grant: encodeGrant({ header, commit, proof: garbage, area }) }],
    ["the record", "record", { grant: world.pack(world.grantParts(world.encodeRight(right).slice(0, -1))) }],
    ["the right's id", "right id", { request: { ...request, right: -1n } }],
    ["the signature's length", "signature", { request: { ...request, signature: request.signature.slice(0, 64) } }],
    [
      "the signature's v",
      "signature",
      { request: { ...request, signature: concatBytes(request.signature.slice(0, 64), Uint8Array.of(0)) } },
    ],
  ])("%s", (_, what, presented) => {
    expect(present(presented)).toMatchObject({ open: false, reason: "malformed", details: { what } });
  });
});

test("what the device measured wrongly is no permission", () => {
  const { position } = device;
  expect(reason({ device: { newestHeaderTime: Number.NaN } })).toBe("headerTooOld");
  expect(reason({ device: { clock: { lo: Number.NaN, hi: headerTime } } })).toBe("clockUnknown");
  expect(reason({ device: { clock: { lo: headerTime, hi: Number.NaN } } })).toBe("clockUnknown");
  expect(reason({ device: { maxGrantAge: Number.NaN } })).toBe("grantTooOld");
  expect(reason({ device: { position: position && { ...position, age: Number.NaN } } })).toBe("positionTooOld");
  expect(reason({ device: { challenge: { nonce, age: Number.NaN, used: false } } })).toBe("challengeTooOld");
});

test("the newest time is learnt from every header that is verified, and from no other", () => {
  const learnt = (decision: Decision) => decision.headerTime;
  expect(learnt(present({ device: { contains: () => false } }))).toBe(headerTime);
  expect(learnt(present({ device: { validators: makeSigners([1n]) } }))).toBeUndefined();
});

test("no time is learnt that is later than the clock allows, and none without a clock", async () => {
  const learnt = (clock: Device["clock"], request?: AccessRequest) =>
    present({ device: { clock, newestHeaderTime: 0 }, ...(request && { request }) });
  const at = (seconds: number) => ({ lo: headerTime - seconds, hi: headerTime - seconds });
  expect(learnt(at(TIME_TOLERANCE_SECONDS))).toMatchObject({ open: true, headerTime });
  expect(learnt(at(TIME_TOLERANCE_SECONDS + 1))).toMatchObject({ reason: "clockUnknown", headerTime: headerTime - 1 });
  expect(learnt(undefined)).toMatchObject({ reason: "clockUnknown", headerTime: undefined });
  const lock = await world.ask("lock");
  expect(learnt(at(1_000_000), lock)).toMatchObject({
    open: true,
    headerTime: headerTime - 1_000_000 + TIME_TOLERANCE_SECONDS,
  });
  expect(learnt(undefined, lock)).toMatchObject({ open: true, headerTime: undefined });
});

test("what is not a refusal is not hidden as one", () => {
  const contains = () => {
    throw new TypeError("broken driver");
  };
  expect(() => present({ device: { contains } })).toThrow(TypeError);
});

test("property: a changed grant opens nothing", () => {
  const edit = fc.tuple(
    fc.constantFrom("flip", "remove", "insert"),
    fc.nat(grant.length - 1),
    fc.integer({ min: 1, max: 255 }),
  );
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const changed = [...grant];
      for (const [kind, at, bits] of edits) {
        if (kind === "flip") changed[at] = (changed[at] ?? 0) ^ bits;
        else if (kind === "remove") changed.splice(at, 1);
        else changed.splice(at, 0, bits);
      }
      const bytes = Uint8Array.from(changed);
      const decision = present({ grant: bytes });
      // The last signature is not needed for two thirds, so it is not looked at: the right is then the proven one all the same.
      if (decision.open) expect(decision.right).toEqual(right);
      if (decision.open) expect(bytesToHex(decodeGrant(bytes).proof)).toBe(bytesToHex(parts.proof));
    }),
    { numRuns: 1000 },
  );
});

test("a grant is as small as it should be", () => {
  const large = world.pack(world.grantParts(world.encodeRight(right), {}, 1000));
  expect(large.length).toBeLessThan(MAX_GRANT_BYTES);
  expect(reason({ grant: large })).toBe("open");
  expect(decodeRight(world.encodeRight(right))).toEqual(right);
});

test("the key of a right's record", () => {
  expect(bytesToHex(rightKey(0x2an))).toBe(`035255464600000000000000000000000000000006${"00".repeat(32)}2a`);
});

test("clock bounds widen with the time since the clock was set; a header raises only the lower one", () => {
  expect(clockBounds(1000, 0, 0)).toEqual({ lo: 1000, hi: 1000 });
  expect(clockBounds(1000, 1_000_000, 0)).toEqual({ lo: 1_001_000 - CLOCK_DRIFT_PPM, hi: 1_001_000 + CLOCK_DRIFT_PPM });
  expect(clockBounds(1000, 10, 0)).toEqual({ lo: 1009, hi: 1011 });
  expect(clockBounds(1000, 10, 2000)).toEqual({ lo: 2000, hi: 1011 });
});
