import { z } from "zod";

const HEX = /^0x(?:[0-9a-fA-F]{2})*$/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Bytes in JSON: hex with 0x, or base64 in either alphabet. */
export const bytesText = z
  .string()
  .refine((text) => HEX.test(text) || BASE64.test(text), "must be hex with 0x, or base64")
  .transform((text): Uint8Array => (HEX.test(text) ? Buffer.from(text.slice(2), "hex") : Buffer.from(text, "base64")));

/** A uint256 in JSON: decimal digits. */
export const idText = z
  .string()
  .regex(/^\d{1,78}$/, "must be a number in decimal digits, as a string")
  .transform((text) => BigInt(text));
