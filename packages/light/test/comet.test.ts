import { readFileSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  absentCommitSig,
  type BlockId,
  type Commit,
  commitVote,
  consensusHash,
  dataHash,
  decodeCommit,
  decodeHeader,
  encodeCommit,
  encodeHeader,
  type Header,
  hashCommit,
  hashHeader,
  hashResults,
  hashValidators,
  merkleRoot,
  nobleCrypto,
  validatorAddress,
  verifyCommit,
  voteSignBytes,
  voteType,
} from "@ruffchain/light";
import { Commit as CosmCommit, Header as CosmHeader } from "cosmjs-types/tendermint/types/types";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeCrypto } from "./node-crypto.js";
import { codeOf } from "./refusal.js";

interface JsonBlockId {
  hash: string;
  partSetHeader: { total: number; hash: string };
}

interface Scenario {
  name: string;
  validators: { address: string; publicKey: string; power: number }[];
  header: Record<
    | "lastCommitHash"
    | "dataHash"
    | "validatorsHash"
    | "nextValidatorsHash"
    | "consensusHash"
    | "appHash"
    | "lastResultsHash"
    | "evidenceHash"
    | "proposerAddress"
    | "proto"
    | "hash"
    | "chainId",
    string
  > & {
    version: { block: number; app: number };
    height: number;
    timeSeconds: number;
    timeNanos: number;
    lastBlockId: JsonBlockId;
  };
  txs: string[];
  commit: {
    height: number;
    round: number;
    blockId: JsonBlockId;
    signatures: {
      flag: number;
      validatorAddress?: string;
      timeSeconds?: number;
      timeNanos?: number;
      signature?: string;
      signBytes?: string;
    }[];
    proto: string;
    hash: string;
  };
  verifyCommitLight: string;
}

interface Vectors {
  scenarios: Scenario[];
  dataHashes: string[];
  consensusParams: { maxBytes: number; maxGas: string; hash: string }[];
  results: { count: number; hash: string }[];
}

const vectors: Vectors = JSON.parse(readFileSync(new URL("./data/cometbft.json", import.meta.url), "utf8"));

const nanoseconds = (seconds: number, nanos: number) => BigInt(seconds) * 1_000_000_000n + BigInt(nanos);

function blockId({ hash, partSetHeader }: JsonBlockId): BlockId {
  return {
    hash: hexToBytes(hash),
    partSetHeader: { total: partSetHeader.total, hash: hexToBytes(partSetHeader.hash) },
  };
}

function headerOf({ header: h }: Scenario): Header {
  return {
    version: h.version,
    chainId: h.chainId,
    height: h.height,
    time: nanoseconds(h.timeSeconds, h.timeNanos),
    lastBlockId: blockId(h.lastBlockId),
    lastCommitHash: hexToBytes(h.lastCommitHash),
    dataHash: hexToBytes(h.dataHash),
    validatorsHash: hexToBytes(h.validatorsHash),
    nextValidatorsHash: hexToBytes(h.nextValidatorsHash),
    consensusHash: hexToBytes(h.consensusHash),
    appHash: hexToBytes(h.appHash),
    lastResultsHash: hexToBytes(h.lastResultsHash),
    evidenceHash: hexToBytes(h.evidenceHash),
    proposerAddress: hexToBytes(h.proposerAddress),
  };
}

function commitOf({ commit }: Scenario): Commit {
  return {
    height: commit.height,
    round: commit.round,
    blockId: blockId(commit.blockId),
    signatures: commit.signatures.map(({ flag, validatorAddress, timeSeconds, timeNanos, signature }) =>
      validatorAddress === undefined || signature === undefined
        ? absentCommitSig
        : {
            flag,
            validatorAddress: hexToBytes(validatorAddress),
            time: nanoseconds(timeSeconds ?? 0, timeNanos ?? 0),
            signature: hexToBytes(signature),
          },
    ),
  };
}

describe.each(vectors.scenarios)("as CometBFT's Go types have it: $name", (scenario) => {
  const header = headerOf(scenario);
  const commit = commitOf(scenario);
  const validators = scenario.validators.map(({ publicKey, power }) => ({
    publicKey: hexToBytes(publicKey),
    power: BigInt(power),
  }));

  test("header", () => {
    expect(bytesToHex(encodeHeader(header))).toBe(scenario.header.proto);
    expect(decodeHeader(hexToBytes(scenario.header.proto))).toEqual(header);
    expect(bytesToHex(hashHeader(header))).toBe(scenario.header.hash);
    expect(bytesToHex(dataHash(scenario.txs.map((transaction) => hexToBytes(transaction))))).toBe(
      scenario.header.dataHash,
    );
  });

  test("validators", () => {
    expect(bytesToHex(hashValidators(validators))).toBe(scenario.header.validatorsHash);
    expect(validators.map(({ publicKey }) => bytesToHex(validatorAddress(publicKey)))).toEqual(
      scenario.validators.map(({ address }) => address),
    );
  });

  test("commit", () => {
    expect(bytesToHex(encodeCommit(commit))).toBe(scenario.commit.proto);
    expect(decodeCommit(hexToBytes(scenario.commit.proto))).toEqual(commit);
    expect(bytesToHex(hashCommit(commit))).toBe(scenario.commit.hash);
    for (const [index, slot] of commit.signatures.entries()) {
      const signBytes = scenario.commit.signatures[index]?.signBytes;
      if (signBytes) expect(bytesToHex(voteSignBytes(header.chainId, commitVote(commit, slot)))).toBe(signBytes);
    }
  });

  test.each([nobleCrypto, nodeCrypto])("verification agrees", (crypto) => {
    const expected = scenario.verifyCommitLight === "ok" ? undefined : "insufficientPower";
    expect(codeOf(() => verifyCommit(validators, header.chainId, header, commit, crypto))).toBe(expected);
  });
});

