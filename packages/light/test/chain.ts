import { createPrivateKey, sign } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import {
  absentCommitSig,
  blockIdFlag,
  type Commit,
  type CommitSig,
  commitVote,
  type Header,
  hashHeader,
  hashValidators,
  type Validator,
  validatorAddress,
  voteSignBytes,
} from "@ruffchain/light";

export const chainId = "ruff-test";

export interface Signer extends Validator {
  readonly secretKey: Uint8Array;
}

export function makeSigners(powers: readonly bigint[], tag = "signer"): Signer[] {
  return powers.map((power, index) => {
    const secretKey = sha256(utf8ToBytes(`${tag} ${index}`));
    return { secretKey, publicKey: ed25519.getPublicKey(secretKey), power };
  });
}

export function makeHeader(validators: readonly Validator[], overrides: Partial<Header> = {}): Header {
  const digest = (text: string) => sha256(utf8ToBytes(text));
  return {
    version: { block: 11, app: 1 },
    chainId,
    height: 1_234_567,
    time: 1_790_000_000_123_456_789n,
    lastBlockId: { hash: digest("last"), partSetHeader: { total: 1, hash: digest("parts") } },
    lastCommitHash: digest("last commit"),
    dataHash: digest("data"),
    validatorsHash: hashValidators(validators),
    nextValidatorsHash: hashValidators(validators),
    consensusHash: digest("consensus"),
    appHash: digest("app"),
    lastResultsHash: digest("results"),
    evidenceHash: digest("evidence"),
    proposerAddress: digest("proposer").slice(0, 20),
    ...overrides,
  };
}

/** The commit for a header; `flags` says what each signer did, all voted for the block if left out. */
export function makeCommit(
  signers: readonly Signer[],
  header: Header,
  flags: readonly number[] = [],
  round = 0,
  hash = hashHeader(header),
): Commit {
  const blockId = { hash, partSetHeader: { total: 1, hash: sha256(header.dataHash) } };
  const commit: Commit = { height: header.height, round, blockId, signatures: [] };
  const signatures = signers.map(({ publicKey, secretKey }, index): CommitSig => {
    const flag = flags[index] ?? blockIdFlag.commit;
    if (flag === blockIdFlag.absent) return absentCommitSig;
    const time = header.time + BigInt(index + 1) * 1_000_003n;
    const slot = { flag, validatorAddress: validatorAddress(publicKey), time, signature: new Uint8Array() };
    const signature = new Uint8Array(
      sign(null, voteSignBytes(header.chainId, commitVote(commit, slot)), keyOf(secretKey)),
    );
    return { ...slot, signature };
  });
  return { ...commit, signatures };
}

/** Node's own Ed25519 is some ten times faster than noble's, and makes the same signatures. */
function keyOf(secretKey: Uint8Array) {
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), secretKey]);
  return createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
}
