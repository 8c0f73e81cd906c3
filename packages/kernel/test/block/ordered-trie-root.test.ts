import { createMPT } from "@ethereumjs/mpt";
import { RLP } from "@ethereumjs/rlp";
import { bytesToHex, EMPTY_TRIE_ROOT, hexToBytes, orderedTrieRoot } from "@ruffchain/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ethereumBlocks } from "../ethereum-blocks.js";

/** The same root by a general Merkle Patricia trie. */
async function referenceRoot(items: readonly Uint8Array[]): Promise<string> {
  const trie = await createMPT();
  for (const [index, item] of items.entries()) await trie.put(RLP.encode(index), item);
  return bytesToHex(trie.root());
}

describe("orderedTrieRoot", () => {
  test("of nothing is the empty root", () => {
    expect(orderedTrieRoot([])).toBe("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    expect(EMPTY_TRIE_ROOT).toBe(orderedTrieRoot([]));
  });

  test.each(ethereumBlocks)("of the transactions of a block that geth made: $transactionsRoot", (block) => {
    expect(orderedTrieRoot(block.transactions.map(({ raw }) => hexToBytes(raw)))).toBe(block.transactionsRoot);
  });

  test("equals a general trie for every number of items up to 300", async () => {
    const items = Array.from({ length: 300 }, (_, i) => Buffer.alloc(1 + ((i * 37) % 150), i + 1));
    const trie = await createMPT();
    for (let count = 1; count <= items.length; count++) {
      await trie.put(RLP.encode(count - 1), items[count - 1] as Uint8Array);
      expect(orderedTrieRoot(items.slice(0, count)), `${count} items`).toBe(bytesToHex(trie.root()));
    }
  });

  test("equals a general trie for random items", async () => {
    // Short items make nodes that stand in their parents without a hash.
    const item = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 300, size: "max" }), async (items) => {
        expect(orderedTrieRoot(items)).toBe(await referenceRoot(items));
      }),
      { numRuns: 15 },
    );
  });

  test("equals a general trie past keys of two bytes", async () => {
    const items = Array.from({ length: 1200 }, (_, i) => Buffer.from(`item ${i}`));
    expect(orderedTrieRoot(items)).toBe(await referenceRoot(items));
  });
});
