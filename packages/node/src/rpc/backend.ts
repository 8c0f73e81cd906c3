import type { Hex } from "@ruffchain/abi";
import type { Application, BlockRecord } from "@ruffchain/kernel";
import type { SignedHeader, Validator } from "@ruffchain/light";
import type { NetworkStatus } from "../engine/engine.js";
import type { Mempool } from "../mempool/mempool.js";
import type { SourceStore } from "../sources/source-store.js";
import type { SourceVerifier } from "../sources/source-verifier.js";

/** What JSON-RPC asks of the node behind it. */
export interface Backend {
  readonly application: Application;
  readonly mempool: Mempool;
  readonly clientVersion: string;
  /** Checks a raw transaction and puts it into the pool; returns its hash. Rejects with TransactionError. */
  submit(raw: Uint8Array): Promise<Hex>;
  signedHeader(height: number): Promise<SignedHeader | undefined>;
  validators(height: number): Promise<readonly Validator[] | undefined>;
  networkStatus(): Promise<NetworkStatus>;
  /** As Engine.cometRpc; undefined where there is no CometBFT. */
  readonly cometRpc: ((path: string) => Promise<unknown>) | undefined;
  readonly sources: SourceStore;
  /** Undefined where this node verifies no sources. */
  readonly verifier: SourceVerifier | undefined;
  onBlock(listener: (block: BlockRecord) => void): () => void;
}
