import { onchainTable } from "ponder";

export const transfer = onchainTable("transfer", (t) => ({
  id: t.text().primaryKey(),
  block: t.bigint().notNull(),
  from: t.hex().notNull(),
  to: t.hex().notNull(),
  value: t.bigint().notNull(),
}));

export const holder = onchainTable("holder", (t) => ({ address: t.hex().primaryKey(), balance: t.bigint().notNull() }));
