import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemContracts } from "@ruffchain/contracts";
import {
  Application,
  accountKey,
  Bucket,
  bytesToHex,
  hexToBytes,
  keyBytes,
  SNAPSHOT_FORMAT,
  sha256,
} from "@ruffchain/kernel";
import { decodeHeader, LightError, verifyMembership } from "@ruffchain/light";
import {
  BackupError,
  backupNode,
  CHAIN_FOLDER,
  DEFAULT_KEPT_SNAPSHOTS,
  encodeGenesis,
  exportSnapshot,
  LmdbStore,
  MAX_LISTED_SNAPSHOTS,
  MAX_SNAPSHOT_FRAME_BYTES,
  restoreSnapshot,
  SNAPSHOT_FILE_VERSION,
  SNAPSHOT_FOLDER,
  SnapshotFolder,
  takeSnapshotBeside,
  ValidatorKey,
} from "@ruffchain/node";
import { type Hex, parseEther } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bob, startTestNode } from "../running-node.js";

const root = mkdtempSync(join(tmpdir(), "snapshots-"));
let made = 0;
const fresh = () => join(root, String(made++));
const running: { stop(): Promise<void> }[] = [];
type TestNode = Awaited<ReturnType<typeof startTestNode>>;

async function start(options: Parameters<typeof startTestNode>[0] = {}) {
  const dataDirectory = options.dataDirectory ?? fresh();
  mkdirSync(dataDirectory, { recursive: true });
  const node = await startTestNode({ ...options, dataDirectory });
  writeFileSync(join(dataDirectory, "genesis.json"), encodeGenesis(node.genesis));
  running.push(node.node);
  return node;
}

afterAll(async () => {
  for (const node of running) await node.stop();
  rmSync(root, { recursive: true });
});

const pay = async ({ wallet, confirmed }: TestNode, value = parseEther("1")) => {
  const hash = await wallet.sendTransaction({ to: bob.address, value });
  return confirmed(hash);
};

const create = ({ dataDirectory }: TestNode, height: number) =>
  takeSnapshotBeside({
    chain: join(dataDirectory, CHAIN_FOLDER),
    snapshots: join(dataDirectory, SNAPSHOT_FOLDER),
    height,
    keep: DEFAULT_KEPT_SNAPSHOTS,
  });

/** A file of a running node with a few blocks behind the snapshot. */
let original: TestNode;
let path: string;
let exported: Awaited<ReturnType<typeof exportSnapshot>>;

beforeAll(async () => {
  original = await start();
  await pay(original);
  await pay(original);
  const { height } = original.node.application.head;
  await pay(original, 5n);
  await create(original, height);
  await pay(original, 7n);
  path = fresh();
  exported = await exportSnapshot({ dataDirectory: original.dataDirectory, path });
});

