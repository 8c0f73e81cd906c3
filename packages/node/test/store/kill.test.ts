import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LmdbStore } from "@ruffchain/node";
import { expect, test } from "vitest";
import { newestWholeBatch } from "./numbered-batches.js";

const KILLS = 30;
const program = join(import.meta.dirname, "commit-until-killed.js");

/** Lets a process commit, kills it without warning, and says which batch it acknowledged last. */
async function commitAndKill(directory: string, milliseconds: number): Promise<number> {
  const child = spawn(process.execPath, [program, directory], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(child.stdout, "data");
  await sleep(milliseconds);
  child.kill("SIGKILL");
  const [, signal] = await once(child, "close");
  expect(signal).toBe("SIGKILL");
  return Number(output.trimEnd().split("\n").at(-1));
}

test(`nothing that was acknowledged is lost and nothing is half there after ${KILLS} kills`, async () => {
  const lives = [mkdtempSync(join(tmpdir(), "store-")), mkdtempSync(join(tmpdir(), "store-"))].map(
    async (directory) => {
      for (let kill = 0; kill < KILLS / 2; kill++) {
        const acknowledged = await commitAndKill(directory, Math.random() * 40);
        const store = new LmdbStore(directory);
        // One more may have become durable before its acknowledgement could be written.
        expect([acknowledged, acknowledged + 1]).toContain(newestWholeBatch(store));
        await store.close();
      }
      rmSync(directory, { recursive: true });
    },
  );
  await Promise.all(lives);
});
