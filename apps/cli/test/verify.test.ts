import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  blockIdFlag,
  type Commit,
  commitVote,
  decodeCommit,
  decodeHeader,
  encodeCommit,
  encodeHeader,
  type Header,
  hashHeader,
  hashValidators,
  voteSignBytes,
} from "@ruffchain/light";
import { ValidatorKey } from "@ruffchain/node";
import { type Hex, hexToBytes, toHex } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { trustInBlock, trustInGenesis } from "../dist/trusted-header.js";
import { verifiedRead } from "../dist/verified-state.js";
import { printed, startRuff } from "./ruff.js";

/** What a proxy makes of a node's answer. */
type Lie = (result: Record<string, unknown>, params: unknown[]) => unknown;

const folder = mkdtempSync(join(tmpdir(), "ruff-verify-"));
const data = join(folder, "node");
const genesis = join(data, "genesis.json");
/** An account with money, and one that there is not. */
const key = hexToBytes("0x00f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
const absentKey = hexToBytes(`0x00${"ab".repeat(20)}`);

let node: ReturnType<typeof startRuff>;
let rpc: string;
let proxy: Server;
/** The address of a proxy before the node, whose answers to some methods are changed. */
let liar: string;
let lies: Record<string, Lie> = {};

async function ask(method: string, params: unknown[]): Promise<Record<string, unknown>> {
  const response = await fetch(rpc, {
    method: "POST",
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  return ((await response.json()) as { result: Record<string, unknown> }).result;
}

beforeAll(async () => {
  const ports = ["--rpc-port", "0", "--operator-port", "0", "--block-time", "50", "--empty-block-time", "50"];
  node = startRuff(["node", "--dev", "--json", "--data", data, ...ports, "--log-level", "warn"]);
  rpc = JSON.parse(/\{.*\}/.exec(await printed(node, /\{.*\}\n/))?.[0] ?? "").rpc;
  proxy = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
      const result = await ask(method, params);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result: lies[method]?.(result, params) ?? result }));
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  liar = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});

afterAll(async () => {
  proxy.close();
  const ended = new Promise((resolve) => node.once("exit", resolve));
  node.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  lies = {};
});

