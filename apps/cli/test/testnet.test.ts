import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeCommit, decodeHeader, verifyCommit } from "@ruffchain/light";
import { loadGenesis } from "@ruffchain/node";
import { createPublicClient, createWalletClient, defineChain, type Hex, hexToBytes, http } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cometMissing } from "../../../packages/node/test/engine/comet.js";
import { freePort } from "../../../packages/node/test/free-port.js";
import { printed, ruff, startRuff } from "./ruff.js";

const MNEMONIC = "test test test test test test test test test test test junk";
/** Nine processes of this test alone: on a busy machine each waits for the others. */
const BUSY_MS = 180_000;
const STRANGER = "0x00000000000000000000000000000000000abcde";

interface Status {
  readonly validators: readonly {
    readonly validator: string;
    readonly state: string;
    readonly height?: number;
    readonly peers?: number;
    readonly rpc: string;
    readonly p2p: string;
  }[];
}

const folder = mkdtempSync(join(tmpdir(), "ruff-testnet-"));
const data = join(folder, "net");

afterAll(() => rmSync(folder, { recursive: true }));

async function testnet(...args: string[]) {
  const answer = await ruff(["testnet", ...args, "--data", data, "--json"]);
  if (answer.code !== 0) throw new Error(answer.err);
  return JSON.parse(answer.out);
}

function clientsOf(rpc: string, account: number) {
  const chain = defineChain({
    id: 7833,
    name: "testnet",
    nativeCurrency: { name: "RUFF", symbol: "RUFF", decimals: 18 },
    rpcUrls: { default: { http: [rpc] } },
  });
  const options = { chain, transport: http(rpc), pollingInterval: 50, cacheTime: 0 };
  return {
    reader: createPublicClient(options),
    wallet: createWalletClient({ ...options, account: mnemonicToAccount(MNEMONIC, { addressIndex: account }) }),
  };
}

async function call<T>(rpc: string, method: string, ...params: unknown[]): Promise<T> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(rpc, { method: "POST", body, headers: { "content-type": "application/json" } });
  return ((await response.json()) as { result: T }).result;
}

