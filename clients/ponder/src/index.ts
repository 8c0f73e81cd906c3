import { ponder } from "ponder:registry";
import { holder, transfer } from "ponder:schema";

ponder.on("Token:Transfer", async ({ event, context: { db } }) => {
  const { from, to, value } = event.args;
  await db.insert(transfer).values({ id: event.id, block: event.block.number, from, to, value });
  const credit = (address: `0x${string}`, amount: bigint) =>
    db
      .insert(holder)
      .values({ address, balance: amount })
      .onConflictDoUpdate(({ balance }) => ({ balance: balance + amount }));
  await credit(from, -value);
  await credit(to, value);
});
