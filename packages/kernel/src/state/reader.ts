/**
 * A state key as a string of bytes (each char code is 0..255, "latin1"): strings can be Map keys, byte arrays cannot.
 * Keys whose first byte is below 0x80 are authenticated by the state tree; the others (secondary indexes) can be
 * derived from those and are only stored. The layout is in docs/state.md.
 */
export type StateKey = string;

export const FIRST_UNAUTHENTICATED_BYTE = 0x80;

/** Read access to one state: the newest, a recent height's, or one under execution. */
export interface StateReader {
  /** The value, or undefined. Never change the bytes that you get. */
  get(key: StateKey): Uint8Array | undefined;
  /** Entries with start <= key < end in bytewise order, or the reverse of it. */
  range(start: StateKey, end: StateKey, reverse?: boolean): Iterable<readonly [key: StateKey, value: Uint8Array]>;
}
