import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Application, Bucket } from "@ruffchain/kernel";
import { hashHeader, type Validator, verifyCommit } from "@ruffchain/light";
import { chainRules } from "../chain-rules.js";
import { nodeCrypto } from "../crypto.js";
import { heightKey } from "../engine/height-key.js";
import { encodeRecord } from "../engine/solo-record.js";
import { assertFollows, replayBlock, type SoloBlock } from "../engine/solo-replay.js";
import { CHAIN_FOLDER } from "../folders.js";
import { encodeGenesis, type Genesis } from "../genesis/genesis.js";
import { genesisMark } from "../genesis/genesis-mark.js";
import { LmdbStore } from "../store/lmdb-store.js";
import { BackupError } from "./backup-error.js";
import { SnapshotFileReader } from "./snapshot-file.js";

/** Of a chain that is being restored. */
const UNFINISHED_FOLDER = `${CHAIN_FOLDER}.unfinished`;
const GENESIS_FILE = "genesis.json";

export interface RestoreOptions {
  readonly path: string;
  /** Folder of the new node; it has no chain yet. */
  readonly dataDirectory: string;
  readonly genesis: Genesis;
  /** Hash of the header after the snapshot's block, from somebody who is trusted; else the genesis validator's signature counts. */
  readonly trustedHash?: Uint8Array;
  readonly onProgress?: (done: { readonly chunks: number; readonly of: number; readonly bytes: number }) => void;
}

export interface Restored {
  /** Height of the snapshot. */
  readonly height: number;
  /** Height after the blocks that came with it: where the node goes on. */
  readonly head: number;
  readonly root: Uint8Array;
}

/**
 * Makes the folder of a node with the embedded engine from a snapshot file. Everything is checked against the signed
 * header after the snapshot's block, and the blocks from there are executed. The chain is there when all of it is, or
 * not at all. Throws BackupError, LightError, ReplayError.
 */
export async function restoreSnapshot(options: RestoreOptions): Promise<Restored> {
  const { path, dataDirectory, genesis } = options;
  const chain = join(dataDirectory, CHAIN_FOLDER);
  if (existsSync(chain)) throw new BackupError("hasChain", { directory: dataDirectory });
  const unfinished = join(dataDirectory, UNFINISHED_FOLDER);
  const file = await SnapshotFileReader.open(path);
  try {
    const blocks: SoloBlock[] = [];
    for (let i = 0; i < file.head.blocks; i++) blocks.push(await file.block());
    const validator = checkProof(options, file, blocks[0]);
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    const restored = await fill(options, file, blocks, validator, unfinished);
    await rename(unfinished, chain);
    await writeFile(join(dataDirectory, GENESIS_FILE), encodeGenesis(genesis));
    return restored;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** The header that proves the snapshot must be the trusted one, or signed by the validator of the genesis file. */
function checkProof(
  { path, genesis, trustedHash }: RestoreOptions,
  { head }: SnapshotFileReader,
  proof: SoloBlock | undefined,
): Validator {
  const { chainId, snapshot, record } = head;
  if (chainId !== genesis.chainId) throw new BackupError("otherChain", { chainId, expected: genesis.chainId });
  const [first] = genesis.validators;
  if (!first || genesis.validators.length > 1) {
    throw new BackupError("severalValidators", { count: genesis.validators.length });
  }
  if (!proof) throw new BackupError("notASnapshotFile", { path, problem: "no header proves it" });
  const { header } = proof.signed;
  if (header.height !== snapshot.height + 1) {
    throw new BackupError("notASnapshotFile", { path, problem: "the header in it is of another height" });
  }
  const hash = hashHeader(header, nodeCrypto);
  if (trustedHash && Buffer.compare(hash, trustedHash) !== 0) {
    const [own, trusted] = [hash, trustedHash].map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`);
    throw new BackupError("notTrusted", {
      height: header.height,
      hash: own as string,
      trusted: trusted as string,
    });
  }
  const validator = { publicKey: first.publicKey.bytes, power: first.power };
  // The hash of a commit, which the next header has, leaves out for which block it is: both are checked as signed.
  for (const signed of [record.signed, proof.signed]) {
    verifyCommit([validator], genesis.chainId, signed.header, signed.commit, nodeCrypto);
  }
  assertFollows(record, proof.signed);
  return validator;
}

/** Builds the chain in a folder of its own. */
async function fill(
  { genesis, onProgress }: RestoreOptions,
  file: SnapshotFileReader,
  blocks: readonly SoloBlock[],
  validator: Validator,
  directory: string,
): Promise<Restored> {
  const { snapshot, record } = file.head;
  const store = new LmdbStore(directory);
  try {
    const application = Application.open({ store, ...chainRules() });
    const appHash = (blocks[0] as SoloBlock).signed.header.appHash;
    const offer = await application.offerSnapshot({ snapshot, appHash });
    if (offer.result !== "accept") throw new BackupError("refused", { reason: offer.reason ?? offer.result });
    let bytes = 0;
    for (let index = 0; index < snapshot.chunks; index++) {
      const chunk = await file.chunk();
      const answer = await application.applySnapshotChunk({ index, chunk, sender: "" });
      if (answer.result !== "accept") throw new BackupError("refused", { reason: answer.reason ?? answer.result });
      bytes += chunk.length;
      onProgress?.({ chunks: index + 1, of: snapshot.chunks, bytes });
    }
    await store.commit([
      genesisMark(genesis),
      { bucket: Bucket.engine, key: heightKey(snapshot.height), value: encodeRecord(record) },
    ]);
    let last = record;
    for (const block of blocks) last = await replayBlock(application, last, block, validator);
    return { height: snapshot.height, head: application.head.height, root: application.head.root };
  } finally {
    await store.close();
  }
}
