import { equalBytes } from "@noble/curves/utils.js";
import { decode, encode } from "cborg";
import { LightError } from "../light-error.js";

/**
 * Largest grant that a device reads: a header, the signatures of 200 validators, as many as the chain can have, and 3 kB
 * for proof and area. One of 4 validators has some 2 kB.
 */
export const MAX_GRANT_BYTES = 24_576;

const VERSION = 1;

/** What a device needs to believe a right, besides its holder's signature. All parts are encoded. */
export interface Grant {
  /** Protobuf of the CometBFT header; its `appHash` is the state root that the proof leads to. */
  readonly header: Uint8Array;
  /** Protobuf of the commit for that header: trimCommit makes it as small as it can be. */
  readonly commit: Uint8Array;
  /** ICS 23 CommitmentProof of the right's record: it carries key and record. */
  readonly proof: Uint8Array;
  /** The area whose SHA-256 the right names; empty if it names none. */
  readonly area: Uint8Array;
}

/** The bytes that are presented to a device: deterministic CBOR (RFC 8949 §4.2.1) of [1, header, commit, proof, area]. */
export function encodeGrant({ header, commit, proof, area }: Grant): Uint8Array {
  return encode([VERSION, header, commit, proof, area]);
}

/** Takes a grant apart; throws LightError `grantTooLarge`, `unknownVersion` or `malformed`. */
export function decodeGrant(bytes: Uint8Array): Grant {
  if (bytes.length > MAX_GRANT_BYTES) {
    const details = { bytes: bytes.length, limit: MAX_GRANT_BYTES };
    throw new LightError(
      "grantTooLarge",
      details,
      `the grant has ${bytes.length} bytes: at most ${MAX_GRANT_BYTES} are read`,
    );
  }
  const items = decodeCbor(bytes);
  if (!Array.isArray(items)) throw malformed("it is not an array");
  const [version, ...parts] = items as unknown[];
  if (typeof version === "number" && version !== VERSION) {
    throw new LightError(
      "unknownVersion",
      { version },
      `the grant has version ${version}: this device reads version ${VERSION}`,
    );
  }
  const [header, commit, proof, area] = parts;
  if (parts.length !== 4 || !isBytes(header) || !isBytes(commit) || !isBytes(proof) || !isBytes(area)) {
    throw malformed("it is not a version and four byte strings");
  }
  const grant = { header, commit, proof, area };
  if (!equalBytes(encodeGrant(grant), bytes)) throw malformed("it is not in the deterministic encoding");
  return grant;
}

function decodeCbor(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { strict: true, allowIndefinite: false });
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function malformed(problem: string): LightError<"malformed"> {
  return new LightError("malformed", { what: "grant", problem }, `the grant is not readable: ${problem}`);
}