test("lists of every size up to 20 have CometBFT's root", () => {
  for (const [size, root] of vectors.dataHashes.entries()) {
    const transactions = Array.from({ length: size }, (_, index) => utf8ToBytes(`tx${index}`));
    expect(bytesToHex(dataHash(transactions))).toBe(root);
  }
});

test.each(vectors.consensusParams)(
  "consensus parameters: $maxBytes bytes, $maxGas gas",
  ({ maxBytes, maxGas, hash }) => {
    expect(bytesToHex(consensusHash({ maxBytes, maxGas: BigInt(maxGas) }))).toBe(hash);
  },
);

test.each(vectors.results)("results of $count transactions", ({ count, hash }) => {
  const results = [
    { code: 0, data: new Uint8Array(), gasWanted: 21_000, gasUsed: 21_000 },
    { code: 3, data: Uint8Array.of(1, 2, 3), gasWanted: 3_000_000_000, gasUsed: 2_999_999_999 },
    { code: 0, data: new Uint8Array(), gasWanted: 0, gasUsed: 0 },
  ];
  expect(bytesToHex(hashResults(results.slice(0, count)))).toBe(hash);
});

test("RFC 6962: the root of nothing is SHA-256 of nothing", () => {
  expect(bytesToHex(merkleRoot([]))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("CometBFT types/block_test.go TestHeaderHash", () => {
  const digest = (text: string) => sha256(utf8ToBytes(text));
  const zero = { hash: new Uint8Array(32), partSetHeader: { total: 6, hash: new Uint8Array(32) } };
  const header: Header = {
    version: { block: 1, app: 2 },
    chainId: "chainId",
    height: 3,
    time: BigInt(Date.UTC(2019, 9, 13, 16, 14, 44)) * 1_000_000n,
    lastBlockId: zero,
    lastCommitHash: digest("last_commit_hash"),
    dataHash: digest("data_hash"),
    validatorsHash: digest("validators_hash"),
    nextValidatorsHash: digest("next_validators_hash"),
    consensusHash: digest("consensus_hash"),
    appHash: digest("app_hash"),
    lastResultsHash: digest("last_results_hash"),
    evidenceHash: digest("evidence_hash"),
    proposerAddress: digest("proposer_address").slice(0, 20),
  };
  expect(bytesToHex(hashHeader(header))).toBe("f740121f553b5418c3efbd343c2dbfe9e007bb67b0d020a0741374bab65242a4");
});

test("CometBFT types/vote_test.go TestVoteSignBytesTestVectors", () => {
  const zeroTime = "2a0b088092b8c398feffffff01";
  const heightAndRound = "110100000000000000190100000000000000";
  const vote = (type: number, at: number) => ({
    type,
    height: at,
    round: at,
    blockId: undefined,
    time: absentCommitSig.time,
  });
  const signBytes = (chain: string, type: number, at: number) => bytesToHex(voteSignBytes(chain, vote(type, at)));
  expect(signBytes("", 0, 0)).toBe(`0d${zeroTime}`);
  expect(signBytes("", voteType.precommit, 1)).toBe(`210802${heightAndRound}${zeroTime}`);
  expect(signBytes("", voteType.prevote, 1)).toBe(`210801${heightAndRound}${zeroTime}`);
  expect(signBytes("", 0, 1)).toBe(`1f${heightAndRound}${zeroTime}`);
  expect(signBytes("test_chain_id", 0, 1)).toBe(`2e${heightAndRound}${zeroTime}320d746573745f636861696e5f6964`);
});

const bytesUpTo = (maxLength: number) => fc.uint8Array({ maxLength });
const hash = fc.oneof(fc.constant(new Uint8Array()), fc.uint8Array({ minLength: 32, maxLength: 32 }));
const time = fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n });
const anyBlockId: fc.Arbitrary<BlockId> = fc.record({
  hash,
  partSetHeader: fc.record({ total: fc.integer({ min: 0, max: 0xffffffff }), hash }),
});
const anyHeader: fc.Arbitrary<Header> = fc.record({
  version: fc.record({ block: fc.maxSafeNat(), app: fc.maxSafeNat() }),
  chainId: fc.string({ unit: "grapheme", maxLength: 50 }),
  height: fc.maxSafeInteger(),
  time,
  lastBlockId: anyBlockId,
  lastCommitHash: hash,
  dataHash: hash,
  validatorsHash: hash,
  nextValidatorsHash: hash,
  consensusHash: hash,
  appHash: bytesUpTo(40),
  lastResultsHash: hash,
  evidenceHash: hash,
  proposerAddress: bytesUpTo(20),
});
const anyCommit: fc.Arbitrary<Commit> = fc.record({
  height: fc.maxSafeInteger(),
  round: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  blockId: anyBlockId,
  signatures: fc.array(
    fc.record({
      flag: fc.integer({ min: 0, max: 3 }),
      validatorAddress: bytesUpTo(20),
      time,
      signature: bytesUpTo(64),
    }),
    { maxLength: 5 },
  ),
});

function timestamp(value: bigint): { seconds: bigint; nanos: number } {
  const nanos = ((value % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { seconds: (value - nanos) / 1_000_000_000n, nanos: Number(nanos) };
}

// Only their decoder is a reference: the encoder of 0.11.0 writes int64 from 2^31 to 2^32-1 as another number.
describe("cosmjs-types reads what is written, and so do we", () => {
  test("Header", () => {
    fc.assert(
      fc.property(anyHeader, (header) => {
        const encoded = encodeHeader(header);
        expect(CosmHeader.decode(encoded)).toEqual({
          ...header,
          version: { block: BigInt(header.version.block), app: BigInt(header.version.app) },
          height: BigInt(header.height),
          time: timestamp(header.time),
        });
        expect(decodeHeader(encoded)).toEqual(header);
      }),
      { numRuns: 300 },
    );
  });

  test("Commit", () => {
    fc.assert(
      fc.property(anyCommit, (commit) => {
        const encoded = encodeCommit(commit);
        const signatures = commit.signatures.map(({ flag, time, validatorAddress, signature }) => {
          return { blockIdFlag: flag, validatorAddress, timestamp: timestamp(time), signature };
        });
        expect(CosmCommit.decode(encoded)).toEqual({ ...commit, height: BigInt(commit.height), signatures });
        expect(decodeCommit(encoded)).toEqual(commit);
      }),
      { numRuns: 300 },
    );
  });
});

describe("only the one canonical encoding is read", () => {
  const problem = (hex: string, read: (bytes: Uint8Array) => unknown = decodeCommit) =>
    codeOf(() => read(hexToBytes(hex)));
  const blockIdField = "1a021200";

  test("the smallest commit", () => {
    expect(decodeCommit(hexToBytes(blockIdField))).toEqual({
      height: 0,
      round: 0,
      blockId: { hash: new Uint8Array(), partSetHeader: { total: 0, hash: new Uint8Array() } },
      signatures: [],
    });
  });

  test.each([
    ["a field that must be there is missing", ""],
    ["a default is written out", `0800${blockIdField}`],
    ["fields are out of order", `${blockIdField}0801`],
    ["a field comes twice", `08010801${blockIdField}`],
    ["an unknown field", `${blockIdField}2801`],
    ["a known field of another wire type", `0d01000000${blockIdField}`],
    ["an integer with a needless byte", `088100${blockIdField}`],
    ["an integer of more than 64 bits", `08ffffffffffffffffff7f${blockIdField}`],
    ["an integer that never ends", `08ffffffffffffffffffffff01${blockIdField}`],
    ["a height that is no safe integer", `0880808080808080807f${blockIdField}`],
    ["a round that is no int32", `108080808010${blockIdField}`],
    ["it ends inside an integer", `${blockIdField}08`],
    ["it ends inside a field", "1a0312"],
    ["a byte too much", `${blockIdField}00`],
    ["a length beyond all memory", "1affffffffffffffffff01"],
  ])("%s", (_, hex) => {
    expect(problem(hex)).toBe("malformed");
  });

  test("a chain id that is not UTF-8, a time with too many nanoseconds", () => {
    expect(problem("0a001201ff22002a021200", decodeHeader)).toBe("malformed");
    expect(problem("0a0022061080d4ea9904 2a021200".replace(" ", ""), decodeHeader)).toBe("malformed");
    expect(problem("0a0022002a021200", decodeHeader)).toBeUndefined();
  });

  test("no other bytes decode to the same header", () => {
    const encoded = encodeHeader(headerOf(vectors.scenarios[0] as Scenario));
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = encoded.slice();
        changed[at] = (changed[at] ?? 0) ^ change;
        const read = (() => {
          try {
            return decodeHeader(changed);
          } catch {
            return undefined;
          }
        })();
        if (read) expect(bytesToHex(encodeHeader(read))).toBe(bytesToHex(changed));
      }),
      { numRuns: 1000 },
    );
  });

  test("numbers that do not fit are not written", () => {
    const header = headerOf(vectors.scenarios[0] as Scenario);
    expect(() => encodeHeader({ ...header, height: 2 ** 53 })).toThrow(RangeError);
    expect(() => encodeHeader({ ...header, time: 253_402_300_800_000_000_000n })).toThrow(RangeError);
    expect(() => hashValidators([{ publicKey: new Uint8Array(32), power: 1n << 63n }])).toThrow(RangeError);
  });
});
