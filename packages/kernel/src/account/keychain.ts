import { type Address, keychain, type keychainAbi } from "@ruffchain/abi";
import { type Context, contract, type ViewContext } from "../contract/contract.js";
import { table } from "../contract/table.js";
import { type SignatureType, signatureTypes } from "../crypto/account-signature.js";
import { bytesToHex } from "../hex.js";
import { TransactionError } from "../transaction/error.js";
import {
  type CallScope,
  type KeyGrant,
  MAX_KEY_LIMITS,
  MAX_KEY_TARGETS,
  MAX_SCOPE_ENTRIES,
  NO_EXPIRY,
  type SpendingLimit,
} from "../transaction/key-authorization.js";
import type { Call } from "../transaction/transaction.js";

/** Stands for the native coin among the tokens of spending limits. */
export const NATIVE: Address = `0x${"00".repeat(20)}`;

const tables = {
  /** By account and key. A revoked key stays, so that its authorization cannot be used again. */
  keys: table(["address", "address"], {
    signatureType: "uint8",
    expiry: "uint64",
    enforceLimits: "bool",
    isScoped: "bool",
    isRevoked: "bool",
  }),
  /** By account, key and token. */
  limits: table(["address", "address", "address"], {
    amount: "uint256",
    remaining: "uint256",
    period: "uint64",
    periodEnd: "uint64",
  }),
  /** By account, key and target: whether every call of it is allowed. */
  targets: table(["address", "address", "address"], { anyCall: "bool" }),
  /** By account, key, target and selector: whom the first argument may name, anyone where it is empty. */
  rules: table(["address", "address", "address", "bytes4"], { recipients: "address[]" }),
};

type View = ViewContext<typeof keychainAbi, typeof tables>;
type Write = Context<typeof keychainAbi, typeof tables>;
type Key = NonNullable<ReturnType<View["tables"]["keys"]["get"]>>;
type Limit = NonNullable<ReturnType<View["tables"]["limits"]["get"]>>;

/** The access keys of accounts. */
export const keychainContract = contract({
  name: "Keychain",
  ...keychain,
  tables,
  functions: {
    authorizeKey(ctx, keyId, signatureType, config) {
      requireOwnKey(ctx);
      const type = signatureTypes[signatureType];
      if (!type) throw ctx.error("InvalidSignatureType");
      authorize(ctx, ctx.sender, {
        keyId,
        type,
        expiry: config.expiry,
        ...(config.enforceLimits && { limits: config.limits }),
        ...(!config.allowAnyCalls && { scopes: config.allowedCalls }),
      });
    },

    revokeKey(ctx, keyId) {
      requireOwnKey(ctx);
      const key = usableKey(ctx, keyId);
      ctx.tables.keys.set(ctx.sender, keyId, { ...key, isRevoked: true });
      ctx.emit("KeyRevoked", ctx.sender, keyId);
    },

    updateSpendingLimit(ctx, keyId, token, newLimit) {
      requireOwnKey(ctx);
      const key = usableKey(ctx, keyId);
      if (!key.enforceLimits) ctx.tables.keys.set(ctx.sender, keyId, { ...key, enforceLimits: true });
      const { period = 0n, periodEnd = 0n } = ctx.tables.limits.get(ctx.sender, keyId, token) ?? {};
      ctx.tables.limits.set(ctx.sender, keyId, token, { amount: newLimit, remaining: newLimit, period, periodEnd });
      ctx.emit("SpendingLimitUpdated", ctx.sender, keyId, token, newLimit);
    },

    setAllowedCalls(ctx, keyId, scopes) {
      requireOwnKey(ctx);
      const key = usableKey(ctx, keyId);
      if (!key.isScoped) ctx.tables.keys.set(ctx.sender, keyId, { ...key, isScoped: true });
      setScopes(ctx, ctx.sender, keyId, scopes);
      for (const { target } of scopes) ctx.emit("AllowedCallsChanged", ctx.sender, keyId, target);
    },

    removeAllowedCalls(ctx, keyId, target) {
      requireOwnKey(ctx);
      usableKey(ctx, keyId);
      removeTarget(ctx, ctx.sender, keyId, target);
      ctx.emit("AllowedCallsChanged", ctx.sender, keyId, target);
    },

    getKey(ctx, account, keyId) {
      const key = ctx.tables.keys.get(account, keyId);
      if (!key) return { signatureType: 0, keyId: NATIVE, expiry: 0n, enforceLimits: false, isRevoked: false };
      const { signatureType, expiry, enforceLimits, isRevoked } = key;
      return { signatureType, keyId, expiry, enforceLimits, isRevoked };
    },

    getRemainingLimit: (ctx, account, keyId, token) => current(ctx, limitOf(ctx, account, keyId, token)).remaining,

    getRemainingLimitWithPeriod(ctx, account, keyId, token) {
      const { remaining, periodEnd } = current(ctx, limitOf(ctx, account, keyId, token));
      return [remaining, periodEnd] as const;
    },

    getAllowedCalls(ctx, account, keyId) {
      const isScoped = ctx.tables.keys.get(account, keyId)?.isScoped ?? false;
      const scopes = [...ctx.tables.targets.rows([account, keyId])].map(({ key: [, , target] }) => ({
        target,
        selectorRules: [...ctx.tables.rules.rows([account, keyId, target])].map(({ key, value }) => ({
          selector: key[3],
          recipients: value.recipients,
        })),
      }));
      return [isScoped, scopes] as const;
    },

    getTransactionKey: (ctx) => ctx.accessKey?.keyId ?? NATIVE,
  },
});

