import { LightError } from "../light-error.js";
import { bytes, field, int32, message, nested, optional, repeated } from "../proto.js";

/** One step of a path from a leaf to the root: SHA-256(prefix ‖ child ‖ suffix). */
export interface InnerOp {
  readonly hash: number;
  readonly prefix: Uint8Array;
  readonly suffix: Uint8Array;
}

/** How a leaf is hashed. */
export interface LeafOp {
  readonly hash: number;
  readonly prehashKey: number;
  readonly prehashValue: number;
  readonly length: number;
  readonly prefix: Uint8Array;
}

/** That the key has the value. The path goes from the leaf to the root. */
export interface ExistenceProof {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly leaf: LeafOp | undefined;
  readonly path: readonly InnerOp[];
}

/** That there is no such key: the keys left and right of it, in the order of their hashes, have no leaf between them. */
export interface NonExistenceProof {
  readonly key: Uint8Array;
  readonly left: ExistenceProof | undefined;
  readonly right: ExistenceProof | undefined;
}

/** An ICS 23 proof (cosmos.ics23.v1.CommitmentProof) of one key: exactly one of the two is there. */
export interface CommitmentProof {
  readonly existence: ExistenceProof | undefined;
  readonly nonExistence: NonExistenceProof | undefined;
}

const leafOpCodec = message<LeafOp>("LeafOp", {
  hash: field(1, int32),
  prehashKey: field(2, int32),
  prehashValue: field(3, int32),
  length: field(4, int32),
  prefix: field(5, bytes),
});

const innerOpCodec = message<InnerOp>("InnerOp", {
  hash: field(1, int32),
  prefix: field(2, bytes),
  suffix: field(3, bytes),
});

const existenceCodec = message<ExistenceProof>("ExistenceProof", {
  key: field(1, bytes),
  value: field(2, bytes),
  leaf: optional(3, nested(leafOpCodec)),
  path: repeated(4, nested(innerOpCodec)),
});

const nonExistenceCodec = message<NonExistenceProof>("NonExistenceProof", {
  key: field(1, bytes),
  left: optional(2, nested(existenceCodec)),
  right: optional(3, nested(existenceCodec)),
});

const commitmentProofCodec = message<CommitmentProof>("CommitmentProof", {
  existence: optional(1, nested(existenceCodec)),
  nonExistence: optional(2, nested(nonExistenceCodec)),
});

/** The protobuf bytes of a proof. */
export function encodeProof(proof: CommitmentProof): Uint8Array {
  return commitmentProofCodec.encode(proof);
}

/** Reads a proof; throws LightError `malformed` unless the bytes are the one canonical encoding of a single proof. */
export function decodeProof(encoded: Uint8Array): CommitmentProof {
  const proof = commitmentProofCodec.decode(encoded);
  if ((proof.existence === undefined) === (proof.nonExistence === undefined)) {
    const details = { what: "CommitmentProof", problem: "it must have exactly one proof" };
    throw new LightError(
      "malformed",
      details,
      "a CommitmentProof must have exactly one proof, of existence or of absence",
    );
  }
  return proof;
}
