import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import {
  algorithm,
  anchorStatement,
  anchorToBeSigned,
  type Batch,
  batchStatement,
  CoseError,
  decodeBatch,
  decodeProtected,
  decodeSenml,
  decodeSign1,
  deviceId,
  deviceUrn,
  encodeSenml,
  encodeSign1,
  enrolmentToBeSigned,
  inclusionProof,
  leafHash,
  MAX_BATCH_BYTES,
  merkleRoot,
  receiptStatement,
  receiptToBeSigned,
  toBeSigned,
  verifyInclusion,
} from "@ruffchain/cose";
import { decode, encode } from "cborg";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replace(/^0x/, ""), "hex"));
const data = (name: string) => JSON.parse(readFileSync(new URL(`data/${name}`, import.meta.url), "utf8"));

interface CoseVector {
  input: { plaintext: string; sign0: { key: Record<string, string>; external?: string } };
  intermediates: { ToBeSign_hex: string };
  output: { cbor: string };
}

/** How a COSE implementation ends with a vector: the plaintext that it accepts, or nothing. */
function accept({ input, output }: CoseVector): string | undefined {
  const { key, external = "" } = input.sign0;
  const d = { ...key } as Record<string, string>;
  delete d.d;
  if (key.kty === "OKP") d.x = key.x ?? Buffer.from(key.x_hex ?? "", "hex").toString("base64url");
  const publicKey = createPublicKey({
    key: { kty: d.kty, crv: d.crv, x: d.x, ...(d.y && { y: d.y }) } as never,
    format: "jwk",
  });
  try {
    const message = decodeSign1(bytes(output.cbor));
    const protectedHeader = decodeProtected(message.protectedHeader);
    const alg = protectedHeader.get(1) ?? message.unprotectedHeader.get(1);
    const expected = key.kty === "EC" ? [-7, algorithm.p256] : [-8, algorithm.ed25519];
    if (!expected.includes(alg as number)) return undefined;
    const signed = toBeSigned(message, bytes(external));
    const good =
      key.kty === "EC"
        ? verify("sha256", signed, { key: publicKey, dsaEncoding: "ieee-p1363" }, message.signature)
        : verify(null, signed, publicKey, message.signature);
    return good ? Buffer.from(message.payload).toString() : undefined;
  } catch (error) {
    if (error instanceof CoseError) return undefined;
    throw error;
  }
}

