import { type Application, type BlockRecord, Bucket, PROTOCOL_VERSION, type Store } from "@ruffchain/kernel";
import {
  type BlockId,
  blockIdFlag,
  type Commit,
  consensusHash,
  dataHash,
  emptyBlockId,
  type Header,
  hashCommit,
  hashHeader,
  hashValidators,
  merkleRoot,
  type SignedHeader,
  type Validator,
  voteSignBytes,
  voteType,
} from "@ruffchain/light";
import { nodeCrypto } from "../crypto.js";
import { NodeError } from "../node-error.js";
import type { Engine, NetworkStatus } from "./engine.js";
import { heightKey } from "./height-key.js";
import { blockIdOf, commitInfo, decodeRecord, encodeRecord, resultsHashOf } from "./solo-record.js";
import type { TransactionSource } from "./transaction-source.js";

export interface SoloOptions {
  readonly chainId: string;
  /** Least milliseconds between two blocks; 0 makes one as soon as there is a transaction. */
  readonly blockTimeMs: number;
  /** Milliseconds after which an empty block follows, so that scheduled calls run; 0 makes none but the proof block. */
  readonly emptyBlockMs: number;
  /** Voting power of the one validator, as the genesis file says. */
  readonly power: bigint;
}

export interface ValidatorSigner {
  readonly publicKey: Uint8Array;
  readonly address: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface SoloModules {
  readonly application: Application;
  readonly store: Store;
  readonly transactions: TransactionSource;
  readonly validator: ValidatorSigner;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told when a block could not be made; the engine has stopped. */
  readonly onFailure: (error: unknown) => void;
}

const BLOCK_PROTOCOL = 11; // CometBFT v0.38 to v0.40
const MAX_GAS_UNLIMITED = -1n; // the application has its own block gas limit

/**
 * The embedded engine: one validator, no network. Each block gets a header and a commit in CometBFT's format, so light
 * clients check it as they check a network's. After a block with transactions comes an empty one at the latest when
 * idle: its header carries the root that proves what the block before did.
 */
export class SoloEngine implements Engine {
  readonly #options: SoloOptions;
  readonly #modules: SoloModules;
  readonly #listeners = new Set<(block: BlockRecord) => void>();
  readonly #validators: readonly Validator[];
  readonly #validatorsHash: Uint8Array;
  #last: { readonly signed: SignedHeader; readonly blockId: BlockId; readonly resultsHash: Uint8Array } | undefined;
  #running: Promise<void> | undefined;
  #stopping = false;
  #wake: () => void = () => {};

  constructor(options: SoloOptions, modules: SoloModules) {
    this.#options = options;
    this.#modules = modules;
    this.#validators = [{ publicKey: modules.validator.publicKey, power: options.power }];
    this.#validatorsHash = hashValidators(this.#validators, nodeCrypto);
    const { lastBlockHeight } = modules.application.info();
    const stored = lastBlockHeight > 0 ? this.#load(lastBlockHeight) : undefined;
    if (stored) this.#last = stored;
  }

