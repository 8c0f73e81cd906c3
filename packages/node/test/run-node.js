// Plain JavaScript, for the kill test runs it as a process of its own: a node on the data, genesis file and validator
// key in the folder argv[2]. It prints its RPC port, and ends with whoever started it.
import { writeSync } from "node:fs";
import { join } from "node:path";
import { loadGenesis, startNode, ValidatorKey } from "@ruffchain/node";
import pino from "pino";

const directory = process.argv[2];
process.stdin.resume().on("end", () => process.exit());
const node = await startNode({
  dataDirectory: directory,
  genesis: loadGenesis(join(directory, "genesis.json")),
  validator: ValidatorKey.load(join(directory, "priv_validator_key.json")),
  rpcPort: 0,
  operatorPort: 0,
  blockTimeMs: 5,
  emptyBlockMs: 0,
  recoveryThreads: 1,
  logger: pino({ level: "silent" }),
});
node.failed.then(() => process.exit(1));
writeSync(1, `${node.rpcPort}\n`);
