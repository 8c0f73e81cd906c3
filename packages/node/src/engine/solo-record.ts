import type { CommitInfo, FinalizeBlockResponse } from "@ruffchain/kernel";
import {
  type BlockId,
  blockIdFlag,
  type Commit,
  decodeCommit,
  decodeHeader,
  encodeCommit,
  encodeHeader,
  type Header,
  hashResults,
  merkleRoot,
  type SignedHeader,
} from "@ruffchain/light";
import { nodeCrypto } from "../crypto.js";

/** What the embedded engine keeps of a block, and how it goes on from it. */
export interface SoloRecord {
  readonly signed: SignedHeader;
  readonly resultsHash: Uint8Array;
}

/** Nothing is gossiped, so a block has one part: its header. */
export function blockIdOf(header: Header, hash: Uint8Array): BlockId {
  return { hash, partSetHeader: { total: 1, hash: merkleRoot([encodeHeader(header)], nodeCrypto) } };
}

export function resultsHashOf(response: FinalizeBlockResponse): Uint8Array {
  return hashResults(response.txResults, nodeCrypto);
}

/** Who signed a block, as the next one tells the application. */
export function commitInfo(commit: Commit, power: bigint): CommitInfo {
  const votes = commit.signatures.map(({ validatorAddress, flag }) => ({
    address: validatorAddress,
    power,
    signed: flag === blockIdFlag.commit,
  }));
  return { round: commit.round, votes };
}

/** results hash (32) ‖ length of the header (4) ‖ header ‖ commit, the last two in protobuf. */
export function encodeRecord({ signed: { header, commit }, resultsHash }: SoloRecord): Uint8Array {
  const encoded = encodeHeader(header);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(encoded.length);
  return Buffer.concat([resultsHash, length, encoded, encodeCommit(commit)]);
}

export function decodeRecord(record: Buffer): SoloRecord {
  const end = 36 + record.readUInt32BE(32);
  const header = decodeHeader(record.subarray(36, end));
  return { signed: { header, commit: decodeCommit(record.subarray(end)) }, resultsHash: record.subarray(0, 32) };
}
