import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_UNBONDING_TIME } from "@ruffchain/contracts";
import { bytesToHex, GenesisError, parseAppGenesis } from "@ruffchain/kernel";
import {
  DEVELOPMENT_BALANCE,
  developmentGenesis,
  encodeGenesis,
  genesisHash,
  loadGenesis,
  MAX_BLOCK_BYTES,
  MAX_CHAIN_ID_LENGTH,
  MAX_EVIDENCE_BYTES,
  MAX_TOTAL_POWER,
  parseGenesis,
  ValidatorKey,
} from "@ruffchain/node";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const path = join(import.meta.dirname, "../data/cometbft/genesis.json");
const app = { evmChainId: 7833, alloc: {} };
// biome-ignore lint/suspicious/noExplicitAny: tests reach into the file to spoil it
type File = any;

/** The file that CometBFT made, with the application's part that it leaves to others. */
function file(change: (file: File) => void = () => {}): string {
  const json = { ...JSON.parse(readFileSync(path, "utf8")), app_state: app };
  change(json);
  return JSON.stringify(json);
}

describe("a genesis file of CometBFT", () => {
  test("says how the chain begins", () => {
    const genesis = parseGenesis(file());
    expect(genesis).toEqual({
      time: 1795475589363822109n,
      chainId: "test-chain-OfTEB3",
      initialHeight: 1,
      consensusParams: {
        block: { maxBytes: 55_600_190 },
        evidence: { maxAgeNumBlocks: 100_000, maxAgeDuration: 172_800_000_000_000n, maxBytes: 1_048_576 },
        version: { app: 0 },
      },
      validators: [
        {
          publicKey: {
            type: "ed25519",
            bytes: Uint8Array.from(Buffer.from("Mzs8z1XUuOC1nnWWLalUBAt+pIitcn8GUzKbfDfGQ0g=", "base64")),
          },
          power: 10n,
          name: "",
        },
      ],
      appState: Buffer.from(JSON.stringify(app)),
    });
  });

  test("without app_state is refused, for the application needs it", () => {
    expect(() => loadGenesis(path)).toThrow(expect.objectContaining({ path: "app_state" }));
  });

  test("is written as CometBFT writes it", () => {
    const { authority: _, ...consensusParams } = JSON.parse(file()).consensus_params;
    const expected = { ...JSON.parse(file()), initial_height: "1", consensus_params: consensusParams };
    expect(JSON.parse(encodeGenesis(parseGenesis(file())))).toEqual(expected);
  });
});

test("what was written is read again the same", () => {
  const run = fc.property(
    fc.record({
      time: fc.bigInt(0n, 4_000_000_000_000_000_000n),
      chainId: fc.string({ minLength: 1, maxLength: MAX_CHAIN_ID_LENGTH }),
      initialHeight: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      consensusParams: fc.record({
        block: fc.record({ maxBytes: fc.integer({ min: MAX_EVIDENCE_BYTES, max: MAX_BLOCK_BYTES }) }),
        evidence: fc.record({
          maxAgeNumBlocks: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
          maxAgeDuration: fc.bigInt(1n, DEFAULT_UNBONDING_TIME * 1_000_000_000n),
          maxBytes: fc.nat(MAX_EVIDENCE_BYTES),
        }),
        version: fc.record({ app: fc.maxSafeNat() }),
      }),
      validators: fc.uniqueArray(
        fc.record({
          publicKey: fc.record({
            type: fc.constant("ed25519" as const),
            bytes: fc.uint8Array({ minLength: 32, maxLength: 32 }),
          }),
          power: fc.bigInt(1n, MAX_TOTAL_POWER / 4n),
          name: fc.string(),
        }),
        { minLength: 1, maxLength: 4, selector: ({ publicKey }) => String(publicKey.bytes) },
      ),
      appState: fc.constant(Buffer.from(JSON.stringify(app))),
    }),
    (genesis) => {
      expect(parseGenesis(encodeGenesis(genesis))).toEqual(genesis);
      expect(genesisHash(parseGenesis(encodeGenesis(genesis)))).toBe(genesisHash(genesis));
    },
  );
  fc.assert(run, { numRuns: 100 });
});

