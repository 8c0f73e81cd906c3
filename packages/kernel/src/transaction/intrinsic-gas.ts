import { signatureGas, signatureType } from "../crypto/account-signature.js";
import { gasSchedule } from "../gas-schedule.js";
import type { AccessListEntry } from "./access-list.js";
import type { KeyGrant } from "./key-authorization.js";
import { isKeychain, keySignature } from "./recover-signers.js";
import { type Call, callsOf, TEMPO_TYPE, type TempoTransaction, type Transaction } from "./transaction.js";
import { EXPIRING_NONCE_KEY } from "./types/tempo.js";

const TRANSACTION_GAS = 21_000;
const CREATION_GAS = 32_000; // EIP-2
const TOKEN_GAS = 4; // EIP-2028: a zero byte is one token, another byte four
const FLOOR_TOKEN_GAS = 10; // EIP-7623
const ACCESS_LIST_ADDRESS_GAS = 2_400; // EIP-2930
const ACCESS_LIST_KEY_GAS = 1_900;
const INITCODE_WORD_GAS = 2; // EIP-3860

/** For each authorization of a transaction of type 4 (EIP-7702). */
export const AUTHORIZATION_GAS = 25_000;

/** Most bytes of initcode (EIP-3860). */
export const MAX_INITCODE_BYTES = 49_152;

/** What intrinsic gas depends on. */
export interface IntrinsicWork {
  readonly calls: readonly Pick<Call, "to" | "data">[];
  readonly accessList: readonly AccessListEntry[];
  /** How many come with a transaction of type 4. */
  readonly authorizations?: number;
  /** Gas for what only transactions of type 0x76 have. */
  readonly extra?: number;
}

/**
 * `gas` is paid before execution starts; `floor` is the least that the transaction pays in all (EIP-7623). Its gas limit
 * must cover both.
 */
export function intrinsicGas({ calls, accessList, authorizations = 0, extra = 0 }: IntrinsicWork): {
  gas: number;
  floor: number;
} {
  let gas = TRANSACTION_GAS + extra + (calls.length - 1) * gasSchedule.call;
  let tokens = 0;
  for (const { to, data } of calls) {
    tokens += data.length * 4;
    for (let i = 0; i < data.length; i++) if (data[i] === 0) tokens -= 3;
    if (to === null) gas += CREATION_GAS + Math.ceil(data.length / 32) * INITCODE_WORD_GAS;
  }
  gas += tokens * TOKEN_GAS + authorizations * AUTHORIZATION_GAS;
  for (const { storageKeys } of accessList) {
    gas += ACCESS_LIST_ADDRESS_GAS + storageKeys.length * ACCESS_LIST_KEY_GAS;
  }
  return { gas, floor: TRANSACTION_GAS + extra + tokens * FLOOR_TOKEN_GAS };
}

/** The intrinsic gas of a transaction. */
export function intrinsicGasOf(tx: Transaction): { gas: number; floor: number } {
  const { accessList } = tx;
  const calls = callsOf(tx);
  if (tx.type === TEMPO_TYPE) return intrinsicGas({ calls, accessList, extra: tempoGas(tx) });
  return intrinsicGas({ calls, accessList, authorizations: tx.authorizationList?.length ?? 0 });
}

/** What the intrinsic gas of type 0x76 has above Ethereum's. */
export interface TempoWork {
  readonly nonceKey: bigint;
  readonly hasFeePayer: boolean;
  readonly isAccessKey: boolean;
  /** Of the key's own signature: signatureGas, but secp256k1's is in the 21,000. */
  readonly signatureGas: number;
  readonly signatureBytes: number;
  /** The grant that comes with it, and the gas of its signature. */
  readonly authorization: { readonly grant: KeyGrant; readonly signatureGas: number } | undefined;
}

const SECP256K1_BYTES = 65;
const SIGNATURE_BYTE_GAS = 16; // EIP-2028, as if none was zero

/** Gas for signatures, nonce lane, fee payer and key authorization. */
export function tempoWorkGas(work: TempoWork): number {
  const { nonceKey, authorization } = work;
  let gas = work.signatureGas + Math.max(0, work.signatureBytes - SECP256K1_BYTES) * SIGNATURE_BYTE_GAS;
  if (nonceKey === EXPIRING_NONCE_KEY) gas += gasSchedule.expiringNonce;
  else if (nonceKey !== 0n) gas += gasSchedule.nonceLane;
  if (work.hasFeePayer) gas += gasSchedule.feePayer;
  if (work.isAccessKey) gas += gasSchedule.accessKey;
  if (authorization) gas += authorization.signatureGas + grantGas(authorization.grant);
  return gas;
}

function tempoGas(tx: TempoTransaction): number {
  const key = keySignature(tx.signature);
  return tempoWorkGas({
    nonceKey: tx.nonceKey,
    hasFeePayer: tx.feePayerSignature !== undefined,
    isAccessKey: isKeychain(tx.signature),
    signatureGas: signatureType(key) === "secp256k1" ? 0 : signatureGas(key),
    signatureBytes: key.length,
    authorization: tx.keyAuthorization && {
      grant: tx.keyAuthorization.grant,
      signatureGas: signatureGas(tx.keyAuthorization.signature),
    },
  });
}

/** A row for the key, and one for each limit, target and rule. */
function grantGas({ limits = [], scopes = [] }: KeyGrant): number {
  const rules = scopes.flatMap(({ selectorRules }) => selectorRules);
  const recipients = rules.reduce((sum, rule) => sum + rule.recipients.length, 0);
  const rows = 1 + limits.length + scopes.length + rules.length;
  return rows * gasSchedule.authorizationRow + recipients * 20 * gasSchedule.writeByte;
}
