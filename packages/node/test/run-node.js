// Plain JavaScript, for the kill test runs it as a process of its own: a node on the data, genesis file and validator
// key in the folder argv[2], with the CometBFT argv[3] where one is named. It prints its RPC port, and ends with whoever started it.
import { writeSync } from "node:fs";
import { join } from "node:path";
import { loadGenesis, startNode, ValidatorKey } from "@ruffchain/node";
import pino from "pino";

const [, , directory, program] = process.argv;
const validatorKeyFile = join(directory, "priv_validator_key.json");
process.stdin.resume().on("end", () => process.exit());
const node = await startNode({
  dataDirectory: directory,
  genesis: loadGenesis(join(directory, "genesis.json")),
  validator: ValidatorKey.load(validatorKeyFile),
  ...(program && { comet: { program, validatorKeyFile, p2pAddress: "tcp://127.0.0.1:0" } }),
  rpcPort: 0,
  operatorPort: 0,
  blockTimeMs: 5,
  emptyBlockMs: 0,
  recoveryThreads: 1,
  logger: pino({ level: "silent" }),
});
node.failed.then(() => process.exit(1));
writeSync(1, `${node.rpcPort}\n`);
