export {
  type AbciHandler,
  AbciServer,
  type AbciServerOptions,
  MAX_ABCI_CONNECTIONS,
  MAX_WAITING_REQUESTS,
} from "./engine/comet/abci-server.js";
export {
  type AttachedComet,
  type CometOptions,
  SIGNED_HEADER_CACHE_SIZE,
  type SpawnedComet,
} from "./engine/comet/comet.js";
export { MAX_PEER_MESSAGE_BYTES, type PeerOptions, type StateSyncOptions } from "./engine/comet/comet-home.js";
export { CometRpcError, MAX_COMET_RPC_BYTES } from "./engine/comet/comet-rpc.js";
export { type Endpoint, MAX_SOCKET_PATH_BYTES, parseEndpoint } from "./engine/comet/endpoint.js";
export { MAX_FRAME_BYTES } from "./engine/comet/frames.js";
export { MAX_GOSSIP_BYTES, MAX_REAP_BYTES, REOFFER_BLOCKS } from "./engine/comet/gossip.js";
export { MAX_GOSSIP_TXS } from "./engine/comet/gossip-message.js";
export { MAX_UNCHECKED_PEER_TXS, MAX_WAITING_PEER_BYTES, SEEN_PEER_TXS } from "./engine/comet/peer-intake.js";
export { ProposalPace } from "./engine/comet/proposal-pace.js";
export type { Engine } from "./engine/engine.js";
export { ReplayError } from "./engine/solo-replay.js";
export { CHAIN_FOLDER, SNAPSHOT_FOLDER } from "./folders.js";
export {
  DEVELOPMENT_BALANCE,
  DEVELOPMENT_CHAIN_ID,
  type DevelopmentGenesisOptions,
  developmentGenesis,
} from "./genesis/development-genesis.js";
export {
  type ConsensusParams,
  encodeGenesis,
  type Genesis,
  type GenesisValidator,
  genesisHash,
  loadGenesis,
  MAX_BLOCK_BYTES,
  MAX_CHAIN_ID_LENGTH,
  MAX_EVIDENCE_BYTES,
  MAX_TOTAL_POWER,
  parseGenesis,
} from "./genesis/genesis.js";
export { AccountKey } from "./keys/account-key.js";
export { KeyError, type KeyErrorCode, type KeyErrorDetails } from "./keys/key-error.js";
export {
  decryptKeystore,
  encryptKeystore,
  type Keystore,
  loadKeystore,
  MAX_PBKDF2_ROUNDS,
  MAX_SCRYPT_BYTES,
  SCRYPT_N,
  saveKeystore,
} from "./keys/keystore.js";
export { nodeId } from "./keys/node-key.js";
export { ValidatorKey } from "./keys/validator-key.js";
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
export { type NodeOptions, type RunningNode, startNode } from "./node.js";
export { NodeError, type NodeErrorCode } from "./node-error.js";
export { RecoveryError, type RecoveryErrorCode, type RecoveryErrorDetails } from "./recovery/recovery-error.js";
export {
  MAX_RECOVERY_BATCH,
  MAX_RECOVERY_QUEUE,
  RecoveryPool,
  type RecoveryPoolOptions,
} from "./recovery/recovery-pool.js";
export { MAX_AUTHORIZATIONS } from "./rpc/authorization-list.js";
export type { Backend } from "./rpc/backend.js";
export { MAX_SYNC_WAIT_MS } from "./rpc/block-methods.js";
export { MAX_EVIDENCE_JSON_BYTES } from "./rpc/comet-methods.js";
export { MAX_BATCH_CALLS } from "./rpc/dispatcher.js";
export { MAX_FEE_HISTORY, MAX_FEE_PERCENTILES } from "./rpc/fee-history.js";
export { FILTER_LIFETIME_MS, MAX_FILTERS } from "./rpc/filters.js";
export { leftOut } from "./rpc/left-out.js";
export { MAX_FILTER_ALTERNATIVES, MAX_LOG_POSTINGS, MAX_LOG_RESULTS } from "./rpc/log-filter.js";
export {
  MAX_BODY_BYTES,
  MAX_UNSENT_BYTES,
  MAX_WEBSOCKETS,
  RpcServer,
  type RpcServerOptions,
} from "./rpc/rpc-server.js";
export { MAX_SIMULATED_CALLS } from "./rpc/simulate-methods.js";
export { MAX_STORAGE_VALUES } from "./rpc/state-methods.js";
export { MAX_SUBSCRIPTIONS } from "./rpc/subscriptions.js";
export { MAX_TRACE_BYTES } from "./rpc/trace/trace-budget.js";
export { BackupError, type BackupErrorCode, type BackupErrorDetails } from "./snapshot/backup-error.js";
export { backupNode } from "./snapshot/backup-node.js";
export { type Exported, type ExportOptions, exportSnapshot, newestProvenHeight } from "./snapshot/export-snapshot.js";
export { type Restored, type RestoreOptions, restoreSnapshot } from "./snapshot/restore-snapshot.js";
export { MAX_SNAPSHOT_FRAME_BYTES, SNAPSHOT_FILE_VERSION } from "./snapshot/snapshot-file.js";
export { MAX_LISTED_SNAPSHOTS, SnapshotFolder } from "./snapshot/snapshot-folder.js";
export { DEFAULT_KEPT_SNAPSHOTS } from "./snapshot/snapshot-taker.js";
export { type TakeSnapshotOptions, takeSnapshotBeside } from "./snapshot/take-snapshot-beside.js";
export { LmdbStore, MAX_STORE_KEY_BYTES, STORE_FORMAT } from "./store/lmdb-store.js";
export { StoreError, type StoreErrorCode, type StoreErrorDetails } from "./store/store-error.js";
