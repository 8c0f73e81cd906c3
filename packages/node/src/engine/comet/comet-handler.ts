import type { Hex } from "@ruffchain/abi";
import {
  type Application,
  type BlockRecord,
  Bucket,
  bytesToHex,
  type CommitInfo,
  keccak256,
  type Misbehavior,
  type Transaction,
  TransactionError,
} from "@ruffchain/kernel";
import { blockIdFlag } from "@ruffchain/light";
import type { Genesis } from "../../genesis/genesis.js";
import type { RecoveryPool } from "../../recovery/recovery-pool.js";
import { heightKey } from "../height-key.js";
import type { TransactionSource } from "../transaction-source.js";
import type { AbciHandler } from "./abci-server.js";
import { PROPOSE_TIMEOUT_MS } from "./comet-home.js";
import { type Gossip, MAX_REAP_BYTES } from "./gossip.js";
import type { RequestOf } from "./messages.js";
import type { PeerIntake } from "./peer-intake.js";
import { ProposalPace } from "./proposal-pace.js";

export interface CometHandlerModules {
  readonly application: Application;
  readonly genesis: Genesis;
  readonly transactions: TransactionSource;
  readonly recovery: RecoveryPool;
  readonly gossip: Gossip;
  readonly intake: PeerIntake;
  /** The transaction of the pool with this hash: it is decoded, and its signers are known. */
  readonly pooled: (hash: Hex) => Transaction | undefined;
  /** Told of each block when it is on disk, before CometBFT is. */
  readonly onCommit: (block: BlockRecord) => void;
}

/** In which a proposal should be executed: it is, by its proposer and then by the others, while they wait for it. */
const PROPOSAL_MS = PROPOSE_TIMEOUT_MS / 4;
/** Proposals of one height whose bytes are kept, so that the block that is decided is not decoded again. */
const MAX_PROPOSALS = 4;
const PROOF_TYPE = "ics23";
const QUERY_FAILED = 2;
const proposalStatus = { accept: 1, reject: 2 } as const;
const misbehaviorTypes: Readonly<Record<number, Misbehavior["type"]>> = { 1: "duplicateVote", 2: "lightClientAttack" };
const RECHECK = 1;
/** The application has its own limit of gas. */
const UNLIMITED_GAS = -1;
const offerResults = { accept: 1, abort: 2, reject: 3, rejectFormat: 4, rejectSender: 5 } as const;
const applyResults = { accept: 1, abort: 2, retry: 3, retrySnapshot: 4, rejectSnapshot: 5 } as const;

/** Drives the application by what CometBFT asks. What is thrown here halts the node. */
export function cometHandler(modules: CometHandlerModules): AbciHandler {
  const { application, genesis, transactions, gossip, intake } = modules;
  const proposals = new Map<string, readonly Uint8Array[]>();
  const pace = new ProposalPace(PROPOSAL_MS);
  let prepared: readonly Uint8Array[] = [];
  let refused: readonly Uint8Array[] = [];
  let decidedHash: Uint8Array = new Uint8Array(0);

  /** The transactions of a proposal, as the byte arrays that have been decoded before where there are such. */
  async function receive(txs: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    if (txs.length === prepared.length && txs.every((raw, i) => isEqual(raw, prepared[i] as Uint8Array))) {
      return prepared;
    }
    const unknown: Uint8Array[] = [];
    const known = txs.map((raw) => {
      const tx = modules.pooled(bytesToHex(keccak256(raw)));
      if (!tx) unknown.push(raw);
      return tx?.raw ?? raw;
    });
    await recoverSenders(unknown, modules);
    return known;
  }

  return {
    info() {
      const { version, appVersion, lastBlockHeight, lastBlockAppHash } = application.info();
      // The state of the genesis is none that a block has made.
      const height = lastBlockHeight < genesis.initialHeight ? 0 : lastBlockHeight;
      return { data: "ruff", version, appVersion, lastBlockHeight: height, lastBlockAppHash };
    },

    async initChain(request) {
      checkGenesis(request, genesis);
      const { validators, appHash } = await application.initChain({
        time: request.time,
        chainId: request.chainId,
        validators: request.validators.map(({ publicKey, power }) => ({
          publicKey: { type: "ed25519", bytes: publicKey.ed25519 },
          power,
        })),
        ...(request.consensusParams?.block && { consensusParams: { block: request.consensusParams.block } }),
        appState: request.appStateBytes,
        initialHeight: request.initialHeight,
      });
      return { validators: validators.map(toUpdate), appHash };
    },

    query(request) {
      try {
        const { code, log, key, value, proof, height } = application.query(request);
        const proofOps = proof && { ops: [{ type: PROOF_TYPE, key, data: proof }] };
        return { code, log, key, value, proofOps, height };
      } catch (error) {
        // Nobody's question may end the node.
        const { message } = error as Error;
        const { data: key, height } = request;
        return { code: QUERY_FAILED, log: message, key, value: new Uint8Array(0), proofOps: undefined, height };
      }
    },

    checkTx: ({ tx, type }) =>
      application.checkTx({ tx: Uint8Array.from(tx), type: type === RECHECK ? "recheck" : "new" }),

    insertTx: ({ tx }) => ({ code: intake.insert(tx) }),

    reapTxs: ({ maxBytes }) => {
      const most = maxBytes === 0 ? MAX_REAP_BYTES : Math.min(maxBytes, MAX_REAP_BYTES);
      return { txs: gossip.reap(application.head.height, most) };
    },

    async prepareProposal(request) {
      const offered = transactions.select({ maxBytes: request.maxTxBytes }).slice(0, pace.limit);
      const start = performance.now();
      const proposal = await application.prepareProposal({
        ...proposalOf(request),
        txs: offered,
        maxTxBytes: request.maxTxBytes,
        localLastCommit: toCommitInfo(request.localLastCommit),
      });
      pace.took(offered.length, performance.now() - start);
      prepared = proposal.txs;
      refused = proposal.refused;
      return { txs: prepared };
    },

    async processProposal(request) {
      const start = performance.now();
      const txs = await receive(request.txs);
      // What has been executed before says nothing.
      const isNew = txs !== prepared && !proposals.has(nameOf(request.hash));
      remember(proposals, request.hash, txs);
      const { accepted } = await application.processProposal({
        ...proposalOf(request),
        txs,
        hash: request.hash,
        proposedLastCommit: toCommitInfo(request.lastCommit),
      });
      if (isNew) pace.took(txs.length, performance.now() - start);
      return { status: accepted ? proposalStatus.accept : proposalStatus.reject };
    },

    async finalizeBlock(request) {
      const txs = proposals.get(nameOf(request.hash)) ?? (await receive(request.txs));
      const response = await application.finalizeBlock({
        ...proposalOf(request),
        txs,
        hash: request.hash,
        decidedLastCommit: toCommitInfo(request.lastCommit),
      });
      decidedHash = request.hash;
      const { txResults, validatorUpdates, consensusParamUpdates: params, appHash } = response;
      return {
        txResults,
        validatorUpdates: validatorUpdates.map(toUpdate),
        consensusParamUpdates: params && { block: { ...params.block, maxGas: UNLIMITED_GAS } },
        appHash,
      };
    },

    async commit() {
      const block = application.finalizedBlock;
      if (!block) throw new Error("CometBFT commits a block that it has not finalized");
      const { retainHeight } = await application.commit([
        { bucket: Bucket.engine, key: heightKey(block.header.number), value: decidedHash },
      ]);
      transactions.committed(block, refused);
      gossip.committed(block);
      proposals.clear();
      prepared = [];
      refused = [];
      modules.onCommit(block);
      return { retainHeight };
    },

    listSnapshots: () => application.listSnapshots(),

    async offerSnapshot({ snapshot, appHash }) {
      if (!snapshot) return { result: offerResults.reject };
      const { result } = await application.offerSnapshot({ snapshot, appHash });
      return { result: offerResults[result] };
    },

    loadSnapshotChunk: (request) => application.loadSnapshotChunk(request),

    async applySnapshotChunk(request) {
      const { result, refetchChunks, rejectSenders } = await application.applySnapshotChunk(request);
      return { result: applyResults[result], refetchChunks, rejectSenders };
    },
  };
}

