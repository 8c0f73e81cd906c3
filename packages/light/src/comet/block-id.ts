import { bytes, field, message, nested, required, uint32 } from "../proto.js";

/** Names a block: the hash of its header, and the parts in which it was gossiped. */
export interface BlockId {
  readonly hash: Uint8Array;
  readonly partSetHeader: { readonly total: number; readonly hash: Uint8Array };
}

/** What the first block has for the block before it. */
export const emptyBlockId: BlockId = { hash: new Uint8Array(), partSetHeader: { total: 0, hash: new Uint8Array() } };

const partSetHeaderCodec = message<BlockId["partSetHeader"]>("PartSetHeader", {
  total: field(1, uint32),
  hash: field(2, bytes),
});

/** tendermint.types.BlockID; CanonicalBlockID has the same form. */
export const blockIdCodec = message<BlockId>("BlockID", {
  hash: field(1, bytes),
  partSetHeader: required(2, nested(partSetHeaderCodec)),
});
