import type { Address, Hex } from "@ruffchain/abi";

/**
 * Every reason to refuse a transaction, with its ABCI code (0 is good, 1 is kept for a transaction that was executed and
 * reverted) and its message. Clients match on the words of these messages: they are geth's.
 */
const REASONS = {
  malformed: { number: 2, message: (d: { reason: string }) => `malformed transaction: ${d.reason}` },
  tooLarge: {
    number: 3,
    message: (d: { size: number; limit: number }) => `oversized data: transaction size ${d.size}, limit ${d.limit}`,
  },
  unsupportedType: {
    number: 4,
    message: (d: { type: number }) =>
      `transaction type not supported: unsupported transaction type 0x${d.type.toString(16).padStart(2, "0")}`,
  },
  unprotected: {
    number: 5,
    message: () => "only replay-protected (EIP-155) transactions allowed: sign with the chain id",
  },
  wrongChainId: {
    number: 6,
    message: (d: { have: number; want: number }) => `invalid chain id for signer: have ${d.have} want ${d.want}`,
  },
  invalidSignature: { number: 7, message: () => "invalid sender: the signature is invalid" },
  senderNotExternallyOwned: {
    number: 8,
    message: (d: { sender: Address }) => `sender not an eoa: address ${d.sender} has code`,
  },
  tipAboveFee: {
    number: 9,
    message: (d: { maxPriorityFeePerGas: bigint; maxFeePerGas: bigint }) =>
      `max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas ${d.maxPriorityFeePerGas}, maxFeePerGas ${d.maxFeePerGas}`,
  },
  feeTooLow: {
    number: 10,
    message: (d: { maxFeePerGas: bigint; baseFee: bigint }) =>
      `max fee per gas less than block base fee: maxFeePerGas ${d.maxFeePerGas}, baseFee ${d.baseFee}`,
  },
  intrinsicGasTooLow: {
    number: 11,
    message: (d: { gasLimit: number; needed: number }) =>
      `intrinsic gas too low: gas ${d.gasLimit}, minimum needed ${d.needed}`,
  },
  gasLimitTooHigh: {
    number: 12,
    message: (d: { gasLimit: number; limit: number }) => `exceeds block gas limit: gas ${d.gasLimit}, limit ${d.limit}`,
  },
  initcodeTooLarge: {
    number: 13,
    message: (d: { size: number; limit: number }) =>
      `max initcode size exceeded: code size ${d.size}, limit ${d.limit}`,
  },
  nonceTooLow: {
    number: 14,
    message: (d: { sender: Address; nonce: number; expected: number }) =>
      `nonce too low: address ${d.sender}, tx: ${d.nonce} state: ${d.expected}`,
  },
  nonceTooHigh: {
    number: 15,
    message: (d: { sender: Address; nonce: number; expected: number }) =>
      `nonce too high: address ${d.sender}, tx: ${d.nonce} state: ${d.expected}`,
  },
  insufficientFunds: {
    number: 16,
    message: (d: { sender: Address; have: bigint; want: bigint }) =>
      `insufficient funds for gas * price + value: address ${d.sender} have ${d.have} want ${d.want}`,
  },
  alreadyKnown: { number: 17, message: (d: { hash: Hex }) => `already known: ${d.hash}` },
  underpricedReplacement: {
    number: 18,
    message: (d: { hash: Hex; minimumFeePerGas: bigint }) =>
      `replacement transaction underpriced: ${d.hash} has the same nonce, offer at least ${d.minimumFeePerGas} wei per gas`,
  },
  poolFull: {
    number: 19,
    message: (d: { limit: number }) => `txpool is full: ${d.limit} transactions, try again later`,
  },
  senderLimit: {
    number: 20,
    message: (d: { sender: Address; limit: number }) =>
      `account limit exceeded: ${d.sender} has ${d.limit} transactions pending, wait until some are in a block`,
  },
  creationUnsupported: {
    number: 21,
    message: () => "contract creation needs the EVM, which this chain does not run: call its system contracts",
  },
  blockFull: {
    number: 22,
    message: (d: { gasLimit: number; left: number }) =>
      `the block is full: gas ${d.gasLimit}, ${d.left} left, it can be in a later block`,
  },
  unsupportedField: {
    number: 23,
    message: (d: { field: string }) => `transaction field not supported: ${d.field}, leave it out`,
  },
  feePayerUnsigned: { number: 24, message: () => "the fee payer has not signed: its signature is missing" },
  invalidFeePayer: { number: 25, message: () => "invalid fee payer: the signature is invalid" },
  invalidKeyAuthorization: {
    number: 26,
    message: () => "invalid key authorization: the account's own key has not signed it",
  },
  expired: {
    number: 27,
    message: (d: { validBefore: number; time: bigint }) =>
      `transaction expired: valid before ${d.validBefore}, the time is ${d.time}`,
  },
  notYetValid: {
    number: 28,
    message: (d: { validAfter: number; time: bigint }) =>
      `transaction not yet valid: valid after ${d.validAfter}, the time is ${d.time}`,
  },
  expiryTooFar: {
    number: 29,
    message: (d: { validBefore: number; limit: number }) =>
      `expiring nonce too long: valid before ${d.validBefore}, at most ${d.limit} seconds from now`,
  },
  nonceSpent: {
    number: 30,
    message: (d: { sender: Address; nonce: number }) =>
      `expiring nonce spent: a transaction of ${d.sender} with nonce ${d.nonce} was executed`,
  },
  insufficientFeePayerFunds: {
    number: 31,
    message: (d: { feePayer: Address; have: bigint; want: bigint }) =>
      `insufficient funds of the fee payer for gas * price: address ${d.feePayer} have ${d.have} want ${d.want}`,
  },
  accessKeyRefused: {
    number: 32,
    message: (d: { account: Address; keyId: Address; reason: string }) =>
      `access key refused: ${d.reason} (key ${d.keyId} of ${d.account})`,
  },
  noAuthorizations: { number: 33, message: () => "EIP-7702 transaction with empty auth list" },
  setCodeCreates: { number: 34, message: () => "EIP-7702 transaction cannot be used to create contract" },
} as const;

type Reasons = typeof REASONS;
export type TransactionErrorCode = keyof Reasons;
export type TransactionErrorDetails<C extends TransactionErrorCode> = Parameters<Reasons[C]["message"]>;

/** The ABCI code of a transaction that was executed and reverted: it has a receipt. */
export const REVERTED = 1;

/** The ABCI code of a transaction that the block has no gas left for. */
export const BLOCK_FULL = REASONS.blockFull.number;

/** ABCI codes that pass by themselves: the block was full, or had no room for a transaction that comes before. */
export const WAITING: ReadonlySet<number> = new Set([
  BLOCK_FULL,
  REASONS.nonceTooHigh.number,
  REASONS.notYetValid.number,
]);

/** The transaction cannot be in a block, or not now. */
export class TransactionError<C extends TransactionErrorCode = TransactionErrorCode> extends Error {
  override readonly name = "TransactionError";
  readonly code: C;
  /** The ABCI code. */
  readonly number: Reasons[C]["number"];
  readonly details: TransactionErrorDetails<C>[0];

  constructor(code: C, ...[details]: TransactionErrorDetails<C>) {
    super((REASONS[code].message as (details: unknown) => string)(details));
    this.code = code;
    this.number = REASONS[code].number;
    this.details = details;
  }
}
