import { bytesToHex } from "@noble/hashes/utils.js";
import type { BlockId } from "../comet/block-id.js";
import type { CommitSig } from "../comet/commit.js";
import type { Header } from "../comet/header.js";
import { timeToString } from "../comet/time.js";
import { type Validator, validatorAddress } from "../comet/validator.js";
import type { Crypto } from "../crypto.js";
import { nobleCrypto } from "../noble-crypto.js";
import type { LightClientAttack } from "./light-client-attack.js";

/** CometBFT's LightClientAttackEvidence, in the JSON that its `broadcast_evidence` takes: integers of 64 bits are strings. */
export function attackEvidence(
  { common, conflicting, byzantine }: LightClientAttack,
  crypto: Crypto = nobleCrypto,
): object {
  const { header, commit, validators } = conflicting;
  const set = validators.map((validator) => validatorJson(validator, crypto));
  const total = common.validators.reduce((sum, { power }) => sum + power, 0n);
  const value = {
    ConflictingBlock: {
      signed_header: {
        header: headerJson(header),
        commit: {
          height: String(commit.height),
          round: commit.round,
          block_id: blockIdJson(commit.blockId),
          signatures: commit.signatures.map(commitSigJson),
        },
      },
      // Whose turn it was is not in a header's hash, so anyone of the set will do.
      validator_set: { validators: set, proposer: set[0] },
    },
    CommonHeight: String(common.header.height),
    ByzantineValidators: byzantine.length === 0 ? null : byzantine.map((validator) => validatorJson(validator, crypto)),
    TotalVotingPower: String(total),
    Timestamp: timeToString(common.header.time),
  };
  return { type: "tendermint/LightClientAttackEvidence", value };
}

function headerJson(header: Header): object {
  return {
    version: { block: String(header.version.block), app: String(header.version.app) },
    chain_id: header.chainId,
    height: String(header.height),
    time: timeToString(header.time),
    last_block_id: blockIdJson(header.lastBlockId),
    last_commit_hash: hex(header.lastCommitHash),
    data_hash: hex(header.dataHash),
    validators_hash: hex(header.validatorsHash),
    next_validators_hash: hex(header.nextValidatorsHash),
    consensus_hash: hex(header.consensusHash),
    app_hash: hex(header.appHash),
    last_results_hash: hex(header.lastResultsHash),
    evidence_hash: hex(header.evidenceHash),
    proposer_address: hex(header.proposerAddress),
  };
}

function blockIdJson({ hash, partSetHeader }: BlockId): object {
  return { hash: hex(hash), parts: { total: partSetHeader.total, hash: hex(partSetHeader.hash) } };
}

function commitSigJson({ flag, validatorAddress: address, time, signature }: CommitSig): object {
  return {
    block_id_flag: flag,
    validator_address: hex(address),
    timestamp: timeToString(time),
    signature: signature.length === 0 ? null : base64(signature),
  };
}

function validatorJson({ publicKey, power }: Validator, crypto: Crypto): object {
  return {
    address: hex(validatorAddress(publicKey, crypto)),
    pub_key: { type: "tendermint/PubKeyEd25519", value: base64(publicKey) },
    voting_power: String(power),
    proposer_priority: "0",
  };
}

function hex(bytes: Uint8Array): string {
  return bytesToHex(bytes).toUpperCase();
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