describe("a node restored from a file", () => {
  test("stands where the other stood, serves proofs, refuses what came before, and goes on", async () => {
    const { genesis, validator } = original;
    const dataDirectory = fresh();
    const progress: number[] = [];
    const restored = await restoreSnapshot({
      path,
      dataDirectory,
      genesis,
      onProgress: ({ chunks, of }) => progress.push(chunks / of),
    });
    expect(progress.at(-1)).toBe(1);
    expect(restored).toMatchObject({ height: exported.snapshot.height, head: exported.head });
    expect(readdirSync(dataDirectory).sort()).toEqual(["chain", "genesis.json"]);
    const node = await start({ dataDirectory, genesis, validator });
    const { application } = node.node;
    const first = exported.snapshot.height + 1;
    expect(await node.client.getBalance({ address: bob.address })).toBe(
      original.node.application.account(bob.address.toLowerCase() as Hex).balance,
    );
    expect((await node.client.getBlock({ blockNumber: BigInt(first) })).hash).toBe(
      original.node.application.blocks.block(first)?.hash,
    );
    const before = await node.rpc("eth_getBlockByNumber", [`0x${(first - 1).toString(16)}`, false]);
    expect(before.error).toMatchObject({
      code: 4444,
      data: { code: "blockNotKept", first: `0x${first.toString(16)}` },
    });
    expect((await node.rpc("eth_getLogs", [{ fromBlock: "0x1" }])).error).toMatchObject({ code: 4444 });
    expect((await node.rpc("eth_getBalance", [bob.address, "0x1"])).error).toMatchObject({
      code: -32001,
      message: expect.stringMatching(/not kept/),
    });
    expect((await node.rpc("eth_getBlockByNumber", ["earliest", false])).result).toMatchObject({
      number: `0x${first.toString(16)}`,
    });
    const receipt = await pay(node, 11n);
    expect(receipt.status).toBe("success");

    const key = bytesToHex(keyBytes(accountKey(bob.address.toLowerCase() as Hex)));
    const height = Number(receipt.blockNumber);
    await node.confirmed(receipt.transactionHash);
    await expect.poll(() => application.head.height).toBeGreaterThan(height);
    const ask = async (method: string, params: unknown[]) => (await node.rpc(method, params)).result as never;
    const proof: { value: Hex; proof: Hex; provenBy: Hex } = await ask("ruff_getProof", [
      key,
      `0x${height.toString(16)}`,
    ]);
    const signed: { header: Hex } = await ask("ruff_getCommit", [proof.provenBy]);
    const { appHash } = decodeHeader(hexToBytes(signed.header));
    expect(() =>
      verifyMembership(appHash, hexToBytes(key), hexToBytes(proof.value), hexToBytes(proof.proof)),
    ).not.toThrow();
  });

  test("may be proven by the hash of a header instead", async () => {
    const { genesis } = original;
    const trustedHash = Uint8Array.from(exported.trustedHash);
    const dataDirectory = fresh();
    await restoreSnapshot({ path, dataDirectory, genesis, trustedHash });
    await expect(restoreSnapshot({ path, dataDirectory, genesis, trustedHash })).rejects.toMatchObject({
      code: "hasChain",
    });
    trustedHash[0] = (trustedHash[0] as number) ^ 1;
    await expect(restoreSnapshot({ path, dataDirectory: fresh(), genesis, trustedHash })).rejects.toMatchObject({
      code: "notTrusted",
    });
  });
});

describe("after a power cut", () => {
  test("in the middle of a restore, the next one begins anew", async () => {
    const { genesis } = original;
    const dataDirectory = fresh();
    const unfinished = join(dataDirectory, `${CHAIN_FOLDER}.unfinished`);
    const left = new LmdbStore(unfinished);
    await left.commit([{ bucket: Bucket.state, key: Uint8Array.of(1), value: Uint8Array.of(1) }]);
    await left.close();
    await restoreSnapshot({ path, dataDirectory, genesis });
    expect(readdirSync(dataDirectory).sort()).toEqual(["chain", "genesis.json"]);
  });

  test("in the middle of state sync, the node begins anew on its disk", async () => {
    const { snapshot } = exported;
    const chunk = await new SnapshotFolder(join(original.dataDirectory, SNAPSHOT_FOLDER)).chunk(snapshot.height, 1, 0);
    const appHash = original.node.application.blocks.header(snapshot.height)?.stateRoot as Hex;
    const offer = { snapshot, appHash: hexToBytes(appHash) };
    const directory = fresh();
    const store = new LmdbStore(directory);
    const application = Application.open({ store, contracts: systemContracts });
    const { time, chainId, appState, validators, initialHeight, consensusParams } = original.genesis;
    await application.initChain({ time, chainId, appState, validators, initialHeight, consensusParams });
    expect((await application.offerSnapshot(offer)).result).toBe("accept");
    // As the disk is now: the genesis state is gone, the snapshot is not there yet.
    const cut = fresh();
    cpSync(directory, cut, { recursive: true });
    await store.close();
    const after = new LmdbStore(cut);
    const again = Application.open({ store: after, contracts: systemContracts });
    expect(again.head).toMatchObject({ height: 0 });
    expect((await again.applySnapshotChunk({ index: 0, chunk: chunk as Uint8Array, sender: "" })).result).toBe("abort");
    expect((await again.offerSnapshot(offer)).result).toBe("accept");
    expect((await again.applySnapshotChunk({ index: 0, chunk: chunk as Uint8Array, sender: "" })).result).toBe(
      "accept",
    );
    expect(bytesToHex(again.head.root)).toBe(appHash);
    await after.close();
  });

  test("in the middle of taking one, the next one begins anew", async () => {
    const folder = new SnapshotFolder(fresh());
    mkdirSync(join(folder.directory, ".unfinished"), { recursive: true });
    writeFileSync(join(folder.directory, ".unfinished", "7"), "half a chunk");
    expect(await folder.list()).toEqual([]);
    const taken = await takeSnapshotBeside({
      chain: join(original.dataDirectory, CHAIN_FOLDER),
      snapshots: folder.directory,
      height: exported.snapshot.height,
      keep: 1,
    });
    expect(bytesToHex(taken.hash)).toBe(bytesToHex(exported.snapshot.hash));
    expect(readdirSync(join(folder.directory, String(taken.height))).sort()).toEqual(["0", "snapshot.json"]);
  });
});