/** Only the account's own key may change its access keys. */
function requireOwnKey(ctx: View): void {
  if (ctx.accessKey) throw ctx.error("UnauthorizedCaller");
}

function usableKey(ctx: View, keyId: Address): Key {
  const key = ctx.tables.keys.get(ctx.sender, keyId);
  if (!key) throw ctx.error("KeyNotFound");
  if (key.isRevoked) throw ctx.error("KeyAlreadyRevoked");
  return key;
}

/** Writes a grant for the account, as the contract's function and as a transaction's key authorization. Throws the ABI's errors. */
export function authorize(ctx: Write, account: Address, { keyId, type, expiry, limits, scopes }: KeyGrant): void {
  const known = ctx.tables.keys.get(account, keyId);
  if (known) throw ctx.error(known.isRevoked ? "KeyAlreadyRevoked" : "KeyAlreadyExists");
  if (keyId === NATIVE) throw ctx.error("ZeroPublicKey");
  if (expiry <= ctx.time) throw ctx.error("ExpiryInPast");
  const signatureType = signatureTypes.indexOf(type);
  const [enforceLimits, isScoped] = [limits !== undefined, scopes !== undefined];
  ctx.tables.keys.set(account, keyId, { signatureType, expiry, enforceLimits, isScoped, isRevoked: false });
  if (limits) setLimits(ctx, account, keyId, limits);
  if (scopes) setScopes(ctx, account, keyId, scopes);
  ctx.emit("KeyAuthorized", account, keyId, signatureType, expiry);
}

function setLimits(ctx: Write, account: Address, keyId: Address, limits: readonly SpendingLimit[]): void {
  const tokens = new Set(limits.map(({ token }) => token));
  if (limits.length > MAX_KEY_LIMITS || tokens.size < limits.length) throw ctx.error("InvalidSpendingLimit");
  for (const { token, amount, period } of limits) {
    // One that ends behind all time does not end.
    const end = ctx.time + period;
    const periodEnd = period === 0n ? 0n : end > NO_EXPIRY ? NO_EXPIRY : end;
    ctx.tables.limits.set(account, keyId, token, { amount, remaining: amount, period, periodEnd });
  }
}

function setScopes(ctx: Write, account: Address, keyId: Address, scopes: readonly CallScope[]): void {
  let targets = [...ctx.tables.targets.rows([account, keyId])].length;
  for (const { target, selectorRules } of scopes) {
    const selectors = new Set(selectorRules.map(({ selector }) => selector));
    const isTooLong = [selectorRules, ...selectorRules.map(({ recipients }) => recipients)].some(
      (list) => list.length > MAX_SCOPE_ENTRIES,
    );
    if (isTooLong || selectors.size < selectorRules.length) throw ctx.error("InvalidCallScope");
    if (removeTarget(ctx, account, keyId, target)) targets--;
    if (++targets > MAX_KEY_TARGETS) throw ctx.error("InvalidCallScope");
    ctx.tables.targets.set(account, keyId, target, { anyCall: selectorRules.length === 0 });
    for (const { selector, recipients } of selectorRules) {
      ctx.tables.rules.set(account, keyId, target, selector, { recipients: [...recipients] });
    }
  }
}

