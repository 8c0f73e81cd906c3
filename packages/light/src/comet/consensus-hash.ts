import type { Crypto } from "../crypto.js";
import { nobleCrypto } from "../noble-crypto.js";
import { bigInt64, bytes, field, int64, message, uint32 } from "../proto.js";
import { merkleRoot } from "./merkle.js";

/** Block limits that validators agree on; maxGas -1 is no limit. */
export interface BlockParams {
  readonly maxBytes: number;
  readonly maxGas: bigint;
}

const hashedParamsCodec = message<BlockParams>("HashedParams", {
  maxBytes: field(1, int64),
  maxGas: field(2, bigInt64),
});

/** `consensusHash` of a header. */
export function consensusHash(params: BlockParams, crypto: Crypto = nobleCrypto): Uint8Array {
  return crypto.sha256(hashedParamsCodec.encode(params));
}

/** What of a transaction's result is part of the header after its block. */
export interface ResultDigest {
  readonly code: number;
  readonly data: Uint8Array;
  readonly gasWanted: number;
  readonly gasUsed: number;
}

const resultCodec = message<ResultDigest>("ExecTxResult", {
  code: field(1, uint32),
  data: field(2, bytes),
  gasWanted: field(5, int64),
  gasUsed: field(6, int64),
});

/** `lastResultsHash` of the header after: the Merkle root over the results of a block. */
export function hashResults(results: readonly ResultDigest[], crypto: Crypto = nobleCrypto): Uint8Array {
  return merkleRoot(
    results.map((result) => resultCodec.encode(result)),
    crypto,
  );
}
