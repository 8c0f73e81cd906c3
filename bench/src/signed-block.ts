import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { nodeCrypto } from "@ruffchain/edge";
import {
  blockIdFlag,
  type Commit,
  type CommitSig,
  commitVote,
  type Header,
  hashHeader,
  type Validator,
  validatorAddress,
  voteSignBytes,
} from "@ruffchain/light";

export interface Signer extends Validator {
  readonly privateKey: KeyObject;
}

/** Validators of equal power. */
export function makeSigners(count: number): Signer[] {
  return Array.from({ length: count }, () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    return { publicKey: publicKey.export({ format: "der", type: "spki" }).subarray(-32), power: 10n, privateKey };
  });
}

/** A header of a chain whose validators stay; `time` is seconds since 1970. */
export function headerWith(given: {
  readonly chainId: string;
  readonly time: number;
  readonly appHash: Uint8Array;
  readonly validatorsHash: Uint8Array;
}): Header {
  const some = () => randomBytes(32);
  return {
    version: { block: 11, app: 1 },
    chainId: given.chainId,
    height: 1_234_567,
    time: BigInt(given.time) * 1_000_000_000n + 123_456_789n,
    lastBlockId: { hash: some(), partSetHeader: { total: 1, hash: some() } },
    lastCommitHash: some(),
    dataHash: some(),
    validatorsHash: given.validatorsHash,
    nextValidatorsHash: given.validatorsHash,
    consensusHash: some(),
    appHash: given.appHash,
    lastResultsHash: some(),
    evidenceHash: some(),
    proposerAddress: randomBytes(20),
  };
}

/** All of them signed. */
export function commitOf(header: Header, signers: readonly Signer[]): Commit {
  const blockId = { hash: hashHeader(header, nodeCrypto), partSetHeader: { total: 1, hash: randomBytes(32) } };
  const commit: Commit = { height: header.height, round: 0, blockId, signatures: [] };
  const signatures = signers.map(({ publicKey, privateKey }, index): CommitSig => {
    const address = validatorAddress(publicKey, nodeCrypto);
    const time = header.time + BigInt(index + 1) * 1_000_003n;
    const slot = { flag: blockIdFlag.commit, validatorAddress: address, time, signature: new Uint8Array() };
    return { ...slot, signature: sign(null, voteSignBytes(header.chainId, commitVote(commit, slot)), privateKey) };
  });
  return { ...commit, signatures };
}
