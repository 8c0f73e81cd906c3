import { CborWriter } from "./cbor-writer.js";
import { CoseError } from "./cose-error.js";
import { KID_BYTES } from "./device-key.js";
import { isEqual } from "./is-equal.js";
import { algorithm, claim, header, type KeyKind, SENML_CBOR } from "./labels.js";
import { decodeSenml, encodeSenml, type SenmlPack } from "./senml.js";
import { decodeProtected, decodeSign1, SIGNATURE_BYTES, type Sign1, type SignedSign1 } from "./sign1.js";

/** Most bytes of a signed batch. */
export const MAX_BATCH_BYTES = 4096;

/** A signed batch of readings: COSE_Sign1 over SenML, with its place in the device's chain of batches in the header. */
export interface Batch {
  readonly algorithm: KeyKind;
  /** 16 bytes, 0x hex: the first of the device's id. */
  readonly kid: `0x${string}`;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly bootCount: number;
  readonly sequence: number;
  /** SHA-256 of the batch before, 32 bytes; zeros for the first. */
  readonly previous: Uint8Array;
  /** 0 unknown, 1 hold-over, 2 chain header, 3 NTP, 4 GNSS, 5 two agree. */
  readonly timeQuality: number;
  readonly pack: SenmlPack;
}

/** What the device signs and sends for a batch. */
export function batchStatement(batch: Batch): Sign1 {
  const cwtId = new Uint8Array(8);
  const view = new DataView(cwtId.buffer);
  view.setUint32(0, batch.bootCount);
  view.setUint32(4, batch.sequence);
  const protectedHeader = new CborWriter()
    .map(4)
    .uint(header.alg)
    .int(algorithm[batch.algorithm])
    .uint(header.contentType)
    .uint(SENML_CBOR)
    .uint(header.kid)
    .hexString(batch.kid)
    .uint(header.cwtClaims)
    .map(5)
    .uint(claim.issuedAt)
    .uint(batch.issuedAt)
    .uint(claim.cwtId)
    .byteString(cwtId)
    .uint(claim.bootCount)
    .uint(batch.bootCount)
    .int(claim.previous)
    .byteString(batch.previous)
    .int(claim.timeQuality)
    .uint(batch.timeQuality)
    .finish();
  return { protectedHeader, payload: encodeSenml(batch.pack) };
}

/**
 * Reads a signed batch; the signature is for the caller to check. What the signature does not cover, and any other
 * encoding of the same batch, is refused: nobody but the device can make a second form of it. Throws CoseError.
 */
export function decodeBatch(bytes: Uint8Array): { readonly batch: Batch; readonly message: SignedSign1 } {
  if (bytes.length > MAX_BATCH_BYTES) {
    throw new CoseError("tooLarge", `a batch has at most ${MAX_BATCH_BYTES} bytes, got ${bytes.length}`);
  }
  const message = decodeSign1(bytes);
  const fields = decodeProtected(message.protectedHeader);
  const claims = fields.get(header.cwtClaims);
  const kid = fields.get(header.kid);
  const kind = (Object.keys(algorithm) as KeyKind[]).find((name) => algorithm[name] === fields.get(header.alg));
  if (!kind)
    throw new CoseError("unsupportedAlgorithm", `algorithm ${String(fields.get(header.alg))} is not ESP256 or Ed25519`);
  if (fields.get(header.contentType) !== SENML_CBOR || !(claims instanceof Map)) {
    throw new CoseError("malformed", "not a batch of SenML with CWT claims in its header");
  }
  const issuedAt = claims.get(claim.issuedAt);
  const bootCount = claims.get(claim.bootCount);
  const cwtId = claims.get(claim.cwtId);
  const previous = claims.get(claim.previous);
  const timeQuality = claims.get(claim.timeQuality);
  const wellFormed =
    [issuedAt, bootCount, timeQuality].every((value) => Number.isSafeInteger(value) && value >= 0) &&
    [
      [kid, KID_BYTES],
      [cwtId, 8],
      [previous, 32],
      [message.signature, SIGNATURE_BYTES],
    ].every(([value, length]) => value instanceof Uint8Array && value.length === length);
  if (!wellFormed) throw new CoseError("malformed", "a claim of the batch is missing or has the wrong type");
  if (message.unprotectedHeader.size > 0) throw new CoseError("malformed", "a batch has no unprotected header");
  const id = new DataView(cwtId.buffer, cwtId.byteOffset, cwtId.byteLength);
  if (id.getUint32(0) !== bootCount) throw new CoseError("malformed", "the batch's id names another boot");
  const batch = {
    algorithm: kind,
    kid: `0x${[...(kid as Uint8Array)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`,
    issuedAt,
    bootCount,
    sequence: id.getUint32(4),
    previous,
    timeQuality,
    pack: decodeSenml(message.payload),
  } as const;
  if (!isEqual(batchStatement(batch).protectedHeader, message.protectedHeader)) {
    throw new CoseError("malformed", "the header of the batch is not in its deterministic encoding");
  }
  return { batch, message };
}
