import { createBlockHeader } from "@ethereumjs/block";
import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import {
  type BlockHeader,
  bytesToHex,
  decodeHeader,
  decodeRlp,
  EMPTY_REQUESTS_HASH,
  EMPTY_TRIE_ROOT,
  EMPTY_UNCLES_HASH,
  encodeHeader,
  encodeRlp,
  hashHeader,
  keccak256,
  type RlpItem,
} from "@ruffchain/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

/** A block of the Cancun fork from eth_getBlockByNumber of ethereum/execution-apis, made by geth. */
const cancun: BlockHeader = {
  parentHash: "0xce41fa6e97087fc7d44e8d78ae9ceb5ae12b4a6ea62e3267b8e361d0e9998088",
  miner: "0x0000000000000000000000000000000000000000",
  stateRoot: "0x4074540dbcba4fa5a5aa83edc2a6ab3308672a9ab96f6003b5b2641366028051",
  transactionsRoot: "0x8bc9b75c39d7668e0eace0e912a0091f09dc2afc22a6d7450c0b6d0723dcac8b",
  receiptsRoot: "0x056b23fbba480696b65fe5a59b8f2148a1299103c4f57df839233af2cf4ca2d2",
  logsBloom: new Uint8Array(256),
  number: 9,
  gasLimit: 0x4c4b40,
  gasUsed: 0x5208,
  timestamp: 0x5a,
  extraData: new Uint8Array(),
  mixHash: "0x0000000000000000000000000000000000000000000000000000000000000000",
  baseFeePerGas: 0x122b0b07n,
  parentBeaconBlockRoot: "0x0800000000000000000000000000000000000000000000000000000000000000",
};

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hex = (length: number) => bytes(length).map((value) => bytesToHex(value));
const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const header: fc.Arbitrary<BlockHeader> = fc.record({
  parentHash: hex(32),
  miner: hex(20),
  stateRoot: hex(32),
  transactionsRoot: hex(32),
  receiptsRoot: hex(32),
  logsBloom: bytes(256),
  number: fc.nat(),
  gasLimit: number,
  gasUsed: number,
  timestamp: number,
  extraData: fc.uint8Array({ maxLength: 32 }),
  mixHash: hex(32),
  baseFeePerGas: fc.bigInt({ min: 0n, max: 1n << 128n }),
  parentBeaconBlockRoot: hex(32),
});

describe("header", () => {
  test("the constants are those of Ethereum", () => {
    expect(EMPTY_UNCLES_HASH).toBe("0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");
    expect(EMPTY_TRIE_ROOT).toBe("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    expect(EMPTY_REQUESTS_HASH).toBe("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  test("without the field that Prague added it hashes as a block of Cancun", () => {
    const fields = decodeRlp(encodeHeader(cancun)) as RlpItem[];
    expect(bytesToHex(keccak256(encodeRlp(fields.slice(0, -1))))).toBe(
      "0x964d283132cb48ac3bb1ca547eded15d0be12e6eb9a6cd2b6c6befa55abe2353",
    );
  });

  test("hashes as ethereumjs hashes a header of Prague", () => {
    const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague });
    fc.assert(
      fc.property(header, (anyHeader) => {
        const fields = { ...anyHeader, gasUsed: Math.min(anyHeader.gasUsed, anyHeader.gasLimit) };
        const { miner, mixHash, receiptsRoot, transactionsRoot, ...rest } = fields;
        const reference = createBlockHeader(
          {
            ...rest,
            coinbase: miner,
            mixHash,
            receiptTrie: receiptsRoot,
            transactionsTrie: transactionsRoot,
            withdrawalsRoot: EMPTY_TRIE_ROOT,
            blobGasUsed: 0n,
            excessBlobGas: 0n,
            requestsHash: EMPTY_REQUESTS_HASH,
          },
          { common, skipConsensusFormatValidation: true },
        );
        expect(hashHeader(fields)).toBe(bytesToHex(reference.hash()));
      }),
      { numRuns: 30 },
    );
  });

  test("decodes what was encoded", () => {
    fc.assert(
      fc.property(header, (fields) => {
        expect(decodeHeader(encodeHeader(fields))).toEqual(fields);
      }),
      { numRuns: 30 },
    );
  });

  test("refuses bytes that are no header", () => {
    expect(() => decodeHeader(encodeRlp([]))).toThrow(expect.objectContaining({ name: "RlpError", code: "notAList" }));
    expect(() => decodeHeader(encodeHeader(cancun).subarray(1))).toThrow(expect.objectContaining({ name: "RlpError" }));
  });
});
