export {
  MAX_NONCE_GAP,
  MAX_POOL_BYTES,
  MAX_POOL_TXS,
  MAX_QUEUED_PER_SENDER,
  MAX_SELECT_MISFITS,
  MAX_TXS_PER_SENDER,
  type MempoolLimits,
  PRICE_BUMP_PERCENT,
} from "./mempool/limits.js";
export { type BlockSpace, Mempool, type MempoolOptions, type SenderContent } from "./mempool/mempool.js";
export type { AccountState } from "./mempool/sender-queue.js";
export { RecoveryError, type RecoveryErrorCode, type RecoveryErrorDetails } from "./recovery/recovery-error.js";
export {
  MAX_RECOVERY_BATCH,
  MAX_RECOVERY_QUEUE,
  RecoveryPool,
  type RecoveryPoolOptions,
} from "./recovery/recovery-pool.js";
export { LmdbStore, MAX_STORE_KEY_BYTES, STORE_FORMAT } from "./store/lmdb-store.js";
export { StoreError, type StoreErrorCode, type StoreErrorDetails } from "./store/store-error.js";
