import { splitCode } from "./metadata.js";

/** As Sourcify says it: the same bytes with the same metadata, or the same bytes but for the metadata. */
export type Match = "exact_match" | "match";

/** Code as the compiler gives it, before a deployment fills it in. */
export interface RuntimeCode {
  /** Hex without 0x, with zeros for what is filled in. */
  readonly object: string;
  /** Where immutables stand. */
  readonly immutables: readonly { readonly start: number; readonly length: number }[];
}

const ADDRESS_BYTES = 20;
/** A library begins with its own address, which its constructor puts there: PUSH20, then ADDRESS EQ. */
const LIBRARY_GUARD = /^73(00){20}3014/;

/** How deployed code comes from compiled code: immutables may have any value, all else is equal. Undefined where it does not. */
export function matchCode(deployed: Uint8Array, { object, immutables }: RuntimeCode): Match | undefined {
  const compiled = Uint8Array.from(Buffer.from(object, "hex"));
  const filled = LIBRARY_GUARD.test(object) ? [...immutables, { start: 1, length: ADDRESS_BYTES }] : immutables;
  const actual = deployed.slice();
  for (const { start, length } of filled) {
    actual.fill(0, start, start + length);
    compiled.fill(0, start, start + length);
  }
  const [ours, theirs] = [splitCode(compiled), splitCode(actual)];
  if (theirs.executable.length === 0 || !Buffer.from(ours.executable).equals(theirs.executable)) return undefined;
  return ours.metadataHash !== undefined && Buffer.from(ours.trailer).equals(theirs.trailer) ? "exact_match" : "match";
}
