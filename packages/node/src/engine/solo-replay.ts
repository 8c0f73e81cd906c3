import { type Application, Bucket } from "@ruffchain/kernel";
import { dataHash, hashCommit, hashHeader, type SignedHeader, type Validator, verifyCommit } from "@ruffchain/light";
import { nodeCrypto } from "../crypto.js";
import { heightKey } from "./height-key.js";
import { commitInfo, encodeRecord, resultsHashOf, type SoloRecord } from "./solo-record.js";

/** A block that an embedded engine made, as it can be executed again. */
export interface SoloBlock {
  readonly signed: SignedHeader;
  readonly txs: readonly Uint8Array[];
}

/** A block does not follow from the one before; `problem` says why. */
export class ReplayError extends Error {
  readonly code = "replay";
  readonly height: number;
  readonly problem: string;
  constructor(height: number, problem: string) {
    super(`block ${height} cannot be executed again: ${problem}`);
    this.height = height;
    this.problem = problem;
  }
}

/** Whether what is kept of a block is what the header of the next one says of it. Throws ReplayError. */
export function assertFollows({ signed, resultsHash }: SoloRecord, { header }: SignedHeader): void {
  const check = (right: boolean, problem: string) => {
    if (!right) throw new ReplayError(header.height, problem);
  };
  check(header.height === signed.header.height + 1, "it is not the next one");
  check(isEqual(header.lastBlockId.hash, hashHeader(signed.header, nodeCrypto)), "it follows another block");
  check(isEqual(header.lastCommitHash, hashCommit(signed.commit, nodeCrypto)), "it names another commit");
  check(isEqual(header.lastResultsHash, resultsHash), "the block before had other results");
}

/**
 * Executes a block of the embedded engine again and commits it with its own header, so that the engine goes on behind it.
 * Throws ReplayError, and LightError where the validator has not signed it.
 */
export async function replayBlock(
  application: Application,
  previous: SoloRecord,
  { signed, txs }: SoloBlock,
  validator: Validator,
): Promise<SoloRecord> {
  const { header } = signed;
  assertFollows(previous, signed);
  verifyCommit([validator], header.chainId, header, signed.commit, nodeCrypto);
  const { root } = application.head;
  if (!isEqual(header.appHash, root)) throw new ReplayError(header.height, "the state before it has another root");
  if (!isEqual(header.dataHash, dataHash(txs, nodeCrypto))) {
    throw new ReplayError(header.height, "its transactions are others");
  }
  const response = await application.finalizeBlock({
    txs,
    height: header.height,
    time: header.time,
    proposerAddress: header.proposerAddress,
    misbehavior: [],
    nextValidatorsHash: header.nextValidatorsHash,
    hash: hashHeader(header, nodeCrypto),
    decidedLastCommit: commitInfo(previous.signed.commit, validator.power),
  });
  const record = { signed, resultsHash: resultsHashOf(response) };
  await application.commit([{ bucket: Bucket.engine, key: heightKey(header.height), value: encodeRecord(record) }]);
  return record;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
