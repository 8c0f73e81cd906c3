import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resultsOf, runStateTest } from "./run-state-test.js";

const folder = new URL("../data/state-tests/", import.meta.url);

test.each(readdirSync(folder))("state tests filled by the execution specs: %s", async (file) => {
  const tests = Object.entries(JSON.parse(readFileSync(new URL(file, folder), "utf8")));
  const differing: string[] = [];
  for (const [name, filled] of tests) {
    const [post, ...others] = resultsOf(filled);
    if (post === undefined || others.length > 0) throw new Error(`${name} has not one result`);
    const reason = await runStateTest(filled, post);
    if (reason !== undefined) differing.push(`${name}: ${reason}`);
  }
  expect(tests.length).toBeGreaterThan(0);
  expect(differing).toStrictEqual([]);
});