describe("a file is refused, and leaves nothing,", () => {
  const TOO_LONG = Buffer.alloc(4);
  TOO_LONG.writeUInt32BE(MAX_SNAPSHOT_FRAME_BYTES + 1);
  const other = (change: (file: Buffer) => Buffer) => {
    const changed = fresh();
    writeFileSync(changed, change(readFileSync(path)));
    return changed;
  };
  const refused = async (file: string, genesis = original.genesis) => {
    const dataDirectory = fresh();
    const error = await restoreSnapshot({ path: file, dataDirectory, genesis }).catch((reason) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(existsSync(dataDirectory) ? readdirSync(dataDirectory) : []).toEqual([]);
    return error;
  };

  test.each<[string, (file: Buffer) => Buffer]>([
    ["that is none", () => Buffer.from("something else")],
    ["of another version", (file) => Buffer.from(file.fill(SNAPSHOT_FILE_VERSION + 1, 11, 12))],
    ["cut in its head", (file) => file.subarray(0, 30)],
    ["cut before its last byte", (file) => file.subarray(0, file.length - 1)],
    ["with a part too long", (file) => Buffer.concat([file.subarray(0, 12), TOO_LONG])],
  ])("%s", async (_, change) => {
    expect(await refused(other(change))).toMatchObject({ code: "notASnapshotFile" });
  });

  test("with any of some bytes changed", async () => {
    const size = readFileSync(path).length;
    for (let at = 16; at < size; at += Math.ceil(size / 60)) {
      const file = other((bytes) => bytes.fill((bytes[at] as number) ^ 0x10, at, at + 1));
      const error = await refused(file);
      expect(
        error instanceof BackupError || error instanceof LightError || error.code === "replay",
        `byte ${at}: ${error.stack}`,
      ).toBe(true);
    }
  });

  test("of another chain, of another validator, or of a network", async () => {
    const { genesis } = original;
    expect(await refused(path, { ...genesis, chainId: "other" })).toMatchObject({ code: "otherChain" });
    const [validator] = genesis.validators;
    const stranger = { type: "ed25519", bytes: ValidatorKey.generate().publicKey } as const;
    const theirs = { ...(validator as (typeof genesis.validators)[number]), publicKey: stranger };
    expect(await refused(path, { ...genesis, validators: [theirs] })).toMatchObject({ code: "unknownValidators" });
    expect(await refused(path, { ...genesis, validators: [theirs, theirs] })).toMatchObject({
      code: "severalValidators",
    });
  });
});

describe("exporting", () => {
  test("needs a snapshot, the header behind it, and a name that is free", async () => {
    const { dataDirectory, node } = original;
    await expect(exportSnapshot({ dataDirectory, height: 99, path: fresh() })).rejects.toMatchObject({
      code: "noSnapshot",
    });
    await expect(exportSnapshot({ dataDirectory, path })).rejects.toMatchObject({ code: "exists" });
    await expect.poll(() => node.engine.signedHeader(node.application.head.height)).toBeDefined();
    const { height } = node.application.head;
    await create(original, height);
    const unproven = fresh();
    await expect(exportSnapshot({ dataDirectory, height, path: unproven })).rejects.toMatchObject({
      code: "notProven",
    });
    expect(existsSync(unproven)).toBe(false);
  });
});

describe("a node that takes snapshots", () => {
  test("takes them at its interval, keeps the newest, and offers them", async () => {
    const node = await start({ snapshotInterval: 2, keepSnapshots: 2, emptyBlockMs: 20 });
    const { application } = node.node;
    const folder = new SnapshotFolder(join(node.dataDirectory, SNAPSHOT_FOLDER));
    await pay(node);
    await expect.poll(async () => (await folder.list())[0]?.height ?? 0).toBeGreaterThanOrEqual(6);
    const { snapshots } = await application.listSnapshots();
    expect(snapshots.length).toBeLessThanOrEqual(2);
    for (const { height, format, metadata, hash } of snapshots) {
      expect(height % 2).toBe(0);
      expect(format).toBe(SNAPSHOT_FORMAT);
      expect(Buffer.from(hash).equals(sha256(metadata))).toBe(true);
      const { chunk } = await application.loadSnapshotChunk({ height, format, chunk: 0 });
      expect(chunk.length).toBeGreaterThan(0);
      expect((await application.loadSnapshotChunk({ height, format: format + 1, chunk: 0 })).chunk).toHaveLength(0);
    }
    await node.node.stop();
    expect(readdirSync(folder.directory).filter((name) => /^\d+$/.test(name)).length).toBeLessThanOrEqual(2);
  });

  test("lists no more than are asked for", async () => {
    const directory = fresh();
    const folder = new SnapshotFolder(directory);
    for (let height = 1; height <= MAX_LISTED_SNAPSHOTS + 2; height++) {
      const snapshot = { height, format: 1, chunks: 0, hash: new Uint8Array(32), metadata: new Uint8Array(1) };
      await folder.write(
        height,
        // biome-ignore lint/correctness/useYield: a snapshot without chunks
        (function* () {
          return snapshot;
        })(),
      );
    }
    const heights = (await folder.list()).map(({ height }) => height);
    expect(heights).toEqual(Array.from({ length: MAX_LISTED_SNAPSHOTS }, (_, i) => MAX_LISTED_SNAPSHOTS + 2 - i));
    await folder.keep(1);
    expect(await folder.list()).toHaveLength(1);
  });

  test("leaves nothing of one that fails", async () => {
    const folder = new SnapshotFolder(fresh());
    function* failing(): Generator<Uint8Array, never> {
      yield new Uint8Array(1);
      throw new Error("the disk is full");
    }
    await expect(folder.write(3, failing())).rejects.toThrow("the disk is full");
    expect(await folder.list()).toEqual([]);
    expect(await folder.chunk(3, 1, 0)).toBeUndefined();
  });
});

describe("a backup", () => {
  test("of a running node is a node's folder without keys", async () => {
    const { dataDirectory, genesis, validator, node } = original;
    const target = fresh();
    const height = await backupNode(dataDirectory, target);
    const balance = node.application.account(bob.address.toLowerCase() as Hex, height).balance;
    await pay(original, 13n);
    expect(readdirSync(target).sort()).toEqual(["chain", "genesis.json"]);
    const copy = await start({ dataDirectory: target, genesis, validator });
    expect(copy.node.application.account(bob.address.toLowerCase() as Hex, height).balance).toBe(balance);
    expect((await pay(copy, 17n)).status).toBe("success");
  });

  test("overwrites nothing, and is not of a node with CometBFT", async () => {
    const { dataDirectory } = original;
    await expect(backupNode(dataDirectory, dataDirectory)).rejects.toMatchObject({ code: "exists" });
    const withComet = fresh();
    mkdirSync(join(withComet, "comet"), { recursive: true });
    await expect(backupNode(withComet, fresh())).rejects.toMatchObject({ code: "hasComet" });
  });
});
