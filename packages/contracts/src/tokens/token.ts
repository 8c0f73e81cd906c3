import { type Address, addresses, type Hex, tokenAbi, tokenPrefix } from "@ruffchain/abi";
import { type Context, type Contract, contract, table, type ViewContext } from "@ruffchain/kernel";
import { domainOf, domainSeparator, typedDataHash, typeHash, words } from "../typed-data.js";
import { ZERO_ADDRESS } from "../zero.js";

const MAX_UINT256 = (1n << 256n) - 1n;
/** Key of tables with one row. */
const ONLY = 0;
const PERMIT_TYPE = typeHash("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

const tables = {
  /** What every movement has to know, apart from the name so that it stays small. */
  status: table("uint8", {
    issuer: "address",
    decimals: "uint8",
    paused: "bool",
    recordBalances: "bool",
    supply: "uint256",
  }),
  names: table("uint8", { name: "string", symbol: "string" }),
  balances: table("address", "uint256"),
  /** By owner and spender. */
  allowances: table(["address", "address"], "uint256"),
  /** By holder and time: the balance after the last movement at that time. */
  history: table(["address", "uint64"], "uint256"),
  /** By owner: permits used. */
  nonces: table("address", "uint256"),
};

type View = ViewContext<typeof tokenAbi, typeof tables>;
type Write = Context<typeof tokenAbi, typeof tables>;
type Status = NonNullable<ReturnType<Write["tables"]["status"]["get"]>>;

function statusOf(ctx: View): Status {
  const status = ctx.tables.status.get(ONLY);
  if (!status) throw ctx.error("NoToken", ctx.self);
  return status;
}

function namesOf(ctx: View) {
  const names = ctx.tables.names.get(ONLY);
  if (!names) throw ctx.error("NoToken", ctx.self);
  return names;
}

function balanceOf(ctx: View, account: Address): bigint {
  return ctx.tables.balances.get(account) ?? 0n;
}

function setBalance(ctx: Write, status: Status, account: Address, balance: bigint): void {
  if (balance === 0n) ctx.tables.balances.delete(account);
  else ctx.tables.balances.set(account, balance);
  if (status.recordBalances) ctx.tables.history.set(account, ctx.time, balance);
}

function take(ctx: Write, status: Status, from: Address, amount: bigint): void {
  const balance = balanceOf(ctx, from);
  if (balance < amount) throw ctx.error("ERC20InsufficientBalance", from, balance, amount);
  setBalance(ctx, status, from, balance - amount);
}

function give(ctx: Write, status: Status, to: Address, amount: bigint): void {
  if (to === ZERO_ADDRESS) throw ctx.error("ERC20InvalidReceiver", to);
  setBalance(ctx, status, to, balanceOf(ctx, to) + amount);
}

/** What may move now. Zero amounts move too (ERC-20), and write nothing. */
function move(ctx: Write, from: Address, to: Address, amount: bigint): true {
  const status = statusOf(ctx);
  if (status.paused) throw ctx.error("EnforcedPause");
  if (amount > 0n) take(ctx, status, from, amount);
  if (amount > 0n || to === ZERO_ADDRESS) give(ctx, status, to, amount);
  ctx.emit("Transfer", from, to, amount);
  return true;
}

function spendAllowance(ctx: Write, owner: Address, amount: bigint): void {
  const allowance = ctx.tables.allowances.get(owner, ctx.sender) ?? 0n;
  if (allowance < amount) throw ctx.error("ERC20InsufficientAllowance", ctx.sender, allowance, amount);
  if (allowance !== MAX_UINT256) setAllowance(ctx, owner, ctx.sender, allowance - amount);
}

function setAllowance(ctx: Write, owner: Address, spender: Address, allowance: bigint): void {
  if (allowance === 0n) ctx.tables.allowances.delete(owner, spender);
  else ctx.tables.allowances.set(owner, spender, allowance);
}

function approve(ctx: Write, owner: Address, spender: Address, amount: bigint): true {
  if (spender === ZERO_ADDRESS) throw ctx.error("ERC20InvalidSpender", spender);
  setAllowance(ctx, owner, spender, amount);
  ctx.emit("Approval", owner, spender, amount);
  return true;
}

/** EIP-2612. A permit is good for the owner's present nonce only, so it is used once. */
function permit(ctx: Write, owner: Address, spender: Address, value: bigint, deadline: bigint, signature: Hex): void {
  if (deadline < ctx.time) throw ctx.error("ERC2612ExpiredSignature", deadline);
  const nonce = ctx.tables.nonces.get(owner) ?? 0n;
  const struct = ctx.crypto.keccak256(words(PERMIT_TYPE, owner, spender, value, nonce, deadline));
  const signer = ctx.crypto.recoverSigner(typedDataHash(ctx, namesOf(ctx).name, struct), signature) ?? ZERO_ADDRESS;
  if (signer !== owner || signer === ZERO_ADDRESS) throw ctx.error("ERC2612InvalidSigner", signer, owner);
  ctx.tables.nonces.set(owner, nonce + 1n);
  approve(ctx, owner, spender, value);
}

function statusForIssuer(ctx: Write): Status {
  const status = statusOf(ctx);
  if (status.issuer !== ctx.sender) throw ctx.error("NotIssuer", ctx.sender);
  return status;
}

/** One token of the factory's. An allowance of the highest uint256 is never used up. */
export const tokenContract: Contract = contract({
  name: "Token",
  instances: tokenPrefix,
  abi: tokenAbi,
  tables,
  functions: {
    initialize(ctx, issuer, name, symbol, decimals, recordBalances) {
      if (ctx.sender !== addresses.tokens) throw ctx.error("OnlyTokens", ctx.sender);
      ctx.tables.status.set(ONLY, { issuer, decimals, paused: false, recordBalances, supply: 0n });
      ctx.tables.names.set(ONLY, { name, symbol });
    },

    transfer(ctx, to, amount) {
      ctx.spend(amount);
      return move(ctx, ctx.sender, to, amount);
    },

    transferFrom(ctx, from, to, amount) {
      spendAllowance(ctx, from, amount);
      return move(ctx, from, to, amount);
    },

    approve(ctx, spender, amount) {
      statusOf(ctx);
      const before = ctx.tables.allowances.get(ctx.sender, spender) ?? 0n;
      if (amount > before) ctx.spend(amount - before);
      return approve(ctx, ctx.sender, spender, amount);
    },

    permit(ctx, owner, spender, value, deadline, v, r, s) {
      permit(ctx, owner, spender, value, deadline, `0x${r.slice(2)}${s.slice(2)}${v.toString(16).padStart(2, "0")}`);
    },

    permitWithSignature: permit,

    mint(ctx, to, amount) {
      const status = statusForIssuer(ctx);
      if (status.paused) throw ctx.error("EnforcedPause");
      if (amount > MAX_UINT256 - status.supply) throw ctx.error("SupplyTooHigh", status.supply, amount);
      ctx.tables.status.set(ONLY, { ...status, supply: status.supply + amount });
      give(ctx, status, to, amount);
      ctx.emit("Transfer", ZERO_ADDRESS, to, amount);
    },

    burn(ctx, from, amount) {
      const status = statusForIssuer(ctx);
      if (status.paused) throw ctx.error("EnforcedPause");
      take(ctx, status, from, amount);
      ctx.tables.status.set(ONLY, { ...status, supply: status.supply - amount });
      ctx.emit("Transfer", from, ZERO_ADDRESS, amount);
    },

    pause(ctx) {
      const status = statusForIssuer(ctx);
      if (status.paused) throw ctx.error("EnforcedPause");
      ctx.tables.status.set(ONLY, { ...status, paused: true });
      ctx.emit("Paused", ctx.sender);
    },

    unpause(ctx) {
      const status = statusForIssuer(ctx);
      if (!status.paused) throw ctx.error("ExpectedPause");
      ctx.tables.status.set(ONLY, { ...status, paused: false });
      ctx.emit("Unpaused", ctx.sender);
    },

    name: (ctx) => namesOf(ctx).name,
    symbol: (ctx) => namesOf(ctx).symbol,
    decimals: (ctx) => statusOf(ctx).decimals,
    totalSupply: (ctx) => statusOf(ctx).supply,
    balanceOf,
    allowance: (ctx, owner, spender) => ctx.tables.allowances.get(owner, spender) ?? 0n,
    nonces: (ctx, owner) => ctx.tables.nonces.get(owner) ?? 0n,
    DOMAIN_SEPARATOR: (ctx) => domainSeparator(ctx, namesOf(ctx).name),
    eip712Domain: (ctx) => domainOf(ctx, namesOf(ctx).name),
    issuer: (ctx) => statusOf(ctx).issuer,
    paused: (ctx) => statusOf(ctx).paused,
    recordsBalances: (ctx) => statusOf(ctx).recordBalances,

    balanceOfAt(ctx, account, time) {
      if (!statusOf(ctx).recordBalances) throw ctx.error("BalancesNotRecorded");
      if (time >= ctx.time) throw ctx.error("TimeNotPast", time, ctx.time);
      return ctx.tables.history.floor(account, time)?.value ?? 0n;
    },
  },
});
