import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MAX_TX_BYTES } from "@ruffchain/kernel";
import { encodeGenesis, type Genesis } from "../../genesis/genesis.js";
import { nodeId } from "../../keys/node-key.js";
import { type Endpoint, endpointUrl } from "./endpoint.js";

/** Most bytes of transactions in one message to a peer; the same on all nodes, for a peer refuses more. */
export const MAX_PEER_MESSAGE_BYTES = 2 ** 20;
/** How often CometBFT asks for transactions to send to its peers. */
const REAP_INTERVAL_MS = 50;
/** How long a proposal is waited for before the next validator has its turn; it grows with each round. */
export const PROPOSE_TIMEOUT_MS = 2_000;

/** How long CometBFT looks for snapshots before it takes the best: the least that it allows. */
const DISCOVERY_SECONDS = 5;

/** How a node meets its peers. */
export interface PeerOptions {
  /** Where peers reach this node, e.g. "tcp://0.0.0.0:26656". */
  readonly p2pAddress: string;
  /** The same as peers see it, where that is another: "host:port". */
  readonly externalAddress?: string;
  /** Nodes that know others: "id@host:port". */
  readonly seeds?: readonly string[];
  /** Nodes to stay connected with: "id@host:port". */
  readonly persistentPeers?: readonly string[];
  /** For networks on one machine or in private address ranges; several nodes may share an address. */
  readonly privateNetwork?: boolean;
  /** Begin from a snapshot of the peers instead of executing all blocks; without effect where there are blocks. */
  readonly stateSync?: StateSyncOptions;
}

/** Whom a node that begins from a snapshot believes: one header, and by it the validators that follow. */
export interface StateSyncOptions {
  /** RPC addresses of CometBFT nodes to ask for headers; one of them has to be honest. */
  readonly rpcServers: readonly string[];
  /** A height of the last days, and the hash of its header (CometBFT's), from somebody who is trusted. */
  readonly trustHeight: number;
  readonly trustHash: Uint8Array;
  /** Shorter than stake is bound after it leaves. */
  readonly trustPeriodSeconds: number;
}

export interface CometHomeOptions extends PeerOptions {
  readonly genesis: Genesis;
  /** CometBFT's `priv_validator_key.json`. */
  readonly validatorKeyFile: string;
  readonly blockTimeMs: number;
  readonly abci: Endpoint;
  readonly rpc: Endpoint;
}

const STATE_OF_SIGNING = { height: "0", round: 0, step: 0 };

/** The files of CometBFT in a node's folder. */
export function cometFiles(home: string) {
  return {
    config: join(home, "config", "config.toml"),
    genesis: join(home, "config", "genesis.json"),
    nodeKey: join(home, "config", "node_key.json"),
    /** What the validator has signed last: without it, it could sign twice. */
    validatorState: join(home, "data", "priv_validator_state.json"),
    log: join(home, "cometbft.log"),
  };
}

/** Removes CometBFT's databases, unless its validator has signed: then they are needed. Whether they were removed. */
export function removeDatabases(home: string): boolean {
  const { height } = JSON.parse(readFileSync(cometFiles(home).validatorState, "utf8")) as { height: string };
  if (height !== STATE_OF_SIGNING.height) return false;
  const data = join(home, "data");
  for (const name of readdirSync(data)) if (name.endsWith(".db")) rmSync(join(data, name), { recursive: true });
  return true;
}

/** Writes what CometBFT reads at its start. Keys and the state of signing are made only in a folder that has none. */
export function writeCometHome(home: string, options: CometHomeOptions): void {
  const files = cometFiles(home);
  const isNew = !existsSync(files.config);
  for (const folder of ["config", "data"]) mkdirSync(join(home, folder), { recursive: true, mode: 0o700 });
  nodeId(files.nodeKey);
  // A validator whose state of signing is lost must not begin anew: CometBFT refuses to start without the file.
  if (isNew) writeFileSync(files.validatorState, JSON.stringify(STATE_OF_SIGNING), { mode: 0o600 });
  writeFileSync(files.genesis, encodeGenesis(options.genesis));
  writeFileSync(files.config, configFile(options));
}

/** Only what differs from CometBFT's defaults. */
function configFile(options: CometHomeOptions): string {
  const { seeds = [], persistentPeers = [], privateNetwork = false } = options;
  return toml({
    "": {
      proxy_app: endpointUrl(options.abci),
      priv_validator_key_file: resolve(options.validatorKeyFile),
      log_level: "error",
    },
    rpc: { laddr: endpointUrl(options.rpc), pprof_laddr: "" },
    p2p: {
      laddr: options.p2pAddress,
      external_address: options.externalAddress ?? "",
      seeds: seeds.join(","),
      persistent_peers: persistentPeers.join(","),
      addr_book_strict: !privateNetwork,
      allow_duplicate_ip: privateNetwork,
    },
    // The application has the only mempool, and builds the blocks.
    mempool: {
      type: "app",
      max_tx_bytes: MAX_TX_BYTES,
      max_batch_bytes: MAX_PEER_MESSAGE_BYTES,
      reap_interval: `${REAP_INTERVAL_MS}ms`,
    },
    consensus: {
      timeout_propose: `${PROPOSE_TIMEOUT_MS}ms`,
      timeout_commit: `${options.blockTimeMs}ms`,
      create_empty_blocks: true,
    },
    // Receipts and logs are in the application.
    tx_index: { indexer: "null" },
    ...(options.stateSync && { statesync: stateSyncTable(options.stateSync) }),
    storage: { discard_abci_responses: true },
  });
}

function stateSyncTable(options: StateSyncOptions): Table {
  const { rpcServers, trustHeight, trustHash, trustPeriodSeconds } = options;
  return {
    enable: true,
    // CometBFT wants a witness beside the first; with a single server it is its own.
    rpc_servers: (rpcServers.length === 1 ? [...rpcServers, ...rpcServers] : rpcServers).join(","),
    trust_height: trustHeight,
    trust_hash: Buffer.from(trustHash).toString("hex"),
    trust_period: `${trustPeriodSeconds}s`,
    discovery_time: `${DISCOVERY_SECONDS}s`,
  };
}

type Table = Readonly<Record<string, string | number | boolean>>;

function toml(tables: Readonly<Record<string, Table>>): string {
  return Object.entries(tables)
    .map(([name, table]) => {
      const lines = Object.entries(table).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
      return `${name === "" ? "" : `[${name}]\n`}${lines.join("")}`;
    })
    .join("\n");
}
