import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { printed, startRuff } from "./ruff.js";

async function end(child: ReturnType<typeof startRuff>): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await ended;
}

test("the story is told from end to end, stays up, and a second start goes on from there", {
  timeout: 180_000,
}, async () => {
  const data = mkdtempSync(join(tmpdir(), "ruff-story-"));
  const first = startRuff(["demo", "--stay", "--json", "--data", data]);
  const text = await printed(first, /The chain stays up: JSON-RPC at (\S+),/);
  const report = JSON.parse(text.slice(text.indexOf("\n{"), text.lastIndexOf("}") + 1));
  expect(report.balances.length).toBeGreaterThan(12);
  expect(report.balances.every(({ ok }: { ok: boolean }) => ok)).toBe(true);
  expect(report.evidence.steps).toHaveLength(5);
  for (const words of [
    "the car opens",
    "wrongHolder|signed, but the right",
    "more than 10 s",
    "challenge was used",
    "not the one that the right names",
    "not inside",
    "AlreadyRegistered",
  ]) {
    expect(report.events.map(({ what }: { what: string }) => what).join("\n")).toMatch(new RegExp(words));
  }
  await end(first);
  expect(first.exitCode).toBe(0);

  const second = startRuff(["demo", "--stay", "--data", data]);
  const again = await printed(second, /The chain stays up: JSON-RPC at (\S+),/);
  expect(again).toMatch(/has been told here before/);
  const rpc = /JSON-RPC at (\S+),/.exec(again)?.[1] as string;
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] });
  const height = async () =>
    Number(((await (await fetch(rpc, { method: "POST", body })).json()) as { result: string }).result);
  const at = await height();
  expect(at).toBeGreaterThan(report.evidence.header);
  while ((await height()) <= at) await new Promise((resolve) => setTimeout(resolve, 100));
  await end(second);
  expect(second.exitCode).toBe(0);
  rmSync(data, { recursive: true, force: true });
});
