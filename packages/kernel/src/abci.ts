/**
 * The application interface in the shape of ABCI 2.0 (CometBFT v0.40, tendermint.abci), with TypeScript's own types:
 * bytes are Uint8Array, heights and gas are safe integers, times are nanoseconds since 1970 as bigint.
 * An engine (solo or CometBFT) drives it; the application knows no network, disk path, clock or randomness.
 */
export interface Abci {
  info(): InfoResponse;
  initChain(request: InitChainRequest): Promise<InitChainResponse>;
  checkTx(request: CheckTxRequest): CheckTxResponse;
  prepareProposal(request: PrepareProposalRequest): Promise<PrepareProposalResponse>;
  processProposal(request: ProcessProposalRequest): Promise<ProcessProposalResponse>;
  finalizeBlock(request: FinalizeBlockRequest): Promise<FinalizeBlockResponse>;
  /** Makes the last finalized block durable. `extra` goes into the same transaction. */
  commit(extra?: readonly import("./store.js").Write[]): Promise<CommitResponse>;
  query(request: QueryRequest): QueryResponse;
  listSnapshots(): Promise<ListSnapshotsResponse>;
  offerSnapshot(request: OfferSnapshotRequest): Promise<OfferSnapshotResponse>;
  loadSnapshotChunk(request: LoadSnapshotChunkRequest): Promise<LoadSnapshotChunkResponse>;
  applySnapshotChunk(request: ApplySnapshotChunkRequest): Promise<ApplySnapshotChunkResponse>;
}

export interface InfoResponse {
  readonly version: string;
  readonly appVersion: number;
  /** 0 before the first commit. */
  readonly lastBlockHeight: number;
  readonly lastBlockAppHash: Uint8Array;
}

export interface ValidatorUpdate {
  readonly publicKey: { readonly type: "ed25519"; readonly bytes: Uint8Array };
  readonly power: bigint;
}

/** What the application sets of the engine's own parameters. CometBFT's limit of gas is always off. */
export interface ConsensusParams {
  readonly block: { readonly maxBytes: number };
}

export interface InitChainRequest {
  readonly time: bigint;
  readonly chainId: string;
  /** DEFAULT_MAX_BLOCK_BYTES where absent. */
  readonly consensusParams?: ConsensusParams;
  readonly validators: readonly ValidatorUpdate[];
  /** The application part of the genesis file, as UTF-8 JSON. */
  readonly appState: Uint8Array;
  readonly initialHeight: number;
}

export interface InitChainResponse {
  readonly validators: readonly ValidatorUpdate[];
  readonly appHash: Uint8Array;
}

export interface CheckTxRequest {
  readonly tx: Uint8Array;
  readonly type: "new" | "recheck";
}

export interface CheckTxResponse {
  /** 0 is good; the others are the codes of TransactionError. */
  readonly code: number;
  readonly log: string;
  readonly gasWanted: number;
}

export interface CommitInfo {
  readonly round: number;
  readonly votes: readonly { readonly address: Uint8Array; readonly power: bigint; readonly signed: boolean }[];
}

export interface Misbehavior {
  readonly type: "duplicateVote" | "lightClientAttack";
  readonly address: Uint8Array;
  readonly power: bigint;
  readonly height: number;
  readonly time: bigint;
  readonly totalPower: bigint;
}

interface BlockProposal {
  readonly txs: readonly Uint8Array[];
  readonly height: number;
  readonly time: bigint;
  readonly proposerAddress: Uint8Array;
  readonly misbehavior: readonly Misbehavior[];
  readonly nextValidatorsHash: Uint8Array;
}

export interface PrepareProposalRequest extends BlockProposal {
  readonly maxTxBytes: number;
  readonly localLastCommit: CommitInfo;
}

export interface PrepareProposalResponse {
  readonly txs: readonly Uint8Array[];
  /** Offered transactions that can be in no block as things are; beyond ABCI, for the pool to drop them. */
  readonly refused: readonly Uint8Array[];
}

export interface ProcessProposalRequest extends BlockProposal {
  readonly hash: Uint8Array;
  readonly proposedLastCommit: CommitInfo;
}

export interface ProcessProposalResponse {
  readonly accepted: boolean;
  /** Why not, for the log. */
  readonly reason?: string;
}

export interface FinalizeBlockRequest extends BlockProposal {
  readonly hash: Uint8Array;
  readonly decidedLastCommit: CommitInfo;
}

export interface TxResult {
  /** 0 executed well, 1 reverted; the others are the codes of TransactionError: the transaction has no receipt. */
  readonly code: number;
  readonly data: Uint8Array;
  readonly gasWanted: number;
  readonly gasUsed: number;
}

export interface FinalizeBlockResponse {
  readonly txResults: readonly TxResult[];
  /** Changed powers, 0 for who leaves; they count from the block after the next. */
  readonly validatorUpdates: readonly ValidatorUpdate[];
  /** From the next block on. */
  readonly consensusParamUpdates?: ConsensusParams;
  readonly appHash: Uint8Array;
}

export interface CommitResponse {
  /** Blocks below may be pruned by the engine; 0 keeps all. */
  readonly retainHeight: number;
}

export interface QueryRequest {
  readonly path: string;
  readonly data: Uint8Array;
  /** 0 is the newest. */
  readonly height: number;
  readonly prove: boolean;
}

export interface QueryResponse {
  readonly code: number;
  readonly log: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** An ICS23 CommitmentProof in protobuf, where asked for. */
  readonly proof?: Uint8Array;
  readonly height: number;
}

export interface Snapshot {
  readonly height: number;
  readonly format: number;
  readonly chunks: number;
  /** SHA-256 of the metadata. */
  readonly hash: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface ListSnapshotsResponse {
  readonly snapshots: readonly Snapshot[];
}

export interface OfferSnapshotRequest {
  readonly snapshot: Snapshot;
  /** The state root of the snapshot's height, as a light client has verified it. */
  readonly appHash: Uint8Array;
}

export interface OfferSnapshotResponse {
  readonly result: "accept" | "abort" | "reject" | "rejectFormat" | "rejectSender";
  /** Why not, for the log. */
  readonly reason?: string;
}

export interface LoadSnapshotChunkRequest {
  readonly height: number;
  readonly format: number;
  readonly chunk: number;
}

export interface LoadSnapshotChunkResponse {
  /** Empty where there is no such chunk. */
  readonly chunk: Uint8Array;
}

export interface ApplySnapshotChunkRequest {
  readonly index: number;
  readonly chunk: Uint8Array;
  /** The peer that sent it. */
  readonly sender: string;
}

export interface ApplySnapshotChunkResponse {
  readonly result: "accept" | "abort" | "retry" | "retrySnapshot" | "rejectSnapshot";
  readonly refetchChunks: readonly number[];
  readonly rejectSenders: readonly string[];
  /** Why not, for the log. */
  readonly reason?: string;
}