/** Skipped, and counted as such, where CometBFT is not installed ("npm run comet"). */
describe.skipIf(cometMissing)("a network of four validators", { timeout: BUSY_MS }, () => {
  let validators: Status["validators"] = [];
  let nodes: ReturnType<typeof clientsOf>[] = [];

  beforeAll(async () => {
    const started: Status = await testnet("--validators", "4", "--base-port", "0", "--block-time", "100");
    ({ validators } = started);
    nodes = validators.map(({ rpc }, i) => clientsOf(rpc, i));
  }, BUSY_MS);
  afterAll(() => testnet("stop"));

  /** The receipt of a transaction on every node; the blocks must be the same. */
  async function onAll(hash: Hex, from = nodes): Promise<bigint> {
    const receipts = await Promise.all(from.map(({ reader }) => reader.waitForTransactionReceipt({ hash })));
    expect(new Set(receipts.map(({ blockHash }) => blockHash)).size).toBe(1);
    return receipts[0]?.blockNumber ?? 0n;
  }

  /** The signed headers of a height, each checked as a light client does. */
  async function appHashes(height: bigint): Promise<string[]> {
    const genesis = loadGenesis(join(data, "validator0", "genesis.json"));
    return Promise.all(
      validators.map(async ({ rpc }) => {
        const of = await call<readonly { publicKey: Hex; power: string }[]>(
          rpc,
          "ruff_getValidators",
          `0x${height.toString(16)}`,
        ).then((answer) => (answer as unknown as { validators: { publicKey: Hex; power: string }[] }).validators);
        const set = of.map(({ publicKey, power }) => ({ publicKey: hexToBytes(publicKey), power: BigInt(power) }));
        expect(set).toHaveLength(4);
        const signed = await call<{ header: Hex; commit: Hex; appHash: Hex }>(
          rpc,
          "ruff_getCommit",
          `0x${height.toString(16)}`,
        );
        const header = decodeHeader(hexToBytes(signed.header));
        verifyCommit(set, genesis.chainId, header, decodeCommit(hexToBytes(signed.commit)));
        return signed.appHash;
      }),
    );
  }

  async function until(what: () => Promise<boolean>): Promise<void> {
    while (!(await what())) await sleep(100);
  }

  test("takes transfers at every node, and all have the same state", async () => {
    const hashes = await Promise.all(nodes.map(({ wallet }) => wallet.sendTransaction({ to: STRANGER, value: 5n })));
    const heights = await Promise.all(hashes.map((hash) => onAll(hash)));
    const newest = heights.reduce((a, b) => (a > b ? a : b));
    await until(async () =>
      (await Promise.all(nodes.map(({ reader }) => reader.getBlockNumber()))).every((height) => height > newest),
    );
    for (const { reader } of nodes) expect(await reader.getBalance({ address: STRANGER })).toBe(20n);
    expect(new Set(await appHashes(newest + 1n)).size).toBe(1);
  });

  test("says how each validator stands, and what is wrong with a question", async () => {
    const asked = [
      ["status", "--data", data],
      ["kill", "4", "--data", data],
      ["--validators", "3", "--data", data],
      ["status", "--data", folder],
    ];
    const [status, table, noSuch, otherSize, noNetwork] = await Promise.all([
      testnet("status") as Promise<Status>,
      ...asked.map((args) => ruff(["testnet", ...args])),
    ]);
    expect(status.validators.map(({ validator, state, peers }) => [validator, state, peers])).toStrictEqual(
      [0, 1, 2, 3].map((i) => [`validator${i}`, "running", 3]),
    );
    expect(table?.out).toMatch(/validator3 +running/);
    expect(noSuch?.err).toMatch(/validators 0 to 3, not 4/);
    expect(otherSize?.err).toMatch(/a network of 4 validators/);
    expect(noNetwork?.err).toMatch(/holds no network/);
  });

  test("goes on when one validator is killed, and that catches up by itself", async () => {
    const [first, , killed] = nodes as [(typeof nodes)[0], unknown, (typeof nodes)[0]];
    const alive = nodes.filter((node) => node !== killed);
    expect(await testnet("kill", "2")).toStrictEqual({ killed: ["validator2"] });
    const hash = await first.wallet.sendTransaction({ to: STRANGER, value: 1n });
    await onAll(hash, alive);
    expect(((await testnet("status")) as Status).validators[2]).toMatchObject({ state: "stopped" });
    expect((await ruff(["testnet", "kill", "2", "--data", data])).err).toMatch(/validator2 does not run/);
    const { validators: back }: Status = await testnet();
    expect(back[2]?.state).toBe("running");
    const height = await onAll(hash);
    await until(async () => (await killed.reader.getBlockNumber()) > height);
    expect(new Set(await appHashes(height + 1n)).size).toBe(1);
    const sent = await killed.wallet.sendTransaction({ to: STRANGER, value: 1n });
    await onAll(sent);
  });

  test("lets a node join that only knows the genesis file and one address", async () => {
    const genesis = join(data, "validator0", "genesis.json");
    const p2p = `127.0.0.1:${await freePort()}`;
    const peer = validators[0]?.p2p as string;
    const args = ["node", "--data", join(folder, "joined"), "--genesis", genesis, "--engine", "comet", "--json"];
    const ports = ["--rpc-port", "0", "--operator-port", "0", "--p2p", p2p];
    const child = startRuff([...args, ...ports, "--seeds", peer, "--peers", peer, "--private-network"]);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    try {
      const [line] = (await printed(child, /"peer".*\n/)).match(/^\{"rpc".*$/m) ?? [];
      const joined = JSON.parse(line as string) as { rpc: string; peer: string };
      expect(joined.peer).toMatch(new RegExp(`^[0-9a-f]{40}@${p2p}$`));
      const { reader, wallet } = clientsOf(joined.rpc, 5);
      await until(
        async () => (await call(joined.rpc, "eth_syncing")) === false && (await reader.getBlockNumber()) > 0n,
      );
      await until(async () => (await reader.getBalance({ address: STRANGER })) === 22n);
      await onAll(await wallet.sendTransaction({ to: STRANGER, value: 1n }));
    } finally {
      child.kill("SIGTERM");
      await ended;
    }
  });
});

describe("what a node of a network asks for", () => {
  test.concurrent.each([
    [["--engine", "raft"], /solo, comet/],
    [["--engine", "comet", "--p2p", "here"], /'--p2p <host:port>' argument 'here' is invalid\. Expected host:port/],
    [["--engine", "comet", "--seeds", "127.0.0.1:26656"], /Expected id@host:port with an id of 40 hex digits/],
    [["--engine", "comet", "--state-sync", "http://127.0.0.1:1"], /needs --trust-height and --trust-hash/],
    [["--engine", "comet", "--trust-hash", "abc"], /Expected a hash/],
  ])("%j is refused", async (args, message) => {
    expect((await ruff(["node", "--data", join(folder, "none"), "--dev", ...args])).err).toMatch(message);
  });

  test("is Go, where CometBFT has to be built, and the script says how to get it", () => {
    const scripts = join(folder, "fresh", "scripts");
    cpSync(join(import.meta.dirname, "../../../scripts"), scripts, { recursive: true });
    const options = { env: { PATH: folder }, encoding: "utf8" } as const;
    const { status, stderr } = spawnSync(process.execPath, [join(scripts, "comet.js")], options);
    expect(status).toBe(1);
    expect(stderr).toMatch(/not on the PATH.*https:\/\/go.dev\/dl/);
  });

  test("is CometBFT, and it says how to get it", async () => {
    const missing = ["--cometbft", join(folder, "nothing-here"), "--rpc-port", "0", "--operator-port", "0"];
    const { code, err } = await ruff(["node", "--data", join(folder, "dev"), "--dev", "--engine", "comet", ...missing]);
    expect(code).toBe(1);
    expect(err).toMatch(/npm run comet/);
  });
});
