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
  readonly snapshotInterval?: number;
  readonly stateSync?: StateSync;
}

/** Whom to ask for headers, and which of them is trusted. */
export interface StateSync {
  readonly rpcServers: readonly string[];
  readonly trustHeight: number;
  /** In hex. */
  readonly trustHash: string;
}

const TRUST_PERIOD_SECONDS = 3_600;
/** Snapshots come every few seconds here, and who joins looks around for five before it fetches one. */
const KEPT_SNAPSHOTS = 20;

const options = JSON.parse(process.argv[2] ?? "{}") as RuffValidatorOptions;
const { stateSync, snapshotInterval } = options;
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
    ...(stateSync && {
      stateSync: {
        ...stateSync,
        trustHash: Buffer.from(stateSync.trustHash, "hex"),
        trustPeriodSeconds: TRUST_PERIOD_SECONDS,
      },
    }),
  },
  ...(snapshotInterval !== undefined && { snapshotInterval, keepSnapshots: KEPT_SNAPSHOTS }),
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
