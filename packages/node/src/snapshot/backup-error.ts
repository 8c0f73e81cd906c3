const REASONS = {
  notASnapshotFile: (d: { path: string; problem: string }) => `${d.path} is not a whole snapshot file: ${d.problem}`,
  noSnapshot: (d: { height: number; directory: string }) =>
    `there is no snapshot of height ${d.height} in ${d.directory}: list those that are there, or create one`,
  notProven: (d: { height: number }) =>
    `the header that proves the state of height ${d.height} is not here: the embedded engine's next block brings it; a node with CometBFT has it elsewhere, and those who join it fetch snapshots from their peers`,
  prunedTail: (d: { height: number; first: number }) =>
    `the blocks after height ${d.height} are not all here any more, only those from ${d.first}: take a newer snapshot`,
  otherChain: (d: { chainId: string; expected: string }) =>
    `the snapshot is of chain ${d.chainId}, the genesis file of ${d.expected}`,
  notTrusted: (d: { height: number; hash: string; trusted: string }) =>
    `header ${d.height} has the hash ${d.hash}, not the trusted ${d.trusted}: take the hash from somebody you trust`,
  severalValidators: (d: { count: number }) =>
    `the genesis file has ${d.count} validators: a network's state comes from its peers (state sync), a file restores a node with the embedded engine`,
  hasChain: (d: { directory: string }) => `${d.directory} has a chain already: restore into another folder`,
  exists: (d: { path: string }) => `${d.path} exists: choose another name, nothing is overwritten`,
  hasComet: (d: { directory: string }) =>
    `${d.directory} has CometBFT's data beside the chain, which only fit together while the node stands still: stop it and copy the whole folder, or let a new node fetch the state from its peers`,
  refused: (d: { reason: string }) => `the snapshot is refused: ${d.reason}`,
} as const;

type Reasons = typeof REASONS;
export type BackupErrorCode = keyof Reasons;
export type BackupErrorDetails<C extends BackupErrorCode> = Parameters<Reasons[C]>[0];

/** A backup or a snapshot file cannot be written, or a node not be restored from it; then nothing is changed. */
export class BackupError<C extends BackupErrorCode = BackupErrorCode> extends Error {
  override readonly name = "BackupError";
  readonly code: C;
  readonly details: BackupErrorDetails<C>;

  constructor(code: C, details: BackupErrorDetails<C>) {
    super((REASONS[code] as (details: unknown) => string)(details));
    this.code = code;
    this.details = details;
  }
}
