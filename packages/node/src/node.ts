import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "@ruffchain/abi";
import { Application, type BlockRecord, parseAppGenesis, TransactionError } from "@ruffchain/kernel";
import type { Logger } from "pino";
import { chainRules } from "./chain-rules.js";
import { CometEngine, type CometOptions } from "./engine/comet/comet.js";
import type { Engine } from "./engine/engine.js";
import { mempoolSource } from "./engine/mempool-source.js";
import { SoloEngine, type ValidatorSigner } from "./engine/solo.js";
import { CHAIN_FOLDER, COMET_FOLDER, SNAPSHOT_FOLDER, SOURCE_FOLDER } from "./folders.js";
import type { Genesis } from "./genesis/genesis.js";
import { genesisMark } from "./genesis/genesis-mark.js";
import { admit } from "./mempool/admit.js";
import { Mempool } from "./mempool/mempool.js";
import { Metrics } from "./metrics/metrics.js";
import { OperatorServer } from "./metrics/operator-server.js";
import { NodeError } from "./node-error.js";
import { RecoveryPool } from "./recovery/recovery-pool.js";
import { newPause } from "./rpc/pause.js";
import { RpcServer } from "./rpc/rpc-server.js";
import { SnapshotFolder } from "./snapshot/snapshot-folder.js";
import { DEFAULT_KEPT_SNAPSHOTS, SnapshotTaker } from "./snapshot/snapshot-taker.js";
import { SourceStore } from "./sources/source-store.js";
import { SourceVerifier } from "./sources/source-verifier.js";
import { LmdbStore } from "./store/lmdb-store.js";

export interface NodeOptions {
  /** Folder of the node's data; made if missing. */
  readonly dataDirectory: string;
  readonly genesis: Genesis;
  /** Signs the blocks of the embedded engine. */
  readonly validator: ValidatorSigner;
  /** With it CometBFT decides on the blocks, together with other nodes; without it the embedded engine does, alone. */
  readonly comet?: CometOptions;
  /** Loopback unless told. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly rpcPort: number;
  /** Port of /metrics and /health; 0 takes a free one. */
  readonly operatorPort: number;
  readonly corsOrigins?: readonly string[];
  /** Least milliseconds between two blocks; with CometBFT, from a block to the beginning of the next. */
  readonly blockTimeMs: number;
  /** Milliseconds of quiet after which the embedded engine makes an empty block. CometBFT makes one at each turn. */
  readonly emptyBlockMs: number;
  readonly historyWindow?: number;
  readonly archive?: boolean;
  /** Newest blocks, with receipts, that are kept; all where absent. */
  readonly keepBlocks?: number;
  /** Takes a snapshot after each block whose height is a multiple; none where absent. */
  readonly snapshotInterval?: number;
  /** Newest snapshots that are kept. */
  readonly keepSnapshots?: number;
  readonly recoveryThreads?: number;
  /** Compiles the sources of contracts that anybody submits, and keeps what matches. Not unless told. */
  readonly verifySources?: boolean;
  readonly logger: Logger;
}

export interface RunningNode {
  readonly rpcPort: number;
  readonly operatorPort: number;
  readonly application: Application;
  readonly engine: Engine;
  readonly mempool: Mempool;
  submit(raw: Uint8Array): Promise<Hex>;
  /** Answers what is under way, finishes the block in work and closes the store. */
  stop(): Promise<void>;
  /** Settles when the engine has failed; the node should then be stopped. */
  readonly failed: Promise<unknown>;
}

const LOOPBACK_HOST = "127.0.0.1";
const CLIENT_VERSION = `ruff/0.1.0/${process.platform}-${process.arch}/node${process.versions.node}`;

