import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { devices, devicesAbi, type Hex, keyType, telemetry, telemetryAbi } from "@ruffchain/abi";
import { systemContracts } from "@ruffchain/contracts";
import { anchorToBeSigned, enrolmentToBeSigned } from "@ruffchain/cose";
import { bytesToHex, sha256 } from "@ruffchain/kernel";
import { DEVELOPMENT_CHAIN_ID } from "@ruffchain/node";
import { encodeFunctionData } from "viem";
import { loadAccount } from "../load/account.js";
import { type LoadDevice, makeDevice } from "../load/device.js";
import type { LoadCall } from "../load/sign.js";
import { GENESIS_TIME, LocalChain } from "../local-chain.js";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";
import { median } from "../time.js";

const DEVICES = 500;
const READINGS_PER_ANCHOR = 2_000;
const WARM_UP_BLOCKS = 5;
const BLOCKS = 20;
const GAS = 2_000_000;
const BALANCE = (10n ** 24n).toString();
const SPKI_PREFIX = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex");

interface SignedAnchor {
  readonly call: LoadCall;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** What the chain does with anchors, one of each device in a block, against the checks of their signatures alone. */
export const anchorsOnChain: Benchmark = async (_options, report) => {
  progress("d: anchors on the chain …");
  const folder = mkdtempSync(join(tmpdir(), "ruff-bench-anchors-"));
  const sender = loadAccount(0);
  const chain = await LocalChain.open(folder, systemContracts, { [sender.address]: BALANCE });
  try {
    const streams = Array.from({ length: DEVICES }, () => ({ device: makeDevice(), previous: zeroRoot }));
    const keys = streams.map(({ device }) => publicKeyOf(device));
    await chain.execute(streams.map(({ device }) => ({ sender, call: registration(device, sender.address) })));
    const blockMilliseconds: number[] = [];
    const checkMilliseconds: number[] = [];
    for (let block = 1; block <= WARM_UP_BLOCKS + BLOCKS; block++) {
      const anchors = streams.map((stream) => nextAnchor(stream, block));
      const { elapsed } = await chain.execute(anchors.map(({ call }) => ({ sender, call })));
      const start = performance.now();
      for (const [index, { message, signature }] of anchors.entries()) {
        verify("sha256", message, { key: keys[index] as KeyObject, dsaEncoding: "ieee-p1363" }, signature);
      }
      if (block <= WARM_UP_BLOCKS) continue;
      checkMilliseconds.push(performance.now() - start);
      blockMilliseconds.push(elapsed);
    }
    const readings = DEVICES * READINGS_PER_ANCHOR;
    report({
      name: "d: signed readings into anchors, on the chain",
      figure: (1000 * readings) / median(blockMilliseconds),
      unit: "readings/s",
      better: "higher",
      peer: "as many bare P-256 checks of node:crypto",
      peerFigure: (1000 * readings) / median(checkMilliseconds),
      settings: {
        anchorsPerSecond: Math.round((1000 * DEVICES) / median(blockMilliseconds)),
        readingsPerAnchor: READINGS_PER_ANCHOR,
        anchorsPerBlock: DEVICES,
        blocks: BLOCKS,
        store: "LMDB",
        figureIs: "median block",
      },
    });
  } finally {
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const zeroRoot: Hex = `0x${"00".repeat(32)}`;

function registration(device: LoadDevice, owner: Hex): LoadCall {
  const signature = device.sign(enrolmentToBeSigned(DEVELOPMENT_CHAIN_ID, "p256", { device: device.id, owner }));
  const data = encodeFunctionData({
    abi: devicesAbi,
    functionName: "register",
    args: [keyType.p256, bytesToHex(device.publicKey), bytesToHex(signature)],
  });
  return { to: devices.address, value: 0n, data, gas: GAS };
}

function nextAnchor(stream: { readonly device: LoadDevice; previous: Hex }, sequence: number): SignedAnchor {
  const { device, previous } = stream;
  const root = bytesToHex(sha256(Buffer.from(`${device.id} ${sequence}`)));
  const anchor = {
    device: device.id,
    sequence: BigInt(sequence),
    previous,
    root,
    count: READINGS_PER_ANCHOR,
    from: GENESIS_TIME,
    until: GENESIS_TIME + 1n,
    odometer: 1_000n * BigInt(sequence),
    energy: 100n * BigInt(sequence),
    latitude: 464_982_872,
    longitude: 75_678_901,
  };
  stream.previous = root;
  const message = anchorToBeSigned(DEVELOPMENT_CHAIN_ID, "p256", anchor);
  const signature = device.sign(message);
  const data = encodeFunctionData({ abi: telemetryAbi, functionName: "anchor", args: [anchor, bytesToHex(signature)] });
  return { call: { to: telemetry.address, value: 0n, data, gas: GAS }, message, signature };
}

function publicKeyOf({ publicKey }: LoadDevice): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
}
