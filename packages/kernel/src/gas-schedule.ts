/**
 * What work costs in gas, in one place. Prices follow measured time (docs/gas.md has the figures and how to repeat
 * them): a plain transfer is 21000 gas as on Ethereum and takes some 60 us with its signature check, so one
 * microsecond is about 350 gas. Storage that stays is priced above its time, since every node keeps it.
 */
export const gasSchedule = {
  /** Entering a system contract: dispatch, argument decoding, checkpoint. */
  call: 700,
  /** Looking up one row, whether it exists or not. */
  read: 800,
  readByte: 3,
  /** Writing one row: its own record, the tree path above it, its undo record. */
  write: 20_000,
  writeByte: 30,
  delete: 10_000,
  /** One entry of a secondary index, written or removed. */
  index: 5_000,
  /** Moving on by one row in a walk. */
  step: 600,
  event: 750,
  eventByte: 8,
  /** Hashing: keccak256 or SHA-256. */
  hash: 300,
  hashByte: 2,
  /** One device signature, its key not seen before. */
  verifyP256: 70_000,
  verifyEd25519: 70_000,
  /** P-256 over a digest as it is: JavaScript does it. */
  verifyP256Digest: 600_000,
  /** The signer of a secp256k1 signature. */
  recoverSecp256k1: 18_000,
  /** Putting a call into the schedule; pays for running it too, up to scheduledCallGas. */
  schedule: 40_000,
  unschedule: 20_000,
  /** Native value sent by a contract, issued or burnt: two accounts written. */
  send: 20_000,
  /** Counting a nonce of a lane: a row written, an event. */
  nonceLane: 24_000,
  /** An expiring nonce: a row written, two that have expired deleted. */
  expiringNonce: 44_000,
  /** Another account that pays: its signature, and its account written. */
  feePayer: 38_000,
  /** Looking up an access key and its scopes. */
  accessKey: 6_000,
  /** One row of a key authorization, with its part of the event. */
  authorizationRow: 24_000,
} as const;

/** Gas that one scheduled call may use. */
export const SCHEDULED_CALL_GAS = 5_000_000;

/** Calls nested in one transaction, the first included. */
export const MAX_CALL_DEPTH = 64;

/** Gas of eth_call and gas estimates where the caller names none. */
export const MAX_CALL_GAS = 100_000_000;

/** Most gas of a transaction that the EVM runs (EIP-7825). */
export const MAX_EVM_TRANSACTION_GAS = 2 ** 24;

/**
 * Most gas that transactions run by the EVM use in one block: it takes longer for its gas than system contracts, and a
 * block must not stall the chain.
 */
export const MAX_EVM_BLOCK_GAS = 2 * MAX_EVM_TRANSACTION_GAS;

/** Gas that a call with value gets on top, as on Ethereum. */
export const CALL_STIPEND = 2_300;

/** A gas estimate for a user's contract is at most one part in so many too high. */
export const ESTIMATE_TOLERANCE = 64;
