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
export type { Context, Contract, ContractCrypto, ContractReference, ViewContext } from "./contract/contract.js";
export { contract } from "./contract/contract.js";
export { OutOfGas, Revert } from "./contract/revert.js";
export { type Page, type Row, type Table, table } from "./contract/table.js";
export { DEVICE_KEY_CACHE_SIZE, verifyEd25519, verifyP256 } from "./crypto/device-signature.js";
export { keccak256 } from "./crypto/keccak256.js";
export { type RecoverAddress, recoverAddress, recoverImplementations } from "./crypto/recover-address.js";
export { bytesToHex, hexToBytes } from "./hex.js";
export {
  decodeRlp,
  encodeRlp,
  MAX_RLP_DEPTH,
  RlpError,
  type RlpErrorCode,
  type RlpInput,
  type RlpItem,
} from "./rlp.js";
export { Bucket, type Store, type StoreRange, type Write } from "./store.js";
export { decodeTransaction, MAX_TX_BYTES } from "./transaction/decode.js";
export {
  REVERTED,
  TransactionError,
  type TransactionErrorCode,
  type TransactionErrorDetails,
} from "./transaction/error.js";
export { intrinsicGas, MAX_INITCODE_BYTES } from "./transaction/intrinsic-gas.js";
export {
  packSignatures,
  recoverSenders,
  SENDER_RECORD_BYTES,
  SIGNATURE_RECORD_BYTES,
  unpackSenders,
} from "./transaction/recover-senders.js";
export { SENDER_CACHE_SIZE, Senders } from "./transaction/senders.js";
export type { AccessListEntry, Transaction } from "./transaction/transaction.js";