test("the development chain has one validator and money on every account", () => {
  const { publicKey } = ValidatorKey.generate();
  const account = `0x${"ab".repeat(20)}` as const;
  const genesis = developmentGenesis({
    time: 1_000_000_001n,
    validator: publicKey,
    accounts: [account],
    app: { evmChainId: 1234 },
  });
  const read = parseGenesis(encodeGenesis(genesis));
  expect(read.chainId).toBe("ruff-1234");
  const { maxAgeDuration, maxAgeNumBlocks } = read.consensusParams.evidence;
  expect([maxAgeDuration, maxAgeNumBlocks]).toEqual([20n * 86_400n * 1_000_000_000n, 20 * 86_400 * 2]);
  expect(read.validators.map(({ publicKey: { bytes } }) => bytes)).toEqual([Uint8Array.from(publicKey)]);
  expect(parseAppGenesis(read.appState)).toEqual({
    evmChainId: 1234,
    alloc: { [account]: DEVELOPMENT_BALANCE.toString() },
    parameters: { fixedValidators: "1" },
    operators: { [bytesToHex(publicKey)]: account },
  });
});

describe("is refused, with the path of the field", () => {
  const half = (MAX_TOTAL_POWER / 2n + 1n).toString();
  const cases: [path: string, why: string, change: (file: File) => void][] = [
    ["extra", "is unknown", (f) => Object.assign(f, { extra: 1 })],
    [
      "consensus_params.block.time_iota_ms",
      "is unknown",
      (f) => Object.assign(f.consensus_params.block, { time_iota_ms: "1" }),
    ],
    ["genesis_time", "is missing", (f) => delete f.genesis_time],
    ["genesis_time", "is not in UTC", (f) => Object.assign(f, { genesis_time: "2026-11-23T00:00:00+01:00" })],
    ["genesis_time", "is no day", (f) => Object.assign(f, { genesis_time: "2026-02-30T00:00:00Z" })],
    ["chain_id", "is empty", (f) => Object.assign(f, { chain_id: "" })],
    ["chain_id", "is too long", (f) => Object.assign(f, { chain_id: "x".repeat(MAX_CHAIN_ID_LENGTH + 1) })],
    ["initial_height", "is a number", (f) => Object.assign(f, { initial_height: 1 })],
    ["initial_height", "is negative", (f) => Object.assign(f, { initial_height: "-1" })],
    ["consensus_params", "is missing", (f) => delete f.consensus_params],
    ["consensus_params.block.max_bytes", "is zero", (f) => Object.assign(f.consensus_params.block, { max_bytes: "0" })],
    [
      "consensus_params.block.max_bytes",
      "is too large",
      (f) => Object.assign(f.consensus_params.block, { max_bytes: "104857601" }),
    ],
    ["consensus_params.block.max_gas", "is a limit", (f) => Object.assign(f.consensus_params.block, { max_gas: "1" })],
    [
      "consensus_params.evidence.max_age_num_blocks",
      "is zero",
      (f) => Object.assign(f.consensus_params.evidence, { max_age_num_blocks: "0" }),
    ],
    [
      "consensus_params.evidence.max_age_duration",
      "is zero",
      (f) => Object.assign(f.consensus_params.evidence, { max_age_duration: "0" }),
    ],
    [
      "consensus_params.evidence.max_age_duration",
      "is longer than the unbonding time",
      (f) =>
        Object.assign(f.consensus_params.evidence, {
          max_age_duration: String(DEFAULT_UNBONDING_TIME * 1_000_000_000n + 1n),
        }),
    ],
    [
      "consensus_params.evidence.max_age_duration",
      "is longer than the file's own unbonding time",
      (f) => Object.assign(f.app_state, { parameters: { unbondingTime: "172799" } }),
    ],
    [
      "consensus_params.evidence.max_bytes",
      "has a leading zero",
      (f) => Object.assign(f.consensus_params.evidence, { max_bytes: "01" }),
    ],
    [
      "consensus_params.evidence.max_bytes",
      "is more than a vote can make blocks",
      (f) => Object.assign(f.consensus_params.evidence, { max_bytes: String(MAX_EVIDENCE_BYTES + 1) }),
    ],
    [
      "consensus_params.evidence.max_bytes",
      "is more than a block's",
      (f) => Object.assign(f.consensus_params.block, { max_bytes: String(MAX_EVIDENCE_BYTES - 1) }),
    ],
    [
      "consensus_params.validator.pub_key_types.0",
      "is another curve",
      (f) => Object.assign(f.consensus_params.validator, { pub_key_types: ["secp256k1"] }),
    ],
    [
      "consensus_params.validator.pub_key_types",
      "has two",
      (f) => Object.assign(f.consensus_params.validator, { pub_key_types: ["ed25519", "ed25519"] }),
    ],
    [
      "consensus_params.abci.vote_extensions_enable_height",
      "is set",
      (f) => Object.assign(f.consensus_params.abci, { vote_extensions_enable_height: "1" }),
    ],
    [
      "consensus_params.authority.authority",
      "is set",
      (f) => Object.assign(f.consensus_params.authority, { authority: "x" }),
    ],
    ["validators", "is empty", (f) => Object.assign(f, { validators: [] })],
    ["validators", "has one twice", (f) => f.validators.push(f.validators[0])],
    [
      "validators",
      "has too much power",
      (f) => Object.assign(f.validators[0], { power: half }) && f.validators.push(other(half)),
    ],
    ["validators.0.power", "is zero", (f) => Object.assign(f.validators[0], { power: "0" })],
    ["validators.0.address", "is another's", (f) => Object.assign(f.validators[0], { address: "00".repeat(20) })],
    [
      "validators.0.pub_key.type",
      "is another curve",
      (f) => Object.assign(f.validators[0].pub_key, { type: "tendermint/PubKeySecp256k1" }),
    ],
    [
      "validators.0.pub_key.value",
      "is too short",
      (f) =>
        Object.assign(f.validators[0], { address: "", pub_key: { type: f.validators[0].pub_key.type, value: "AAAA" } }),
    ],
    ["app_hash", "is set", (f) => Object.assign(f, { app_hash: "00" })],
    ["app_state", "is a list", (f) => Object.assign(f, { app_state: [] })],
    ["app_state.evmChainId", "is missing", (f) => Object.assign(f, { app_state: { alloc: {} } })],
    [
      "app_state.minBaseFee",
      "is above the highest",
      (f) => Object.assign(f.app_state, { minBaseFee: "2", maxBaseFee: "1" }),
    ],
    [
      "app_state.initialBaseFee",
      "is too high",
      (f) => Object.assign(f.app_state, { minBaseFee: "0", initialBaseFee: "2", maxBaseFee: "1" }),
    ],
    [
      "app_state.initialBaseFee",
      "is too low",
      (f) => Object.assign(f.app_state, { minBaseFee: "3", initialBaseFee: "2", maxBaseFee: "4" }),
    ],
    ["app_state.maxBaseFee", "is no word", (f) => Object.assign(f.app_state, { maxBaseFee: String(2n ** 256n) })],
  ];

  test.each(cases)("%s: %s", (field, _, change) => {
    expect(() => parseGenesis(file(change))).toThrow(GenesisError);
    expect(() => parseGenesis(file(change))).toThrow(expect.objectContaining({ path: field }));
  });

  test("what is not JSON", () => {
    expect(() => parseGenesis("{")).toThrow(expect.objectContaining({ path: "the file" }));
  });

  function other(power: string): unknown {
    const value = Buffer.alloc(32, 1).toString("base64");
    return { pub_key: { type: "tendermint/PubKeyEd25519", value }, power };
  }
});
