import { contract, table } from "@ruffchain/kernel";
import { parseAbi } from "abitype";

export const papersAbi = parseAbi([
  "function fill(uint32 first, uint32 count, uint32 size, uint32 topic)",
  "function burn(uint32 id)",
]);

export const papers = { address: "0x5255464600000000000000000000000000000102", abi: papersAbi } as const;

/** A contract with large rows and an index: its state takes several chunks. */
export const papersContract = contract({
  name: "Papers",
  ...papers,
  tables: { papers: table("uint32", { topic: "uint32", text: "bytes" }, { indexes: { byTopic: ["topic"] } }) },
  functions: {
    fill(ctx, first, count, size, topic) {
      for (let id = first; id < first + count; id++) {
        const text = `0x${id
          .toString(16)
          .padStart(8, "0")
          .repeat(size / 4)}` as const;
        ctx.tables.papers.set(id, { topic, text });
      }
    },
    burn(ctx, id) {
      ctx.tables.papers.delete(id);
    },
  },
});
