import { hashHeader, type LightErrorCode, trustBlock, verifyLightBlock } from "@ruffchain/light";
import { describe, expect, test } from "vitest";
import {
  type JsonLightBlock,
  type JsonSignedHeader,
  type JsonValidators,
  lightBlock,
  nanoseconds,
  readData,
  signedHeader,
  validatorSet,
} from "./light-json.js";
import { nodeCrypto } from "./node-crypto.js";
import { codeOf } from "./refusal.js";

interface SingleStepCase {
  file: string;
  initial: { signed_header: JsonSignedHeader; next_validator_set: JsonValidators; trusting_period: string };
  input: { block: JsonLightBlock; now: string; verdict: string }[];
}

/** What the vectors' verdicts are called here; "INVALID" is every other code. */
const verdicts: Record<string, string | undefined> = {
  SUCCESS: undefined,
  NOT_ENOUGH_TRUST: "insufficientTrust",
  FAILED_TRUSTING_PERIOD: "trustExpired",
};

/** The clock drifts are those of the two projects' own test drivers. */
describe.each([
  ["CometBFT", "light-client/cometbft-mbt.json", 1_000_000_000n, 9],
  ["tendermint-rs", "light-client/tendermint-rs-mbt.json", 0n, 41],
] as const)("model-based single steps of %s", (_, file, clockDrift, count) => {
  const cases = readData<SingleStepCase[]>(file);
  test("all are here", () => expect(cases).toHaveLength(count));

  test.each(cases)("$file", ({ initial, input }) => {
    const { header, commit } = signedHeader(initial.signed_header);
    let trusted = trustBlock(commit.blockId.hash, header, validatorSet(initial.next_validator_set), nodeCrypto);
    for (const { block, now, verdict } of input) {
      const options = { now: nanoseconds(now), trustPeriod: BigInt(initial.trusting_period), clockDrift };
      const code = codeOf(() => {
        trusted = verifyLightBlock(trusted, lightBlock(block), options, nodeCrypto);
      });
      if (verdict === "INVALID") expect([undefined, "insufficientTrust"]).not.toContain(code);
      else expect(code).toBe(verdicts[verdict]);
    }
  });
});

interface RandomStep {
  trusted: JsonSignedHeader;
  trusted_next: JsonValidators;
  signed_header: JsonSignedHeader;
  validator_set: JsonValidators;
  next_validator_set: JsonValidators;
  now: string;
  trust_level: [number, number];
  verdict: string;
  reason: string;
}

/** What CometBFT's reasons are called here. */
const reasons: [RegExp, LightErrorCode][] = [
  [/header belongs to another chain/, "wrongChain"],
  [/commit signs block/, "wrongBlockHash"],
  [/expected new header height/, "wrongHeight"],
  [/expected new header time/, "timeNotLater"],
  [/has a time from the future/, "headerFromFuture"],
  [/expected new header validators/, "wrongValidators"],
  [/expected old header next validators/, "unknownValidators"],
  [/wrong signature/, "invalidSignature"],
  [/wrong set size/, "wrongSignatureCount"],
  [/insufficient voting power/, "insufficientPower"],
];

describe("random steps, as CometBFT's light.Verify takes or refuses them", () => {
  const steps = readData<RandomStep[]>("light-client/cometbft-steps.json");
  test.each(steps.map((step, index) => [index, step] as const))("step %i", (_, step) => {
    const [numerator, denominator] = step.trust_level.map(BigInt) as [bigint, bigint];
    const { header } = signedHeader(step.trusted);
    const trusted = trustBlock(hashHeader(header), header, validatorSet(step.trusted_next), nodeCrypto);
    const options = {
      now: nanoseconds(step.now),
      trustPeriod: 3_600_000_000_000n,
      clockDrift: 10_000_000_000n,
      trustLevel: { numerator, denominator },
    };
    const code = codeOf(() => verifyLightBlock(trusted, lightBlock(step), options, nodeCrypto));
    const [, reason] = reasons.find(([pattern]) => pattern.test(step.reason)) ?? [];
    expect(code).toBe(step.verdict === "INVALID" ? reason : verdicts[step.verdict]);
    if (step.verdict === "INVALID") expect(reason, step.reason).toBeDefined();
  });
});
