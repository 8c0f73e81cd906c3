import { type BlockHeader, decodeHeader, encodeHeader } from "../block/header.js";
import { decodeRlp, encodeRlp, RlpError, type RlpInput, rlpBytes, rlpList, rlpNumber } from "../rlp.js";
import type { StateKey } from "../state/reader.js";
import { pathOf } from "../state/tree-node.js";
import type { TreePart } from "../state/tree-part.js";
import { SnapshotError } from "./snapshot-error.js";

/** The layout of metadata and chunks (docs/snapshots.md). */
export const SNAPSHOT_FORMAT = 1;
/** A chunk has at most so many bytes, unless it is a single entry. */
export const MAX_CHUNK_BYTES = 2 ** 20;
/** CometBFT gossips no more. */
export const MAX_SNAPSHOT_METADATA_BYTES = 4_000_000;

/** What a snapshot says of itself: enough to check it, and each of its chunks, against the state root alone. */
export interface SnapshotMetadata {
  /** The header of the block after which it was taken. */
  readonly header: BlockHeader;
  /** The state's record of where the chain stands, which commits to the header. */
  readonly head: Uint8Array;
  /** The siblings on the way from that record to the root. */
  readonly siblings: readonly Uint8Array[];
  /** What the chunks hold, in their order. */
  readonly parts: readonly TreePart[];
}

/** rlp([header, head, [sibling …], [[depth, prefix, leaf, hash] …]]) */
export function encodeMetadata({ header, head, siblings, parts }: SnapshotMetadata): Uint8Array {
  const items: RlpInput = parts.map(({ depth, path, leaf, hash }) => [
    depth,
    path.subarray(0, prefixBytes(depth)),
    leaf ? 1 : 0,
    hash,
  ]);
  return encodeRlp([encodeHeader(header), head, siblings, items]);
}

/** Reads what encodeMetadata wrote. Throws SnapshotError metadata. */
export function decodeMetadata(encoded: Uint8Array): SnapshotMetadata {
  try {
    const [header, head, siblings, parts] = rlpList(decodeRlp(encoded), 4);
    return {
      header: decodeHeader(rlpBytes(header)),
      head: rlpBytes(head),
      siblings: rlpList(siblings).map((sibling) => rlpBytes(sibling, 32)),
      parts: rlpList(parts).map((part) => {
        const [depthItem, prefix, leaf, hash] = rlpList(part, 4);
        const depth = rlpNumber(depthItem);
        const path = new Uint8Array(32);
        if (depth > 256) throw new SnapshotError("metadata", { problem: `a part has depth ${depth}` });
        path.set(rlpBytes(prefix, prefixBytes(depth)));
        return { depth, path, leaf: rlpNumber(leaf) === 1, hash: rlpBytes(hash, 32) };
      }),
    };
  } catch (error) {
    if (error instanceof RlpError) throw new SnapshotError("metadata", { problem: error.message });
    throw error;
  }
}

function prefixBytes(depth: number): number {
  return Math.ceil(depth / 8);
}

/** An entry of a chunk: length of the key (2) ‖ key ‖ length of the value (4) ‖ value, integers big-endian. */
export function encodeEntry(key: StateKey, value: Uint8Array): Uint8Array {
  const entry = Buffer.allocUnsafe(6 + key.length + value.length);
  let at = entry.writeUInt16BE(key.length, 0);
  at += entry.write(key, at, "latin1");
  at = entry.writeUInt32BE(value.length, at);
  entry.set(value, at);
  return entry;
}

export interface Entry {
  readonly key: StateKey;
  /** SHA-256 of the key. */
  readonly path: Uint8Array;
  readonly value: Uint8Array;
}

/** The entries of a chunk, in the order of their paths. Throws SnapshotError chunk. */
export function decodeChunk(chunk: Uint8Array, index: number, { path: prefix, depth }: TreePart): Entry[] {
  const wrong = (problem: string) => new SnapshotError("chunk", { index, problem });
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 2 > bytes.length) throw wrong("it ends inside an entry");
    const keyEnd = at + 2 + bytes.readUInt16BE(at);
    if (keyEnd + 4 > bytes.length) throw wrong("it ends inside an entry");
    const end = keyEnd + 4 + bytes.readUInt32BE(keyEnd);
    if (end > bytes.length) throw wrong("it ends inside an entry");
    const key = bytes.toString("latin1", at + 2, keyEnd);
    const path = pathOf(key);
    if (!startsWith(path, prefix, depth)) throw wrong("it has a key of another chunk");
    const before = entries.at(-1);
    if (before && Buffer.compare(before.path, path) >= 0) throw wrong("its entries are not in order");
    entries.push({ key, path, value: bytes.subarray(keyEnd + 4, end) });
    at = end;
  }
  return entries;
}

function startsWith(path: Uint8Array, prefix: Uint8Array, depth: number): boolean {
  const whole = depth >> 3;
  for (let i = 0; i < whole; i++) if (path[i] !== prefix[i]) return false;
  const mask = (0xff00 >> (depth & 7)) & 0xff;
  return mask === 0 || ((path[whole] as number) & mask) === ((prefix[whole] as number) & mask);
}
