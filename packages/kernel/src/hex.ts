import type { Hex } from "@ruffchain/abi";

/** 0x and two lower-case digits a byte. */
export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/** The bytes of a 0x hex string. Throws RangeError where it is not whole bytes of hex digits. */
export function hexToBytes(hex: Hex): Uint8Array {
  const bytes = Buffer.from(hex.slice(2), "hex");
  if (hex.length !== 2 + 2 * bytes.length || !hex.startsWith("0x")) {
    throw new RangeError(`expected 0x and an even number of hex digits, got "${hex.slice(0, 80)}"`);
  }
  return bytes;
}
