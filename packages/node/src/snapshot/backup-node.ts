import { existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Application } from "@ruffchain/kernel";
import { CHAIN_FOLDER, COMET_FOLDER } from "../folders.js";
import { LmdbStore } from "../store/lmdb-store.js";
import { BackupError } from "./backup-error.js";

const GENESIS_FILE = "genesis.json";

/**
 * Copies the chain of a node with the embedded engine, which may be running, and its genesis file into a new folder: with
 * the validator's key it is a node's folder. All of it is there, or nothing. Keys are not copied. Resolves to
 * the height of the copy. Throws BackupError, StoreError.
 */
export async function backupNode(dataDirectory: string, target: string): Promise<number> {
  if (existsSync(target)) throw new BackupError("exists", { path: target });
  if (existsSync(join(dataDirectory, COMET_FOLDER))) throw new BackupError("hasComet", { directory: dataDirectory });
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const store = new LmdbStore(join(dataDirectory, CHAIN_FOLDER), "reader");
  try {
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    await store.copyTo(join(unfinished, CHAIN_FOLDER));
    await copyFile(join(dataDirectory, GENESIS_FILE), join(unfinished, GENESIS_FILE));
  } finally {
    await store.close();
  }
  const copy = new LmdbStore(join(unfinished, CHAIN_FOLDER), "reader");
  const { height } = Application.open({ store: copy, contracts: [] }).head;
  await copy.close();
  await rename(unfinished, target);
  return height;
}