function removeTarget(ctx: Write, account: Address, keyId: Address, target: Address): boolean {
  for (const { key } of [...ctx.tables.rules.rows([account, keyId, target])]) ctx.tables.rules.delete(...key);
  return ctx.tables.targets.delete(account, keyId, target);
}

/** Whether a key of the account has spending limits. */
export function enforcesLimits(ctx: View, account: Address, keyId: Address): boolean {
  return ctx.tables.keys.get(account, keyId)?.enforceLimits ?? false;
}

/** Whether a key may sign these calls for the account now. Throws TransactionError accessKeyRefused. */
export function checkAccessKey(
  ctx: View,
  account: Address,
  keyId: Address,
  type: SignatureType | undefined,
  calls: readonly Call[],
): Key {
  const refused = (reason: string) => new TransactionError("accessKeyRefused", { account, keyId, reason });
  const key = ctx.tables.keys.get(account, keyId);
  if (!key) throw refused("KeyNotFound");
  if (key.isRevoked) throw refused("KeyAlreadyRevoked");
  if (key.expiry <= ctx.time) throw refused("KeyExpired");
  if (signatureTypes[key.signatureType] !== type) throw refused("SignatureTypeMismatch");
  for (const call of calls) {
    // What it made could act in the account's name with no limit.
    if (call.to === null) throw refused("CallNotAllowed");
    if (key.isScoped && !isAllowed(ctx, account, keyId, call.to, call.data)) throw refused("CallNotAllowed");
  }
  return key;
}

function isAllowed(ctx: View, account: Address, keyId: Address, target: Address, data: Uint8Array): boolean {
  const scope = ctx.tables.targets.get(account, keyId, target);
  if (!scope || scope.anyCall) return scope?.anyCall ?? false;
  if (data.length < 4) return false;
  const rule = ctx.tables.rules.get(account, keyId, target, bytesToHex(data.subarray(0, 4)));
  if (!rule) return false;
  const firstArgument = data.length < 36 ? undefined : bytesToHex(data.subarray(16, 36));
  return rule.recipients.length === 0 || rule.recipients.some((recipient) => recipient === firstArgument);
}

/** Takes an amount from what a key may still spend. Throws the ABI's SpendingLimitExceeded. */
export function spendLimit(ctx: Write, account: Address, keyId: Address, token: Address, amount: bigint): void {
  if (amount === 0n) return;
  const limit = current(ctx, limitOf(ctx, account, keyId, token));
  if (amount > limit.remaining) throw ctx.error("SpendingLimitExceeded");
  const remaining = limit.remaining - amount;
  ctx.tables.limits.set(account, keyId, token, { ...limit, remaining });
  ctx.emit("AccessKeySpend", account, keyId, token, amount, remaining);
}

/** Gives back what was taken and not spent: gas. */
export function returnLimit(ctx: Write, account: Address, keyId: Address, token: Address, amount: bigint): void {
  if (amount === 0n) return;
  const limit = limitOf(ctx, account, keyId, token);
  const remaining = limit.remaining + amount;
  ctx.tables.limits.set(account, keyId, token, { ...limit, remaining });
}

const NO_LIMIT: Limit = { amount: 0n, remaining: 0n, period: 0n, periodEnd: 0n };

function limitOf(ctx: View, account: Address, keyId: Address, token: Address): Limit {
  return ctx.tables.limits.get(account, keyId, token) ?? NO_LIMIT;
}

/** The limit as it is now: a period that is over has made the whole amount free. */
function current(ctx: View, limit: Limit): Limit {
  const { amount, period, periodEnd } = limit;
  if (period === 0n || ctx.time < periodEnd) return limit;
  return { amount, remaining: amount, period, periodEnd: periodEnd + period * ((ctx.time - periodEnd) / period + 1n) };
}
