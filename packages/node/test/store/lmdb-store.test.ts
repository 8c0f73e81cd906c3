import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bucket, type Store, type Write } from "@ruffchain/kernel";
import { LmdbStore, MAX_STORE_KEY_BYTES, STORE_FORMAT, StoreError } from "@ruffchain/node";
import fc from "fast-check";
import { open } from "lmdb";
import { afterAll, describe, expect, test } from "vitest";

const directories = mkdtempSync(join(tmpdir(), "store-"));
let made = 0;
afterAll(() => rmSync(directories, { recursive: true }));

function freshDirectory(): string {
  return join(directories, String(made++));
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function hex(value: Uint8Array | null | undefined): string | undefined {
  return value?.constructor === Uint8Array ? Buffer.from(value).toString("hex") : undefined;
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function put(key: Uint8Array, value: Uint8Array, bucket: Bucket = Bucket.state): Write {
  return { bucket, key, value };
}

describe("against a sorted array", () => {
  const buckets = fc.constantFrom(Bucket.state, Bucket.tree, Bucket.meta);
  const keys = fc.uint8Array({ minLength: 1, maxLength: 4, max: 255 }).map((key) => key.map((byte) => (byte % 4) * 85));
  const writes = fc.record({
    bucket: buckets,
    key: keys,
    value: fc.option(fc.tuple(fc.nat(5000), fc.nat(255)).map(([length, byte]) => new Uint8Array(length).fill(byte))),
  });
  const ranges = fc.record(
    { start: fc.oneof(keys, fc.constant(bytes())), end: keys, reverse: fc.boolean() },
    { requiredKeys: ["start"] },
  );

  test("commits, reads and ranges agree, also after reopening", async () => {
    const run = fc.asyncProperty(
      fc.array(fc.array(writes, { maxLength: 20 }), { maxLength: 4 }),
      fc.array(fc.tuple(buckets, ranges), { minLength: 8, maxLength: 8 }),
      async (commits, queries) => {
        const directory = freshDirectory();
        const model = new Map<string, Write>();
        let store = new LmdbStore(directory);
        for (const commit of commits) {
          await store.commit(commit);
          for (const write of commit) model.set(`${write.bucket}/${write.key}`, write);
          expectEqual(store, [...model.values()], queries);
        }
        await store.close();
        store = new LmdbStore(directory);
        expectEqual(store, [...model.values()], queries);
        await store.close();
      },
    );
    await fc.assert(run, { numRuns: 60 });
  });

  function expectEqual(
    store: Store,
    written: readonly Write[],
    queries: readonly (readonly [Bucket, { start: Uint8Array; end?: Uint8Array; reverse?: boolean }])[],
  ): void {
    for (const { bucket, key, value } of written) expect(hex(store.get(bucket, key))).toBe(hex(value));
    for (const [bucket, range] of queries) {
      const expected = written
        .filter((write) => write.bucket === bucket && write.value !== null)
        .filter(({ key }) => Buffer.compare(key, range.start) >= 0)
        .filter(({ key }) => range.end === undefined || Buffer.compare(key, range.end) < 0)
        .sort((a, b) => Buffer.compare(a.key, b.key))
        .map(({ key, value }) => [hex(key), hex(value)]);
      const found = Array.from(store.range(bucket, range), ([key, value]) => [hex(key), hex(value)]);
      expect(found).toEqual(range.reverse ? expected.reverse() : expected);
    }
  }
});

describe("reads", () => {
  test("are the caller's own bytes", async () => {
    const store = new LmdbStore(freshDirectory());
    await store.commit([put(bytes(1), bytes(1, 1)), put(bytes(2), new Uint8Array(100_000).fill(2))]);
    const small = store.get(Bucket.state, bytes(1));
    const large = store.get(Bucket.state, bytes(2));
    const entries = [...store.range(Bucket.state, { start: bytes() })];
    await store.commit([put(bytes(1), bytes(7, 7)), put(bytes(2), new Uint8Array(100_000).fill(7))]);
    await store.commit([put(bytes(1), bytes(8, 8)), put(bytes(2), new Uint8Array(100_000).fill(8))]);
    expect([small, large]).toEqual([bytes(1, 1), new Uint8Array(100_000).fill(2)]);
    expect(entries).toEqual([
      [bytes(1), small],
      [bytes(2), large],
    ]);
    await store.close();
  });

  test("see the settled commit while the next is written, and the next once it has settled", async () => {
    const store = new LmdbStore(freshDirectory());
    await store.commit([put(bytes(1), bytes(1))]);
    const next = store.commit([put(bytes(1), bytes(2))]);
    // Other reads in other turns of the event loop, until the commit is written.
    for (let turn = 0; turn < 3; turn++) {
      expect(store.get(Bucket.state, bytes(1))).toEqual(bytes(1));
      await Promise.resolve();
    }
    await next;
    expect(store.get(Bucket.state, bytes(1))).toEqual(bytes(2));
    await store.close();
  });

  test("in a range stay with the entries as of its first step", async () => {
    const store = new LmdbStore(freshDirectory());
    await store.commit([1, 2, 3].map((n) => put(bytes(n), bytes(n))));
    const seen: number[] = [];
    for (const [key, value] of store.range(Bucket.state, { start: bytes() })) {
      seen.push(...key, ...value);
      await store.commit([put(bytes(2), bytes(9)), { bucket: Bucket.state, key: bytes(3), value: null }]);
    }
    expect(seen).toEqual([1, 1, 2, 2, 3, 3]);
    await store.close();
  });

  test("a range that is left early does not keep old pages from being used again", async () => {
    const directory = freshDirectory();
    const store = new LmdbStore(directory);
    const page = new Uint8Array(3000);
    for (let n = 0; n < 300; n++) {
      await store.commit([put(bytes(1), page), put(bytes(2), page)]);
      for (const [key] of store.range(Bucket.state, { start: bytes() })) if (key[0] === 1) break;
    }
    await store.close();
    const { lastPageNumber } = open(directory, { noSubdir: false }).getStats() as { lastPageNumber: number };
    expect(lastPageNumber).toBeLessThan(60);
  });
});

describe("commits", () => {
  test("of one turn are all applied, in their order", async () => {
    const store = new LmdbStore(freshDirectory());
    const all = [1, 2, 3, 4].map((n) => store.commit([put(bytes(1), bytes(n)), put(bytes(n, n), bytes(n))]));
    await Promise.all(all);
    expect([...store.range(Bucket.state, { start: bytes() })].map(([, value]) => value[0])).toEqual([4, 1, 2, 3, 4]);
    await store.close();
  });

  test("of 50,000 entries are one transaction", async () => {
    const store = new LmdbStore(freshDirectory());
    const key = (n: number) => bytes(n >> 16, (n >> 8) & 255, n & 255);
    await store.commit(Array.from({ length: 50_000 }, (_, n) => put(key(n), key(n))));
    let count = 0;
    for (const [k, v] of store.range(Bucket.state, { start: bytes() })) count += Number(Buffer.compare(k, v) === 0);
    expect(count).toBe(50_000);
    await store.close();
  });

  test.each([
    ["is empty", bytes()],
    ["is too long", new Uint8Array(MAX_STORE_KEY_BYTES + 1)],
  ])("with a key that %s apply nothing", async (_, key) => {
    const store = new LmdbStore(freshDirectory());
    const refused = store.commit([put(bytes(1), bytes(1)), put(key, bytes(1))]);
    await expect(refused).rejects.toMatchObject({
      code: "invalidKey",
      details: { size: key.length, limit: MAX_STORE_KEY_BYTES },
    });
    expect(store.get(Bucket.state, bytes(1))).toBeUndefined();
    await store.commit([put(new Uint8Array(MAX_STORE_KEY_BYTES), bytes(1))]);
    expect(store.get(Bucket.state, new Uint8Array(MAX_STORE_KEY_BYTES))).toEqual(bytes(1));
    await store.close();
  });

  test("whose writes throw half-way apply nothing", async () => {
    const store = new LmdbStore(freshDirectory());
    function* writes() {
      yield put(bytes(1), bytes(1));
      throw new Error("half-way");
    }
    await expect(store.commit(writes())).rejects.toThrow("half-way");
    expect(store.get(Bucket.state, bytes(1))).toBeUndefined();
    await store.close();
  });
});

describe("when the disk cannot take more", () => {
  /** Runs a process that commits until it fails, and returns what it saw. */
  function fillDisk(
    directory: string,
    shell: string,
  ): { code: string; committed: number; found: number; small: boolean } {
    const program = join(import.meta.dirname, "commit-until-full.js");
    const output = execFileSync("sh", ["-c", `${shell} exec "$0" "$1" "$2"`, process.execPath, program, directory], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    return JSON.parse(output.toString());
  }

  test("a commit over the limit of file sizes fails and applies nothing; what is there stays", async () => {
    const directory = freshDirectory();
    const { code, committed, found, small } = fillDisk(directory, "ulimit -f 8192;");
    expect(code).toBe("commitFailed");
    expect(committed).toBeGreaterThan(0);
    expect(found).toBe(committed);
    expect(small).toBe(true);
    const store = new LmdbStore(directory);
    expect([...store.range(Bucket.blocks, { start: bytes() })]).toHaveLength(committed);
    await store.close();
  });

  test("a full disk is named (skipped without the right to mount)", ({ skip }) => {
    const mountPoint = freshDirectory();
    mkdirSync(mountPoint);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", mountPoint], { stdio: "ignore" });
    } catch {
      skip();
    }
    try {
      const { code, committed, found } = fillDisk(join(mountPoint, "store"), "");
      expect(code).toBe("diskFull");
      expect(committed).toBeGreaterThan(0);
      expect(found).toBe(committed);
    } finally {
      execFileSync("umount", [mountPoint]);
    }
  });
});

describe("opening is refused", () => {
  test("while this process has the folder open", async () => {
    const directory = freshDirectory();
    const store = new LmdbStore(directory);
    expect(errorOf(() => new LmdbStore(`${directory}/.`))).toMatchObject({
      code: "locked",
      details: { pids: [process.pid] },
    });
    await store.close();
    await new LmdbStore(directory).close();
  });

  test("while another process has it open, but not once that was killed", async () => {
    const directory = freshDirectory();
    const program = join(import.meta.dirname, "commit-until-killed.js");
    const child = spawn(process.execPath, [program, directory], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const error = errorOf(() => new LmdbStore(directory));
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: "locked", details: { directory, pids: [child.pid] } });
    child.kill("SIGKILL");
    await once(child, "close");
    await new LmdbStore(directory).close();
  });

  test.each(["1", "3"])("for format %s", async (found) => {
    const directory = freshDirectory();
    await new LmdbStore(directory).close();
    const root = open(directory, {
      keyEncoding: "binary",
      encoding: "binary",
      noSubdir: false,
      overlappingSync: false,
    });
    await root.put(Buffer.from("ruff:format"), Buffer.from(found));
    await root.close();
    expect(errorOf(() => new LmdbStore(directory))).toMatchObject({
      code: "wrongFormat",
      details: { found, supported: STORE_FORMAT },
    });
  });

  test("for an LMDB folder of another program", async () => {
    const directory = freshDirectory();
    const root = open(directory, { noSubdir: false, overlappingSync: false });
    await root.put("theirs", 1);
    await root.close();
    expect(errorOf(() => new LmdbStore(directory))).toMatchObject({
      code: "wrongFormat",
      details: { found: "unknown" },
    });
  });

  test("for a file that is not a database, and for a file in place of the folder", () => {
    const directory = freshDirectory();
    mkdirSync(directory);
    writeFileSync(join(directory, "data.mdb"), "not a database".repeat(1000));
    expect(errorOf(() => new LmdbStore(directory))).toMatchObject({ code: "cannotOpen" });
    expect(errorOf(() => new LmdbStore(join(directory, "data.mdb")))).toMatchObject({ code: "cannotOpen" });
  });
});

test("a closed store refuses reads and commits, and closing waits for commits", async () => {
  const directory = freshDirectory();
  const store = new LmdbStore(directory);
  const last = store.commit([put(bytes(1), bytes(1))]);
  await store.close();
  await last;
  await store.close();
  expect(errorOf(() => store.get(Bucket.state, bytes(1)))).toMatchObject({ code: "closed" });
  expect(errorOf(() => [...store.range(Bucket.state, { start: bytes() })])).toMatchObject({ code: "closed" });
  await expect(store.commit([put(bytes(2), bytes(2))])).rejects.toMatchObject({ code: "closed" });
  const again = new LmdbStore(directory);
  expect(again.get(Bucket.state, bytes(1))).toEqual(bytes(1));
  await again.close();
});

describe("a reader beside the node", () => {
  test("sees the store as of its opening, and leaves the node alone", async () => {
    const directory = freshDirectory();
    const store = new LmdbStore(directory);
    await store.commit([put(bytes(1), bytes(10))]);
    const reader = new LmdbStore(directory, "reader");
    await store.commit([put(bytes(1), bytes(20)), put(bytes(2), bytes(30))]);
    expect(hex(reader.get(Bucket.state, bytes(1)))).toBe("0a");
    expect([...reader.range(Bucket.state, { start: bytes() })]).toHaveLength(1);
    await reader.close();
    expect(hex(store.get(Bucket.state, bytes(1)))).toBe("14");
    expect(errorOf(() => new LmdbStore(directory))).toMatchObject({ code: "locked" });
    await store.close();
  });

  test("copies what is committed into a store of its own", async () => {
    const directory = freshDirectory();
    const store = new LmdbStore(directory);
    await store.commit([put(bytes(1), bytes(10))]);
    const reader = new LmdbStore(directory, "reader");
    const target = freshDirectory();
    await reader.copyTo(target);
    await reader.close();
    await store.close();
    const copy = new LmdbStore(target);
    expect(hex(copy.get(Bucket.state, bytes(1)))).toBe("0a");
    await copy.commit([put(bytes(2), bytes(1))]);
    await copy.close();
  });

  test("needs a store that is there, and makes none", () => {
    const directory = freshDirectory();
    expect(errorOf(() => new LmdbStore(directory, "reader"))).toMatchObject({ code: "cannotOpen" });
    expect(existsSync(directory)).toBe(false);
  });
});
