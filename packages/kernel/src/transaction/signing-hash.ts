import { keccak256 } from "../crypto/keccak256.js";
import { encodedLength, listHeader, type RlpInput } from "../rlp.js";

const NOTHING = new Uint8Array();

/**
 * The hash that was signed, made from the received bytes: the envelope's list without its signature, with `appended`
 * in place of it. `listAt` is where the list starts: 1 behind a type byte.
 */
export function hashUnsigned(
  raw: Uint8Array,
  listAt: 0 | 1,
  signature: readonly RlpInput[],
  appended: Uint8Array = NOTHING,
): Uint8Array {
  const prefix = raw[listAt] as number;
  const start = listAt + (prefix > 0xf7 ? prefix - 0xf6 : 1);
  let end = raw.length;
  for (const item of signature) end -= encodedLength(item);
  const header = listHeader(end - start + appended.length);
  const payload = new Uint8Array(listAt + header.length + end - start + appended.length);
  if (listAt === 1) payload[0] = raw[0] as number;
  payload.set(header, listAt);
  payload.set(raw.subarray(start, end), listAt + header.length);
  payload.set(appended, payload.length - appended.length);
  return keccak256(payload);
}
