import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CometOptions, ValidatorKey } from "@ruffchain/node";
import { afterAll, describe, expect, test } from "vitest";
import { startTestNode } from "../running-node.js";
import { cometMissing, cometProgram } from "./comet.js";

const folder = mkdtempSync(join(tmpdir(), "ruff-process-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that runs a shell script in CometBFT's place. */
function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

/** A node whose CometBFT is the program. */
function startWith(path: string, name: string) {
  const dataDirectory = join(folder, `${name}-data`);
  const validatorKeyFile = join(dataDirectory, "priv_validator_key.json");
  mkdirSync(dataDirectory, { recursive: true });
  const validator = ValidatorKey.generate();
  validator.save(validatorKeyFile);
  const comet: CometOptions = { program: path, validatorKeyFile, p2pAddress: "tcp://127.0.0.1:0" };
  return startTestNode({ dataDirectory, validator, comet });
}

describe("the process of CometBFT", () => {
  test("that is missing, or ends at once, keeps the node from starting and says why", async () => {
    await expect(startWith(join(folder, "nothing"), "missing")).rejects.toMatchObject({
      code: "cometMissing",
      message: expect.stringContaining("npm run comet"),
    });
    await expect(startWith(program("refuses", "echo this is why; exit 3"), "refuses")).rejects.toMatchObject({
      code: "cometEnded",
      message: expect.stringContaining("this is why"),
    });
  });

  test.skipIf(cometMissing)("is tried again while another one is in its way", async () => {
    const times = join(folder, "times");
    const script = `echo x >> ${times}
      [ $(wc -l < ${times}) -lt 3 ] && { echo "listen tcp: bind: address already in use"; exit 1; }
      exec ${cometProgram} "$@"`;
    const chain = await startWith(program("waits", script), "waits");
    expect(readFileSync(times, "utf8")).toBe("x\nx\nx\n");
    await chain.close();
  });

  test.skipIf(cometMissing)(
    "makes its database anew where it was killed while it made it, but not once it has signed",
    async () => {
      const halfMade = (name: string) => {
        const database = join(folder, `${name}-data`, "comet", "data", "blockstore.db");
        mkdirSync(database, { recursive: true });
        writeFileSync(join(database, "MANIFEST-000000"), "cut off");
        return join(database, "..");
      };
      halfMade("cut");
      const chain = await startWith(cometProgram, "cut");
      await chain.close();
      const data = halfMade("signed");
      mkdirSync(join(data, "..", "config"));
      writeFileSync(join(data, "..", "config", "config.toml"), "");
      writeFileSync(join(data, "priv_validator_state.json"), JSON.stringify({ height: "1", round: 0, step: 3 }));
      await expect(startWith(cometProgram, "signed")).rejects.toMatchObject({ code: "cometEnded" });
    },
  );

  test.skipIf(cometMissing)("that is killed takes the node with it", async () => {
    const pid = join(folder, "pid");
    const chain = await startWith(program("noted", `echo $$ > ${pid}; exec ${cometProgram} "$@"`), "noted");
    process.kill(Number(readFileSync(pid, "utf8")), "SIGKILL");
    expect(await chain.node.failed).toMatchObject({ code: "cometEnded" });
    const health = await fetch(`http://127.0.0.1:${chain.node.operatorPort}/health`);
    expect(health.status).toBe(503);
    await chain.close();
  });

  test.skipIf(cometMissing).each([
    ["panics", "CONSENSUS FAILURE!!! err=no space left"],
    ["signs-nothing", "Periodic WAL flush failed err=no space left"],
  ])("that stops deciding, though it goes on, takes the node with it: %s", async (name, words) => {
    const go = join(folder, `${name}-go`);
    const script = `(until [ -e ${go} ]; do sleep 0.1; done; echo "${words}"; seq 2000) & exec ${cometProgram} "$@"`;
    const chain = await startWith(program(name, script), name);
    writeFileSync(go, "");
    expect(await chain.node.failed).toMatchObject({
      code: "cometEnded",
      message: expect.stringMatching(/stopped deciding.*\n.*no space left/),
    });
    await chain.close();
  });

  test.skipIf(cometMissing)("does not start without what its validator has signed last", async () => {
    const first = await startWith(cometProgram, "careful");
    const { dataDirectory, validator, genesis } = first;
    await first.node.stop();
    const state = join(dataDirectory, "comet", "data", "priv_validator_state.json");
    expect(JSON.parse(readFileSync(state, "utf8"))).toHaveProperty("height");
    rmSync(state);
    await expect(startTestNode({ dataDirectory, validator, genesis, engine: "comet" })).rejects.toMatchObject({
      code: "cometEnded",
      message: expect.stringContaining("priv_validator_state.json"),
    });
  });
});
