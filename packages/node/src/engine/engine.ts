import type { BlockRecord } from "@ruffchain/kernel";
import type { SignedHeader, Validator } from "@ruffchain/light";

/** How a node stands with the network that it is part of. */
export interface NetworkStatus {
  readonly peers: number;
  /** Whether there are blocks that other nodes have and this one has not yet. */
  readonly catchingUp: boolean;
}

/** What decides blocks. The rest of the node asks no more of it than this. */
export interface Engine {
  /** Resolves when it works; rejects where it cannot begin. */
  start(): Promise<void>;
  /** Finishes the block in work and stops. */
  stop(): Promise<void>;
  /** The signed header of a height, if the engine has it. */
  signedHeader(height: number): Promise<SignedHeader | undefined>;
  /** Who decides the block of a height, in CometBFT's order: known up to the height after the newest block. */
  validators(height: number): Promise<readonly Validator[] | undefined>;
  networkStatus(): Promise<NetworkStatus>;
  /** The answer of CometBFT's RPC to a path and query, where there is one behind the engine. Rejects with CometRpcError. */
  cometRpc?(path: string): Promise<unknown>;
  /** Calls the listener after each durable commit; returns how to end that. */
  onBlock(listener: (block: BlockRecord) => void): () => void;
}
