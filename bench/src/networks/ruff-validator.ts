import { join } from "node:path";
import { loadGenesis, startNode, ValidatorKey } from "@ruffchain/node";
import { pino } from "pino";

export interface RuffValidatorOptions {
  readonly home: string;
  readonly port: number;
  readonly p2pPort: number;
  readonly peers: readonly string[];
  readonly cometbft: string;
  readonly blockTimeMs: number;
}

const options = JSON.parse(process.argv[2] ?? "{}") as RuffValidatorOptions;
const validatorKeyFile = join(options.home, "priv_validator_key.json");
const node = await startNode({
  dataDirectory: options.home,
  genesis: loadGenesis(join(options.home, "genesis.json")),
  validator: ValidatorKey.load(validatorKeyFile),
  comet: {
    program: options.cometbft,
    validatorKeyFile,
    p2pAddress: `tcp://127.0.0.1:${options.p2pPort}`,
    persistentPeers: options.peers,
    privateNetwork: true,
  },
  rpcPort: options.port,
  operatorPort: 0,
  blockTimeMs: options.blockTimeMs,
  emptyBlockMs: 0,
  recoveryThreads: 1,
  logger: pino({ level: "warn" }),
});
process.once("SIGTERM", () => node.stop().then(() => process.exit(0)));
node.failed.then((error) => {
  console.error(error);
  process.exit(1);
});
