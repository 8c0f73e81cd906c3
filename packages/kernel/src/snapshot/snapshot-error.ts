const REASONS = {
  notAtHeight: (d: { height: number }) =>
    `there is no block ${d.height} to take a snapshot of: choose a height after genesis whose state is kept`,
  metadata: (d: { problem: string }) => `the snapshot's metadata is not right: ${d.problem}`,
  chunk: (d: { index: number; problem: string }) => `chunk ${d.index} is not right: ${d.problem}`,
  unknownTable: (d: { contract: string; table: number }) =>
    `the snapshot has rows of table ${d.table} of contract ${d.contract}, which this version does not know: use the version that the network runs`,
} as const;

type Reasons = typeof REASONS;
export type SnapshotErrorCode = keyof Reasons;
export type SnapshotErrorDetails<C extends SnapshotErrorCode> = Parameters<Reasons[C]>[0];

/** A snapshot cannot be taken, or what was received is not one. */
export class SnapshotError<C extends SnapshotErrorCode = SnapshotErrorCode> extends Error {
  override readonly name = "SnapshotError";
  readonly code: C;
  readonly details: SnapshotErrorDetails<C>;

  constructor(code: C, details: SnapshotErrorDetails<C>) {
    super((REASONS[code] as (details: unknown) => string)(details));
    this.code = code;
    this.details = details;
  }
}
