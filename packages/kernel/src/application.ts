import { type Address, addresses, type Hex } from "@ruffchain/abi";
import type {
  Abci,
  ApplySnapshotChunkRequest,
  ApplySnapshotChunkResponse,
  CheckTxRequest,
  CheckTxResponse,
  CommitInfo,
  CommitResponse,
  FinalizeBlockRequest,
  FinalizeBlockResponse,
  InfoResponse,
  InitChainRequest,
  InitChainResponse,
  ListSnapshotsResponse,
  LoadSnapshotChunkRequest,
  LoadSnapshotChunkResponse,
  OfferSnapshotRequest,
  OfferSnapshotResponse,
  PrepareProposalRequest,
  PrepareProposalResponse,
  ProcessProposalRequest,
  ProcessProposalResponse,
  QueryRequest,
  QueryResponse,
} from "./abci.js";
import { enforcesLimits } from "./account/keychain.js";
import { laneNonce, laneNonceOf } from "./account/nonces.js";
import { checkPooled, grantKey } from "./account/use-account.js";
import { type BlockHeader, hashHeader } from "./block/header.js";
import { EMPTY_TRIE_ROOT } from "./block/ordered-trie-root.js";
import type { Log } from "./block/receipt.js";
import type { BlockRecord } from "./chain/block-record.js";
import { BlockStore } from "./chain/block-store.js";
import type { ChainBlock, ChainGenesis, Contract } from "./contract/contract.js";
import { sha256 } from "./crypto/sha256.js";
import { type Account, readAccount, writeAccount } from "./execution/account.js";
import { type AccountOverride, overrideAccount } from "./execution/account-override.js";
import { writeHistoryContract } from "./execution/block-hashes.js";
import type { Evm } from "./execution/evm.js";
import {
  type BlockInput,
  baseFeeAfter,
  type ExecutedBlock,
  type ExecutionModules,
  executeBlock,
  isSystemTransaction,
  type Upgrade,
} from "./execution/execute-block.js";
import { authorize, runBatch, startTransaction } from "./execution/execute-transaction.js";
import { Machine, type Pause } from "./execution/machine.js";
import { decodeHead, type Head, type Parameters, readHead, readParameters } from "./execution/parameters.js";
import { Registry } from "./execution/registry.js";
import { type BlockOverrides, type SimulatedBlock, type SimulateRequest, simulate } from "./execution/simulate.js";
import type { BlockTracer, Tracer } from "./execution/tracer.js";
import { readCode, readStorage, SYSTEM_CODE } from "./execution/user-contract.js";
import { validateStateless } from "./execution/validate-transaction.js";
import { CALL_STIPEND, ESTIMATE_TOLERANCE, MAX_CALL_GAS, MAX_EVM_TRANSACTION_GAS } from "./gas-schedule.js";
import { type AppGenesis, parseAppGenesis, writeGenesis } from "./genesis.js";
import { bytesToHex } from "./hex.js";
import { type CheckedSnapshot, checkSnapshot } from "./snapshot/check-snapshot.js";
import { SNAPSHOT_FORMAT } from "./snapshot/format.js";
import { Restore } from "./snapshot/restore.js";
import { SnapshotError } from "./snapshot/snapshot-error.js";
import type { SnapshotSource } from "./snapshot/snapshot-source.js";
import { Journal } from "./state/journal.js";
import { headKey, keyFromBytes } from "./state/keys.js";
import type { StateReader } from "./state/reader.js";
import { type Staged, State } from "./state/state.js";
import { StateError } from "./state/state-error.js";
import type { Store, Write } from "./store.js";
import type { AccessListEntry } from "./transaction/access-list.js";
import type { Authorization } from "./transaction/authorization.js";
import { decodeTransaction } from "./transaction/decode.js";
import { TransactionError, WAITING } from "./transaction/error.js";
import { intrinsicGas } from "./transaction/intrinsic-gas.js";
import type { KeyGrant } from "./transaction/key-authorization.js";
import { Senders } from "./transaction/senders.js";
import type { Call, TempoTransaction, Transaction } from "./transaction/transaction.js";

