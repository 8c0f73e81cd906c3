import type { BlockRecord } from "@ruffchain/kernel";
import type { Commit, Header } from "@ruffchain/light";

/** A header with the commit that makes it final. */
export interface SignedHeader {
  readonly header: Header;
  readonly commit: Commit;
}

/** What decides blocks. The rest of the node asks no more of it than this. */
export interface Engine {
  /** Resolves when it works; rejects where it cannot begin. */
  start(): Promise<void>;
  /** Finishes the block in work and stops. */
  stop(): Promise<void>;
  /** The signed header of a height, if the engine has it. */
  signedHeader(height: number): Promise<SignedHeader | undefined>;
  /** Calls the listener after each durable commit; returns how to end that. */
  onBlock(listener: (block: BlockRecord) => void): () => void;
}
