export * from "./abci.js";
export { AbiDecodeError, MAX_ABI_ARRAY_LENGTH, type ParameterCodec, parameterCodec } from "./abi/codec.js";
export { MAX_EXPIRY_SECONDS } from "./account/nonces.js";
export { MAX_HELD_SECONDS } from "./account/use-account.js";
export {
  APPLICATION_VERSION,
  Application,
  type ApplicationOptions,
  type CallRequest,
  type CallResult,
  intrinsicGasOfCall,
  MAX_CANDIDATES,
  PROTOCOL_VERSION,
} from "./application.js";
export { nextBaseFee } from "./block/base-fee.js";
export {
  type BlockHeader,
  decodeHeader,
  EMPTY_REQUESTS_HASH,
  EMPTY_UNCLES_HASH,
  encodeHeader,
  hashHeader,
} from "./block/header.js";
export { BLOOM_CACHE_SIZE, logsBloom } from "./block/logs-bloom.js";
export { EMPTY_TRIE_ROOT, orderedTrieRoot } from "./block/ordered-trie-root.js";
export { encodeReceipt, type Log, type Receipt } from "./block/receipt.js";
export type { BlockRecord, ExecutedTransaction, PaidGas, PlacedLog } from "./chain/block-record.js";
export {
  BlockStore,
  type FoundBlock,
  type FoundLog,
  MAX_PRUNED_BLOCKS,
  type TransactionPlace,
} from "./chain/block-store.js";
export { type LogFilter, type LogRange, matchesLog } from "./chain/log-index.js";
export { MAX_PAGE_ROWS } from "./contract/bound-table.js";
export type {
  Chain,
  ChainBlock,
  ChainGenesis,
  Context,
  Contract,
  ContractCrypto,
  ContractReference,
  FunctionArgs,
  ViewContext,
} from "./contract/contract.js";
export { contract } from "./contract/contract.js";
export {
  type Fields,
  type FieldType,
  MAX_FIELD_LENGTH,
  type RecordOf,
  recordCodec,
  ValueRangeError,
} from "./contract/layout.js";
export { OutOfGas, Revert } from "./contract/revert.js";
export { type Page, type Row, type Table, type TableDefinition, table } from "./contract/table.js";
export {
  MAX_WEBAUTHN_BYTES,
  recoverSigner,
  type SignatureType,
  signatureGas,
  signatureType,
  signatureTypes,
} from "./crypto/account-signature.js";
export { DEVICE_KEY_CACHE_SIZE, verifyEd25519, verifyP256 } from "./crypto/device-signature.js";
export { type HashPairs, hashPairsImplementations } from "./crypto/hash-pairs.js";
export { keccak256 } from "./crypto/keccak256.js";
export { type RecoverAddress, recoverAddress, recoverImplementations } from "./crypto/recover-address.js";
export { sha256 } from "./crypto/sha256.js";
export { type Account, readAccount, writeAccount } from "./execution/account.js";
export type { AccountOverride } from "./execution/account-override.js";
export { HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS, readBlockHash } from "./execution/block-hashes.js";
export { delegateOf } from "./execution/delegation.js";
export type { Evm, EvmMessage, EvmOutcome } from "./execution/evm.js";
export { isSystemTransaction, receiptsOf, type Upgrade } from "./execution/execute-block.js";
export { gasAfterRefund } from "./execution/execute-transaction.js";
export { errorString, errorText, panic } from "./execution/frame.js";
export type { BlockContext, CallOutcome, Machine, Pause, TransactionContext } from "./execution/machine.js";
export type { Head, Parameters } from "./execution/parameters.js";
export {
  type BlockOverrides,
  MAX_SIMULATED_BLOCKS,
  type SimulatedBlock,
  type SimulatedCall,
  type SimulatedResult,
  type SimulateRequest,
  SimulationError,
  type SimulationErrorCode,
} from "./execution/simulate.js";
export {
  type BlockTracer,
  type CallType,
  EXECUTION_REVERTED,
  OUT_OF_GAS,
  type TracedCall,
  type TracedResult,
  type TracedStep,
  type Tracer,
} from "./execution/tracer.js";
export { UpgradeError } from "./execution/upgrade-error.js";
export { readCode, readStorage, SYSTEM_CODE, writeCode, writeStorage } from "./execution/user-contract.js";
export { maximumCost } from "./execution/validate-transaction.js";
export {
  ESTIMATE_TOLERANCE,
  gasSchedule,
  MAX_CALL_DEPTH,
  MAX_CALL_GAS,
  MAX_EVM_BLOCK_GAS,
  MAX_EVM_TRANSACTION_GAS,
  SCHEDULED_CALL_GAS,
} from "./gas-schedule.js";
export {
  type AppGenesis,
  DEFAULT_BASE_FEE,
  DEFAULT_BLOCK_GAS_LIMIT,
  DEFAULT_MAX_BLOCK_BYTES,
  DEFAULT_SCHEDULED_GAS_LIMIT,
  GenesisError,
  parseAppGenesis,
  UNLIMITED_BASE_FEE,
} from "./genesis.js";
export { bytesToHex, hexToBytes } from "./hex.js";
export { LruMap } from "./lru-map.js";
export { MemoryStore } from "./memory-store.js";
export {
  decodeRlp,
  encodedLength,
  encodeRlp,
  listHeader,
  MAX_RLP_DEPTH,
  RlpError,
  type RlpErrorCode,
  type RlpInput,
  type RlpItem,
  rlpBytes,
  rlpList,
  rlpNumber,
} from "./rlp.js";
export { MAX_CHUNK_BYTES, MAX_SNAPSHOT_METADATA_BYTES, SNAPSHOT_FORMAT } from "./snapshot/format.js";
export { CLEAR_BATCH } from "./snapshot/restore.js";
export { SnapshotError, type SnapshotErrorCode } from "./snapshot/snapshot-error.js";
export type { SnapshotSource } from "./snapshot/snapshot-source.js";
export { takeSnapshot } from "./snapshot/take-snapshot.js";
export { Journal } from "./state/journal.js";
export { accountKey, keyBytes, keyFromBytes, tablePrefix } from "./state/keys.js";
export type { StateKey, StateReader } from "./state/reader.js";
export { DEFAULT_HISTORY_WINDOW, type Staged, State, type StateOptions } from "./state/state.js";
export { StateError, type StateErrorCode } from "./state/state-error.js";
export { Bucket, type Store, type StoreRange, type Write } from "./store.js";
export type { AccessListEntry } from "./transaction/access-list.js";
export type { Authorization } from "./transaction/authorization.js";
export { decodeTransaction, envelopeType, MAX_TX_BYTES } from "./transaction/decode.js";
export {
  REVERTED,
  TransactionError,
  type TransactionErrorCode,
  type TransactionErrorDetails,
} from "./transaction/error.js";
export {
  AUTHORIZATION_GAS,
  intrinsicGas,
  MAX_INITCODE_BYTES,
  type TempoWork,
  tempoWorkGas,
} from "./transaction/intrinsic-gas.js";
export {
  type CallScope,
  type KeyAuthorization,
  type KeyGrant,
  MAX_KEY_LIMITS,
  MAX_KEY_TARGETS,
  MAX_SCOPE_ENTRIES,
  NO_EXPIRY,
  type SpendingLimit,
} from "./transaction/key-authorization.js";
export {
  packSignatures,
  recoverSenders,
  SENDER_RECORD_BYTES,
  SIGNATURE_RECORD_BYTES,
  unpackSenders,
} from "./transaction/recover-senders.js";
export { isKeychain, keySignature } from "./transaction/recover-signers.js";
export { SENDER_CACHE_SIZE, Senders } from "./transaction/senders.js";
export {
  type Call,
  callsOf,
  type EthereumTransaction,
  type Signers,
  TEMPO_TYPE,
  type TempoTransaction,
  type Transaction,
} from "./transaction/transaction.js";
export { EXPIRING_NONCE_KEY, MAX_TRANSACTION_CALLS } from "./transaction/types/tempo.js";