export const APPLICATION_VERSION = "0.1.0";
export const PROTOCOL_VERSION = 1;

/** Candidate blocks (proposals of one height, executed) that are kept until one of them is decided. */
export const MAX_CANDIDATES = 4;

export interface ApplicationOptions {
  readonly store: Store;
  readonly contracts: readonly Contract[];
  /** Heights whose state can be read beside the newest. */
  readonly historyWindow?: number;
  /** Keep every height. */
  readonly archive?: boolean;
  /** Newest blocks, with receipts, that are kept; all where absent. */
  readonly keepBlocks?: number;
  /** What this node offers to those who join; none where absent. */
  readonly snapshots?: SnapshotSource;
  /** The upgrades that this version knows, by name. */
  readonly upgrades?: Readonly<Record<string, Upgrade>>;
  readonly evm?: Evm;
  readonly senders?: Senders;
  /** For each call that is not part of a block: gives others a turn while it takes long. */
  readonly newPause?: () => Pause;
  /** Told of faults of contract code; the chain goes on without the call. */
  readonly onFault?: (fault: unknown, contract: Address) => void;
}

/** A read-only call, or a creation where `to` is null. */
export interface CallRequest {
  readonly from?: Address;
  readonly to: Address | null;
  readonly data?: Uint8Array;
  readonly value?: bigint;
  /** Calls that a transaction of type 0x76 makes, in place of the one. */
  readonly calls?: readonly Call[];
  /** The access key that signs, and the grant that comes with it if it is new. */
  readonly key?: { readonly keyId?: Address; readonly grant?: KeyGrant };
  /** What the transaction's intrinsic gas has above Ethereum's. */
  readonly extraGas?: number;
  /** At most MAX_CALL_GAS. */
  readonly gas?: number;
  /** Wei per gas, as GASPRICE tells it; nothing is paid. */
  readonly gasPrice?: bigint;
  readonly accessList?: readonly AccessListEntry[];
  /** What comes with a transaction of type 4. */
  readonly authorizationList?: readonly Authorization[];
  /** The newest state where absent. */
  readonly height?: number;
  /** What accounts are to have for this call; addresses in lower case. */
  readonly overrides?: Readonly<Record<Address, AccountOverride>>;
  /** What the block is to be for this call. */
  readonly block?: BlockOverrides;
}

export interface CallResult {
  readonly ok: boolean;
  readonly output: Uint8Array;
  readonly reason?: string;
  /** Refunds not taken off. */
  readonly gasUsed: number;
  /** Gas that a transaction would get back, up to a fifth of all it used (EIP-3529); absent where no EVM ran. */
  readonly refund?: number;
  readonly logs: readonly Log[];
}

interface Candidate {
  readonly id: string;
  readonly response: FinalizeBlockResponse;
  readonly block: BlockRecord;
  readonly told: ChainBlock;
  readonly staged: Staged;
}

/** The deterministic application: everything that all nodes must agree on, behind the ABCI interface. */
export class Application implements Abci {
  readonly blocks: BlockStore;
  readonly senders: Senders;
  readonly #options: ApplicationOptions;
  readonly #store: Store;
  readonly #modules: ExecutionModules;
  readonly #candidates = new Map<string, Candidate>();
  /** Decoded transactions by their bytes: the pool, the proposal and the block share them. */
  readonly #decoded = new WeakMap<Uint8Array, Transaction>();
  #opened: State;
  #restore: Restore | undefined;
  #finalized: Candidate | undefined;
  #newestHash: Hex;

  private constructor(options: ApplicationOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#opened = openState(options);
    this.blocks = new BlockStore(options.store);
    this.senders = options.senders ?? new Senders();
    this.#modules = {
      registry: new Registry(options.contracts),
      senders: this.senders,
      upgrades: options.upgrades ?? {},
      ...(options.evm && { evm: options.evm }),
      ...(options.onFault && { onFault: options.onFault }),
    };
    const header = this.blocks.header(this.#opened.head.height);
    this.#newestHash = header ? hashHeader(header) : ZERO_HASH;
  }

