import { createHash } from "node:crypto";

const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const EMPTY = Buffer.alloc(32);
const bit = (path: Uint8Array, depth: number) => ((path[depth >> 3] as number) >> (7 - (depth & 7))) & 1;

/** The root by docs/state.md, computed anew from all entries: no pages, no batches, no history. */
export function naiveRoot(entries: Iterable<readonly [key: string, value: Uint8Array]>): Uint8Array {
  const leaves = [...entries].map(([key, value]) => {
    const path = sha256(Buffer.from(key, "latin1"));
    return { path, hash: sha256(Uint8Array.of(0), path, sha256(value)) };
  });
  const subtree = (inside: typeof leaves, depth: number): Buffer => {
    const [only] = inside;
    if (!only) return EMPTY;
    if (inside.length === 1) return only.hash;
    const left = inside.filter(({ path }) => bit(path, depth) === 0);
    const right = inside.filter(({ path }) => bit(path, depth) === 1);
    return sha256(subtree(left, depth + 1), subtree(right, depth + 1));
  };
  return subtree(leaves, 0);
}
