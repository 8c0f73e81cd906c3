import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AbciHandler,
  AbciServer,
  type Endpoint,
  MAX_ABCI_CONNECTIONS,
  MAX_FRAME_BYTES,
  MAX_SOCKET_PATH_BYTES,
  MAX_WAITING_REQUESTS,
  parseEndpoint,
} from "@ruffchain/node";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { AbciClient, framed } from "./abci-client.js";

interface Vectors {
  readonly requests: Record<keyof AbciHandler | "echo" | "flush", string>;
  readonly responses: Record<keyof AbciHandler | "echo" | "flush" | "exception", string>;
}
const { requests, responses } = JSON.parse(
  readFileSync(join(import.meta.dirname, "data/abci.json"), "utf8"),
) as Vectors;

const bytes = (byte: number, length: number) => Buffer.alloc(length, byte);
const at = 1_790_000_000_123_456_789n;
const txs = [bytes(0xaa, 3), bytes(0xbb, 200), bytes(0, 0)];
const validator = { address: bytes(1, 20), power: 9_007_199_254_740_993n };
const updates = [10n, 0n].map((power) => ({ publicKey: { ed25519: bytes(3, 32) }, power }));
const misbehavior = [{ type: 1, validator, height: 7, time: at, totalVotingPower: 300n }];
const lastCommit = {
  round: 2,
  votes: [
    { validator, blockIdFlag: 2 },
    { validator: { address: bytes(2, 20), power: 1n }, blockIdFlag: 1 },
  ],
};
const snapshot = { height: 5, format: 1, chunks: 3, hash: bytes(6, 32), metadata: bytes(7, 2) };
const proposal = { height: 8, time: at, nextValidatorsHash: bytes(10, 32), proposerAddress: bytes(1, 20), txs };

/** What each request of the vectors says. */
const asked: { readonly [N in keyof AbciHandler]: Parameters<AbciHandler[N]>[0] } = {
  info: { version: "0.40.0" },
  initChain: {
    time: at,
    chainId: "ruff-1",
    consensusParams: { block: { maxBytes: 22_020_096, maxGas: -1 } },
    validators: updates,
    appStateBytes: Buffer.from("{}"),
    initialHeight: 1,
  },
  query: { data: bytes(4, 5), path: "/state", height: 9, prove: true },
  checkTx: { tx: bytes(5, 4), type: 1 },
  commit: {},
  listSnapshots: {},
  offerSnapshot: { snapshot, appHash: bytes(8, 32) },
  loadSnapshotChunk: { height: 5, format: 1, chunk: 2 },
  applySnapshotChunk: { index: 2, chunk: bytes(9, 3), sender: "peer" },
  prepareProposal: {
    ...proposal,
    misbehavior,
    maxTxBytes: 2 ** 20,
    localLastCommit: { round: 1, votes: [{ validator, blockIdFlag: 3 }] },
  },
  processProposal: { ...proposal, misbehavior, lastCommit, hash: bytes(11, 32) },
  finalizeBlock: { ...proposal, misbehavior: [], lastCommit, hash: bytes(11, 32) },
  insertTx: { tx: bytes(12, 300) },
  reapTxs: { maxBytes: 2 ** 33, maxGas: 5 },
};

/** What the responses of the vectors say. */
const handler: AbciHandler = {
  info: () => ({
    data: "ruff",
    version: "0.1.0",
    appVersion: 1,
    lastBlockHeight: 9,
    lastBlockAppHash: bytes(13, 32),
  }),
  initChain: async () => ({ validators: updates, appHash: bytes(13, 32) }),
  query: () => ({
    code: 3,
    log: "no",
    key: bytes(4, 5),
    value: bytes(14, 2),
    height: 9,
    proofOps: { ops: [{ type: "ics23", key: bytes(4, 5), data: bytes(15, 200) }] },
  }),
  checkTx: () => ({ code: 14, log: "nonce too low", gasWanted: 21_000 }),
  commit: async () => ({ retainHeight: 4 }),
  listSnapshots: () => ({ snapshots: [snapshot] }),
  offerSnapshot: () => ({ result: 3 }),
  loadSnapshotChunk: () => ({ chunk: bytes(9, 3) }),
  applySnapshotChunk: () => ({ result: 3, refetchChunks: [0, 300], rejectSenders: ["peer"] }),
  prepareProposal: async () => ({ txs }),
  processProposal: async () => ({ status: 1 }),
  finalizeBlock: async () => ({
    txResults: [
      { code: 0, data: bytes(0, 0), gasWanted: 0, gasUsed: 0 },
      { code: 1, data: bytes(16, 130), gasWanted: 50_000, gasUsed: 30_000 },
    ],
    validatorUpdates: updates,
    consensusParamUpdates: { block: { maxBytes: 1_000_000, maxGas: -1 } },
    appHash: bytes(13, 32),
  }),
  insertTx: () => ({ code: 32_000 }),
  reapTxs: () => ({ txs }),
};

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** A server with the handler of the vectors, but for what the test puts in its place. */
async function serve(changes: Partial<AbciHandler> = {}, path?: string) {
  const failures: unknown[] = [];
  const server = new AbciServer({ handler: { ...handler, ...changes }, onFailure: (error) => failures.push(error) });
  const port = await server.listen(path === undefined ? { host: "127.0.0.1", port: 0 } : { path });
  const endpoint: Endpoint = path === undefined ? { host: "127.0.0.1", port: port as number } : { path };
  opened.push(() => server.close());
  const client = () => {
    const connection = new AbciClient(endpoint);
    opened.push(async () => {
      connection.socket.destroy();
    });
    return connection;
  };
  return { server, failures, client };
}

