/** What is wrong with a board or a configuration. */
interface BoardFailures {
  /** The board's JSON at `path` is not as it must be. */
  invalidBoard: { path: string; problem: string };
}

/** What a thing could not answer or do. */
interface ThingFailures {
  unknownThing: { thing: string; known: readonly string[] };
  unknownProperty: { thing: string; property: string; known: readonly string[] };
  unknownAction: { thing: string; action: string; known: readonly string[] };
  /** The property has had no reading since the start. */
  noReading: { property: string };
  /** The last reading is older than the board allows. In seconds. */
  staleReading: { property: string; age: number; limit: number };
  /** The equipment cannot be reached now; commands are never queued for later. */
  notConnected: { broker: string };
  /** A command to the same equipment is still under way. */
  busy: { action: string };
  /** The equipment did not report the commanded state in time: it may or may not have acted. */
  notReadBack: { action: string; expected: string; seen: string | undefined; milliseconds: number };
  /** The equipment says that it could not do it. */
  actionFailed: { action: string; state: string };
}

/** What is wrong with the files that the device keeps. */
interface FileFailures {
  /** Something else is in the file than this program writes there. */
  invalidFile: { file: string; problem: string };
  /** A key file can be read by others than its owner. */
  keyReadableByOthers: { file: string; mode: string };
  /** Another process has this folder open. */
  folderInUse: { folder: string };
  /** The log cannot be made smaller than its quota by thinning. Bytes. */
  logFull: { bytes: number; quota: number };
  logClosed: Record<never, never>;
  recordTooLarge: { bytes: number; limit: number };
}

export interface EdgeFailures extends BoardFailures, ThingFailures, FileFailures {}
export type EdgeErrorCode = keyof EdgeFailures;

/** Something that the device could not do. `code` says what, `details` has the values. */
export class EdgeError<C extends EdgeErrorCode = EdgeErrorCode> extends Error {
  override readonly name = "EdgeError";
  readonly code: C;
  readonly details: EdgeFailures[C];

  constructor(code: C, details: EdgeFailures[C], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}
