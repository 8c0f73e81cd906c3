import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Hex } from "@ruffchain/abi";
import { DEFAULT_UNBONDING_TIME, LOWEST_MAX_BLOCK_BYTES } from "@ruffchain/contracts";
import { GenesisError, parseAppGenesis } from "@ruffchain/kernel";
import { timeToString } from "@ruffchain/light";
import * as z from "zod";
import { NANOSECONDS, parseTime } from "./time.js";

/** CometBFT's limits. */
export const MAX_CHAIN_ID_LENGTH = 50;
export const MAX_BLOCK_BYTES = 104_857_600;
export const MAX_TOTAL_POWER = (2n ** 63n - 1n) / 8n;
/** CometBFT stops where evidence may be larger than blocks, and a vote can make blocks as small as this. */
export const MAX_EVIDENCE_BYTES = Number(LOWEST_MAX_BLOCK_BYTES);

/** How a chain begins: what a `genesis.json` of CometBFT says. */
export interface Genesis {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly chainId: string;
  readonly initialHeight: number;
  readonly consensusParams: ConsensusParams;
  readonly validators: readonly GenesisValidator[];
  /** `app_state` as UTF-8 JSON, for the application. */
  readonly appState: Uint8Array;
}

/** CometBFT's own limit of gas is always off: the application has one. */
export interface ConsensusParams {
  readonly block: { readonly maxBytes: number };
  readonly evidence: {
    readonly maxAgeNumBlocks: number;
    /** Nanoseconds. */
    readonly maxAgeDuration: bigint;
    readonly maxBytes: number;
  };
  readonly version: { readonly app: number };
}

export interface GenesisValidator {
  readonly publicKey: { readonly type: "ed25519"; readonly bytes: Uint8Array };
  readonly power: bigint;
  readonly name: string;
}

/** Reads a genesis file. Throws GenesisError, whose path is that of the field, and errors of the file system. */
export function loadGenesis(path: string): Genesis {
  return parseGenesis(readFileSync(path, "utf8"));
}

/** Throws GenesisError. */
export function parseGenesis(text: string): Genesis {
  const file = parseFile(text);
  const appState = Buffer.from(JSON.stringify(file.app_state));
  const { parameters } = parseAppGenesis(appState);
  const { block, evidence, version } = file.consensus_params;
  const unbondingTime = BigInt(parameters?.unbondingTime ?? DEFAULT_UNBONDING_TIME);
  if (evidence.max_age_duration > unbondingTime * NANOSECONDS) {
    const problem = `is longer than app_state.parameters.unbondingTime, ${unbondingTime} s: stake would be gone before the evidence`;
    throw new GenesisError("consensus_params.evidence.max_age_duration", problem);
  }
  return {
    time: file.genesis_time,
    chainId: file.chain_id,
    initialHeight: Math.max(1, file.initial_height),
    consensusParams: {
      block: { maxBytes: block.max_bytes },
      evidence: {
        maxAgeNumBlocks: evidence.max_age_num_blocks,
        maxAgeDuration: evidence.max_age_duration,
        maxBytes: evidence.max_bytes,
      },
      version: { app: version.app },
    },
    validators: file.validators.map(({ pub_key, power, name }) => ({
      publicKey: { type: "ed25519", bytes: pub_key.value },
      power,
      name,
    })),
    appState,
  };
}

