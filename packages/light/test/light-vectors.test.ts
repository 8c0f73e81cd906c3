import { trustBlock, verifyLightBlock } from "@ruffchain/light";
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