describe("COSE_Sign1", () => {
  const names = readdirSync(new URL("data/cose-wg", import.meta.url)).filter((name) => name.endsWith(".json"));
  /** The vector without the tag of COSE_Sign1: we ask for it, since a batch has one encoding. */
  const untagged = "sign1-tests_sign-pass-03.json";

  test(`cose-wg vector ${untagged} lacks the tag`, () => {
    expect(accept(data(`cose-wg/${untagged}`))).toBeUndefined();
  });

  test.each(names.filter((name) => !name.includes("fail") && name !== untagged))(
    "cose-wg vector %s is accepted",
    (name) => {
      const vector: CoseVector = data(`cose-wg/${name}`);
      const message = decodeSign1(bytes(vector.output.cbor));
      expect(hex(toBeSigned(message, bytes(vector.input.sign0.external ?? "")))).toBe(
        vector.intermediates.ToBeSign_hex.toLowerCase(),
      );
      expect(accept(vector)).toBe(vector.input.plaintext);
    },
  );

  test.each(names.filter((name) => name.includes("fail")))("cose-wg vector %s is refused", (name) => {
    expect(accept(data(`cose-wg/${name}`))).toBeUndefined();
  });

  test.each([
    ["no tag", "8440a04100584000"],
    ["three parts", "d28340a04100"],
    ["a text payload", "d28440a0614140"],
    ["an indefinite length", "d29f40a0410040ff"],
    ["trailing bytes", "d28440a041004000"],
    ["another tag", "d18440a0410040"],
    ["a duplicate key", "d28440a201010102410040"],
  ])("error: %s", (_what, message) => {
    expect(() => decodeSign1(bytes(message))).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});

describe("batch", () => {
  const vector = data("ruff-vectors.json");
  const batch: Batch = {
    algorithm: "ed25519",
    kid: `0x${vector.device.kid}`,
    issuedAt: 0x6b02f1b4,
    bootCount: 41,
    sequence: 0x123,
    previous: new Uint8Array(32).fill(0xaa),
    timeQuality: 4,
    pack: {
      baseName: "urn:dev:ruff:car1:",
      baseTime: 0x6b02f178,
      records: [
        { name: "lat", unit: "lat", value: { mantissa: 464982872, exponent: -7 } },
        { name: "lon", unit: "lon", value: { mantissa: 75674290, exponent: -7 } },
        { name: "spd", unit: "m/s", value: { mantissa: 1234, exponent: -2 }, time: 3 },
        { name: "locked", value: true },
      ],
    },
  };

  test("the vector's bytes decode, verify and encode to themselves", () => {
    const { batch: decoded, message } = decodeBatch(bytes(vector.telemetryBatch));
    expect(hex(toBeSigned(message))).toBe(vector.telemetryToBeSigned);
    const statement = batchStatement(decoded);
    expect(hex(encodeSign1(statement, message.signature))).toBe(vector.telemetryBatch);
    const publicKey = createPublicKey({
      key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(vector.device.x, "hex").toString("base64url") },
      format: "jwk",
    });
    expect(verify(null, toBeSigned(message), publicKey, message.signature)).toBe(true);
    expect(hex(leafHash(bytes(vector.telemetryBatch)))).toBe(vector.rfc9162LeafOfBatch);
    expect(decoded).toMatchObject({ kid: batch.kid, bootCount: 41, issuedAt: batch.issuedAt });
  });

  test("what is encoded is decoded", () => {
    const statement = batchStatement(batch);
    const { batch: decoded } = decodeBatch(encodeSign1(statement, new Uint8Array(64)));
    expect(decoded).toStrictEqual(batch);
  });

  test("SenML is the same as cborg's deterministic encoding", () => {
    const name = fc.string({ maxLength: 12 });
    const value = fc.oneof(
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.string({ unit: "grapheme", maxLength: 20 }),
      fc.record(
        { mantissa: fc.maxSafeInteger(), exponent: fc.integer({ min: -9, max: 9 }) },
        { noNullPrototype: true },
      ),
    );
    const record = fc.record({ name, value, time: fc.nat({ max: 3600 }) }, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 12 }), (records) => {
        const encoded = encodeSenml({ baseName: "x", baseTime: 5, records });
        if (records.every((item) => typeof item.value !== "object")) {
          expect(hex(encode(decode(encoded, { useMaps: true })))).toBe(hex(encoded));
        }
        const expected = records.map(({ time, ...rest }) => (time === 0 ? rest : { ...rest, time }));
        expect(decodeSenml(encoded)).toStrictEqual({ baseName: "x", baseTime: 5, records: expected });
      }),
    );
  });

  test("error: a float, and a batch that is too large", () => {
    expect(() => encodeSenml({ baseName: "", baseTime: 0, records: [{ name: "a", value: 1.5 }] })).toThrow(
      expect.objectContaining({ code: "notInteger" }),
    );
    expect(() => decodeBatch(new Uint8Array(MAX_BATCH_BYTES + 1))).toThrow(
      expect.objectContaining({ code: "tooLarge" }),
    );
  });

  test.each([
    ["an unknown algorithm", "unsupportedAlgorithm", "a401320318700450", "a401260318700450"],
    ["another content type", "malformed", "a401320318700450", "a401320318710450"],
    ["another boot in its id", "malformed", "074800000029", "074800000030"],
    ["a negative boot count", "malformed", "19010b1829", "19010b3829"],
    ["a header that is not signed", "malformed", "a0586084", "a101205860 84".replace(" ", "")],
    [
      "a header in another order",
      "malformed",
      "01320318700450df8534b253850532d848039d3ff84290",
      "03187001320450df8534b253850532d848039d3ff84290",
    ],
    ["a signature of another length", "malformed", "f55840fe", "f55841fefe".replace("fefe", "fe00")],
  ])("error: %s", (_what, code, from, to) => {
    expect(vector.telemetryBatch).toContain(from);
    expect(() => decodeBatch(bytes(vector.telemetryBatch.replace(from, to)))).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test("error: integers of more than 64 bits, or negative where none can be", () => {
    const notInteger = expect.objectContaining({ code: "notInteger" });
    const pack = { baseName: "", baseTime: 0, records: [{ name: "a", value: 2n ** 64n }] };
    expect(() => encodeSenml(pack)).toThrow(notInteger);
    expect(() => batchStatement({ ...batch, issuedAt: -1 })).toThrow(notInteger);
    expect(() => batchStatement({ ...batch, timeQuality: 0.5 })).toThrow(notInteger);
    expect(() => batchStatement({ ...batch, kid: "0xzz" })).toThrow(expect.objectContaining({ code: "malformed" }));
  });

  test("integers of all lengths are as cborg writes them", () => {
    const edges = [
      23n,
      24n,
      255n,
      256n,
      65_535n,
      65_536n,
      2n ** 32n - 1n,
      2n ** 32n,
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 64n - 1n,
    ];
    for (const edge of edges.flatMap((value) => [value, -value, -value - 1n])) {
      const isShort = edge <= BigInt(Number.MAX_SAFE_INTEGER) && edge >= BigInt(Number.MIN_SAFE_INTEGER);
      for (const value of isShort ? [edge, Number(edge)] : [edge]) {
        const record = new Map<number, unknown>([
          [0, "a"],
          [2, value],
          [-2, ""],
          [-3, 0],
        ]);
        expect(hex(encodeSenml({ baseName: "", baseTime: 0, records: [{ name: "a", value }] }))).toBe(
          hex(encode([record])),
        );
      }
    }
  });

  test("error: SenML with an unknown label, a float or base fields behind the first record", () => {
    for (const pack of ["81a2006161020f08", "81a2006161 02f93c00", "82a200616102012161 61", "80", "81a1006161"]) {
      expect(() => decodeSenml(bytes(pack.replace(/ /g, "")))).toThrow(CoseError);
    }
  });
});