/** Starts a node: store, application, pool, engine, JSON-RPC and operator's ports. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { dataDirectory } = options;
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const store = new LmdbStore(join(dataDirectory, CHAIN_FOLDER));
  const opened: (() => Promise<void>)[] = [() => store.close()];
  try {
    return await assemble(options, store, opened);
  } catch (error) {
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

/** Puts the parts together; what has been opened and must be closed if the rest fails goes into `opened`. */
async function assemble(options: NodeOptions, store: LmdbStore, opened: (() => Promise<void>)[]): Promise<RunningNode> {
  const { logger, genesis, host = LOOPBACK_HOST } = options;
  let metrics: Metrics | undefined;
  const application = Application.open({
    store,
    ...chainRules(),
    ...(options.historyWindow !== undefined && { historyWindow: options.historyWindow }),
    ...(options.archive !== undefined && { archive: options.archive }),
    ...(options.keepBlocks !== undefined && { keepBlocks: options.keepBlocks }),
    newPause,
    snapshots: new SnapshotFolder(join(options.dataDirectory, SNAPSHOT_FOLDER)),
    onFault: (fault, contract) => {
      metrics?.contractFaults.inc();
      logger.error({ err: fault, contract }, "a call ended in a fault of the contract");
    },
  });
  await openChain(application, store, genesis);
  const mempool = new Mempool({
    account: (address) => {
      const { nonce, balance } = application.account(address);
      return { nonce: Number(nonce), balance };
    },
    laneNonce: (tx, sender) => application.laneNonceOf(tx, sender),
    baseFee: application.nextBaseFee(),
  });
  metrics = new Metrics(() => mempool.status());
  const recovery = new RecoveryPool({
    ...(options.recoveryThreads !== undefined && { threads: options.recoveryThreads }),
    onWorkerError: (error) => logger.error({ err: error }, "a recovery worker died"),
  });
  opened.push(() => recovery.close());

  let reportFailure: (error: unknown) => void = () => {};
  const failed = new Promise<unknown>((resolve) => {
    reportFailure = resolve;
  });
  let healthy = true;
  const engine = makeEngine(options, {
    application,
    store,
    mempool,
    recovery,
    onRefusal: ({ code }) => metrics?.refusals.inc({ code }),
    onPassedOver: (count) => metrics?.passedOver.inc(count),
    onFailure: (error) => {
      healthy = false;
      logger.fatal({ err: error }, "the engine has stopped");
      reportFailure(error);
    },
  });

  async function submit(raw: Uint8Array): Promise<Hex> {
    try {
      const tx = application.decode(raw);
      application.checkStateless(tx);
      if (mempool.has(tx.hash)) throw new TransactionError("alreadyKnown", { hash: tx.hash });
      await admit(tx, { application, mempool, recovery });
      return tx.hash;
    } catch (error) {
      if (error instanceof TransactionError) metrics?.refusals.inc({ code: error.code });
      throw error;
    }
  }

  const sources = new SourceStore(join(options.dataDirectory, SOURCE_FOLDER));
  const verifier = options.verifySources
    ? new SourceVerifier({
        code: (address) => application.code(address, application.head.height),
        store: sources,
        onFault: (error) => logger.error({ err: error }, "a source could not be verified"),
      })
    : undefined;
  if (verifier) opened.push(() => verifier.close());

  const onBlock = (listener: (block: BlockRecord) => void) => engine.onBlock(listener);
  const rpc = new RpcServer({
    backend: {
      application,
      mempool,
      clientVersion: CLIENT_VERSION,
      submit,
      signedHeader: (height) => engine.signedHeader(height),
      validators: (height) => engine.validators(height),
      networkStatus: () => engine.networkStatus(),
      cometRpc: engine.cometRpc?.bind(engine),
      onBlock,
      sources,
      verifier,
    },
    host,
    port: options.rpcPort,
    corsOrigins: options.corsOrigins ?? [],
    onCall: (method, seconds) => metrics?.rpcSeconds.observe({ method }, seconds),
    onFault: (error, method) => logger.error({ err: error, method }, "a JSON-RPC call failed"),
  });
  const operator = new OperatorServer(metrics.registry, () => ({
    ok: healthy,
    height: application.head.height,
    chainId: genesis.chainId,
    pending: mempool.status().pending,
  }));

  onBlock((block) => observeBlock(block, metrics as Metrics, logger));
  const snapshots = snapshotTaker(options, logger);
  if (snapshots) {
    onBlock((block) => snapshots.committed(block.header.number));
    opened.push(() => snapshots.close());
  }
  opened.push(() => rpc.close());
  const rpcPort = await rpc.listen();
  opened.push(() => operator.close());
  const operatorPort = await operator.listen(host, options.operatorPort);
  opened.push(() => engine.stop());
  await engine.start();
  logger.info(
    { rpc: `http://${host}:${rpcPort}`, operator: `http://${host}:${operatorPort}`, height: application.head.height },
    "node started",
  );

  return {
    rpcPort,
    operatorPort,
    application,
    engine,
    mempool,
    submit,
    failed,
    stop: async () => {
      await rpc.close();
      await engine.stop();
      await Promise.all([operator.close(), recovery.close(), snapshots?.close(), verifier?.close()]);
      await store.close();
      logger.info({ height: application.head.height }, "node stopped");
    },
  };
}

