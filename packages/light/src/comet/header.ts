import type { Crypto } from "../crypto.js";
import { nobleCrypto } from "../noble-crypto.js";
import { bytes, field, int64, type Kind, message, nested, required, string, timestamp, uint64 } from "../proto.js";
import { type BlockId, blockIdCodec } from "./block-id.js";
import { merkleRoot } from "./merkle.js";

/** A CometBFT header (tendermint.types.Header, v0.38 to v0.40). `time` is nanoseconds since 1970. */
export interface Header {
  readonly version: { readonly block: number; readonly app: number };
  readonly chainId: string;
  readonly height: number;
  readonly time: bigint;
  readonly lastBlockId: BlockId;
  readonly lastCommitHash: Uint8Array;
  readonly dataHash: Uint8Array;
  readonly validatorsHash: Uint8Array;
  readonly nextValidatorsHash: Uint8Array;
  readonly consensusHash: Uint8Array;
  /** The state root after the block before this one. */
  readonly appHash: Uint8Array;
  readonly lastResultsHash: Uint8Array;
  readonly evidenceHash: Uint8Array;
  readonly proposerAddress: Uint8Array;
}

const versionCodec = message<Header["version"]>("Consensus", { block: field(1, uint64), app: field(2, uint64) });

const headerCodec = message<Header>("Header", {
  version: required(1, nested(versionCodec)),
  chainId: field(2, string),
  height: field(3, int64),
  time: required(4, timestamp),
  lastBlockId: required(5, nested(blockIdCodec)),
  lastCommitHash: field(6, bytes),
  dataHash: field(7, bytes),
  validatorsHash: field(8, bytes),
  nextValidatorsHash: field(9, bytes),
  consensusHash: field(10, bytes),
  appHash: field(11, bytes),
  lastResultsHash: field(12, bytes),
  evidenceHash: field(13, bytes),
  proposerAddress: field(14, bytes),
});

/** The protobuf bytes of a header. */
export function encodeHeader(header: Header): Uint8Array {
  return headerCodec.encode(header);
}

/** Reads a header; throws LightError `malformed` unless the bytes are its one canonical encoding. */
export function decodeHeader(encoded: Uint8Array): Header {
  return headerCodec.decode(encoded);
}

/** google.protobuf.StringValue, Int64Value, BytesValue: a message around one value. */
function wrapped<T>(kind: Kind<T>, value: T): Uint8Array {
  return message<{ value: T }>("Value", { value: field(1, kind) }).encode({ value });
}

/** The block hash (32 bytes): the Merkle root over the header's fourteen encoded fields. */
export function hashHeader(header: Header, crypto: Crypto = nobleCrypto): Uint8Array {
  const fields = [
    versionCodec.encode(header.version),
    wrapped(string, header.chainId),
    wrapped(int64, header.height),
    timestamp.toRaw(header.time) as Uint8Array,
    blockIdCodec.encode(header.lastBlockId),
    wrapped(bytes, header.lastCommitHash),
    wrapped(bytes, header.dataHash),
    wrapped(bytes, header.validatorsHash),
    wrapped(bytes, header.nextValidatorsHash),
    wrapped(bytes, header.consensusHash),
    wrapped(bytes, header.appHash),
    wrapped(bytes, header.lastResultsHash),
    wrapped(bytes, header.evidenceHash),
    wrapped(bytes, header.proposerAddress),
  ];
  return merkleRoot(fields, crypto);
}
