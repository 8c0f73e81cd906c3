import { CborWriter } from "./cbor-writer.js";
import { CoseError } from "./cose-error.js";
import { header } from "./labels.js";
import { decodeStrict, Tagged } from "./strict-cbor.js";

/** What a COSE_Sign1 (RFC 9052 §4.2) says, in the bytes in which it says it. */
export interface Sign1 {
  /** The encoded protected header, empty if there is none. */
  readonly protectedHeader: Uint8Array;
  readonly payload: Uint8Array;
}

export interface SignedSign1 extends Sign1 {
  readonly unprotectedHeader: ReadonlyMap<unknown, unknown>;
  /** P-256: r ‖ s; Ed25519: as RFC 8032. 64 bytes either way. */
  readonly signature: Uint8Array;
}

/** Of a signature by either algorithm. */
export const SIGNATURE_BYTES = 64;
const SIGN1_TAG = 18;
const EMPTY_MAP = 0xa0;
const NO_BYTES = new Uint8Array(0);

/** The Sig_structure: the bytes that are signed. A protected header that is an empty map counts as none (RFC 9052 §4.4). */
export function toBeSigned(message: Sign1, externalAad: Uint8Array = NO_BYTES): Uint8Array {
  const { payload } = message;
  const isEmpty = message.protectedHeader.length === 1 && message.protectedHeader[0] === EMPTY_MAP;
  const protectedHeader = isEmpty ? NO_BYTES : message.protectedHeader;
  return new CborWriter()
    .array(4)
    .text("Signature1")
    .byteString(protectedHeader)
    .byteString(externalAad)
    .byteString(payload)
    .finish();
}

/** The tagged message, with an empty unprotected header. */
export function encodeSign1({ protectedHeader, payload }: Sign1, signature: Uint8Array): Uint8Array {
  return new CborWriter()
    .tag(SIGN1_TAG)
    .array(4)
    .byteString(protectedHeader)
    .map(0)
    .byteString(payload)
    .byteString(signature)
    .finish();
}

/** Reads a tagged COSE_Sign1. Checks its form, not its signature. Throws CoseError malformed. */
export function decodeSign1(bytes: Uint8Array): SignedSign1 {
  const message = decodeStrict(bytes);
  const parts = message instanceof Tagged && message.tag === SIGN1_TAG ? message.value : undefined;
  if (!Array.isArray(parts) || parts.length !== 4) throw new CoseError("malformed", "not a tagged COSE_Sign1");
  const [protectedHeader, unprotectedHeader, payload, signature] = parts;
  if (
    !(protectedHeader instanceof Uint8Array) ||
    !(unprotectedHeader instanceof Map) ||
    !(payload instanceof Uint8Array) ||
    !(signature instanceof Uint8Array)
  ) {
    throw new CoseError("malformed", "a part of the COSE_Sign1 has the wrong type");
  }
  return { protectedHeader, unprotectedHeader, payload, signature };
}

/** The protected header as a map. Throws CoseError malformed. */
export function decodeProtected(protectedHeader: Uint8Array): ReadonlyMap<unknown, unknown> {
  if (protectedHeader.length === 0) return new Map();
  const decoded = decodeStrict(protectedHeader);
  if (!(decoded instanceof Map)) throw new CoseError("malformed", "the protected header is not a map");
  return decoded;
}

/** The protected header of a statement: algorithm, content type, key id. */
export function protectedHeader(alg: number, contentType: string, kid: string): Uint8Array {
  return new CborWriter()
    .map(3)
    .uint(header.alg)
    .int(alg)
    .uint(header.contentType)
    .text(contentType)
    .uint(header.kid)
    .hexString(kid)
    .finish();
}