describe("statements", () => {
  const fields = {
    device: `0x${"ab".repeat(32)}`,
    sequence: 7n,
    previous: `0x${"01".repeat(32)}`,
    root: `0x${"02".repeat(32)}`,
    count: 1000,
    from: 1_793_570_000n,
    until: 1_793_570_600n,
    odometer: 123_456n,
    energy: 0n,
    latitude: 482_175_583,
    longitude: -84_144_950,
  } as const;
  const receipt = { ...fields, right: 2n ** 200n + 5n, time: 1_793_570_100n, leftArea: true };

  test.each(["p256", "ed25519"] as const)("are deterministic CBOR, for %s", (kind) => {
    for (const is of ["checkOut", "checkIn"] as const) {
      for (const statement of [anchorStatement(7833, kind, fields), receiptStatement(7833, kind, is, receipt)]) {
        for (const part of [statement.payload, statement.protectedHeader]) {
          const decoded = decode(part, { useMaps: true, strict: true });
          expect(hex(encode(decoded))).toBe(hex(part));
        }
        expect(hex(encode(decode(toBeSigned(statement), { useMaps: true })))).toBe(hex(toBeSigned(statement)));
      }
    }
  });

  test("say what their fields say", () => {
    const { payload, protectedHeader } = anchorStatement(7833, "ed25519", fields);
    const claims = decode(payload, { useMaps: true }) as Map<number, unknown>;
    expect(claims.get(1)).toBe("ruff:7833");
    expect(claims.get(-70032)).toStrictEqual([482_175_583, -84_144_950]);
    expect(claims.get(-70034)).toStrictEqual(bytes(fields.root));
    expect(claims.get(-70035)).toBe(1000);
    expect(decodeProtected(protectedHeader).get(1)).toBe(-19);
    const nowhere = { ...fields, latitude: -0x80000000, longitude: -0x80000000 };
    expect(
      (decode(anchorStatement(1, "p256", nowhere).payload, { useMaps: true }) as Map<number, unknown>).has(-70032),
    ).toBe(false);
  });

  test("differ in every field, in kind, command, chain and algorithm", () => {
    const base = hex(anchorToBeSigned(7833, "p256", fields));
    const changes = [
      { sequence: 8n },
      { device: `0x${"ac".repeat(32)}` as const },
      { previous: fields.root },
      { root: fields.previous },
      { count: 999 },
      { from: 1n },
      { until: 2n },
      { odometer: 1n },
      { energy: 1n },
      { latitude: 1 },
      { longitude: 1 },
    ];
    for (const change of changes) expect(hex(anchorToBeSigned(7833, "p256", { ...fields, ...change }))).not.toBe(base);
    expect(hex(anchorToBeSigned(7834, "p256", fields))).not.toBe(base);
    expect(hex(anchorToBeSigned(7833, "ed25519", fields))).not.toBe(base);
    const out = hex(receiptToBeSigned(7833, "p256", "checkOut", receipt));
    expect(hex(receiptToBeSigned(7833, "p256", "checkIn", receipt))).not.toBe(out);
    for (const change of [{ right: 1n }, { time: 1n }, { leftArea: false }, { sequence: 1n }]) {
      expect(hex(receiptToBeSigned(7833, "p256", "checkOut", { ...receipt, ...change }))).not.toBe(out);
    }
  });

  test("vectors for other languages", () => {
    const vectors = data("statement-vectors.json");
    const parse = (value: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(value).map(([name, item]) => [
          name,
          typeof item === "string" && /^\d+n$/.test(item) ? BigInt(item.slice(0, -1)) : item,
        ]),
      ) as never;
    expect(hex(anchorToBeSigned(7833, "ed25519", parse(vectors.anchor.fields)))).toBe(vectors.anchor.toBeSigned);
    expect(hex(receiptToBeSigned(7833, "p256", "checkIn", parse(vectors.receipt.fields)))).toBe(
      vectors.receipt.toBeSigned,
    );
    expect(hex(enrolmentToBeSigned(7833, "p256", parse(vectors.enrolment.fields)))).toBe(vectors.enrolment.toBeSigned);
  });
});