/** The text of the file, the same for the same genesis. */
export function encodeGenesis(genesis: Genesis): string {
  const { block, evidence, version } = genesis.consensusParams;
  const file = {
    genesis_time: timeToString(genesis.time),
    chain_id: genesis.chainId,
    initial_height: String(genesis.initialHeight),
    consensus_params: {
      block: { max_bytes: String(block.maxBytes), max_gas: "-1" },
      evidence: {
        max_age_num_blocks: String(evidence.maxAgeNumBlocks),
        max_age_duration: String(evidence.maxAgeDuration),
        max_bytes: String(evidence.maxBytes),
      },
      validator: { pub_key_types: ["ed25519"] },
      version: { app: String(version.app) },
      abci: { vote_extensions_enable_height: "0" },
    },
    validators: genesis.validators.map(({ publicKey, power, name }) => ({
      address: validatorAddress(publicKey.bytes),
      pub_key: { type: "tendermint/PubKeyEd25519", value: Buffer.from(publicKey.bytes).toString("base64") },
      power: String(power),
      name,
    })),
    app_hash: "",
    app_state: JSON.parse(Buffer.from(genesis.appState).toString()),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** SHA-256 of the encoded genesis: tells whether a data folder belongs to it. */
export function genesisHash(genesis: Genesis): Hex {
  return `0x${createHash("sha256").update(encodeGenesis(genesis)).digest("hex")}`;
}

const time = z.string().transform((text, { addIssue }) => {
  const parsed = parseTime(text);
  if (parsed === undefined) addIssue("must be an RFC 3339 time in UTC that ends in Z");
  return parsed ?? 0n;
});

/** CometBFT writes 64-bit integers as strings. */
const int64 = (least: bigint, most: bigint) =>
  z
    .string("must be an integer in a string")
    .regex(/^-?(0|[1-9]\d{0,18})$/, "must be an integer in a string")
    .transform(BigInt)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);
const safeInteger = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  int64(BigInt(least), BigInt(most)).transform(Number);

const publicKey = z.strictObject({
  type: z.literal("tendermint/PubKeyEd25519"),
  value: z
    .base64()
    .transform((text) => Uint8Array.from(Buffer.from(text, "base64")))
    .refine((key) => key.length === 32, "must be 32 bytes in base64"),
});
const validator = z
  .strictObject({
    address: z.string().default(""),
    pub_key: publicKey,
    power: int64(1n, MAX_TOTAL_POWER),
    name: z.string().default(""),
  })
  .refine(({ address, pub_key }) => address === "" || address === validatorAddress(pub_key.value), {
    path: ["address"],
    message: "is not that of the public key",
  });
const consensusParams = z
  .strictObject({
    block: z.strictObject({
      max_bytes: safeInteger(1, MAX_BLOCK_BYTES),
      max_gas: z.literal("-1", 'must be "-1": the limit of a block is app_state.blockGasLimit'),
    }),
    evidence: z.strictObject({
      max_age_num_blocks: safeInteger(1),
      max_age_duration: int64(1n, 2n ** 63n - 1n),
      max_bytes: safeInteger(0, MAX_EVIDENCE_BYTES),
    }),
    validator: z.strictObject({ pub_key_types: z.tuple([z.literal("ed25519")], 'must be ["ed25519"]') }),
    version: z.strictObject({ app: safeInteger(0) }).default({ app: 0 }),
    abci: z.strictObject({ vote_extensions_enable_height: z.literal("0", 'must be "0": there are none') }).optional(),
    authority: z.strictObject({ authority: z.literal("", "must be empty") }).optional(),
  })
  .refine(({ block, evidence }) => evidence.max_bytes <= block.max_bytes, {
    path: ["evidence", "max_bytes"],
    message: "must not be more than block.max_bytes",
  });
const genesisFile = z.strictObject({
  genesis_time: time,
  chain_id: z.string().min(1).max(MAX_CHAIN_ID_LENGTH),
  initial_height: safeInteger(0).default(1),
  consensus_params: consensusParams,
  validators: z
    .array(validator)
    .min(1)
    .refine((all) => all.reduce((sum, { power }) => sum + power, 0n) <= MAX_TOTAL_POWER, {
      message: `must not have more power together than ${MAX_TOTAL_POWER}`,
    })
    .refine((all) => new Set(all.map(({ pub_key }) => String(pub_key.value))).size === all.length, {
      message: "must not have the same public key twice",
    }),
  app_hash: z.literal("", "must be empty: the state comes from app_state").optional(),
  app_state: z.record(z.string(), z.unknown()),
});

function parseFile(text: string): z.infer<typeof genesisFile> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new GenesisError("the file", `is not JSON: ${(error as Error).message}`);
  }
  const { data, error } = genesisFile.safeParse(json);
  if (data) return data;
  const [issue] = error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []), ...unknown].join(".") || "the file";
  throw new GenesisError(path, unknown.length > 0 ? "is unknown" : `is wrong: ${issue?.message}`);
}

/** The first 20 bytes of the key's SHA-256, in upper-case hex. */
function validatorAddress(key: Uint8Array): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 40).toUpperCase();
}
