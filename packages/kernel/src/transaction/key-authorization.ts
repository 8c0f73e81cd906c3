import type { Address, Hex } from "@ruffchain/abi";
import { type SignatureType, signatureTypes } from "../crypto/account-signature.js";
import { keccak256 } from "../crypto/keccak256.js";
import { bytesToHex } from "../hex.js";
import { encodeRlp, type RlpInput, type RlpItem, rlpBigint, rlpBytes, rlpList, rlpNumber } from "../rlp.js";
import { TransactionError } from "./error.js";

/** Most tokens whose spending a key's limits may name. */
export const MAX_KEY_LIMITS = 32;
/** Most targets that a key's scopes may name. */
export const MAX_KEY_TARGETS = 32;
/** Most functions of one target, and most recipients of one function. */
export const MAX_SCOPE_ENTRIES = 16;

/** An amount of a token, or of wei for the zero address, that a key may give away. */
export interface SpendingLimit {
  readonly token: Address;
  readonly amount: bigint;
  /** Seconds after which the whole amount is free again; 0 for never. */
  readonly period: bigint;
}

/** A function that a key may call, with one of the recipients as its first argument where there are any. */
export interface SelectorRule {
  readonly selector: Hex;
  readonly recipients: readonly Address[];
}

/** A target that a key may call: any function where there are no rules. */
export interface CallScope {
  readonly target: Address;
  readonly selectorRules: readonly SelectorRule[];
}

/** What a key may do for an account. */
export interface KeyGrant {
  readonly keyId: Address;
  readonly type: SignatureType;
  /** Seconds since 1970; the highest uint64 for never. */
  readonly expiry: bigint;
  /** No limits where absent; where present, of other tokens nothing may be spent. */
  readonly limits?: readonly SpendingLimit[];
  /** Any call where absent. */
  readonly scopes?: readonly CallScope[];
}

/** A grant that the account's own key has signed. */
export interface KeyAuthorization {
  readonly grant: KeyGrant;
  readonly chainId: number;
  /** keccak256 of what was signed. */
  readonly hash: Uint8Array;
  readonly signature: Uint8Array;
}

/** A key that does not expire. */
export const NO_EXPIRY = (1n << 64n) - 1n;

/**
 * [[chainId, keyType, keyId, expiry?, limits?, scopes?], signature]: limits are [token, amount, period?], scopes
 * [target, [selector, [recipient…]]…]. An empty string stands for an absent field before a later one.
 */
export function decodeKeyAuthorization(item: RlpItem): KeyAuthorization {
  const [authorization, signature] = rlpList(item, 2);
  const fields = rlpList(authorization);
  const [chainId, keyType, keyId, expiry, limits, scopes, witness, isAdmin, account] = fields;
  if (fields.length < 3 || fields.length > 9) throw malformed(`a key authorization has ${fields.length} fields`);
  for (const [field, value] of Object.entries({ witness, isAdmin, account })) {
    if (isPresent(value)) throw new TransactionError("unsupportedField", { field: `keyAuthorization.${field}` });
  }
  const type = signatureTypes[rlpNumber(keyType)];
  if (!type) throw new TransactionError("unsupportedField", { field: "keyAuthorization.keyType" });
  return {
    grant: {
      keyId: bytesToHex(rlpBytes(keyId, 20)),
      type,
      expiry: isPresent(expiry) ? uint64(expiry) || NO_EXPIRY : NO_EXPIRY,
      ...(isPresent(limits) && { limits: list(limits, MAX_KEY_LIMITS, "limits").map(decodeLimit) }),
      ...(isPresent(scopes) && { scopes: list(scopes, MAX_KEY_TARGETS, "scopes").map(decodeScope) }),
    },
    chainId: rlpNumber(chainId),
    hash: keccak256(encodeRlp(authorization as RlpInput)),
    signature: rlpBytes(signature),
  };
}

function decodeLimit(item: RlpItem): SpendingLimit {
  const fields = rlpList(item);
  const [token, amount, period] = fields;
  if (fields.length > 3) throw malformed(`a spending limit has ${fields.length} fields`);
  return {
    token: bytesToHex(rlpBytes(token, 20)),
    amount: rlpBigint(amount),
    period: period === undefined ? 0n : uint64(period),
  };
}

function decodeScope(item: RlpItem): CallScope {
  const [target, rules] = rlpList(item, 2);
  return {
    target: bytesToHex(rlpBytes(target, 20)),
    selectorRules: list(rules, MAX_SCOPE_ENTRIES, "selector rules").map((rule) => {
      const [selector, recipients] = rlpList(rule, 2);
      return {
        selector: bytesToHex(rlpBytes(selector, 4)),
        recipients: list(recipients, MAX_SCOPE_ENTRIES, "recipients").map((each) => bytesToHex(rlpBytes(each, 20))),
      };
    }),
  };
}

function list(item: RlpItem | undefined, limit: number, name: string): readonly RlpItem[] {
  const items = rlpList(item);
  if (items.length > limit) throw malformed(`a key authorization has ${items.length} ${name}, the limit is ${limit}`);
  return items;
}

function uint64(item: RlpItem | undefined): bigint {
  const value = rlpBigint(item);
  if (value > NO_EXPIRY) throw malformed("a time is above 2^64 - 1");
  return value;
}

/** An empty list is present: it allows nothing. */
function isPresent(item: RlpItem | undefined): item is RlpItem {
  return item !== undefined && !(item instanceof Uint8Array && item.length === 0);
}

function malformed(reason: string): TransactionError {
  return new TransactionError("malformed", { reason });
}
