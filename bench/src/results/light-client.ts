import { randomBytes } from "node:crypto";
import { nodeCrypto } from "@ruffchain/edge";
import { hashValidators, type TrustedState, verifyLightBlock } from "@ruffchain/light";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";
import { commitOf, headerWith, makeSigners } from "../signed-block.js";
import { medianMicroseconds } from "../time.js";

const CHAIN_ID = "ruff-bench";
const HEADER_TIME = 1_790_000_000;
const HOUR = 3_600_000_000_000n;

/** One step of the light client over many blocks, against the signature checks in it alone. */
export const lightClient: Benchmark = async (_options, report) => {
  for (const [validators, rounds] of [
    [4, 500],
    [100, 50],
  ] as const) {
    progress(`e: light client with ${validators} validators …`);
    const { step, signaturesAlone, signatures } = stepOver(validators);
    medianMicroseconds(rounds / 5, step, signaturesAlone);
    const [figure = 0, peerFigure = 0] = medianMicroseconds(rounds, step, signaturesAlone);
    report({
      name: `e: step of the light client, ${validators} validators`,
      figure,
      unit: "us",
      better: "lower",
      peer: `its ${signatures} signature checks alone`,
      peerFigure,
      settings: { validators, rounds, figureIs: "median" },
    });
  }
};

function stepOver(validators: number) {
  const signers = makeSigners(validators);
  const appHash = randomBytes(32);
  const validatorsHash = hashValidators(signers, nodeCrypto);
  const header = headerWith({ chainId: CHAIN_ID, time: HEADER_TIME, appHash, validatorsHash });
  const block = { header, commit: commitOf(header, signers), validators: signers, nextValidators: signers };
  const earlier = { height: header.height - 1000, time: header.time - HOUR, hash: randomBytes(32) };
  const trusted: TrustedState = { chainId: CHAIN_ID, ...earlier, nextValidators: signers };
  const options = { now: header.time + 1n, trustPeriod: 24n * HOUR };
  const checks: Parameters<typeof nodeCrypto.verifyEd25519>[] = [];
  const recording = {
    ...nodeCrypto,
    verifyEd25519: (...given: (typeof checks)[number]) => {
      checks.push(given);
      return nodeCrypto.verifyEd25519(...given);
    },
  };
  verifyLightBlock(trusted, block, options, recording);
  return {
    step: () => verifyLightBlock(trusted, block, options, nodeCrypto),
    signaturesAlone: () => {
      for (const check of checks) nodeCrypto.verifyEd25519(...check);
    },
    signatures: checks.length,
  };
}
