import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DEFAULT_KEPT_SNAPSHOTS,
  developmentGenesis,
  encodeGenesis,
  type Genesis,
  genesisHash,
  loadGenesis,
  nodeId,
  startNode,
  ValidatorKey,
} from "@ruffchain/node";
import { Command, Option } from "commander";
import { pino } from "pino";
import { DEVELOPMENT_ACCOUNTS, developmentAccount } from "../account.js";
import { CliError } from "../cli-error.js";
import { addEngineOptions, cometOptions, type EngineOptions } from "../engine-options.js";
import { count, port, wholeNumber } from "../input.js";
import { note } from "../output.js";
import { untilStopped } from "../until-stopped.js";

interface Options extends EngineOptions {
  data: string;
  dev: boolean;
  genesis?: string;
  host: string;
  rpcPort: number;
  operatorPort: number;
  blockTime: number;
  emptyBlockTime: number;
  cors: string[];
  archive: boolean;
  keepBlocks?: number;
  snapshotInterval?: number;
  keepSnapshots: number;
  verifySources: boolean;
  logLevel: string;
  json: boolean;
}

/** Files in a node's folder. */
const GENESIS_FILE = "genesis.json";
const VALIDATOR_FILE = "priv_validator_key.json";
const NODE_KEY_FILE = "comet/config/node_key.json";

/** `ruff node`: runs a node, alone with the embedded engine or in a network with CometBFT beside it. */
export function nodeCommand(): Command {
  const command = new Command("node")
    .description("run a node: chain, JSON-RPC and metrics in one process; with --engine comet, one of a network")
    .option("--data <folder>", "folder of the node's data", ".ruff/node")
    .option("--dev", "begin a development chain if the folder has none: one validator, ten accounts with money", false)
    .option("--genesis <file>", "genesis file to begin with")
    .option("--host <address>", "address to listen on; everything but loopback is open to others", "127.0.0.1")
    .option("--rpc-port <port>", "port of JSON-RPC over HTTP and WebSocket; 0 takes a free one", port, 8545)
    .option("--operator-port <port>", "port of /metrics and /health; 0 takes a free one", port, 9464)
    .option(
      "--block-time <ms>",
      "least time between blocks; with solo, 0 makes one as soon as there is a transaction",
      wholeNumber,
      500,
    )
    .option(
      "--empty-block-time <ms>",
      "solo: an empty block after so much quiet, so that scheduled work runs; 0 makes none",
      wholeNumber,
      1000,
    )
    .option("--cors <origin...>", "origins whose web pages may call; none unless named", [])
    .option("--archive", "keep the state of every height", false)
    .option("--keep-blocks <count>", "keep so many of the newest blocks with their receipts; all unless told", count)
    .option("--snapshot-interval <blocks>", "take a snapshot so often, beside the chain; never unless told", count)
    .option("--keep-snapshots <count>", "newest snapshots that are kept", count, DEFAULT_KEPT_SNAPSHOTS)
    .option("--verify-sources", "compile and keep the sources of contracts that anybody submits; --dev does", false)
    .addOption(
      new Option("--log-level <level>", "what is logged to stderr")
        .choices(["silent", "error", "warn", "info", "debug"])
        .default("info"),
    )
    .option("--json", "say that it is ready in one line of JSON", false);
  return addEngineOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  $ ruff node --dev                       a chain of your own on http://127.0.0.1:8545
  $ ruff node --data /srv/ruff --genesis genesis.json
  $ ruff node --data /srv/ruff --genesis genesis.json --engine comet --seeds 7f3c…@seed.example.org:26656
  $ curl http://127.0.0.1:9464/health

The folder holds genesis.json, priv_validator_key.json (back it up, keep it secret) and chain/. kill -9 loses nothing
that was answered as committed. Sign on a development chain with --from dev:0 … dev:9.

To join a network, take its genesis file and the address of a seed from those who run it. The node follows the chain;
it is a validator once its key has power. comet/ holds what CometBFT keeps: blocks, its own key, and in
comet/data/priv_validator_state.json what the validator has signed last. Never run two nodes with one validator key, and
never put back an old copy of that file: a validator that signs twice is slashed.`,
    )
    .action(async (options: Options) => {
      const { genesis, validator } = openFolder(options);
      const logger = pino({ level: options.logLevel }, process.stderr);
      const comet = cometOptions(options, join(options.data, VALIDATOR_FILE));
      const node = await startNode({
        dataDirectory: options.data,
        genesis,
        validator,
        ...(comet && { comet }),
        host: options.host,
        rpcPort: options.rpcPort,
        operatorPort: options.operatorPort,
        corsOrigins: options.cors,
        blockTimeMs: options.blockTime,
        emptyBlockMs: options.emptyBlockTime,
        archive: options.archive,
        ...(options.keepBlocks !== undefined && { keepBlocks: options.keepBlocks }),
        ...(options.snapshotInterval !== undefined && { snapshotInterval: options.snapshotInterval }),
        keepSnapshots: options.keepSnapshots,
        verifySources: options.verifySources || options.dev,
        logger,
      });
      const stopped = untilStopped(); // before anybody is told that it runs
      const rpc = `http://${options.host}:${node.rpcPort}`;
      const operator = `http://${options.host}:${node.operatorPort}`;
      const id = comet && nodeId(join(options.data, NODE_KEY_FILE));
      const peer = id && `${id}@${options.externalAddress ?? options.p2p}`;
      if (options.json) {
        const ready = { rpc, operator, chainId: genesis.chainId, data: options.data, ...(peer && { peer }) };
        process.stdout.write(`${JSON.stringify(ready)}\n`);
      } else {
        const lines = { "JSON-RPC": rpc, metrics: `${operator}/metrics`, data: options.data, ...(peer && { peer }) };
        const text = Object.entries(lines).map(([name, value]) => `  ${name.padEnd(8)}  ${value}\n`);
        process.stdout.write(`Ruff Chain node ${genesis.chainId}\n${text.join("")}`);
      }
      const reason = await Promise.race([stopped, node.failed.then((error) => error as Error)]);
      await node.stop();
      if (reason instanceof Error) throw reason;
    });
}

/** The genesis and the validator's key of the folder; made on the first start. */
function openFolder({ data, dev, genesis: file }: Options): { genesis: Genesis; validator: ValidatorKey } {
  const genesisFile = join(data, GENESIS_FILE);
  const own = existsSync(genesisFile) ? loadGenesis(genesisFile) : undefined;
  const given = file === undefined ? undefined : loadGenesis(file);
  if (!own && !given && !dev) {
    throw new CliError(`${data} has no chain yet: give --genesis <file>, or --dev for a development chain of your own`);
  }
  if (own && given && genesisHash(own) !== genesisHash(given)) {
    throw new CliError(`${data} holds another chain, ${own.chainId}: give another --data folder, or no --genesis`);
  }
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const validatorFile = join(data, VALIDATOR_FILE);
  if (!existsSync(validatorFile)) ValidatorKey.generate().save(validatorFile);
  const validator = ValidatorKey.load(validatorFile);
  const genesis = own ?? given ?? ownChain(validator);
  if (!own) {
    writeFileSync(genesisFile, encodeGenesis(genesis));
    note(`wrote ${genesisFile}`);
  }
  return { genesis, validator };
}

/** A development chain that this validator begins now. */
function ownChain(validator: ValidatorKey): Genesis {
  return developmentGenesis({
    time: BigInt(Date.now()) * 1_000_000n,
    validator: validator.publicKey,
    accounts: Array.from({ length: DEVELOPMENT_ACCOUNTS }, (_, i) => developmentAccount(i).address),
  });
}
