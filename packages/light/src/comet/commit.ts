import type { Crypto } from "../crypto.js";
import { nobleCrypto } from "../noble-crypto.js";
import { bytes, field, int32, int64, message, nested, repeated, required, timestamp } from "../proto.js";
import { type BlockId, blockIdCodec } from "./block-id.js";
import { merkleRoot } from "./merkle.js";
import { type Vote, voteType } from "./vote.js";

/** tendermint.types.BlockIDFlag: what the validator voted for, if it voted. */
export const blockIdFlag = { absent: 1, commit: 2, nil: 3 } as const;

/** One validator's slot in a commit. `time` is nanoseconds since 1970. */
export interface CommitSig {
  readonly flag: number;
  readonly validatorAddress: Uint8Array;
  readonly time: bigint;
  readonly signature: Uint8Array;
}

/** The precommits for a block, in the order of the validator set. */
export interface Commit {
  readonly height: number;
  readonly round: number;
  readonly blockId: BlockId;
  readonly signatures: readonly CommitSig[];
}

/** The slot of a validator that did not vote. Its time is the first second of the year 1, Go's zero time. */
export const absentCommitSig: CommitSig = {
  flag: blockIdFlag.absent,
  validatorAddress: new Uint8Array(),
  time: -62_135_596_800_000_000_000n,
  signature: new Uint8Array(),
};

const commitSigCodec = message<CommitSig>("CommitSig", {
  flag: field(1, int32),
  validatorAddress: field(2, bytes),
  time: required(3, timestamp),
  signature: field(4, bytes),
});

const commitCodec = message<Commit>("Commit", {
  height: field(1, int64),
  round: field(2, int32),
  blockId: required(3, nested(blockIdCodec)),
  signatures: repeated(4, nested(commitSigCodec)),
});

/** The protobuf bytes of a commit. */
export function encodeCommit(commit: Commit): Uint8Array {
  return commitCodec.encode(commit);
}

/** Reads a commit; throws LightError `malformed` unless the bytes are its one canonical encoding. */
export function decodeCommit(encoded: Uint8Array): Commit {
  return commitCodec.decode(encoded);
}

/** `lastCommitHash` of the header after: the Merkle root over the encoded signatures. */
export function hashCommit(commit: Commit, crypto: Crypto = nobleCrypto): Uint8Array {
  return merkleRoot(
    commit.signatures.map((signature) => commitSigCodec.encode(signature)),
    crypto,
  );
}

/** The vote that a slot of the commit stands for. */
export function commitVote(commit: Commit, { flag, time }: CommitSig): Vote {
  const blockId = flag === blockIdFlag.commit ? commit.blockId : undefined;
  return { type: voteType.precommit, height: commit.height, round: commit.round, blockId, time };
}
