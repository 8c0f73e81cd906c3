import type { Address } from "@ruffchain/abi";
import { Application, type Contract, hexToBytes } from "@ruffchain/kernel";
import { DEVELOPMENT_CHAIN_ID, LmdbStore } from "@ruffchain/node";
import type { LoadAccount } from "./load/account.js";
import { type LoadCall, signTransaction } from "./load/sign.js";

export const GENESIS_TIME = 1_793_570_000n;
const NANOSECONDS = 1_000_000_000n;
/** Few blocks, so that measured blocks prune what is too old, as a node does that runs for long. */
const HISTORY_WINDOW = 8;

export interface Sending {
  readonly sender: LoadAccount;
  readonly call: LoadCall;
}

/** What a block took until it was durable, in milliseconds. */
export interface BlockTime {
  readonly elapsed: number;
  /** Of all threads together. */
  readonly processor: number;
}

/** The application on LMDB, without network and pool: what a transaction costs by itself. */
export class LocalChain {
  readonly app: Application;
  readonly #store: LmdbStore;

  private constructor(app: Application, store: LmdbStore) {
    this.app = app;
    this.#store = store;
  }

  /** A new chain in the folder; `alloc` says who has how many wei, `genesis` what else differs from a node's defaults. */
  static async open(
    directory: string,
    contracts: readonly Contract[],
    alloc: Readonly<Record<Address, string>>,
    genesis: { readonly blockGasLimit?: number } = {},
  ): Promise<LocalChain> {
    const store = new LmdbStore(directory);
    const app = Application.open({ store, contracts, historyWindow: HISTORY_WINDOW });
    await app.initChain({
      time: GENESIS_TIME * NANOSECONDS,
      chainId: "ruff-bench",
      validators: [],
      appState: Buffer.from(JSON.stringify({ evmChainId: DEVELOPMENT_CHAIN_ID, alloc, ...genesis })),
      initialHeight: 1,
    });
    return new LocalChain(app, store);
  }

  /**
   * Executes and commits one block. Transactions are signed before and their senders known, as a node's pool knows them.
   * Throws where one fails.
   */
  async execute(sendings: readonly Sending[]): Promise<BlockTime> {
    const { app } = this;
    const txs = sendings.map(({ sender, call }) => {
      const { raw, hash } = signTransaction(DEVELOPMENT_CHAIN_ID, sender, call);
      app.senders.put(hash, sender.address);
      return hexToBytes(raw);
    });
    const height = app.head.height + 1;
    const usageBefore = process.cpuUsage();
    const start = performance.now();
    const { txResults } = await app.finalizeBlock({
      txs,
      height,
      time: (GENESIS_TIME + BigInt(height)) * NANOSECONDS,
      proposerAddress: new Uint8Array(20),
      misbehavior: [],
      nextValidatorsHash: new Uint8Array(32),
      hash: new Uint8Array(32),
      decidedLastCommit: { round: 0, votes: [] },
    });
    await app.commit();
    const elapsed = performance.now() - start;
    const { user, system } = process.cpuUsage(usageBefore);
    const failed = txResults.findIndex(({ code }) => code !== 0);
    if (failed !== -1) {
      const output = app.blocks.block(height)?.transactions[failed];
      throw new Error(
        `transaction ${failed} of block ${height} failed: ${JSON.stringify(txResults[failed])} ${output?.hash}`,
      );
    }
    return { elapsed, processor: (user + system) / 1000 };
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