  /** Opens the application on a store, new or with a chain in it. */
  static open(options: ApplicationOptions): Application {
    return new Application(options);
  }

  /** There is none to read while a snapshot is being restored. */
  get #state(): State {
    if (!this.#restore) return this.#opened;
    throw new StateError("restoring", `the state of height ${this.#restore.height} is being restored: try again later`);
  }

  // ABCI

  info(): InfoResponse {
    const { height, root } = this.head;
    return {
      version: APPLICATION_VERSION,
      appVersion: PROTOCOL_VERSION,
      lastBlockHeight: height,
      lastBlockAppHash: root,
    };
  }

  /** Writes the genesis state. Repeating it before the first block is harmless if the genesis is the same. */
  async initChain(request: InitChainRequest): Promise<InitChainResponse> {
    const genesis = parseAppGenesis(request.appState);
    const height = request.initialHeight - 1;
    if (this.#state.head.height > height) throw new Error("initChain: the chain has blocks already");
    if (this.#state.head.root.some((byte) => byte !== 0)) return { validators: [], appHash: this.#state.head.root };
    if (await Restore.clear(this.#store)) this.#opened = openState(this.#options);
    const journal = new Journal<Log>(this.#state.newest);
    const parameters = writeGenesis(journal, genesis, request);
    if (this.#modules.evm) writeHistoryContract(journal);
    this.#beginChain(journal, genesis, request, parameters);
    const staged = this.#state.stage(height, journal);
    const block = genesisBlock(height, request.time, staged.root, parameters, readHead(journal).baseFee);
    await this.#store.commit([...staged.writes, ...this.blocks.writes(block)]);
    this.#state.applied(staged);
    this.blocks.committed(block);
    this.#newestHash = block.hash;
    return { validators: [], appHash: staged.root };
  }

  checkTx(request: CheckTxRequest): CheckTxResponse {
    try {
      const tx = this.decode(request.tx);
      this.checkTransaction(tx, this.senders.get(tx));
      return { code: 0, log: "", gasWanted: tx.gasLimit };
    } catch (error) {
      if (!(error instanceof TransactionError)) throw error;
      return { code: error.number, log: error.message, gasWanted: 0 };
    }
  }

  /** Executes the offered transactions in order and proposes those that may be in a block. */
  async prepareProposal(request: PrepareProposalRequest): Promise<PrepareProposalResponse> {
    const fitting: Uint8Array[] = [];
    let bytes = 0;
    for (const raw of request.txs) {
      if (bytes + raw.length > request.maxTxBytes) break;
      bytes += raw.length;
      fitting.push(raw);
    }
    const input = this.#input({ ...request, lastCommit: request.localLastCommit }, fitting);
    const journal = new Journal<Log>(this.#state.newest);
    const executed = await executeBlock(journal, this.#newestHash, input, this.#modules);
    // What is refused has changed nothing, so the block without it is executed already.
    const txs = fitting.filter((_, i) => !isRefusal(executed.results[i]?.code));
    const results = executed.results.filter((result) => !isRefusal(result.code));
    this.#remember(candidateId({ ...input, txs }), input.chain, { ...executed, results }, journal);
    const refused = fitting.filter((_, i) => {
      const code = executed.results[i]?.code;
      return code !== undefined && isRefusal(code) && !WAITING.has(code);
    });
    return { txs, refused };
  }

  /** Accepts a block when every transaction in it may be there. */
  async processProposal(request: ProcessProposalRequest): Promise<ProcessProposalResponse> {
    const { response } = await this.#candidate({ ...request, lastCommit: request.proposedLastCommit });
    const refused = response.txResults.findIndex((result) => isRefusal(result.code));
    if (refused < 0) return { accepted: true };
    return { accepted: false, reason: `transaction ${refused} has code ${response.txResults[refused]?.code}` };
  }

  async finalizeBlock(request: FinalizeBlockRequest): Promise<FinalizeBlockResponse> {
    this.#finalized = await this.#candidate({ ...request, lastCommit: request.decidedLastCommit });
    return this.#finalized.response;
  }

  async commit(extra: readonly Write[] = []): Promise<CommitResponse> {
    const finalized = this.#finalized;
    if (!finalized) throw new Error("commit: no block is finalized");
    const { staged, block, told } = finalized;
    const { keepBlocks } = this.#options;
    const retainHeight = keepBlocks === undefined ? 0 : Math.max(staged.height - keepBlocks + 1, 0);
    const pruning = this.blocks.pruning(retainHeight);
    await this.#store.commit([...staged.writes, ...this.blocks.writes(block, told), ...pruning, ...extra]);
    this.#state.applied(staged);
    this.blocks.committed(block);
    for (const tx of block.transactions) this.senders.delete(tx.hash);
    this.#newestHash = block.hash;
    this.#finalized = undefined;
    this.#candidates.clear();
    return { retainHeight };
  }

  /** The path "/state" with a state key as data; with a proof where asked for. */
  query(request: QueryRequest): QueryResponse {
    const height = request.height === 0 ? this.#state.head.height : request.height;
    const answer = { key: request.data, value: NO_BYTES, height };
    if (request.path !== "/state") return { ...answer, code: 1, log: `unknown path ${request.path}: use /state` };
    const key = keyFromBytes(request.data);
    const value = this.view(height).get(key) ?? NO_BYTES;
    const proof = request.prove ? { proof: this.#state.prove(height, key) } : {};
    return { ...answer, code: 0, log: "", value, ...proof };
  }

  async listSnapshots(): Promise<ListSnapshotsResponse> {
    return { snapshots: (await this.#options.snapshots?.list()) ?? [] };
  }

  async loadSnapshotChunk({ height, format, chunk }: LoadSnapshotChunkRequest): Promise<LoadSnapshotChunkResponse> {
    return { chunk: (await this.#options.snapshots?.chunk(height, format, chunk)) ?? NO_BYTES };
  }

  /** Checks a snapshot against the trusted root, and begins to restore it. What an earlier one has left is cleared. */
  async offerSnapshot({ snapshot, appHash }: OfferSnapshotRequest): Promise<OfferSnapshotResponse> {
    if (this.#hasBlocks) return { result: "abort", reason: "this node has blocks already" };
    if (snapshot.format !== SNAPSHOT_FORMAT) {
      return { result: "rejectFormat", reason: `format ${snapshot.format}: this version reads ${SNAPSHOT_FORMAT}` };
    }
    let checked: CheckedSnapshot;
    try {
      checked = checkSnapshot(snapshot, appHash);
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      return { result: "rejectSender", reason: error.message };
    }
    this.#restore = await Restore.begin(this.#store, checked, this.#modules.registry);
    this.#opened = openState(this.#options);
    return { result: "accept" };
  }

  get #hasBlocks(): boolean {
    const head = this.#opened.newest.get(headKey);
    return head !== undefined && decodeHead(head).contentHash !== ZERO_HASH;
  }

  /** Takes a chunk of the accepted snapshot, in any order; with the last one the chain stands at its height. */
  async applySnapshotChunk(request: ApplySnapshotChunkRequest): Promise<ApplySnapshotChunkResponse> {
    const { index, chunk, sender } = request;
    const restore = this.#restore;
    if (!restore) return { ...NOTHING_MORE, result: "abort", reason: "no snapshot is being restored" };
    try {
      await restore.apply(index, chunk);
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      const reason = error.message;
      // With rows that this version does not know no other snapshot will do either.
      if (error.code !== "chunk") return { ...NOTHING_MORE, result: "abort", reason };
      return { result: "retry", refetchChunks: [index], rejectSenders: [sender], reason };
    }
    if (restore.complete) {
      this.#restore = undefined;
      this.#opened = openState(this.#options);
      this.#newestHash = hashHeader(this.blocks.header(this.head.height) as BlockHeader);
    }
    return { ...NOTHING_MORE, result: "accept" };
  }

  // Reading

  /** Height and root of the newest committed state. */
  get head(): { readonly height: number; readonly root: Uint8Array } {
    return this.#opened.head;
  }

  /** The lowest height whose state can be read. */
  get oldestState(): number {
    return this.#state.oldest;
  }

  /** The state after the block of the given height. Throws StateError where it is not kept. */
  view(height: number): StateReader {
    return height === this.#state.head.height ? this.#state.newest : this.#state.view(height);
  }

  /** As view, but it stays the same when the next block is committed meanwhile. */
  #fixed(height: number): StateReader {
    return this.#state.view(height);
  }

  #pause(): { readonly pause?: Pause } {
    const pause = this.#options.newPause?.();
    return pause ? { pause } : {};
  }

  /** An ICS23 CommitmentProof that the key has its value, or is absent, in the state after the given block. */
  prove(height: number, key: Uint8Array): Uint8Array {
    return this.#state.prove(height, keyFromBytes(key));
  }

  parameters(): Parameters {
    return readParameters(this.#state.newest);
  }

  chainHead(): Head {
    return readHead(this.#state.newest);
  }

  /** Wei per gas that the next block will ask. */
  nextBaseFee(): bigint {
    return baseFeeAfter(this.chainHead(), this.parameters());
  }

  account(address: Address, height: number = this.#state.head.height): Account {
    return readAccount(this.view(height), address);
  }

  isSystemContract(address: Address): boolean {
    return this.#modules.registry.find(address) !== undefined;
  }

  /** Decodes a transaction, once for the same byte array. Throws TransactionError. */
  decode(raw: Uint8Array): Transaction {
    const known = this.#decoded.get(raw);
    if (known) return known;
    const tx = decodeTransaction(raw);
    this.#decoded.set(raw, tx);
    this.#decoded.set(tx.raw, tx);
    return tx;
  }

  /** Whether a transaction could ever be in a block, whatever nonces and balances are. Throws TransactionError. */
  checkStateless(tx: Transaction): void {
    validateStateless(tx, this.parameters(), this.#modules.evm !== undefined);
  }

  /** Whether a transaction could be the sender's next. Throws TransactionError. */
  checkTransaction(tx: Transaction, sender: Address): void {
    this.checkStateless(tx);
    startTransaction(this.#scratch(this.chainHead().time / 1_000_000_000n), tx, sender, MAX_EVM_TRANSACTION_GAS);
  }

  /**
   * Whether a transaction of type 0x76 could come into a block at some time, as far as its window, its expiring nonce and its keys
   * decide on that; `time` in seconds, for blocks may be behind. Throws TransactionError.
   */
  checkPooled(tx: TempoTransaction, time: bigint): void {
    const head = this.chainHead().time / 1_000_000_000n;
    checkPooled(this.#scratch(time > head ? time : head), tx);
  }

  /** The nonce that the lane of a transaction is at; of an expiring one, its own as long as it is not spent. */
  laneNonceOf(tx: TempoTransaction, sender: Address): number {
    return this.#scratch(0n).runInside(addresses.nonces, (ctx: never) => laneNonceOf(ctx, tx, sender));
  }

  /** The next nonce of a lane; of expiring nonces 0. */
  laneNonce(account: Address, nonceKey: bigint): number {
    return this.#scratch(0n).runInside(addresses.nonces, (ctx: never) => laneNonce(ctx, account, nonceKey));
  }

  /** A machine for the next block, on a journal that is thrown away. */
  #scratch(time: bigint): Machine {
    const view = this.#state.newest;
    const parameters = readParameters(view);
    const head = readHead(view);
    return new Machine(this.#modules.registry, new Journal<Log>(view), {
      height: head.height + 1,
      time,
      chainId: parameters.chainId,
      baseFee: baseFeeAfter(head, parameters),
      proposer: parameters.feeCollector,
      gasLimit: parameters.blockGasLimit,
    });
  }

  /** The code at an address: of a user's contract, or SYSTEM_CODE of a system contract. */
  code(address: Address, height: number = this.#state.head.height): Uint8Array {
    return this.isSystemContract(address) ? SYSTEM_CODE : readCode(this.view(height), address);
  }

  /** A word of the storage of a user's contract without leading zeros, empty for zero. The slot has 32 bytes. */
  storage(address: Address, slot: Uint8Array, height: number = this.#state.head.height): Uint8Array {
    return readStorage(this.view(height), address, slot);
  }

  /**
   * Executes a block again, on the state before it, for a tracer to watch; changes nothing. Rejects with StateError where
   * that state is not kept.
   */
  async replay(block: BlockRecord, tracer: BlockTracer): Promise<void> {
    const { number: height, parentHash, miner: proposer } = block.header;
    const journal = new Journal<Log>(this.#fixed(height - 1));
    const { time } = readHead(this.#fixed(height));
    const senders = new Senders();
    const transactions = block.transactions.flatMap((tx) => {
      if (isSystemTransaction(tx)) return [];
      senders.put(tx.hash, tx.sender);
      return [this.decode(tx.raw)];
    });
    const input = { height, time, proposer, transactions, chain: this.blocks.told(height) };
    const { onFault, ...modules } = this.#modules;
    const again = await executeBlock(journal, parentHash, input, { ...modules, ...this.#pause(), senders }, tracer);
    const outcomes = ({ transactions }: Pick<BlockRecord, "transactions">) =>
      transactions.map(({ hash, gasUsed, succeeded }) => `${hash} ${gasUsed} ${succeeded}`).join();
    if (outcomes(again) !== outcomes(block)) throw new Error(`block ${height} had another outcome when executed again`);
  }

  /** Executes a call, or a creation, on a state without changing it. */
  async call(request: CallRequest, tracer?: Tracer): Promise<CallResult> {
    const gas = Math.min(request.gas ?? MAX_CALL_GAS, MAX_CALL_GAS);
    const view = this.#fixed(request.height ?? this.#state.head.height);
    const parameters = readParameters(view);
    const head = readHead(view);
    const journal = new Journal<Log>(view);
    const { block = {} } = request;
    const machine = new Machine(this.#modules.registry, journal, {
      height: block.number ?? head.height,
      time: block.time === undefined ? head.time / 1_000_000_000n : BigInt(block.time),
      chainId: parameters.chainId,
      baseFee: block.baseFeePerGas ?? head.baseFee,
      proposer: block.feeRecipient ?? parameters.feeCollector,
      gasLimit: block.gasLimit ?? parameters.blockGasLimit,
    });
    machine.tracer = tracer;
    machine.pause = this.#pause().pause;
    const sender = request.from ?? ZERO_ADDRESS;
    machine.transaction = {
      origin: sender,
      gasPrice: request.gasPrice ?? 0n,
      accessList: request.accessList ?? [],
    };
    for (const [address, account] of Object.entries(request.overrides ?? {})) {
      overrideAccount(journal, address as Address, account);
    }
    if (request.key) this.#useKey(machine, sender, request.key);
    machine.gas = gas;
    const calls = callsOfRequest(request);
    const creates = calls.some(({ to }) => to === null);
    const { evm } = this.#modules;
    if (creates && !evm) throw new TransactionError("creationUnsupported");
    // A creation's address and what the sender itself authorizes come from its nonce, which a transaction has counted by then.
    const { authorizationList } = request;
    const account = readAccount(journal, sender);
    if (creates || authorizationList) writeAccount(journal, sender, { ...account, nonce: account.nonce + 1n });
    const authorized = authorizationList && authorize(machine, authorizationList);
    const outcome = await runBatch(machine, sender, calls, evm);
    if (outcome.fault !== undefined) this.#modules.onFault?.(outcome.fault, calls[0]?.to ?? ZERO_ADDRESS);
    return {
      ok: outcome.ok,
      output: outcome.output,
      ...(outcome.reason !== undefined && { reason: outcome.reason }),
      gasUsed: gas - machine.gas,
      ...((outcome.refund ?? authorized) !== undefined && { refund: (outcome.refund ?? 0) + (authorized ?? 0) }),
      logs: journal.logs,
    };
  }

  /** Executes blocks of calls on top of the state of a height, as `simulate` says. */
  simulate(height: number, request: SimulateRequest): Promise<SimulatedBlock[]> {
    const parentHash = this.blocks.hashOf(height) ?? ZERO_HASH;
    return simulate(this.#fixed(height), parentHash, request, { ...this.#modules, ...this.#pause() });
  }

  /**
   * Gas that a transaction with this call needs: its limit may have to be above what it uses, since refunds come at its
   * end and calls get at most 63/64 of what is left. At most ESTIMATE_TOLERANCE above the least that does, and exact
   * where no user's contract runs. The result of the call where it fails.
   */
  async estimateGas(request: CallRequest): Promise<{ readonly gas: number } | { readonly failure: CallResult }> {
    const { gas: intrinsic, floor } = intrinsicGasOfCall(request);
    const first = await this.call(request);
    if (!first.ok) return { failure: first };
    let least = first.gasUsed;
    const isEnough = async (gas: number) => (await this.call({ ...request, gas })).ok;
    if (first.refund !== undefined && !(await isEnough(least))) {
      let tooLittle = least;
      least = request.gas ?? MAX_CALL_GAS;
      let next = Math.ceil(((first.gasUsed + CALL_STIPEND) * 64) / 63);
      while (least - tooLittle > least / ESTIMATE_TOLERANCE) {
        if (await isEnough(next)) least = next;
        else tooLittle = next;
        next = Math.floor(Math.min((tooLittle + least) / 2, tooLittle * 2));
      }
    }
    return { gas: Math.max(intrinsic + least, floor) };
  }

  /** Lets the calls run under the limits of an access key. */
  #useKey(machine: Machine, account: Address, { keyId, grant }: NonNullable<CallRequest["key"]>): void {
    if (grant) grantKey(machine, account, grant);
    if (keyId === undefined) return;
    const enforceLimits = machine.runInside(addresses.keychain, (ctx: never) => enforcesLimits(ctx, account, keyId));
    machine.transaction = { ...machine.transaction, accessKey: { account, keyId, enforceLimits } };
  }

  async #candidate(request: Proposal): Promise<Candidate> {
    const input = this.#input(request, request.txs);
    const id = candidateId({ ...input, txs: request.txs });
    const known = this.#candidates.get(id);
    if (known) return known;
    if (request.height !== this.#state.head.height + 1) {
      throw new Error(`block ${request.height} does not follow ${this.#state.head.height}`);
    }
    const journal = new Journal<Log>(this.#state.newest);
    const executed = await executeBlock(journal, this.#newestHash, input, this.#modules);
    return this.#remember(id, input.chain, executed, journal);
  }

  #remember(id: string, told: ChainBlock, executed: ExecutedBlock, journal: Journal<Log>): Candidate {
    const staged = this.#state.stage(executed.head.height, journal);
    const response: FinalizeBlockResponse = {
      txResults: executed.results,
      validatorUpdates: executed.validatorUpdates,
      ...(executed.consensusParams && { consensusParamUpdates: executed.consensusParams }),
      appHash: staged.root,
    };
    const candidate = { id, response, block: executed.seal(staged.root), told, staged };
    if (this.#candidates.size >= MAX_CANDIDATES) {
      for (const oldest of this.#candidates.keys()) {
        this.#candidates.delete(oldest);
        break;
      }
    }
    this.#candidates.set(id, candidate);
    return candidate;
  }

  #input(request: Proposal, txs: readonly Uint8Array[]): BlockInput {
    return {
      height: request.height,
      time: request.time,
      proposer: bytesToHex(request.proposerAddress),
      transactions: txs.map((raw) => this.#decodeOrError(raw)),
      chain: {
        absent: request.lastCommit.votes.flatMap(({ signed, address }) => (signed ? [] : [bytesToHex(address)])),
        misbehavior: request.misbehavior.map(({ address, height }) => ({ validator: bytesToHex(address), height })),
      },
    };
  }

  /** Lets the contracts that take part in the chain read the genesis file. */
  #beginChain(
    journal: Journal<Log>,
    genesis: AppGenesis,
    request: InitChainRequest,
    { chainId, blockGasLimit }: Parameters,
  ): void {
    const { baseFee, height, time } = readHead(journal);
    const machine = new Machine(this.#modules.registry, journal, {
      height,
      time: time / 1_000_000_000n,
      chainId,
      baseFee,
      proposer: ZERO_ADDRESS,
      gasLimit: blockGasLimit,
    });
    const { parameters = {}, operators = {} } = genesis;
    const forContracts: ChainGenesis = {
      initialHeight: request.initialHeight,
      validators: request.validators,
      parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, BigInt(value)])),
      operators,
    };
    for (const contract of this.#modules.registry.chainContracts) {
      machine.runHook(contract, contract.address, (ctx) => contract.chain?.genesis?.(ctx, forContracts));
    }
  }

  #decodeOrError(raw: Uint8Array): Transaction | TransactionError {
    try {
      return this.decode(raw);
    } catch (error) {
      if (error instanceof TransactionError) return error;
      throw error;
    }
  }

  /** The block that commit will make durable, for engines and subscriptions. */
  get finalizedBlock(): BlockRecord | undefined {
    return this.#finalized?.block;
  }
}

type Proposal = Pick<FinalizeBlockRequest, "txs" | "height" | "time" | "proposerAddress" | "misbehavior"> & {
  readonly lastCommit: CommitInfo;
};

/** The intrinsic gas of a transaction that makes the call. */
export function intrinsicGasOfCall(request: CallRequest): { readonly gas: number; readonly floor: number } {
  const { accessList = [], authorizationList = [], extraGas = 0 } = request;
  const authorizations = authorizationList.length;
  return intrinsicGas({ calls: callsOfRequest(request), accessList, authorizations, extra: extraGas });
}

function callsOfRequest({ calls, to, value = 0n, data = NO_BYTES }: CallRequest): readonly Call[] {
  return calls ?? [{ to, value, data }];
}

const NO_BYTES = new Uint8Array(0);
const NOTHING_MORE = { refetchChunks: [], rejectSenders: [] } as const;
const ZERO_ADDRESS: Address = `0x${"00".repeat(20)}`;
const ZERO_HASH: Hex = `0x${"00".repeat(32)}`;

function openState({ store, historyWindow, archive }: ApplicationOptions): State {
  return State.open(store, {
    ...(historyWindow !== undefined && { window: historyWindow }),
    ...(archive !== undefined && { archive }),
  });
}

function isRefusal(code: number | undefined): boolean {
  return code !== undefined && code > 1;
}

/** Everything that execution depends on beside the state before. */
function candidateId(block: Omit<BlockInput, "transactions"> & { readonly txs: readonly Uint8Array[] }): string {
  const { height, time, proposer, chain, txs } = block;
  const content = sha256(Buffer.concat(txs.flatMap((tx) => [lengthBytes(tx.length), tx])));
  return [height, time, proposer, JSON.stringify(chain), bytesToHex(content)].join();
}

function lengthBytes(length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

function genesisBlock(
  height: number,
  time: bigint,
  root: Uint8Array,
  parameters: Parameters,
  baseFee: bigint,
): BlockRecord {
  const header: BlockHeader = {
    parentHash: ZERO_HASH,
    miner: ZERO_ADDRESS,
    stateRoot: bytesToHex(root),
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: new Uint8Array(256),
    number: height,
    gasLimit: parameters.blockGasLimit,
    gasUsed: 0,
    timestamp: Number(time / 1_000_000_000n),
    extraData: NO_BYTES,
    mixHash: ZERO_HASH,
    baseFeePerGas: baseFee,
    parentBeaconBlockRoot: ZERO_HASH,
  };
  return { header, hash: hashHeader(header), transactions: [] };
}
