import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { blockIdFlag } from "@ruffchain/light";
import { ValidatorKey } from "@ruffchain/node";
import { toHex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cometProgram } from "../../../../packages/node/test/engine/comet.js";
import { TestNetwork, type Validator } from "./validators.js";

/** "npm run faults" builds it. */
const WRONG_CLOCK = join(dirname(cometProgram), "cometbft-wrong-clock");
const HOUR = 3_600;
const BLOCKS = 20;
/** A block's time is that of the votes before it: a machine that is busy is late by so much. */
const LATE_SECONDS = 20;
const SHIFT_NODE = "const { now } = Date; Date.now = () => now() + Number(process.env.CLOCK_SKEW_SECONDS) * 1000;";
const LIMIT_MS = 300_000;

describe.skipIf(!existsSync(WRONG_CLOCK))("one of four validators whose clock is wrong", { timeout: LIMIT_MS }, () => {
  let network: TestNetwork;
  let all: readonly [Validator, Validator, Validator, Validator];

  beforeAll(async () => {
    network = await TestNetwork.start({ validators: 4, blockTimeMs: 200 });
    all = network.validators as typeof all;
  }, LIMIT_MS);
  afterAll(() => network?.close());

  /** How often the last one has voted for one of the next blocks, whose time must be right. */
  async function votesOfTheLast(): Promise<number> {
    const [first, , , last] = all;
    const { address } = ValidatorKey.load(join(last.folder, "priv_validator_key.json"));
    let votes = 0;
    const from = (await first.height()) + 3;
    for (let height = from; height < from + BLOCKS; height++) {
      await network.reaches([first], height + 1);
      const { header, commit } = await first.signedHeader(height);
      const lateSeconds = Date.now() / 1_000 - Number(header.time / 1_000_000n) / 1_000;
      expect(Math.abs(lateSeconds)).toBeLessThan(LATE_SECONDS);
      const its = commit.signatures.filter((each) => toHex(each.validatorAddress) === toHex(address));
      if (its.some(({ flag }) => flag === blockIdFlag.commit)) votes++;
    }
    return votes;
  }

  async function restartLast(skewSeconds: number): Promise<void> {
    const last = all[3];
    await last.stop();
    await network.start(last, undefined, {
      RUFF_COMETBFT: WRONG_CLOCK,
      CLOCK_SKEW_SECONDS: String(skewSeconds),
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SHIFT_NODE)}`,
    });
  }

  test.each([HOUR, 30, -30])("by %i s: votes with the others, and the blocks have the right time", async (skew) => {
    await restartLast(skew);
    expect(await votesOfTheLast()).toBeGreaterThan(BLOCKS / 2);
  });

  test("by an hour that it is late: does not vote, the others go on, and it comes back with the right clock", async () => {
    await restartLast(-HOUR);
    expect(await votesOfTheLast()).toBe(0);
    await all[3].kill();
    await network.start(all[3]);
    await network.reaches(all, await all[0].height());
    expect(await votesOfTheLast()).toBeGreaterThan(BLOCKS / 2);
  });
});
