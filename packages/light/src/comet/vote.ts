import {
  field,
  int32,
  lengthDelimited,
  message,
  nested,
  optional,
  required,
  sfixed64,
  string,
  timestamp,
} from "../proto.js";
import { type BlockId, blockIdCodec } from "./block-id.js";

/** tendermint.types.SignedMsgType of votes. */
export const voteType = { prevote: 1, precommit: 2 } as const;

/** What a validator says about a block; `blockId` undefined is a vote for no block. `time` is nanoseconds since 1970. */
export interface Vote {
  readonly type: number;
  readonly height: number;
  readonly round: number;
  readonly blockId: BlockId | undefined;
  readonly time: bigint;
}

const canonicalVoteCodec = message<Vote & { readonly chainId: string }>("CanonicalVote", {
  type: field(1, int32),
  height: field(2, sfixed64),
  round: field(3, sfixed64),
  blockId: optional(4, nested(blockIdCodec)),
  time: required(5, timestamp),
  chainId: field(6, string),
});

/** The bytes that a validator signs for a vote: the CanonicalVote with its length before it. */
export function voteSignBytes(chainId: string, vote: Vote): Uint8Array {
  return lengthDelimited(canonicalVoteCodec.encode({ ...vote, chainId }));
}
