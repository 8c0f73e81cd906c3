import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Snapshot, SnapshotSource } from "@ruffchain/kernel";

/** CometBFT asks for no more. */
export const MAX_LISTED_SNAPSHOTS = 10;

/** Of a snapshot that is being written. */
const UNFINISHED = ".unfinished";
const DESCRIPTION = "snapshot.json";

/** Snapshots in a folder, each in one of its own, named by its height: a description, and a file for each chunk. */
export class SnapshotFolder implements SnapshotSource {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The newest first, up to MAX_LISTED_SNAPSHOTS. */
  async list(): Promise<Snapshot[]> {
    const heights = (await this.#heights()).slice(0, MAX_LISTED_SNAPSHOTS);
    const snapshots = await Promise.all(heights.map((height) => this.find(height)));
    return snapshots.flatMap((snapshot) => snapshot ?? []);
  }

  async find(height: number): Promise<Snapshot | undefined> {
    const text = await readIfThere(join(this.#folder(height), DESCRIPTION));
    if (!text) return undefined;
    const { format, chunks, hash, metadata } = JSON.parse(text.toString("utf8"));
    return { height, format, chunks, hash: Buffer.from(hash, "hex"), metadata: Buffer.from(metadata, "base64") };
  }

  async chunk(height: number, format: number, index: number): Promise<Uint8Array | undefined> {
    const snapshot = await this.find(height);
    return snapshot?.format === format ? readIfThere(join(this.#folder(height), String(index))) : undefined;
  }

  /** Writes the chunks as they come. The snapshot is there when all of it is on disk, or not at all. */
  async write(height: number, chunks: Generator<Uint8Array, Snapshot>): Promise<Snapshot> {
    const unfinished = join(this.directory, UNFINISHED);
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    let step = chunks.next();
    for (let i = 0; !step.done; i++, step = chunks.next()) await writeDurably(join(unfinished, String(i)), step.value);
    const snapshot = step.value;
    const { format, hash, metadata } = snapshot;
    const description = {
      format,
      chunks: snapshot.chunks,
      hash: Buffer.from(hash).toString("hex"),
      metadata: Buffer.from(metadata).toString("base64"),
    };
    await writeDurably(join(unfinished, DESCRIPTION), Buffer.from(JSON.stringify(description)));
    await rm(this.#folder(height), { recursive: true, force: true });
    await rename(unfinished, this.#folder(height));
    return snapshot;
  }

  /** Deletes all but the newest. */
  async keep(count: number): Promise<void> {
    for (const height of (await this.#heights()).slice(count)) {
      await rm(this.#folder(height), { recursive: true, force: true });
    }
  }

  async #heights(): Promise<number[]> {
    const names = existsSync(this.directory) ? await readdir(this.directory) : [];
    return names
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => b - a);
  }

  #folder(height: number): string {
    return join(this.directory, String(height));
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes, { flush: true });
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
