import { backupNode } from "@ruffchain/node";
import { Command } from "commander";
import { jsonOption } from "../connection.js";
import { note, print } from "../output.js";

/** `ruff backup`: a copy of a node's chain while it runs. */
export function backupCommand(): Command {
  return new Command("backup")
    .description("copy a node's chain and genesis file into a new folder, while the node runs")
    .argument("<folder>", "folder to make")
    .option("--data <folder>", "folder of the node's data", ".ruff/node")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Example:
  $ ruff backup /backup/monday --data /srv/ruff
  $ cp priv_validator_key.json /backup/monday/ && ruff node --data /backup/monday

Keys are not copied: back up priv_validator_key.json by itself, once, and keep it secret. Never run two nodes with one
key, and none from an old backup while the newer chain lives on: it would sign other blocks at the same heights.`,
    )
    .action(async (folder: string, { data, json }: { data: string; json: boolean }) => {
      const height = await backupNode(data, folder);
      print({ json }, { folder, height });
      if (!json) note("Keys are not in it: back up priv_validator_key.json by itself.");
    });
}
