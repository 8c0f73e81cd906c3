import { join } from "node:path";
import { bytesToHex } from "@ruffchain/kernel";
import {
  CHAIN_FOLDER,
  DEFAULT_KEPT_SNAPSHOTS,
  exportSnapshot,
  newestProvenHeight,
  SNAPSHOT_FOLDER,
  SnapshotFolder,
  takeSnapshotBeside,
} from "@ruffchain/node";
import { Command } from "commander";
import { jsonOption } from "../connection.js";
import { wholeNumber } from "../input.js";
import { note, print } from "../output.js";

interface Options {
  data: string;
  height?: number;
  keep: number;
  json: boolean;
}

const dataOption = ["--data <folder>", "folder of the node's data; the node may be running", ".ruff/node"] as const;

/** `ruff snapshot`: the state after a block, in chunks that anybody can check. */
export function snapshotCommand(): Command {
  const snapshot = new Command("snapshot")
    .description("take snapshots of a node's state, and carry them in files")
    .addHelpText(
      "after",
      `
Examples:
  $ ruff snapshot create --data /srv/ruff
  $ ruff snapshot export state.ruff --data /srv/ruff
  $ ruff restore state.ruff --data /srv/new --genesis genesis.json

A node takes them by itself with ruff node --snapshot-interval <blocks>.`,
    );
  snapshot
    .command("create")
    .description("take a snapshot now, of the newest state that a signed header proves")
    .option(...dataOption)
    .option("--height <block>", "of the state after this block", wholeNumber)
    .option("--keep <count>", "newest snapshots that stay", wholeNumber, DEFAULT_KEPT_SNAPSHOTS)
    .addOption(jsonOption())
    .action(async ({ data, height, keep, json }: Options) => {
      const chain = join(data, CHAIN_FOLDER);
      const started = performance.now();
      let bytes = 0;
      const taken = await takeSnapshotBeside({
        chain,
        snapshots: join(data, SNAPSHOT_FOLDER),
        height: height ?? (await newestProvenHeight(chain)),
        keep,
        onChunk: (index, size) => {
          bytes += size;
          if (!json) note(`chunk ${index}, ${bytes} bytes`);
        },
      });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      print({ json }, { height: taken.height, chunks: taken.chunks, bytes, hash: bytesToHex(taken.hash), seconds });
    });
  snapshot
    .command("list")
    .description("the snapshots that the node has and offers")
    .option(...dataOption)
    .addOption(jsonOption())
    .action(async ({ data, json }: Options) => {
      const snapshots = await new SnapshotFolder(join(data, SNAPSHOT_FOLDER)).list();
      print(
        { json },
        snapshots.map(({ height, format, chunks, hash }) => ({ height, format, chunks, hash: bytesToHex(hash) })),
      );
    });
  snapshot
    .command("export <file>")
    .description("write a snapshot, the header that proves it and the blocks since then into one file")
    .option(...dataOption)
    .option("--height <block>", "which snapshot; the newest unless told", wholeNumber)
    .addOption(jsonOption())
    .action(async (path: string, { data, height, json }: Options) => {
      const exported = await exportSnapshot({ dataDirectory: data, path, ...(height !== undefined && { height }) });
      print(
        { json },
        {
          file: path,
          height: exported.snapshot.height,
          head: exported.head,
          trustHash: bytesToHex(exported.trustedHash),
        },
      );
    });
  return snapshot;
}
