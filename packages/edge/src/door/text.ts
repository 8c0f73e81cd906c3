import { z } from "zod";

/** Bytes in JSON: hex with 0x. */
export const bytesText = z
  .string()
  .regex(/^0x(?:[0-9a-fA-F]{2})*$/, "must be bytes in hex, with 0x")
  .transform((text): Uint8Array => Buffer.from(text.slice(2), "hex"));

/** A uint256 in JSON: decimal digits. */
export const idText = z
  .string()
  .regex(/^\d{1,78}$/, "must be a number in decimal digits, as a string")
  .transform((text) => BigInt(text));
