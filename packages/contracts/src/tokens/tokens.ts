import { token, tokenAddress, tokens, tokensAbi } from "@ruffchain/abi";
import { type Contract, contract, type Row, table } from "@ruffchain/kernel";
import { nextNumber } from "../next-number.js";

/** Longest name and symbol of a token, in UTF-16 units. */
export const MAX_NAME_LENGTH = 64;
export const MAX_SYMBOL_LENGTH = 16;
/** As many as wei has: beyond that wallets misread amounts. */
export const MAX_DECIMALS = 18;

const COUNTER = 0;

const tables = {
  tokens: table("address", { issuer: "address" }, { indexes: { byIssuer: ["issuer"] } }),
  counters: table("uint8", "uint64"),
};

function tokenEntry({ key: [address], value: { issuer } }: Row<typeof tables.tokens>) {
  return { token: address, issuer };
}

/** The factory of tokens: it alone sets them up. */
export const tokensContract: Contract = contract({
  name: "Tokens",
  address: tokens.address,
  abi: tokensAbi,
  tables,
  functions: {
    create(ctx, name, symbol, decimals, recordBalances) {
      if (name.length === 0 || name.length > MAX_NAME_LENGTH) throw ctx.error("BadName", name, MAX_NAME_LENGTH);
      if (symbol.length === 0 || symbol.length > MAX_SYMBOL_LENGTH) {
        throw ctx.error("BadSymbol", symbol, MAX_SYMBOL_LENGTH);
      }
      if (decimals > MAX_DECIMALS) throw ctx.error("BadDecimals", decimals, MAX_DECIMALS);
      const address = tokenAddress(nextNumber(ctx.tables.counters, COUNTER));
      ctx.tables.tokens.set(address, { issuer: ctx.sender });
      ctx.call(token(address), "initialize", ctx.sender, name, symbol, decimals, recordBalances);
      ctx.emit("TokenCreated", address, ctx.sender, name, symbol, decimals, recordBalances);
      return address;
    },

    isToken: (ctx, address) => ctx.tables.tokens.has(address),

    tokens(ctx, cursor, limit) {
      const page = ctx.tables.tokens.page([], { cursor, limit });
      return [page.rows.map(tokenEntry), page.cursor] as const;
    },

    tokensOf(ctx, issuer, cursor, limit) {
      const page = ctx.tables.tokens.pageBy("byIssuer", [issuer], { cursor, limit });
      return [page.rows.map(tokenEntry), page.cursor] as const;
    },
  },
});