const limits = { maxAgeSeconds: 60, trustPeriodDays: 14, witnesses: [] as string[], report: false, folder: undefined };
const failure = async (call: Promise<unknown>) => {
  try {
    await call;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was believed");
};
const read = (of = key, change: Partial<typeof limits> | { folder: string } = {}) =>
  verifiedRead(liar, trustInGenesis(genesis, { ...limits, ...change }), of, []);

const flip = (hex: unknown, at: number) => {
  const bytes = hexToBytes(hex as Hex);
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return toHex(bytes);
};
const headerOf = ({ header }: Record<string, unknown>) => decodeHeader(hexToBytes(header as Hex));
const commitOf = ({ commit }: Record<string, unknown>) => decodeCommit(hexToBytes(commit as Hex));
const answer = (header: Header, commit: Commit) => ({
  header: toHex(encodeHeader(header)),
  commit: toHex(encodeCommit(commit)),
});
/** The commit of one validator for a header. */
function signed(header: Header, { blockId }: Commit, by: ValidatorKey): Commit {
  const slot = {
    flag: blockIdFlag.commit,
    validatorAddress: by.address,
    time: header.time,
    signature: new Uint8Array(),
  };
  const commit = {
    height: header.height,
    round: 0,
    blockId: { ...blockId, hash: hashHeader(header) },
    signatures: [slot],
  };
  const signature = by.sign(voteSignBytes(header.chainId, commitVote(commit, slot)));
  return { ...commit, signatures: [{ ...slot, signature }] };
}

describe("a node that says the truth is believed", () => {
  test("through a proxy as well: what there is and what there is not", async () => {
    expect((await read()).value).toBeDefined();
    expect((await read(absentKey)).value).toBeUndefined();
  });

  test("from a block whose hash is known", async () => {
    const { height, hash } = (await ask("ruff_getCommit", ["latest"])) as { height: Hex; hash: Hex };
    const steps: string[] = [];
    await verifiedRead(liar, trustInBlock(Number(height), hash, limits), key, steps);
    expect(steps).toHaveLength(3);
    const wrong = trustInBlock(Number(height) - 1, hash, limits);
    expect(await failure(verifiedRead(liar, wrong, key, []))).toMatch(/\(wrongTrustedHash\)/);
  });

  test("a witness that has the same block agrees", async () => {
    const steps: string[] = [];
    const trust = trustInGenesis(genesis, { ...limits, witnesses: [rpc] });
    await verifiedRead(liar, trust, key, steps);
    expect(steps).toContain(`${rpc} has the same header`);
  });
});

describe("a node that lies is caught", () => {
  const stranger = ValidatorKey.generate();
  const strangers = [{ publicKey: stranger.publicKey, power: 10n }];
  const forged = (result: Record<string, unknown>): Header => ({
    ...headerOf(result),
    appHash: new Uint8Array(32),
    validatorsHash: hashValidators(strangers),
    nextValidatorsHash: hashValidators(strangers),
  });
  const cases: [string, string, Record<string, Lie>][] = [
    [
      "another state in the header",
      "wrongBlockHash",
      {
        ruff_getCommit: (result) => answer({ ...headerOf(result), appHash: new Uint8Array(32) }, commitOf(result)),
      },
    ],
    [
      "another header, and a commit for it that nobody signed",
      "invalidSignature",
      {
        ruff_getCommit: (result) => {
          const header = { ...headerOf(result), appHash: new Uint8Array(32) };
          const commit = commitOf(result);
          return answer(header, { ...commit, blockId: { ...commit.blockId, hash: hashHeader(header) } });
        },
      },
    ],
    [
      "a signature of the commit",
      "invalidSignature",
      {
        ruff_getCommit: (result) => ({ ...result, commit: flip(result.commit, -1) }),
      },
    ],
    [
      "a header of its own validators",
      "unknownValidators",
      {
        ruff_getCommit: (result) => answer(forged(result), signed(forged(result), commitOf(result), stranger)),
        ruff_getValidators: () => ({ validators: [{ publicKey: toHex(stranger.publicKey), power: "10" }] }),
      },
    ],
    ["bytes that are no header", "malformed", { ruff_getCommit: () => ({ header: "0x00", commit: "0x00" }) }],
    ["no header at all", "malformed", { ruff_getCommit: () => ({}) }],
    ["another value", "proofWrongValue", { ruff_getProof: (result) => ({ ...result, value: flip(result.value, 8) }) }],
    ["a value that it hides", "proofWrongKind", { ruff_getProof: (result) => ({ ...result, value: "0x" }) }],
    [
      "the hashes of the proof",
      "proofWrongRoot",
      { ruff_getProof: (result) => ({ ...result, proof: flip(result.proof, -1) }) },
    ],
  ];
  test.each(cases)("%s: %s", async (what, code, told) => {
    lies = told;
    const message = await failure(read());
    expect(message, what).toMatch(/does not prove what it says: .* \(/);
    expect(message).toContain(`(${code})`);
  });

  test("a value that there is not: proofWrongKind", async () => {
    lies = { ruff_getProof: (result) => ({ ...result, value: "0x01" }) };
    expect(await failure(read(absentKey))).toMatch(/\(proofWrongKind\)/);
  });

  test("the proof of another key: proofWrongKey", async () => {
    const other = await ask("ruff_getProof", [toHex(absentKey)]);
    lies = { ruff_getProof: () => other };
    expect(await failure(read(hexToBytes(`0x00${"cd".repeat(20)}`)))).toMatch(/\(proofWrongKey\)/);
  });

  test("no proof", async () => {
    lies = { ruff_getProof: () => ({}) };
    expect(await failure(read())).toMatch(/answers without a value and a proof/);
  });

  test("newer blocks that it hides: too old for the caller, or older than what was verified before", async () => {
    const first = await ask("ruff_getCommit", ["0x1"]);
    const kept = mkdtempSync(join(folder, "trust-"));
    await read(key, { folder: kept });
    lies = { ruff_getCommit: () => first };
    expect(await failure(read(key, { maxAgeSeconds: 0 }))).toMatch(/header 1 is \d+ s old, .*--max-age \d+/);
    expect(await failure(read(key, { folder: kept }))).toMatch(/height 1 is not after the trusted \d+ \(wrongHeight\)/);
  });

  test("a fork, by what a witness proves; the evidence is kept", async () => {
    const validator = ValidatorKey.load(join(data, "priv_validator_key.json"));
    lies = {
      ruff_getCommit: (result) => {
        const header = { ...headerOf(result), appHash: new Uint8Array(32) };
        return answer(header, signed(header, commitOf(result), validator));
      },
    };
    const kept = mkdtempSync(join(folder, "fork-"));
    const trust = trustInGenesis(genesis, { ...limits, folder: kept, witnesses: [liar] });
    expect(await failure(verifiedRead(rpc, trust, key, []))).toMatch(/the chain has forked: .*evidence is in/);
    const [file = ""] = readdirSync(kept);
    const { ways, accusations } = JSON.parse(readFileSync(join(kept, file), "utf8"));
    expect(ways.map(({ node }: { node: string }) => node)).toEqual([rpc, liar]);
    const against = accusations.map((accusation: { against: string }) => accusation.against);
    expect(against).toEqual([rpc, liar]);
  });

  test("a witness that proves nothing is no evidence", async () => {
    lies = { ruff_getCommit: (result) => ({ ...result, header: toHex(encodeHeader(forged(result))) }) };
    const trust = trustInGenesis(genesis, { ...limits, witnesses: [liar] });
    expect(await failure(verifiedRead(rpc, trust, key, []))).toBe(
      `${liar} does not prove what it says: the commit is for another block than this header's (wrongBlockHash)`,
    );
  });
});

describe("what is kept", () => {
  test("goes on from the newest verified block, in one file for each root of trust", async () => {
    const kept = mkdtempSync(join(folder, "trust-"));
    const trust = trustInGenesis(genesis, { ...limits, folder: kept });
    const { header } = await verifiedRead(rpc, trust, key, []);
    expect(readdirSync(kept)).toStrictEqual([`${trust.root.slice(2, 18)}.state`]);
    const begin = () => Promise.reject(new Error("it began anew"));
    const again = await verifiedRead(rpc, { ...trust, begin }, key, []);
    expect(again.header.height).toBeGreaterThanOrEqual(header.height);
  });

  test("error: a file that was damaged", async () => {
    const kept = mkdtempSync(join(folder, "trust-"));
    const trust = trustInGenesis(genesis, { ...limits, folder: kept });
    writeFileSync(join(kept, `${trust.root.slice(2, 18)}.state`), "nothing");
    expect(await failure(verifiedRead(rpc, trust, key, []))).toMatch(/delete it to begin anew/);
  });

  test("error: trust that is older than its period", async () => {
    const trust = trustInGenesis(genesis, { ...limits, trustPeriodDays: 0 });
    expect(await failure(verifiedRead(rpc, trust, key, []))).toMatch(/trustPeriod must be more than 0/);
    const early = {
      ...trust,
      trustPeriodDays: 14,
      begin: async () => ({ ...(await trust.begin({} as never)), time: 0n }),
    };
    expect(await failure(verifiedRead(rpc, early, key, []))).toMatch(/older than the trust period.*--trust/);
  });
});
