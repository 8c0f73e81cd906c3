import { decode, type TagDecoder } from "cborg";
import { CoseError } from "./cose-error.js";

/** Keeps a tag as what it is, so that its content can be checked. */
export class Tagged {
  readonly tag: number;
  readonly value: unknown;
  constructor(tag: number, value: unknown) {
    this.tag = tag;
    this.value = value;
  }
}

/** COSE_Sign1 and decimal fraction; every other tag is refused. */
const TAGS: Record<number, TagDecoder> = Object.fromEntries(
  [4, 18].map((tag) => [tag, (content: () => unknown) => new Tagged(tag, content())]),
);

/** Decodes deterministic CBOR: duplicate keys, indefinite lengths, long heads and trailing bytes throw CoseError malformed. */
export function decodeStrict(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, {
      useMaps: true,
      strict: true,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      allowUndefined: false,
      tags: TAGS as never,
    });
  } catch (error) {
    throw new CoseError("malformed", `not deterministic CBOR: ${(error as Error).message}`);
  }
}