  async start(): Promise<void> {
    if (this.#running) return;
    this.#stopping = false;
    this.#running = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running;
    this.#running = undefined;
  }

  onBlock(listener: (block: BlockRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async signedHeader(height: number): Promise<SignedHeader | undefined> {
    if (this.#last?.signed.header.height === height) return this.#last.signed;
    return this.#load(height)?.signed;
  }

  async validators(height: number): Promise<readonly Validator[] | undefined> {
    return height >= 1 && height <= this.#modules.application.head.height + 1 ? this.#validators : undefined;
  }

  async networkStatus(): Promise<NetworkStatus> {
    return { peers: 0, catchingUp: false };
  }

  async #loop(): Promise<void> {
    const { transactions, now, onFailure } = this.#modules;
    const { blockTimeMs, emptyBlockMs } = this.#options;
    const unsubscribe = transactions.onPending(() => this.#wake());
    // A chain that has just been opened gets a first block, which proves its newest state.
    let proofDue = true;
    try {
      while (!this.#stopping) {
        const started = now();
        const { transactionCount } = await this.produce();
        proofDue = transactionCount > 0;
        await this.#sleepUntil(started + blockTimeMs, false);
        const idle = proofDue
          ? started + blockTimeMs
          : emptyBlockMs > 0
            ? started + emptyBlockMs
            : Number.POSITIVE_INFINITY;
        while (!this.#stopping) {
          const next = Math.min(idle, transactions.readyAt());
          if (now() >= next) break;
          await this.#sleepUntil(next, true);
        }
      }
    } catch (error) {
      onFailure(error);
    } finally {
      unsubscribe();
    }
  }

  /** Resolves at the given time, or earlier on stop, or on a pending transaction where asked for. */
  #sleepUntil(time: number, wakeOnPending: boolean): Promise<void> {
    return new Promise((resolve) => {
      const delay = time - this.#modules.now();
      const timer = delay < 2 ** 31 ? setTimeout(resolve, Math.max(delay, 0)) : undefined;
      this.#wake = () => {
        if (!wakeOnPending && !this.#stopping) return;
        clearTimeout(timer);
        resolve();
      };
      if (this.#stopping) this.#wake();
    });
  }

  /** Makes, signs and commits one block. */
  async produce(): Promise<{ readonly height: number; readonly transactionCount: number }> {
    const { application, transactions, validator } = this.#modules;
    const height = application.head.height + 1;
    const previous = this.#last;
    const time = this.#nextTime(previous?.signed.header.time);
    const maxBytes = application.parameters().maxBlockBytes;
    const offered = transactions.select({ maxBytes });
    const proposal = {
      txs: offered,
      height,
      time,
      proposerAddress: validator.address,
      misbehavior: [],
      nextValidatorsHash: this.#validatorsHash,
    };
    const lastCommit = previous ? commitInfo(previous.signed.commit, this.#options.power) : { round: 0, votes: [] };
    const { txs, refused } = await application.prepareProposal({
      ...proposal,
      maxTxBytes: maxBytes,
      localLastCommit: lastCommit,
    });
    const header: Header = {
      version: { block: BLOCK_PROTOCOL, app: PROTOCOL_VERSION },
      chainId: this.#options.chainId,
      height,
      time,
      lastBlockId: previous?.blockId ?? emptyBlockId,
      lastCommitHash: previous ? hashCommit(previous.signed.commit, nodeCrypto) : merkleRoot([], nodeCrypto),
      dataHash: dataHash(txs, nodeCrypto),
      validatorsHash: this.#validatorsHash,
      nextValidatorsHash: this.#validatorsHash,
      consensusHash: consensusHash({ maxBytes, maxGas: MAX_GAS_UNLIMITED }, nodeCrypto),
      appHash: application.head.root,
      lastResultsHash: previous?.resultsHash ?? merkleRoot([], nodeCrypto),
      evidenceHash: merkleRoot([], nodeCrypto),
      proposerAddress: validator.address,
    };
    const hash = hashHeader(header, nodeCrypto);
    const response = await application.finalizeBlock({ ...proposal, txs, hash, decidedLastCommit: lastCommit });
    if (response.validatorUpdates.length > 0) {
      throw new NodeError(
        "validatorsChange",
        "the chain's validators change with stake now, and the solo engine has one: go on with the comet engine",
      );
    }
    const block = application.finalizedBlock;
    if (!block) throw new Error("the finalized block is gone");
    const blockId = blockIdOf(header, hash);
    const signed = { header, commit: this.#sign(header, blockId) };
    const resultsHash = resultsHashOf(response);
    await application.commit([
      { bucket: Bucket.engine, key: heightKey(height), value: encodeRecord({ signed, resultsHash }) },
    ]);
    this.#last = { signed, blockId, resultsHash };
    transactions.committed(block, refused);
    for (const listener of this.#listeners) listener(block);
    return { height, transactionCount: block.transactions.length };
  }

  /** Block times grow strictly, whatever the clock does. */
  #nextTime(previous: bigint | undefined): bigint {
    const now = BigInt(this.#modules.now()) * 1_000_000n;
    const floor = previous ?? this.#modules.application.chainHead().time;
    return now > floor ? now : floor + 1_000_000n;
  }

  #sign(header: Header, blockId: BlockId): Commit {
    const { validator } = this.#modules;
    const vote = { type: voteType.precommit, height: header.height, round: 0, blockId, time: header.time };
    const signature = validator.sign(voteSignBytes(header.chainId, vote));
    const slot = { flag: blockIdFlag.commit, validatorAddress: validator.address, time: header.time, signature };
    return { height: header.height, round: 0, blockId, signatures: [slot] };
  }

  #load(height: number) {
    const record = this.#modules.store.get(Bucket.engine, heightKey(height));
    if (!record) return undefined;
    const { signed, resultsHash } = decodeRecord(Buffer.from(record));
    return { signed, blockId: blockIdOf(signed.header, hashHeader(signed.header, nodeCrypto)), resultsHash };
  }
}
