/** Most transactions in the pool. */
export const MAX_POOL_TXS = 50_000;
/** Most bytes of encoded transactions in the pool. */
export const MAX_POOL_BYTES = 64 * 2 ** 20;
/** Most transactions of one sender. */
export const MAX_TXS_PER_SENDER = 2_000;
/** Most transactions of one sender that wait for a missing nonce. */
export const MAX_QUEUED_PER_SENDER = 256;
/** How far a nonce may be above the sender's next one. */
export const MAX_NONCE_GAP = 1_024;
/** A replacement offers this much more in both fee caps. */
export const PRICE_BUMP_PERCENT = 10n;
/** Transactions too large for what is left of a block that `select` passes over before it calls the block full. */
export const MAX_SELECT_MISFITS = 64;

export interface MempoolLimits {
  readonly txs: number;
  readonly bytes: number;
  readonly txsPerSender: number;
  readonly queuedPerSender: number;
  readonly nonceGap: number;
}

export const MEMPOOL_LIMITS: MempoolLimits = {
  txs: MAX_POOL_TXS,
  bytes: MAX_POOL_BYTES,
  txsPerSender: MAX_TXS_PER_SENDER,
  queuedPerSender: MAX_QUEUED_PER_SENDER,
  nonceGap: MAX_NONCE_GAP,
};
