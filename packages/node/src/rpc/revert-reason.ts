const ERROR_STRING = "08c379a0";

/** The text of Solidity's Error(string); undefined for other data. */
export function decodeErrorResult(data: Uint8Array): string | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (bytes.length < 68 || bytes.toString("hex", 0, 4) !== ERROR_STRING) return undefined;
  return bytes.toString("utf8", 68, 68 + bytes.readUInt32BE(64));
}
