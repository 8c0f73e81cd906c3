import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureText } from "../dist/failure-text.js";
import { ruffProgram } from "../dist/program.js";
import { printed, ruff, startRuff } from "./ruff.js";

const folder = mkdtempSync(join(tmpdir(), "ruff-snapshots-"));
const data = join(folder, "node");
const file = join(folder, "state.ruff");
const genesis = join(data, "genesis.json");
const running: ReturnType<typeof startRuff>[] = [];

async function startNode(at: string, ...options: string[]): Promise<string> {
  const free = ["--rpc-port", "0", "--operator-port", "0", "--log-level", "error", "--json"];
  const child = startRuff(["node", "--data", at, "--block-time", "20", ...free, ...options]);
  running.push(child);
  const [line] = /\{.*\}/.exec(await printed(child, /\{"rpc".*\}/)) ?? [];
  return JSON.parse(line as string).rpc;
}

async function rpc(url: string, method: string, ...params: unknown[]) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(url, { method: "POST", body, headers: { "content-type": "application/json" } });
  return (await response.json()) as { result: unknown; error: { message: string } };
}

async function json(...args: string[]) {
  const { code, out, err } = await ruff([...args, "--json"]);
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

const height = async (url: string) => Number((await rpc(url, "eth_blockNumber")).result as string);

let url: string;
beforeAll(async () => {
  url = await startNode(data, "--dev", "--empty-block-time", "50", "--keep-blocks", "1000");
  while ((await height(url)) <= 3) await setTimeout(20);
});
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

describe("beside a running node", () => {
  test("snapshot, file and restore make a node that stands where the first stood", async () => {
    const created = await json("snapshot", "create", "--data", data);
    expect(created).toMatchObject({ chunks: 1, hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
    expect(await json("snapshot", "list", "--data", data)).toMatchObject([{ height: created.height }]);
    const exported = await json("snapshot", "export", file, "--data", data);
    expect(exported.height).toBe(created.height);
    expect(exported.head).toBeGreaterThan(created.height);

    const restored = join(folder, "restored");
    const { code, out, err } = await ruff([
      "restore",
      file,
      "--data",
      restored,
      "--genesis",
      genesis,
      "--trust-hash",
      exported.trustHash,
    ]);
    expect(code, err).toBe(0);
    expect(err).toMatch(/chunk 1 of 1, \d+ bytes checked/);
    expect(out).toMatch(new RegExp(`head +${exported.head}`));
    copyFileSync(join(data, "priv_validator_key.json"), join(restored, "priv_validator_key.json"));
    const other = await startNode(restored, "--empty-block-time", "0");
    expect(await height(other)).toBeGreaterThanOrEqual(exported.head);
    const { error } = await rpc(other, "eth_getBlockByNumber", "0x1", false);
    expect(error.message).toMatch(/this node has blocks from/);
    const at = `0x${exported.head.toString(16)}`;
    const [mine, theirs] = await Promise.all([url, other].map((node) => rpc(node, "eth_getBlockByNumber", at, false)));
    expect(mine?.result).toEqual(theirs?.result);
    expect(mine?.result).not.toBeNull();
  });

  test("a backup is a node's folder without keys", async () => {
    const copy = join(folder, "backup");
    expect((await json("backup", copy, "--data", data)).height).toBeGreaterThan(3);
    expect(readdirSync(copy).sort()).toEqual(["chain", "genesis.json"]);
  });
});

test.each<[string, string[], RegExp]>([
  ["a folder that has a chain", ["restore", file, "--data", data, "--genesis", genesis], /has a chain already/],
  [
    "a file that is not there",
    ["restore", "nowhere", "--data", "x", "--genesis", genesis],
    /no file or folder nowhere/,
  ],
  [
    "another trusted hash",
    ["restore", file, "--data", join(folder, "no"), "--genesis", genesis, "--trust-hash", `0x${"ab".repeat(32)}`],
    /not the trusted 0xab/,
  ],
  [
    "a snapshot that is not there",
    ["snapshot", "export", join(folder, "other"), "--height", "77777", "--data", data],
    /no snapshot of height 77777/,
  ],
  ["a height that is not there", ["snapshot", "create", "--height", "77777", "--data", data], /77777 is not kept/],
  ["a folder without a chain", ["snapshot", "create", "--data", join(folder, "nothing")], /no chain in it/],
  ["a backup where something is", ["backup", data, "--data", data], /nothing is overwritten/],
])("says what is wrong with %s", async (_, args, words) => {
  const program = await ruffProgram(args[0]);
  const error = await program.parseAsync(args, { from: "user" }).catch((reason) => reason);
  expect(failureText(error)).toMatch(words);
  expect(existsSync(join(folder, "no"))).toBe(false);
});