function snapshotTaker(options: NodeOptions, logger: Logger): SnapshotTaker | undefined {
  const { dataDirectory, snapshotInterval, keepSnapshots = DEFAULT_KEPT_SNAPSHOTS } = options;
  if (!snapshotInterval) return undefined;
  return new SnapshotTaker({
    chain: join(dataDirectory, CHAIN_FOLDER),
    snapshots: join(dataDirectory, SNAPSHOT_FOLDER),
    interval: snapshotInterval,
    keep: keepSnapshots,
    onTaken: (snapshot) => logger.info(snapshot, "snapshot taken"),
    onError: (error, height) => logger.error({ err: error, height }, "a snapshot could not be taken"),
  });
}

interface EngineModules {
  readonly application: Application;
  readonly store: LmdbStore;
  readonly mempool: Mempool;
  readonly recovery: RecoveryPool;
  readonly onRefusal: (error: TransactionError) => void;
  readonly onPassedOver: (count: number) => void;
  readonly onFailure: (error: unknown) => void;
}

function makeEngine(options: NodeOptions, modules: EngineModules): Engine {
  const { genesis, validator, comet, blockTimeMs, emptyBlockMs, dataDirectory } = options;
  const { application, store, mempool, onFailure } = modules;
  const transactions = mempoolSource(mempool, application);
  if (comet) {
    const home = join(dataDirectory, COMET_FOLDER);
    return new CometEngine({ comet, home, genesis, blockTimeMs }, { ...modules, transactions });
  }
  return new SoloEngine(
    {
      chainId: genesis.chainId,
      power: onlyValidator(genesis, validator),
      blockTimeMs,
      emptyBlockMs,
    },
    { application, store, transactions, validator, now: Date.now, onFailure },
  );
}

/** Writes the genesis state into an empty store; refuses a store that was begun with another. */
async function openChain(application: Application, store: LmdbStore, genesis: Genesis): Promise<void> {
  const mark = genesisMark(genesis);
  const stored = store.get(mark.bucket, mark.key);
  if (stored && Buffer.compare(stored, mark.value) !== 0) {
    throw new NodeError(
      "otherGenesis",
      `the data in ${store.directory} belongs to another genesis: use another folder, or the genesis that it was begun with`,
    );
  }
  if (stored && application.info().lastBlockHeight > 0) return;
  await application.initChain({
    time: genesis.time,
    chainId: genesis.chainId,
    consensusParams: genesis.consensusParams,
    validators: genesis.validators,
    appState: genesis.appState,
    initialHeight: genesis.initialHeight,
  });
  await store.commit([mark]);
}

/** The power of the validator, which must be the genesis file's only one, for ever. */
function onlyValidator({ validators, appState }: Genesis, { publicKey }: ValidatorSigner): bigint {
  const [validator] = validators;
  if (!validator || validators.length > 1 || Buffer.compare(validator.publicKey.bytes, publicKey) !== 0) {
    throw new NodeError(
      "notTheValidator",
      "the solo engine needs a genesis file whose only validator is this node's key (priv_validator_key.json)",
    );
  }
  if (parseAppGenesis(appState).parameters?.fixedValidators !== "1") {
    throw new NodeError(
      "validatorsChange",
      'the solo engine needs a genesis file with "fixedValidators": "1" in app_state.parameters: without it stake decides who validates',
    );
  }
  return validator.power;
}

function observeBlock({ header, transactions }: BlockRecord, metrics: Metrics, logger: Logger): void {
  metrics.height.set(header.number);
  metrics.gas.inc(header.gasUsed);
  const succeeded = transactions.filter((tx) => tx.succeeded).length;
  metrics.transactions.inc({ outcome: "succeeded" }, succeeded);
  metrics.transactions.inc({ outcome: "reverted" }, transactions.length - succeeded);
  const level = transactions.length > 0 ? "info" : "debug";
  logger[level]({ height: header.number, transactions: transactions.length, gasUsed: header.gasUsed }, "block");
}
