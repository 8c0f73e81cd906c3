import { bytesToHex } from "@ruffchain/kernel";
import { loadGenesis, restoreSnapshot } from "@ruffchain/node";
import { Command } from "commander";
import { jsonOption } from "../connection.js";
import { hash } from "../input.js";
import { note, print } from "../output.js";

interface Options {
  data: string;
  genesis: string;
  trustHash?: Uint8Array;
  json: boolean;
}

/** `ruff restore`: a node's folder from a snapshot file. */
export function restoreCommand(): Command {
  return new Command("restore")
    .description("make the folder of a node from a snapshot file, without executing the chain's past")
    .argument("<file>", "what ruff snapshot export wrote")
    .option("--data <folder>", "folder of the new node; it has no chain yet", ".ruff/node")
    .requiredOption("--genesis <file>", "genesis file of the chain, from somebody you trust")
    .option("--trust-hash <hash>", "hash of the header after the snapshot's block, from somebody you trust", hash)
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Example:
  $ ruff restore state.ruff --data /srv/new --genesis genesis.json

Every chunk is checked against the header that the genesis file's validator has signed; the blocks behind it are executed.
What does not fit is refused and nothing is kept. To go on with the chain, put priv_validator_key.json into the folder.`,
    )
    .action(async (path: string, { data, genesis, trustHash, json }: Options) => {
      const started = performance.now();
      const restored = await restoreSnapshot({
        path,
        dataDirectory: data,
        genesis: loadGenesis(genesis),
        ...(trustHash && { trustedHash: trustHash }),
        onProgress: ({ chunks, of, bytes }) => {
          if (!json) note(`chunk ${chunks} of ${of}, ${bytes} bytes checked`);
        },
      });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      print(
        { json },
        { data, snapshot: restored.height, head: restored.head, root: bytesToHex(restored.root), seconds },
      );
    });
}
