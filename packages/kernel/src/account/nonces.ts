import { type Address, type Hex, nonces, type noncesAbi } from "@ruffchain/abi";
import { type Context, contract, type ViewContext } from "../contract/contract.js";
import { table } from "../contract/table.js";
import { keccak256 } from "../crypto/keccak256.js";
import { requireNonce } from "../execution/validate-transaction.js";
import { bytesToHex, hexToBytes } from "../hex.js";
import { TransactionError } from "../transaction/error.js";
import type { TempoTransaction } from "../transaction/transaction.js";
import { EXPIRING_NONCE_KEY } from "../transaction/types/tempo.js";

/** How far ahead, in seconds, `validBefore` of a transaction with an expiring nonce may be: so long its hash is kept. */
export const MAX_EXPIRY_SECONDS = 300;
/** Hashes that have expired which each transaction with an expiring nonce deletes at most; so they do not add up. */
const EXPIRED_PER_TRANSACTION = 2;

const tables = {
  /** By account and nonce key: the next nonce. */
  lanes: table(["address", "uint256"], "uint64"),
  /** By validBefore and what the sender signed: transactions with an expiring nonce that were executed. */
  spent: table(["uint64", "bytes32"], "bool"),
};

type View = ViewContext<typeof noncesAbi, typeof tables>;
type Write = Context<typeof noncesAbi, typeof tables>;

/** Nonces beside those of Ethereum, which are in the accounts. */
export const noncesContract = contract({
  name: "Nonces",
  ...nonces,
  tables,
  functions: {
    getNonce(ctx, account, nonceKey) {
      if (nonceKey === 0n) throw ctx.error("ProtocolNonceNotSupported");
      return ctx.tables.lanes.get(account, nonceKey) ?? 0n;
    },
  },
});

/** Counts the nonce of a transaction whose nonce key is not 0. Throws TransactionError. */
export function useNonce(ctx: Write, tx: TempoTransaction, sender: Address): void {
  checkNonce(ctx, tx, sender);
  if (tx.nonceKey === EXPIRING_NONCE_KEY) spend(ctx, tx, sender);
  else {
    const next = BigInt(tx.nonce) + 1n;
    ctx.tables.lanes.set(sender, tx.nonceKey, next);
    ctx.emit("NonceIncremented", sender, tx.nonceKey, next);
  }
}

/** The nonce that the lane of a transaction is at; of an expiring one, its own as long as it is not spent. */
export function laneNonceOf(ctx: View, tx: TempoTransaction, sender: Address): number {
  const { nonceKey, nonce } = tx;
  if (nonceKey !== EXPIRING_NONCE_KEY) return laneNonce(ctx, sender, nonceKey);
  return isSpent(ctx, tx, sender) ? nonce + 1 : nonce;
}

/** The next nonce of a lane. */
export function laneNonce(ctx: View, account: Address, nonceKey: bigint): number {
  return Number(ctx.tables.lanes.get(account, nonceKey) ?? 0n);
}

function isSpent(ctx: View, tx: TempoTransaction, sender: Address): boolean {
  return ctx.tables.spent.has(BigInt(tx.validBefore ?? 0), spentKey(tx, sender));
}

/** Whether the transaction is the next of its lane, or not spent. Throws TransactionError. */
export function checkNonce(ctx: View, tx: TempoTransaction, sender: Address): void {
  const { nonce, nonceKey, validBefore = 0 } = tx;
  if (nonceKey !== EXPIRING_NONCE_KEY) {
    requireNonce(sender, nonce, laneNonce(ctx, sender, nonceKey));
    return;
  }
  if (BigInt(validBefore) > ctx.time + BigInt(MAX_EXPIRY_SECONDS)) {
    throw new TransactionError("expiryTooFar", { validBefore, limit: MAX_EXPIRY_SECONDS });
  }
  if (isSpent(ctx, tx, sender)) throw new TransactionError("nonceSpent", { sender, nonce });
}

function spend(ctx: Write, tx: TempoTransaction, sender: Address): void {
  const expired: (readonly [bigint, Hex])[] = [];
  for (const { key } of ctx.tables.spent.rows([])) {
    if (key[0] > ctx.time || expired.length === EXPIRED_PER_TRANSACTION) break;
    expired.push(key);
  }
  for (const [validBefore, hash] of expired) ctx.tables.spent.delete(validBefore, hash);
  ctx.tables.spent.set(BigInt(tx.validBefore ?? 0), spentKey(tx, sender), true);
}

/** Not the transaction's hash, which another fee payer, or the same again, could change. */
function spentKey(tx: TempoTransaction, sender: Address): Hex {
  return bytesToHex(keccak256(Buffer.concat([tx.signingHash(), hexToBytes(sender)])));
}
