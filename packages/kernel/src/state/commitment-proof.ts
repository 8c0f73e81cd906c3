import { keyBytes } from "./keys.js";
import type { StateKey } from "./reader.js";
import type { LeafProof } from "./tree-proof.js";

/**
 * ICS23 proofs in protobuf (cosmos.ics23.v1.CommitmentProof), as docs/state.md describes. Written by hand: four small
 * messages do not ask for a library in the kernel.
 */
const SHA256 = 1;

/** leaf: hash SHA256, prehash_key SHA256, prehash_value SHA256, length NO_PREFIX (0, omitted), prefix 0x00. */
const LEAF_OP = Uint8Array.of(0x08, SHA256, 0x10, SHA256, 0x18, SHA256, 0x2a, 1, 0);

/** A proof that the key has the value. */
export function existenceProof(proof: LeafProof, value: Uint8Array): Uint8Array {
  return field(1, existence(proof, value));
}

/** A proof that the key is absent: the leaves before and after its place, where there are such. */
export function nonExistenceProof(
  key: StateKey,
  left: { readonly proof: LeafProof; readonly value: Uint8Array } | undefined,
  right: { readonly proof: LeafProof; readonly value: Uint8Array } | undefined,
): Uint8Array {
  const parts = [field(1, keyBytes(key))];
  if (left) parts.push(field(2, existence(left.proof, left.value)));
  if (right) parts.push(field(3, existence(right.proof, right.value)));
  return field(2, Buffer.concat(parts));
}

function existence({ key, siblings }: LeafProof, value: Uint8Array): Uint8Array {
  const inner = siblings.map(({ hash, side }) =>
    field(4, Buffer.concat([Uint8Array.of(0x08, SHA256), field(side === "left" ? 2 : 3, hash)])),
  );
  return Buffer.concat([field(1, keyBytes(key)), field(2, value), field(3, LEAF_OP), ...inner]);
}

/** A length-delimited field; an empty one is omitted, as proto3 does. */
function field(number: number, content: Uint8Array): Uint8Array {
  if (content.length === 0) return content;
  return Buffer.concat([Uint8Array.of((number << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
