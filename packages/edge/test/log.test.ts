import { spawn } from "node:child_process";
import { appendFile, cp, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import { Log, type LogOptions, type LogRecord, MAX_RECORD_BYTES, RECORD_HEADER_BYTES } from "@ruffchain/edge";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf, silent, temporaryFolder, until } from "./setting.js";

const open = (folder: string, options: Partial<LogOptions> = {}) => Log.open({ folder, log: silent, ...options });
const record = (text: string, kind = 1): LogRecord => ({ kind, payload: Buffer.from(text) });

async function contents(log: Log): Promise<[number, number, string][]> {
  const all: [number, number, string][] = [];
  for await (const { index, kind, payload } of log.records()) all.push([index, kind, Buffer.from(payload).toString()]);
  return all;
}

async function reopened(folder: string): Promise<[number, number, string][]> {
  const log = await open(folder);
  const all = await contents(log);
  await log.close();
  return all;
}

test("gives back what was appended, by index and in order, also after it was opened again", async () => {
  const folder = await temporaryFolder();
  const log = await open(folder);
  expect(await Promise.all(["a", "b", "c"].map((text, at) => log.append(record(text, at))))).toEqual([0, 1, 2]);
  expect((await log.read(1))?.payload.toString()).toBe("b");
  expect(await log.read(3)).toBeUndefined();
  await log.close();
  const again = await open(folder);
  expect(await contents(again)).toEqual([
    [0, 0, "a"],
    [1, 1, "b"],
    [2, 2, "c"],
  ]);
  expect(again.next).toBe(3);
  expect(await again.append(record("d"))).toBe(3);
  await again.close();
});

test("goes on in new files", async () => {
  const folder = await temporaryFolder();
  const log = await open(folder, { segmentBytes: 100 });
  for (let count = 0; count < 50; count++) await log.append(record(`record ${count}`));
  expect((await readdir(folder)).length).toBeGreaterThan(5);
  for (const index of [0, 7, 49]) expect((await log.read(index))?.payload.toString()).toBe(`record ${index}`);
  await log.close();
  expect((await reopened(folder)).map(([index, , text]) => text === `record ${index}`)).toEqual(Array(50).fill(true));
});

test("is a plain array, whatever is appended and however often it is opened", async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.nat(255), payload: fc.uint8Array({ maxLength: 300 }) }) },
    { weight: 1, arbitrary: fc.constant("reopen" as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 2000 }), async (steps, size) => {
      const folder = await temporaryFolder();
      const model: LogRecord[] = [];
      let log = await open(folder, { segmentBytes: size });
      for (const next of steps) {
        if (next === "reopen") {
          await log.close();
          log = await open(folder, { segmentBytes: size });
        } else {
          model.push(next);
          await log.append(next);
        }
      }
      const all: LogRecord[] = [];
      for await (const { kind, payload } of log.records()) all.push({ kind, payload: Uint8Array.from(payload) });
      expect(all).toEqual(model);
      await log.close();
    }),
    { numRuns: 20 },
  );
});

describe("after a crash", () => {
  test("at every byte, all whole records are there, the torn one is not, and the log goes on", async () => {
    const origin = await temporaryFolder();
    const log = await open(origin);
    const texts = ["first", "the second", "", "fourth"];
    const ends: number[] = [];
    for (const text of texts) {
      await log.append(record(text));
      ends.push(log.bytes);
    }
    await log.close();
    const [name = ""] = await readdir(origin);
    for (let size = 0; size <= (ends.at(-1) ?? 0); size++) {
      const folder = await temporaryFolder();
      await cp(origin, folder, { recursive: true });
      await truncate(join(folder, name), size);
      const whole = ends.filter((end) => end <= size).length;
      const torn = await open(folder);
      expect((await contents(torn)).map(([, , text]) => text)).toEqual(texts.slice(0, whole));
      expect(await torn.append(record("after"))).toBe(whole);
      await torn.close();
      expect((await reopened(folder)).map(([, , text]) => text)).toEqual([...texts.slice(0, whole), "after"]);
    }
  });

  test("of kill -9, all that was answered is there", async () => {
    const folder = await temporaryFolder();
    const program = `
      import { Log } from "@ruffchain/edge";
      const log = await Log.open({ folder: process.argv[1], log: console, segmentBytes: 2000 });
      for (;;) {
        const payload = Buffer.from("record " + log.next);
        log.append({ kind: 1, payload }).then((index) => process.stdout.write(index + "\\n"));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }`;
    let answered = -1;
    for (let kill = 0; kill < 2; kill++) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program, folder], {
        cwd: import.meta.dirname,
      });
      const lines: string[] = [];
      createInterface(child.stdout).on("line", (line) => lines.push(line));
      const most = 5 + 17 * kill;
      await until(() => lines.length > most);
      const ended = new Promise((resolve) => child.on("close", resolve));
      child.kill("SIGKILL");
      await ended;
      answered = Math.max(answered, ...lines.map(Number));
    }
    const all = await reopened(folder);
    expect(all.length).toBeGreaterThan(answered);
    expect(all.every(([index, , text], place) => index === place && text === `record ${index}`)).toBe(true);
  });

  test("zeros or noise behind the last record are cut off", async () => {
    for (const tail of [Buffer.alloc(4096), Buffer.from("ffff0000aaaaaaaa00".repeat(20), "hex")]) {
      const folder = await temporaryFolder();
      const log = await open(folder);
      await log.append(record("kept"));
      await log.close();
      const [name = ""] = await readdir(folder);
      await appendFile(join(folder, name), tail);
      const again = await open(folder);
      await again.append(record("next"));
      await again.close();
      expect((await reopened(folder)).map(([, , text]) => text)).toEqual(["kept", "next"]);
    }
  });

  test("damage in an old file loses what follows in that file, and says so by a gap in the indices", async () => {
    const folder = await temporaryFolder();
    const log = await open(folder, { segmentBytes: 60 });
    for (let count = 0; count < 9; count++) await log.append(record(`record ${count}`));
    await log.close();
    const [name = ""] = (await readdir(folder)).sort();
    const bytes = await readFile(join(folder, name));
    const second = 8 + RECORD_HEADER_BYTES + "record 0".length;
    bytes.writeUInt8(bytes.readUInt8(second + RECORD_HEADER_BYTES) ^ 1, second + RECORD_HEADER_BYTES);
    await writeFile(join(folder, name), bytes);
    const damaged = await open(folder);
    const indices = (await contents(damaged)).map(([index]) => index);
    expect(indices).toEqual([0, 4, 5, 6, 7, 8]);
    expect(await damaged.read(1)).toBeUndefined();
    expect((await damaged.read(4))?.payload.toString()).toBe("record 4");
    await damaged.close();
  });
});

