const REASONS = {
  locked: (d: { directory: string; pids: readonly number[] }) =>
    `${d.directory} is in use by process ${d.pids.join(", ")}: stop that node, or choose another data folder`,
  wrongFormat: (d: { directory: string; found: string; supported: number }) =>
    `${d.directory} has store format ${d.found}, this node reads format ${d.supported}: use the version of the node that wrote it, or an empty folder`,
  cannotOpen: (d: { directory: string; reason: string }) => `cannot open the store in ${d.directory}: ${d.reason}`,
  invalidKey: (d: { size: number; limit: number }) => `a store key has 1 to ${d.limit} bytes, not ${d.size}`,
  diskFull: (d: { directory: string; reason: string }) =>
    `the disk of ${d.directory} is full (${d.reason}): nothing of the commit was applied, free some space and start again`,
  commitFailed: (d: { directory: string; reason: string }) =>
    `a commit to ${d.directory} failed: ${d.reason}; nothing of it was applied`,
  closed: (d: { directory: string }) => `the store in ${d.directory} is closed`,
} as const;

type Reasons = typeof REASONS;
export type StoreErrorCode = keyof Reasons;
export type StoreErrorDetails<C extends StoreErrorCode> = Parameters<Reasons[C]>[0];

/** The store cannot be opened, read or written. */
export class StoreError<C extends StoreErrorCode = StoreErrorCode> extends Error {
  override readonly name = "StoreError";
  readonly code: C;
  readonly details: StoreErrorDetails<C>;

  constructor(code: C, details: StoreErrorDetails<C>, options?: ErrorOptions) {
    super((REASONS[code] as (details: unknown) => string)(details), options);
    this.code = code;
    this.details = details;
  }
}
