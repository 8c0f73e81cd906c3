import { RLP } from "@ethereumjs/rlp";
import { keccak_256 } from "@noble/hashes/sha3.js";
import {
  BLOOM_CACHE_SIZE,
  bytesToHex,
  encodeReceipt,
  hexToBytes,
  type Log,
  logsBloom,
  orderedTrieRoot,
} from "@ruffchain/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ethereumBlocks } from "../ethereum-blocks.js";

/** The bloom filter as the yellow paper says it, on one number of 2048 bits. */
function referenceBloom(logs: readonly Log[]): string {
  let bloom = 0n;
  for (const item of logs.flatMap(({ address, topics }) => [address, ...topics])) {
    const hash = keccak_256(hexToBytes(item));
    for (const at of [0, 2, 4]) bloom |= 1n << BigInt(((hash[at] as number) * 256 + (hash[at + 1] as number)) & 2047);
  }
  return `0x${bloom.toString(16).padStart(512, "0")}`;
}

const hexOf = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => bytesToHex(bytes));
const log: fc.Arbitrary<Log> = fc.record({
  address: hexOf(20),
  topics: fc.array(hexOf(32), { maxLength: 4 }),
  data: fc.uint8Array({ maxLength: 100 }),
});

describe("logsBloom", () => {
  test("of no logs is empty", () => {
    expect(logsBloom([])).toEqual(new Uint8Array(256));
  });

  test("has the bits of every address and topic, more of them than are kept", () => {
    const address = "0x00000000000000000000000000000000000000ff";
    const count = BLOOM_CACHE_SIZE + 100;
    const topics = Array.from({ length: count }, (_, i) => `0x${i.toString(16).padStart(64, "0")}` as const);
    const logs = [{ address, topics, data: new Uint8Array() } as const];
    logsBloom(logs);
    const few = [{ address, topics: topics.slice(0, 3), data: new Uint8Array() } as const];
    expect(bytesToHex(logsBloom(few))).toBe(referenceBloom(few));
  });

  test("is the filter of the yellow paper", () => {
    fc.assert(
      fc.property(fc.array(log, { maxLength: 8 }), (logs) => {
        expect(bytesToHex(logsBloom(logs))).toBe(referenceBloom(logs));
      }),
    );
  });
});

describe("encodeReceipt", () => {
  test.each(ethereumBlocks)("gives the receipts root of a block that geth made: $receiptsRoot", (block) => {
    let cumulativeGasUsed = 0;
    const receipts = block.transactions.map(({ type, succeeded, gasUsed, logs }) => {
      cumulativeGasUsed += gasUsed;
      return encodeReceipt({ type, succeeded, cumulativeGasUsed, logs, logsBloom: logsBloom(logs) });
    });
    expect(orderedTrieRoot(receipts)).toBe(block.receiptsRoot);
  });

  // go-ethereum, cmd/evm/testdata/13: both transactions fail and use 0x84d0 gas.
  test("gives the receipts root of two that failed", () => {
    const receipts = [0x84d0, 0x109a0].map((cumulativeGasUsed) =>
      encodeReceipt({ type: 2, succeeded: false, cumulativeGasUsed, logs: [], logsBloom: logsBloom([]) }),
    );
    expect(orderedTrieRoot(receipts)).toBe("0xa532a08aa9f62431d6fe5d924951b8efb86ed3c54d06fee77788c3767dd13420");
  });

  test("is the type before the RLP of status, gas, bloom and logs", () => {
    const type = fc.constantFrom(0, 1, 2);
    fc.assert(
      fc.property(type, fc.boolean(), fc.nat(), fc.array(log, { maxLength: 5 }), (type, succeeded, gas, logs) => {
        const bloom = logsBloom(logs);
        const list = RLP.encode([succeeded ? 1 : 0, gas, bloom, logs.map((l) => [l.address, [...l.topics], l.data])]);
        const expected = type === 0 ? list : Buffer.concat([Buffer.of(type), list]);
        const encoded = encodeReceipt({ type, succeeded, cumulativeGasUsed: gas, logs, logsBloom: bloom });
        expect(bytesToHex(encoded)).toBe(bytesToHex(expected));
      }),
    );
  });
});
