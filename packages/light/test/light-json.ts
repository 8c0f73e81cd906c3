import { readFileSync } from "node:fs";
import { hexToBytes } from "@noble/hashes/utils.js";
import {
  absentCommitSig,
  type CommitSig,
  emptyBlockId,
  type LightBlock,
  type SignedHeader,
  trustGenesis,
  type Validator,
} from "@ruffchain/light";

/** Blocks in the JSON of CometBFT's RPC and of the light clients' vectors. */
interface JsonBlockId {
  hash: string;
  parts?: { total: number; hash: string };
  part_set_header?: { total: number; hash: string };
}

export interface JsonSignedHeader {
  header: Record<
    | "chain_id"
    | "height"
    | "time"
    | "last_commit_hash"
    | "data_hash"
    | "validators_hash"
    | "next_validators_hash"
    | "consensus_hash"
    | "app_hash"
    | "last_results_hash"
    | "evidence_hash"
    | "proposer_address",
    string
  > & { version: { block: string; app?: string }; last_block_id: JsonBlockId | null };
  commit: {
    height: string;
    round: number;
    block_id: JsonBlockId;
    signatures:
      | {
          block_id_flag: number;
          validator_address: string | null;
          timestamp: string | null;
          signature: string | null;
        }[]
      | null;
  };
}

export interface JsonValidators {
  validators: { pub_key: { value: string }; voting_power?: string; power?: string }[] | null;
}

export interface JsonLightBlock {
  signed_header: JsonSignedHeader;
  validator_set: JsonValidators;
  next_validator_set: JsonValidators;
}

export function readData<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`./data/${file}`, import.meta.url), "utf8"));
}

const hex = (text: string | null) => hexToBytes(text ?? "");
const base64 = (text: string | null) => Uint8Array.from(Buffer.from(text ?? "", "base64"));

/** Nanoseconds of an RFC 3339 time in UTC. */
export function nanoseconds(text: string): bigint {
  const [, seconds = "", fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

function blockId(json: JsonBlockId | null) {
  const parts = json?.parts ?? json?.part_set_header;
  if (!json || !parts) return emptyBlockId;
  return { hash: hex(json.hash), partSetHeader: { total: parts.total, hash: hex(parts.hash) } };
}

export function signedHeader({ header: h, commit: c }: JsonSignedHeader): SignedHeader {
  return {
    header: {
      version: { block: Number(h.version.block), app: Number(h.version.app ?? 0) },
      chainId: h.chain_id,
      height: Number(h.height),
      time: nanoseconds(h.time),
      lastBlockId: blockId(h.last_block_id),
      lastCommitHash: hex(h.last_commit_hash),
      dataHash: hex(h.data_hash),
      validatorsHash: hex(h.validators_hash),
      nextValidatorsHash: hex(h.next_validators_hash),
      consensusHash: hex(h.consensus_hash),
      appHash: hex(h.app_hash),
      lastResultsHash: hex(h.last_results_hash),
      evidenceHash: hex(h.evidence_hash),
      proposerAddress: hex(h.proposer_address),
    },
    commit: {
      height: Number(c.height),
      round: c.round,
      blockId: blockId(c.block_id),
      signatures: (c.signatures ?? []).map((slot): CommitSig => {
        if (slot.block_id_flag === 1) return absentCommitSig;
        return {
          flag: slot.block_id_flag,
          validatorAddress: hex(slot.validator_address),
          time: nanoseconds(slot.timestamp ?? ""),
          signature: base64(slot.signature),
        };
      }),
    },
  };
}

/** In CometBFT's order: some vectors list sets in the order of a time when it was another. */
export function validatorSet({ validators }: JsonValidators): Validator[] {
  const set = (validators ?? []).map(({ pub_key, voting_power, power }) => ({
    publicKey: base64(pub_key.value),
    power: BigInt(voting_power ?? power ?? 0),
  }));
  return [...trustGenesis({ chainId: "", time: 0n, initialHeight: 1, validators: set }).nextValidators];
}

export function lightBlock(json: JsonLightBlock): LightBlock {
  return {
    ...signedHeader(json.signed_header),
    validators: validatorSet(json.validator_set),
    nextValidators: validatorSet(json.next_validator_set),
  };
}