describe("when it outgrows its quota", () => {
  const raw = 1;
  const evidence = 2;
  const thin = new Map([[raw, (payload: Uint8Array) => ({ kind: 3, payload: payload.subarray(0, 4) })]]);

  test("the oldest raw records become small, evidence stays, indices stay", async () => {
    const folder = await temporaryFolder();
    const log = await open(folder, { segmentBytes: 1000, quotaBytes: 5000, thin });
    for (let count = 0; count < 100; count++) {
      await log.append(
        record(`${String(count).padStart(4, "0")}${"x".repeat(100)}`, count % 10 === 0 ? evidence : raw),
      );
    }
    expect(log.bytes).toBeLessThanOrEqual(5000);
    expect((await log.read(1))?.payload.toString()).toBe("0001");
    expect((await log.read(0))?.payload).toHaveLength(104);
    expect((await log.read(99))?.payload).toHaveLength(104);
    await log.close();
    const kinds = (await reopened(folder)).map(([index, kind, text]) => [index, kind, text.slice(0, 4)]);
    expect(kinds).toHaveLength(100);
    for (const [index, kind, text] of kinds) {
      expect(Number(text)).toBe(index);
      expect(kind === evidence).toBe(Number(index) % 10 === 0);
    }
    expect(kinds[1]?.[1]).toBe(3);
    expect(kinds[99]?.[1]).toBe(raw);
  });

  test("it says that it is full when only evidence is left", async () => {
    const folder = await temporaryFolder();
    const log = await open(folder, { segmentBytes: 1000, quotaBytes: 3000, thin });
    const fill = async () => {
      for (let count = 0; count < 100; count++) await log.append(record("x".repeat(100), evidence));
    };
    expect(await codeOf(fill)).toBe("logFull");
    expect(log.bytes).toBeLessThanOrEqual(3500);
    await log.close();
  });

  test("reading goes on while files are rewritten", async () => {
    const folder = await temporaryFolder();
    const log = await open(folder, { segmentBytes: 500, quotaBytes: 3000, thin });
    const written = (async () => {
      for (let count = 0; count < 60; count++) {
        await log.append(record(`${String(count).padStart(4, "0")}${"x".repeat(90)}`, raw));
      }
    })();
    let reads = 0;
    for (let done = false; !done; reads++) {
      await setImmediate();
      const index = reads % 20;
      const found = await log.read(index);
      if (found) expect(Number(found.payload.subarray(0, 4).toString())).toBe(index);
      done = log.next >= 60;
    }
    await written;
    await log.close();
  });
});

test("refuses what is too large, and everything once it is closed", async () => {
  const folder = await temporaryFolder();
  const log = await open(folder);
  await log.append({ kind: 1, payload: new Uint8Array(MAX_RECORD_BYTES) });
  expect(await codeOf(() => log.append({ kind: 1, payload: new Uint8Array(MAX_RECORD_BYTES + 1) }))).toBe(
    "recordTooLarge",
  );
  const last = log.append(record("last"));
  await log.close();
  expect(await last).toBe(1);
  expect(await codeOf(() => log.append(record("more")))).toBe("logClosed");
});

test("does not take another program's file for its own", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, `${"0".repeat(16)}.log`), "something else");
  expect(await codeOf(() => open(folder))).toBe("invalidFile");
});

test("only the owner can read it", async () => {
  const folder = join(await temporaryFolder(), "log");
  await (await open(folder)).close();
  const [name = ""] = await readdir(folder);
  expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
});
