import {
  emptyBlockId,
  hashHeader,
  hashValidators,
  type LightBlock,
  type Provider,
  type TrustedState,
  trustGenesis,
} from "@ruffchain/light";
import { chainId, makeCommit, makeHeader, type Signer } from "./chain.js";
import { nodeCrypto } from "./node-crypto.js";

export const SECOND = 1_000_000_000n;
export const genesisTime = 1_790_000_000n * SECOND;

/** In CometBFT's order. */
export function ordered(signers: readonly Signer[]): Signer[] {
  const { nextValidators } = trustGenesis({ chainId, time: 0n, initialHeight: 1, validators: signers });
  return [...nextValidators] as Signer[];
}

/** Who decides a height, and what each does: see makeCommit. */
export interface Turn {
  readonly signers: readonly Signer[];
  readonly flags?: readonly number[];
}

/** A chain with a block each second, made as it is asked for. */
export class TestChain {
  readonly #turn: (height: number) => Turn;
  readonly #blocks = new Map<number, LightBlock>();
  readonly #mark: string;

  /** Chains of different marks have different blocks. */
  constructor(turn: (height: number) => Turn, mark = "") {
    this.#turn = turn;
    this.#mark = mark;
  }

  validators(height: number): readonly Signer[] {
    return this.#turn(height).signers;
  }

  block(height: number): LightBlock {
    const known = this.#blocks.get(height);
    if (known) return known;
    const { signers, flags = [] } = this.#turn(height);
    const nextValidators = this.validators(height + 1);
    const header = makeHeader(signers, {
      height,
      time: genesisTime + BigInt(height - 1) * SECOND,
      lastBlockId: emptyBlockId,
      dataHash: nodeCrypto.sha256(Buffer.from(`${this.#mark} ${height}`)),
      nextValidatorsHash: hashValidators(nextValidators),
    });
    const commit = makeCommit(signers, header, flags, 0, hashHeader(header));
    const made = { header, commit, validators: signers, nextValidators };
    this.#blocks.set(height, made);
    return made;
  }

  genesis(): TrustedState {
    return trustGenesis({ chainId, time: genesisTime, initialHeight: 1, validators: this.validators(1) }, nodeCrypto);
  }

  /** The state of a client that trusts this height. */
  trusted(height: number): TrustedState {
    const { header, commit, nextValidators } = this.block(height);
    return { chainId, height, time: header.time, hash: commit.blockId.hash, nextValidators };
  }

  /** A node that has the chain up to a height; `asked` notes what it was asked for. */
  provider(newest: number, asked: string[] = []): Provider {
    return {
      signedHeader: async (height) => {
        asked.push(`header ${height}`);
        return this.block(height === "latest" ? newest : height);
      },
      validators: async (height) => {
        asked.push(`validators ${height}`);
        return this.validators(height);
      },
    };
  }
}