/** Recovers senders in the worker threads, before the block is executed. */
async function recoverSenders(
  txs: readonly Uint8Array[],
  { application, recovery }: CometHandlerModules,
): Promise<void> {
  const unknown: Transaction[] = [];
  for (const raw of txs) {
    try {
      unknown.push(application.decode(raw));
    } catch (error) {
      // The application refuses it in its place.
      if (!(error instanceof TransactionError)) throw error;
    }
  }
  if (unknown.length === 0) return;
  const senders = await recovery.recoverMany(unknown);
  for (const [i, sender] of senders.entries()) {
    const tx = unknown[i];
    if (tx && sender) application.senders.put(tx.hash, sender);
  }
}

type Proposal = RequestOf<"prepareProposal"> | RequestOf<"processProposal"> | RequestOf<"finalizeBlock">;

function proposalOf({ height, time, proposerAddress, misbehavior, nextValidatorsHash }: Proposal) {
  return { height, time, proposerAddress, nextValidatorsHash, misbehavior: misbehavior.map(toMisbehavior) };
}

function toMisbehavior(evidence: Proposal["misbehavior"][number]): Misbehavior {
  const type = misbehaviorTypes[evidence.type];
  if (!type) throw new Error(`CometBFT reports a misbehavior of the unknown type ${evidence.type}`);
  const { height, time, totalVotingPower, validator } = evidence;
  return { type, address: validator.address, power: validator.power, height, time, totalPower: totalVotingPower };
}

/** A vote for no block is a sign of life, too. */
function toCommitInfo({ round, votes }: RequestOf<"finalizeBlock">["lastCommit"]): CommitInfo {
  return {
    round,
    votes: votes.map(({ validator, blockIdFlag: flag }) => ({ ...validator, signed: flag !== blockIdFlag.absent })),
  };
}

function toUpdate({ publicKey, power }: { publicKey: { bytes: Uint8Array }; power: bigint }) {
  return { publicKey: { ed25519: publicKey.bytes }, power };
}

function remember(proposals: Map<string, readonly Uint8Array[]>, hash: Uint8Array, txs: readonly Uint8Array[]): void {
  proposals.set(nameOf(hash), txs);
  if (proposals.size <= MAX_PROPOSALS) return;
  for (const oldest of proposals.keys()) {
    proposals.delete(oldest);
    return;
  }
}

function nameOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString("latin1");
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

function checkGenesis(request: RequestOf<"initChain">, genesis: Genesis): void {
  const appState = JSON.stringify(JSON.parse(Buffer.from(request.appStateBytes).toString("utf8")));
  const same =
    request.chainId === genesis.chainId &&
    request.time === genesis.time &&
    request.initialHeight === genesis.initialHeight &&
    appState === Buffer.from(genesis.appState).toString("utf8");
  if (!same) throw new Error("CometBFT was started with another genesis file than the node");
}
