import { createPrivateKey, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  anchorToBeSigned,
  batchStatement,
  deviceId,
  deviceUrn,
  encodeSign1,
  KID_BYTES,
  leafHash,
  merkleRoot,
  type SenmlRecord,
  toBeSigned,
} from "@ruffchain/cose";
import { nodeCrypto, openKeyFile, type Signer } from "@ruffchain/edge";
import { bytesToHex } from "@ruffchain/kernel";
import { DEVELOPMENT_CHAIN_ID } from "@ruffchain/node";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";
import { median } from "../time.js";

const READINGS_PER_BATCH = 20;
const BATCHES_PER_ANCHOR = 100;
const ROUNDS = 200;
const WARM_UP_ROUNDS = 100;
const START_TIME = 1_793_570_000;
const { sha256 } = nodeCrypto;

/** What a device does with its readings: batches signed one after the other, their tree, a signed anchor over its root. */
export const signedReadings: Benchmark = async (_options, report) => {
  progress("d: signed readings into anchors …");
  const folder = mkdtempSync(join(tmpdir(), "ruff-bench-key-"));
  try {
    const keyFile = join(folder, "device.pem");
    const signer = await openKeyFile(keyFile);
    const key = createPrivateKey(readFileSync(keyFile));
    const message = Buffer.alloc(400);
    const anchorMilliseconds: number[] = [];
    const signMilliseconds: number[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const start = performance.now();
      await makeAnchor(signer);
      const made = performance.now();
      for (let signature = 0; signature <= BATCHES_PER_ANCHOR; signature++) sign("sha256", message, key);
      if (round < WARM_UP_ROUNDS) continue;
      anchorMilliseconds.push(made - start);
      signMilliseconds.push(performance.now() - made);
    }
    const readings = READINGS_PER_BATCH * BATCHES_PER_ANCHOR;
    report({
      name: "d: signed readings into anchors, by the device",
      figure: (1000 * readings) / median(anchorMilliseconds),
      unit: "readings/s",
      better: "higher",
      peer: "as many bare P-256 signatures of node:crypto",
      peerFigure: (1000 * readings) / median(signMilliseconds),
      settings: { readingsPerBatch: READINGS_PER_BATCH, batchesPerAnchor: BATCHES_PER_ANCHOR, rounds: ROUNDS },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

async function makeAnchor(signer: Signer): Promise<Uint8Array> {
  const id = deviceId(signer.kind, signer.publicKey, sha256);
  const device = bytesToHex(id);
  const baseName = `${deviceUrn(id)}:`;
  const leaves: Uint8Array[] = [];
  let previous: Uint8Array = new Uint8Array(32);
  for (let sequence = 1; sequence <= BATCHES_PER_ANCHOR; sequence++) {
    const statement = batchStatement({
      algorithm: signer.kind,
      kid: device.slice(0, 2 + 2 * KID_BYTES) as typeof device,
      issuedAt: START_TIME + sequence,
      bootCount: 1,
      sequence,
      previous,
      timeQuality: 4,
      pack: { baseName, baseTime: START_TIME, records: readings(sequence) },
    });
    const bytes = encodeSign1(statement, await signer.sign(toBeSigned(statement)));
    previous = sha256(bytes);
    leaves.push(leafHash(bytes, sha256));
  }
  const anchor = {
    device,
    sequence: 1n,
    previous: `0x${"00".repeat(32)}`,
    root: bytesToHex(merkleRoot(leaves, sha256)),
    count: BATCHES_PER_ANCHOR,
    from: BigInt(START_TIME),
    until: BigInt(START_TIME + BATCHES_PER_ANCHOR),
    odometer: 123_456_789n,
    energy: 98_765n,
    latitude: 464_982_872,
    longitude: 75_678_901,
  } as const;
  return signer.sign(anchorToBeSigned(DEVELOPMENT_CHAIN_ID, signer.kind, anchor));
}

function readings(sequence: number): SenmlRecord[] {
  return Array.from({ length: READINGS_PER_BATCH }, (_, index) => ({
    name: index % 2 === 0 ? "battery/voltage" : "motor/temperature",
    unit: index % 2 === 0 ? "V" : "Cel",
    value: { mantissa: 3_600 + sequence + index, exponent: -1 },
    time: index,
  }));
}
