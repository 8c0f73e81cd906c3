import { crc32 } from "node:zlib";

/** Largest payload of a record. */
export const MAX_RECORD_BYTES = 65_536;
/** uint32 length of the payload ‖ uint32 CRC-32 of kind ‖ payload ‖ uint8 kind, big-endian; then the payload. */
export const RECORD_HEADER_BYTES = 9;

export interface LogRecord {
  /** What the payload is; its meaning is the writer's. */
  readonly kind: number;
  readonly payload: Uint8Array;
}

export function encodeRecord({ kind, payload }: LogRecord): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_HEADER_BYTES + payload.length);
  bytes.writeUInt32BE(payload.length, 0);
  bytes.writeUInt8(kind, 8);
  bytes.set(payload, RECORD_HEADER_BYTES);
  bytes.writeUInt32BE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** The record that begins at `offset`; undefined if there is no whole and undamaged one. */
export function decodeRecord(bytes: Buffer, offset: number): LogRecord | undefined {
  if (bytes.length - offset < RECORD_HEADER_BYTES) return undefined;
  const length = bytes.readUInt32BE(offset);
  const end = offset + RECORD_HEADER_BYTES + length;
  if (length > MAX_RECORD_BYTES || end > bytes.length) return undefined;
  if (crc32(bytes.subarray(offset + 8, end)) !== bytes.readUInt32BE(offset + 4)) return undefined;
  return { kind: bytes.readUInt8(offset + 8), payload: bytes.subarray(offset + RECORD_HEADER_BYTES, end) };
}