describe("ABCI server", () => {
  test("reads every request and writes every response as CometBFT's own types do", async () => {
    const seen: Record<string, unknown> = {};
    const recording = Object.fromEntries(
      Object.entries(handler).map(([method, answer]) => [
        method,
        (request: unknown) => {
          seen[method] = request;
          return (answer as (request: unknown) => unknown)(request);
        },
      ]),
    ) as unknown as AbciHandler;
    const { client } = await serve(recording);
    const connection = client();
    for (const [method, request] of Object.entries(requests)) {
      connection.send(request);
      expect(await connection.next(), method).toBe(responses[method as keyof AbciHandler]);
    }
    expect(seen).toStrictEqual(asked);
  });

  test("answers in the order of the requests, flushes among them, however long each takes", async () => {
    let calls = 0;
    const { client } = await serve({
      insertTx: async () => {
        const call = calls++;
        await sleep(call % 2 === 0 ? 15 : 0);
        return { code: call };
      },
    });
    const connection = client();
    connection.send(requests.insertTx, requests.flush, requests.insertTx, requests.echo, requests.flush);
    connection.send(requests.insertTx, requests.info);
    const insertTx = (code: number) => (code === 0 ? "b20100" : `b201020${8}0${code}`);
    expect(await connection.take(7)).toStrictEqual([
      insertTx(0),
      responses.flush,
      insertTx(1),
      responses.echo,
      responses.flush,
      insertTx(2),
      responses.info,
    ]);
  });

  test("begins with a request only when the one before it is answered", async () => {
    const order: string[] = [];
    const { client } = await serve({
      finalizeBlock: async (request) => {
        order.push("finalize begins");
        await sleep(20);
        order.push("finalize ends");
        return handler.finalizeBlock(request);
      },
      commit: () => {
        order.push("commit");
        return { retainHeight: 4 };
      },
    });
    const connection = client();
    connection.send(requests.finalizeBlock, requests.commit);
    expect(await connection.take(2)).toStrictEqual([responses.finalizeBlock, responses.commit]);
    expect(order).toStrictEqual(["finalize begins", "finalize ends", "commit"]);
  });

  test("does not let one connection wait for another", async () => {
    let finish: () => void = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { client } = await serve({
      commit: async () => {
        await finished;
        return { retainHeight: 4 };
      },
    });
    const [query, snapshots, mempool, consensus] = [client(), client(), client(), client()];
    consensus.send(requests.commit);
    query.send(requests.query);
    mempool.send(requests.insertTx, requests.flush);
    snapshots.send(requests.listSnapshots);
    expect(await query.next()).toBe(responses.query);
    expect(await mempool.take(2)).toStrictEqual([responses.insertTx, responses.flush]);
    expect(await snapshots.next()).toBe(responses.listSnapshots);
    expect(consensus.responses).toHaveLength(0);
    finish();
    expect(await consensus.next()).toBe(responses.commit);
  });

  test("takes requests in pieces of any size", async () => {
    const { client } = await serve();
    const names = Object.keys(requests) as (keyof AbciHandler)[];
    const stream = Buffer.concat(names.map((name) => framed(Buffer.from(requests[name], "hex"))));
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const connection = client();
        const ends = [...places.sort((a, b) => a - b), stream.length];
        for (const [i, end] of ends.entries()) {
          connection.socket.write(stream.subarray(ends[i - 1] ?? 0, end));
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(await connection.take(names.length)).toStrictEqual(names.map((name) => responses[name]));
        connection.socket.destroy();
        await connection.closed;
      }),
      { numRuns: 25 },
    );
    const byByte = client();
    for (const byte of stream.subarray(0, 300)) byByte.socket.write(Buffer.of(byte));
    expect(await byByte.take(3)).toStrictEqual(names.slice(0, 3).map((name) => responses[name]));
  });

  test("takes more requests than may wait, without losing one", async () => {
    const count = 3 * MAX_WAITING_REQUESTS;
    let taken = 0;
    const { client } = await serve({
      insertTx: async () => {
        if (taken++ % 100 === 0) await sleep(1);
        return { code: 0 };
      },
    });
    const connection = client();
    connection.send(...Array.from({ length: count }, () => requests.insertTx), requests.flush);
    const answers = await connection.take(count + 1);
    expect(answers.at(-1)).toBe(responses.flush);
    expect(taken).toBe(count);
  });

  test("refuses a message that is too long before it has come, and one that is no request", async () => {
    const cases = {
      tooLong: Buffer.of(0x80 | ((MAX_FRAME_BYTES + 1) & 0x7f), 0xff, 0xff, 0x7f),
      endless: Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      unknownRequest: framed(Buffer.from("fa0100", "hex")),
      empty: framed(Buffer.alloc(0)),
      garbage: framed(Buffer.from("this is not protobuf")),
      cut: framed(Buffer.from(requests.finalizeBlock, "hex").subarray(0, 50)),
      trailing: framed(Buffer.from(`${requests.commit}00`, "hex")),
    };
    for (const [name, sent] of Object.entries(cases)) {
      const { client, failures } = await serve();
      const [other, connection] = [client(), client()];
      other.send(requests.flush);
      await other.next();
      connection.socket.write(sent);
      expect(await connection.next(), name).toMatch(/^0a/);
      await connection.closed;
      expect(failures, name).toHaveLength(1);
      expect(failures[0], name).toMatchObject({ code: "protobuf" });
      other.send(requests.info);
      expect(await other.next()).toBe(responses.info);
    }
  });

  test("answers an exception, and nothing after it, when the handler throws", async () => {
    const { client, failures } = await serve({
      finalizeBlock: () => Promise.reject(new Error("broken")),
      commit: () => {
        throw new Error("broken");
      },
    });
    for (const request of [requests.finalizeBlock, requests.commit]) {
      const connection = client();
      connection.send(requests.flush, request, requests.flush);
      expect(await connection.take(2)).toStrictEqual([responses.flush, responses.exception]);
      await connection.closed;
      expect(connection.responses).toHaveLength(0);
    }
    expect(failures).toHaveLength(2);
  });

  test("answers what was asked before the other side closed its half", async () => {
    const { client, failures } = await serve({
      commit: async () => {
        await sleep(20);
        return { retainHeight: 4 };
      },
    });
    const connection = client();
    connection.send(requests.commit, requests.flush);
    connection.socket.end();
    expect(await connection.take(2)).toStrictEqual([responses.commit, responses.flush]);
    await connection.closed;
    const cut = client();
    cut.socket.end(framed(Buffer.from(requests.finalizeBlock, "hex")).subarray(0, 20));
    await cut.closed;
    expect(cut.responses).toHaveLength(0);
    expect(failures).toHaveLength(0);
  });

  test("goes on when the other side is gone before it is answered", async () => {
    const { client, failures } = await serve({
      commit: async () => {
        await sleep(20);
        return { retainHeight: 4 };
      },
    });
    const gone = client();
    gone.send(requests.commit, requests.flush);
    await sleep(5);
    gone.socket.resetAndDestroy();
    await sleep(30);
    const other = client();
    other.send(requests.info);
    expect(await other.next()).toBe(responses.info);
    expect(failures).toHaveLength(0);
  });

  test("has a limit of connections", async () => {
    const { client } = await serve();
    const kept = Array.from({ length: MAX_ABCI_CONNECTIONS }, client);
    for (const connection of kept) {
      connection.send(requests.flush);
      await connection.next();
    }
    await client().closed;
    kept[0]?.socket.destroy();
    await kept[0]?.closed;
    await sleep(10);
    const again = client();
    again.send(requests.flush);
    expect(await again.next()).toBe(responses.flush);
  });

  test("listens on a socket file, in place of one that was left behind", async () => {
    const directory = mkdtempSync(join(tmpdir(), "ruff-abci-"));
    opened.push(async () => rmSync(directory, { recursive: true }));
    const path = join(directory, "abci.sock");
    for (let i = 0; i < 2; i++) {
      const { client, server } = await serve({}, path);
      const connection = client();
      connection.send(requests.info);
      expect(await connection.next()).toBe(responses.info);
      if (i === 1) await server.close();
    }
    const long = join(directory, "x".repeat(MAX_SOCKET_PATH_BYTES - directory.length));
    await expect(serve({}, long)).rejects.toThrow(expect.objectContaining({ code: "badAddress" }));
  });
});

describe("addresses of sockets", () => {
  test("are those that CometBFT writes", () => {
    expect(parseEndpoint("tcp://127.0.0.1:26658")).toStrictEqual({ host: "127.0.0.1", port: 26_658 });
    expect(parseEndpoint("tcp://[::1]:1")).toStrictEqual({ host: "::1", port: 1 });
    expect(parseEndpoint("unix:///run/abci.sock")).toStrictEqual({ path: "/run/abci.sock" });
  });

  test.each(["127.0.0.1:26658", "tcp://127.0.0.1", "tcp://127.0.0.1:65536", "unix://relative", "http://a:1", ""])(
    "refuses %j",
    (text) => {
      expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: "badAddress" }));
    },
  );
});
