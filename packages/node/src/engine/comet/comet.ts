import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Application, type BlockRecord, Bucket, type Store, type TransactionError } from "@ruffchain/kernel";
import type { SignedHeader, Validator } from "@ruffchain/light";
import type { Genesis } from "../../genesis/genesis.js";
import type { Mempool } from "../../mempool/mempool.js";
import type { RecoveryPool } from "../../recovery/recovery-pool.js";
import type { Engine, NetworkStatus } from "../engine.js";
import { heightKey } from "../height-key.js";
import type { TransactionSource } from "../transaction-source.js";
import { AbciServer } from "./abci-server.js";
import { cometHandler } from "./comet-handler.js";
import { type PeerOptions, removeDatabases, writeCometHome } from "./comet-home.js";
import { CometProcess } from "./comet-process.js";
import { CometRpc } from "./comet-rpc.js";
import { type Endpoint, parseEndpoint } from "./endpoint.js";
import { Gossip } from "./gossip.js";
import { PeerIntake } from "./peer-intake.js";

/** A CometBFT that the node runs itself. */
export interface SpawnedComet extends PeerOptions {
  /** CometBFT's program. */
  readonly program: string;
  /** `priv_validator_key.json`. Whose key has no power in the network only follows it. */
  readonly validatorKeyFile: string;
}

/** A CometBFT v0.40 that somebody else runs, with `mempool.type = "app"`. */
export interface AttachedComet {
  /** Where it looks for the application: "tcp://host:port" or "unix:///path". */
  readonly abci: string;
  /** Its RPC, in the same form. */
  readonly rpc: string;
}

export type CometOptions = SpawnedComet | AttachedComet;

export interface CometEngineOptions {
  readonly comet: CometOptions;
  /** Folder of CometBFT's files, where the node runs it. */
  readonly home: string;
  readonly genesis: Genesis;
  /** Time that CometBFT waits after a block before it begins with the next. */
  readonly blockTimeMs: number;
}

export interface CometModules {
  readonly application: Application;
  readonly store: Store;
  readonly mempool: Mempool;
  readonly transactions: TransactionSource;
  readonly recovery: RecoveryPool;
  /** Told of transactions of peers that are refused. */
  readonly onRefusal: (error: TransactionError) => void;
  /** Told of how many of them are passed over for want of room. */
  readonly onPassedOver: (count: number) => void;
  /** Told when CometBFT or the connection to it has failed; the engine no longer works. */
  readonly onFailure: (error: unknown) => void;
}

/** Heights whose signed headers are kept at hand. */
export const SIGNED_HEADER_CACHE_SIZE = 256;
const ATTACH_POLL_MS = 100;

/** The engine of a network: CometBFT decides on the blocks and asks this node, over ABCI, what they do. */
export class CometEngine implements Engine {
  readonly #options: CometEngineOptions;
  readonly #modules: CometModules;
  readonly #abci: Endpoint;
  readonly #server: AbciServer;
  readonly #rpc: CometRpc;
  readonly #rpcEndpoint: Endpoint;
  readonly #process: CometProcess | undefined;
  readonly #listeners = new Set<(block: BlockRecord) => void>();
  readonly #signed = new Map<number, SignedHeader>();
  #ready = false;
  #stopping = false;
  #failed = false;

  constructor(options: CometEngineOptions, modules: CometModules) {
    const { comet, home, genesis } = options;
    const { application, mempool, recovery, onRefusal, onPassedOver } = modules;
    this.#options = options;
    this.#modules = modules;
    this.#abci = "abci" in comet ? parseEndpoint(comet.abci) : { path: resolve(home, "abci.sock") };
    this.#rpcEndpoint = "rpc" in comet ? parseEndpoint(comet.rpc) : { path: resolve(home, "rpc.sock") };
    this.#rpc = new CometRpc(this.#rpcEndpoint);
    this.#server = new AbciServer({
      handler: cometHandler({
        application,
        genesis,
        transactions: modules.transactions,
        recovery,
        gossip: new Gossip(mempool),
        intake: new PeerIntake({ application, mempool, recovery, onRefusal, onPassedOver }),
        pooled: (hash) => mempool.get(hash)?.tx,
        onCommit: (block) => {
          for (const listener of this.#listeners) listener(block);
        },
      }),
      onFailure: (error) => this.#fail(error),
    });
    if ("program" in comet) {
      this.#process = new CometProcess({
        program: comet.program,
        home,
        removeHalfMade: () => application.info().lastBlockHeight === 0 && removeDatabases(home),
        onEnd: (error) => this.#fail(error),
      });
    }
  }

  async start(): Promise<void> {
    const { comet, home, genesis, blockTimeMs } = this.#options;
    if ("program" in comet) {
      writeCometHome(home, { ...comet, genesis, blockTimeMs, abci: this.#abci, rpc: this.#rpcEndpoint });
      rmSync(join(home, "rpc.sock"), { force: true });
    }
    await this.#server.listen(this.#abci);
    if (this.#process) await this.#process.start(() => this.#rpc.health());
    else await this.#attached();
    this.#ready = true;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#process?.stop();
    await this.#server.close();
  }

  onBlock(listener: (block: BlockRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async signedHeader(height: number): Promise<SignedHeader | undefined> {
    const known = this.#signed.get(height);
    if (known) return known;
    const decided = this.#modules.store.get(Bucket.engine, heightKey(height));
    if (!decided) return undefined;
    const signed = await this.#rpc.signedHeader(height);
    if (Buffer.compare(decided, signed.commit.blockId.hash) !== 0) {
      throw new Error(`CometBFT has another block ${height} than the one that this node has executed`);
    }
    this.#signed.set(height, signed);
    if (this.#signed.size > SIGNED_HEADER_CACHE_SIZE) {
      for (const oldest of this.#signed.keys()) {
        this.#signed.delete(oldest);
        break;
      }
    }
    return signed;
  }

  async validators(height: number): Promise<readonly Validator[] | undefined> {
    const { height: newest } = this.#modules.application.head;
    return height >= 1 && height <= newest + 1 ? this.#rpc.validators(height) : undefined;
  }

  async networkStatus(): Promise<NetworkStatus> {
    return this.#ready ? this.#rpc.networkStatus() : { peers: 0, catchingUp: true };
  }

  cometRpc(path: string): Promise<unknown> {
    return this.#rpc.ask(path);
  }

  async #attached(): Promise<void> {
    while (!this.#stopping) {
      const ready = await this.#rpc.health().then(
        () => true,
        () => false,
      );
      if (ready) return;
      await sleep(ATTACH_POLL_MS);
    }
  }

  #fail(error: unknown): void {
    if (this.#stopping || this.#failed) return;
    this.#failed = true;
    this.#modules.onFailure(error);
  }
}
