const REASONS = {
  busy: (d: { limit: number }) => `${d.limit} transactions wait for their senders to be recovered: try again later`,
  closed: () => "the node is shutting down: no more senders are recovered",
} as const;

type Reasons = typeof REASONS;
export type RecoveryErrorCode = keyof Reasons;
export type RecoveryErrorDetails<C extends RecoveryErrorCode> = Parameters<Reasons[C]>;

/** A sender is not recovered, for a reason that is not the transaction's. */
export class RecoveryError<C extends RecoveryErrorCode = RecoveryErrorCode> extends Error {
  override readonly name = "RecoveryError";
  readonly code: C;
  readonly details: RecoveryErrorDetails<C>[0];

  constructor(code: C, ...[details]: RecoveryErrorDetails<C>) {
    super((REASONS[code] as (details: unknown) => string)(details));
    this.code = code;
    this.details = details;
  }
}
