import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readCommandLine, UsageError } from "../dist/command-line.js";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

test("says which benchmarks to run, and how", () => {
  const plain = { names: [], help: false, count: 20_000, geth: false };
  expect(readCommandLine([], ["a", "b"])).toStrictEqual(plain);
  expect(readCommandLine(["--help"], ["a", "b"])).toStrictEqual({ ...plain, help: true });
  expect(readCommandLine(["b", "--peer", "geth", "--count", "1000"], ["a", "b"])).toStrictEqual({
    ...plain,
    ...{ names: ["b"], count: 1_000, geth: true },
  });
});

test.each([
  [["--fast"], "Unknown option '--fast'"],
  [["--count"], "Option '--count <value>' argument missing"],
  [["a", "z"], "there is no benchmark 'z'"],
  [["--peer", "besu"], "there is no further peer 'besu'"],
  [["--count", "999"], "'999' is no number of transactions from 1000"],
  [["--count", "many"], "'many' is no number of transactions from 1000"],
])("error: %j", (args, words) => {
  expect(() => readCommandLine(args, ["a", "b"])).toThrow(new UsageError(words));
});

test.each([
  [["--help"], 0, /^usage: .*\[a b c d e f g n o\]/],
  [["--fast"], 2, /^Unknown option '--fast'\nusage: .*\n$/],
])("npm run bench -- %s", ([option = ""], code, words) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, option], { encoding: "utf8" });
  expect(status).toBe(code);
  expect(stdout + stderr).toMatch(words);
});
