import { pool, poolAddress, pools, poolsAbi, tokens } from "@ruffchain/abi";
import { type Contract, contract, table } from "@ruffchain/kernel";
import { nextNumber } from "../next-number.js";
import { checkTerms } from "./check-terms.js";

/** Makes pools: each has an address of its own, so that it can be the payee of assets. */
export const poolsContract: Contract = contract({
  name: "Pools",
  address: pools.address,
  abi: poolsAbi,
  tables: {
    /** By the pool's serial number. */
    originators: table("uint64", "address"),
    counter: table("uint8", "uint64"),
  },
  functions: {
    create(ctx, terms) {
      checkTerms(ctx, terms);
      if (!ctx.read(tokens, "isToken", terms.currency)) throw ctx.error("NotACurrency", terms.currency);
      const serial = nextNumber(ctx.tables.counter, 0);
      const address = poolAddress(serial);
      ctx.tables.originators.set(serial, ctx.sender);
      ctx.call(pool(address), "initialize", ctx.sender, terms);
      ctx.emit("PoolCreated", address, ctx.sender, terms.currency, terms.name);
      return address;
    },

    pools(ctx, cursor, limit) {
      const page = ctx.tables.originators.page([], { cursor, limit });
      const entries = page.rows.map(({ key: [serial], value: originator }) => ({
        pool: poolAddress(serial),
        originator,
      }));
      return [entries, page.cursor] as const;
    },
  },
});
