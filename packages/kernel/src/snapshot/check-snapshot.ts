import type { Snapshot } from "../abci.js";
import { type BlockHeader, hashHeader } from "../block/header.js";
import { hashPairs } from "../crypto/hash-pairs.js";
import { sha256 } from "../crypto/sha256.js";
import { decodeHead } from "../execution/parameters.js";
import { bytesToHex } from "../hex.js";
import { headKey } from "../state/keys.js";
import { leafHash, pathOf } from "../state/tree-node.js";
import { rootOfParts, type TreePart } from "../state/tree-part.js";
import { decodeMetadata, MAX_SNAPSHOT_METADATA_BYTES } from "./format.js";
import { SnapshotError } from "./snapshot-error.js";

/** A snapshot whose metadata is proven by a state root: chunks that make up its parts make up that state. */
export interface CheckedSnapshot {
  readonly header: BlockHeader;
  readonly appHash: Uint8Array;
  readonly parts: readonly TreePart[];
}

/** Checks all that a snapshot says of itself against the state root of its height. Throws SnapshotError metadata. */
export function checkSnapshot(snapshot: Snapshot, appHash: Uint8Array): CheckedSnapshot {
  const { height, metadata, hash, chunks } = snapshot;
  const check = (right: boolean, problem: string) => {
    if (!right) throw new SnapshotError("metadata", { problem });
  };
  check(metadata.length <= MAX_SNAPSHOT_METADATA_BYTES, `more than ${MAX_SNAPSHOT_METADATA_BYTES} bytes`);
  check(isEqual(sha256(metadata), hash), "it does not have the snapshot's hash");
  const { header, head, siblings, parts } = decodeMetadata(metadata);
  check(parts.length === chunks, `${chunks} chunks, but ${parts.length} parts`);
  const root = rootOfParts(parts);
  check(root !== undefined && isEqual(root, appHash), "its parts do not make up the state root");
  check(isEqual(rootAbove(head, siblings), appHash), "the record of the chain's head is not in the state");
  const { height: headHeight, contentHash } = decodeHead(head);
  check(headHeight === height && header.number === height, "it is of another height");
  check(header.stateRoot === bytesToHex(appHash), "the header has another state root");
  check(hashHeader({ ...header, stateRoot: ZERO_HASH }) === contentHash, "the header is not the block's");
  return { header, appHash, parts };
}

const ZERO_HASH = `0x${"00".repeat(32)}` as const;

/** The root of the tree that has the head record at the end of these siblings. */
function rootAbove(head: Uint8Array, siblings: readonly Uint8Array[]): Uint8Array {
  const path = pathOf(headKey);
  let node = leafHash(path, head);
  siblings.slice(0, 256).forEach((sibling, i) => {
    const depth = siblings.length - 1 - i;
    const right = ((path[depth >> 3] as number) >> (7 - (depth & 7))) & 1;
    const above = new Uint8Array(32);
    hashPairs(right ? Buffer.concat([sibling, node]) : Buffer.concat([node, sibling]), above);
    node = above;
  });
  return node;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