describe("device key", () => {
  test("id and name of the vector's device", () => {
    const { device } = data("ruff-vectors.json");
    const id = deviceId("ed25519", bytes(device.x));
    expect(hex(id)).toBe(device.thumbprintSha256);
    expect(deviceUrn(id)).toBe(device.id);
  });

  test("a P-256 id is the hash of the COSE_Key that cborg encodes", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = publicKey.export({ format: "jwk" });
    const [bx, by] = [x, y].map((part) => Uint8Array.from(Buffer.from(part as string, "base64url")));
    const expected = encode(
      new Map<number, unknown>([
        [1, 2],
        [-1, 1],
        [-2, bx],
        [-3, by],
      ]),
    );
    const id = deviceId("p256", Uint8Array.from([...(bx as Uint8Array), ...(by as Uint8Array)]));
    expect(hex(id)).toBe(createHash("sha256").update(expected).digest("hex"));
    expect(() => deviceId("p256", new Uint8Array(32))).toThrow(RangeError);
  });

  test("Ed25519 of the fixed seed signs the vector", () => {
    const vector = data("ruff-vectors.json");
    const pkcs8 = Buffer.concat([bytes("302e020100300506032b657004220420"), new Uint8Array(32).fill(0x11)]);
    const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    const signature = sign(null, bytes(vector.telemetryToBeSigned), key);
    expect(vector.telemetryBatch.endsWith(hex(signature))).toBe(true);
  });
});

describe("Merkle tree (RFC 9162)", () => {
  /** The reference entries and roots of Certificate Transparency (RFC 6962 test data). */
  const entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
  const roots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ];

  test("roots of the Certificate Transparency reference entries", () => {
    const leaves = entries.map((entry) => leafHash(bytes(entry)));
    expect(roots.map((_, i) => hex(merkleRoot(leaves.slice(0, i + 1))))).toStrictEqual(roots);
    expect(hex(merkleRoot([]))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  test("every leaf is proven, and nothing else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, pick, other) => {
        const leaves = Array.from({ length: size }, (_, i) => leafHash(Uint8Array.of(i)));
        const index = pick % size;
        const root = merkleRoot(leaves);
        const path = inclusionProof(leaves, index);
        const leaf = leaves[index] as Uint8Array;
        expect(verifyInclusion(root, leaf, index, size, path)).toBe(true);
        const wrong = other % size;
        if (wrong !== index) expect(verifyInclusion(root, leaf, wrong, size, path)).toBe(false);
        expect(verifyInclusion(root, leafHash(Uint8Array.of(255, 1)), index, size, path)).toBe(false);
        expect(verifyInclusion(root, leaf, index, size, [...path, leaf])).toBe(false);
        if (path.length > 0) expect(verifyInclusion(root, leaf, index, size, path.slice(1))).toBe(false);
        expect(verifyInclusion(root, leaf, size, size, path)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  test("error: an index outside the tree", () => {
    expect(() => inclusionProof([leafHash(new Uint8Array(0))], 1)).toThrow(
      expect.objectContaining({ code: "indexOutOfRange" }),
    );
  });
});
