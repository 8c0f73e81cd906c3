import { type Address, addresses } from "@ruffchain/abi";
import { ValueRangeError } from "../contract/layout.js";
import { Revert } from "../contract/revert.js";
import { signatureType } from "../crypto/account-signature.js";
import { type Account, readAccount, writeAccount } from "../execution/account.js";
import type { BlockContext, Machine, TransactionContext } from "../execution/machine.js";
import { requireNonce } from "../execution/validate-transaction.js";
import type { StateReader } from "../state/reader.js";
import { TransactionError } from "../transaction/error.js";
import type { KeyGrant } from "../transaction/key-authorization.js";
import { keySignature } from "../transaction/recover-signers.js";
import type { TempoTransaction } from "../transaction/transaction.js";
import { authorize, checkAccessKey, NATIVE } from "./keychain.js";
import { checkNonce, useNonce } from "./nonces.js";

/** Checks time, fees and funds of a transaction of type 0x76 against the state. Throws TransactionError. */
export function validateTempo(
  state: StateReader,
  tx: TempoTransaction,
  account: Account,
  { time, baseFee }: Pick<BlockContext, "time" | "baseFee">,
): void {
  const { sender, feePayer } = tx.signers();
  checkWindow(tx, time);
  if (tx.maxFeePerGas < baseFee) throw new TransactionError("feeTooLow", { maxFeePerGas: tx.maxFeePerGas, baseFee });
  if (tx.nonceKey === 0n) requireNonce(sender, tx.nonce, Number(account.nonce));
  const fee = BigInt(tx.gasLimit) * tx.maxFeePerGas;
  const want = transferredValue(tx) + (feePayer ? 0n : fee);
  if (account.balance < want) throw new TransactionError("insufficientFunds", { sender, have: account.balance, want });
  if (!feePayer) return;
  // A sender that pays for itself by a second signature has to have both.
  const have = readAccount(state, feePayer).balance - (feePayer === sender ? want : 0n);
  if (have < fee) throw new TransactionError("insufficientFeePayerFunds", { feePayer, have, want: fee });
}

/** Wei that the calls move. */
export function transferredValue({ calls }: Pick<TempoTransaction, "calls">): bigint {
  return calls.reduce((sum, { value }) => sum + value, 0n);
}

function checkWindow(tx: TempoTransaction, time: bigint): void {
  const { validAfter } = tx;
  if (time < BigInt(validAfter)) throw new TransactionError("notYetValid", { validAfter, time });
  checkExpiry(tx, time);
}

function checkExpiry({ validBefore }: TempoTransaction, time: bigint): void {
  if (validBefore !== undefined && time >= BigInt(validBefore)) {
    throw new TransactionError("expired", { validBefore, time });
  }
}

/**
 * Counts the nonce, writes the key authorization, checks the access key and takes the fee from its limit; the machine then runs
 * calls in this context. Throws TransactionError and changes nothing.
 */
export function useAccount(machine: Machine, tx: TempoTransaction, context: TransactionContext): void {
  const { journal } = machine;
  const { sender } = tx.signers();
  const checkpoint = journal.checkpoint();
  try {
    if (tx.nonceKey !== 0n) machine.runInside(addresses.nonces, (ctx: never) => useNonce(ctx, tx, sender));
    // A creation takes its address from the account's own nonce.
    if (tx.nonceKey === 0n || tx.calls[0]?.to === null) {
      const account = readAccount(journal, sender);
      writeAccount(journal, sender, { ...account, nonce: account.nonce + 1n });
    }
    const accessKey = useKeys(machine, tx);
    machine.transaction = accessKey ? { ...context, accessKey } : context;
    if (accessKey) takeFee(machine, tx, context.gasPrice);
  } catch (error) {
    journal.revert(checkpoint);
    throw error;
  }
}

function takeFee(machine: Machine, tx: TempoTransaction, gasPrice: bigint): void {
  const { sender, feePayer = sender, accessKey = sender } = tx.signers();
  try {
    machine.spend(feePayer, NATIVE, BigInt(tx.gasLimit) * gasPrice);
  } catch (error) {
    throw refusal(error, sender, accessKey);
  }
}

/** Writes the key authorization and checks the access key, where there are any. Throws TransactionError. */
export function useKeys(machine: Machine, tx: TempoTransaction): TransactionContext["accessKey"] {
  const { keyAuthorization } = tx;
  const { sender, accessKey: keyId } = tx.signers();
  if (keyAuthorization) {
    grantKey(machine, sender, keyAuthorization.grant);
  }
  if (!keyId) return undefined;
  const type = signatureType(keySignature(tx.signature));
  const { enforceLimits, isScoped } = machine.runInside(addresses.keychain, (ctx: never) =>
    checkAccessKey(ctx, sender, keyId, type, tx.calls),
  );
  // Code that runs as the account (EIP-7702) could do what the key may not.
  if ((enforceLimits || isScoped) && readAccount(machine.journal, sender).codeHash !== "0x") {
    throw new TransactionError("accessKeyRefused", { account: sender, keyId, reason: "AccountHasCode" });
  }
  return { account: sender, keyId, enforceLimits };
}

/** Writes a grant for the account. Throws TransactionError. */
export function grantKey(machine: Machine, account: Address, grant: KeyGrant): void {
  try {
    machine.runInside(addresses.keychain, (ctx: never) => authorize(ctx, account, grant));
  } catch (error) {
    throw refusal(error, account, grant.keyId);
  }
}

/** What the contract reverts with is here a reason to refuse the transaction. */
function refusal(error: unknown, account: Address, keyId: Address): unknown {
  if (!(error instanceof Revert || error instanceof ValueRangeError)) return error;
  return new TransactionError("accessKeyRefused", { account, keyId, reason: error.message.replace("()", "") });
}

/** How long, in seconds, a pool holds a transaction that is not valid yet. */
export const MAX_HELD_SECONDS = 3_600;

/** Checks what may hold a transaction off for ever, at a time that blocks have not reached yet. Throws TransactionError. */
export function checkPooled(machine: Machine, tx: TempoTransaction): void {
  const { validAfter } = tx;
  const { time } = machine.block;
  if (BigInt(validAfter) > time + BigInt(MAX_HELD_SECONDS)) {
    throw new TransactionError("notYetValid", { validAfter, time });
  }
  checkExpiry(tx, time);
  machine.runInside(addresses.nonces, (ctx: never) => {
    try {
      if (tx.nonceKey !== 0n) checkNonce(ctx, tx, tx.signers().sender);
    } catch (error) {
      // The one before it may come yet.
      if (!(error instanceof TransactionError && error.code === "nonceTooHigh")) throw error;
    }
  });
  useKeys(machine, tx);
}
