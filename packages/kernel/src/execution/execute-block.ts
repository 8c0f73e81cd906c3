import { type Address, addresses, type Hex } from "@ruffchain/abi";
import type { ConsensusParams, TxResult, ValidatorUpdate } from "../abci.js";
import { parameterCodec } from "../abi/codec.js";
import { nextBaseFee } from "../block/base-fee.js";
import { type BlockHeader, hashHeader } from "../block/header.js";
import { logsBloom } from "../block/logs-bloom.js";
import { orderedTrieRoot } from "../block/ordered-trie-root.js";
import { encodeReceipt, type Log, type Receipt } from "../block/receipt.js";
import type { BlockRecord, ExecutedTransaction } from "../chain/block-record.js";
import type { ChainBlock } from "../contract/contract.js";
import { keccak256 } from "../crypto/keccak256.js";
import { MAX_EVM_BLOCK_GAS, MAX_EVM_TRANSACTION_GAS, SCHEDULED_CALL_GAS } from "../gas-schedule.js";
import { bytesToHex, hexToBytes } from "../hex.js";
import { encodeRlp } from "../rlp.js";
import type { Journal } from "../state/journal.js";
import type { StateKey } from "../state/reader.js";
import { envelopeType } from "../transaction/decode.js";
import { BLOCK_FULL, REVERTED, TransactionError } from "../transaction/error.js";
import type { Senders } from "../transaction/senders.js";
import { callsOf, TEMPO_TYPE, type Transaction } from "../transaction/transaction.js";
import { addBalance } from "./account.js";
import { recordParentHash } from "./block-hashes.js";
import type { Evm, EvmOutcome } from "./evm.js";
import {
  finishTransaction,
  runBatch,
  runNative,
  type StartedTransaction,
  startTransaction,
} from "./execute-transaction.js";
import { type CallOutcome, Machine, type Pause } from "./machine.js";
import { type Head, type Parameters, readHead, readParameters, writeHead } from "./parameters.js";
import type { Registry } from "./registry.js";
import { nextDue } from "./schedule.js";
import type { BlockTracer } from "./tracer.js";
import { UpgradeError } from "./upgrade-error.js";
import { validateStateless } from "./validate-transaction.js";

/** The block to execute. A transaction that did not decode is in its place as the error. */
export interface BlockInput {
  readonly height: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly proposer: Address;
  readonly transactions: readonly (Transaction | TransactionError)[];
  readonly chain: ChainBlock;
}

/** What an upgrade changes in the state when its height comes. */
export type Upgrade = (state: Journal<Log>) => void;

export interface ExecutionModules {
  readonly registry: Registry;
  readonly senders: Senders;
  /** The upgrades that this version knows, by name. */
  readonly upgrades: Readonly<Record<string, Upgrade>>;
  readonly evm?: Evm;
  readonly pause?: Pause;
  /** Told of faults of contract code, for the node's log. */
  readonly onFault?: (fault: unknown, contract: Address) => void;
}

/** An executed block whose state is not yet hashed. */
export interface ExecutedBlock {
  readonly head: Head;
  readonly parameters: Parameters;
  readonly results: readonly TxResult[];
  readonly validatorUpdates: readonly ValidatorUpdate[];
  /** Where this block has changed them. */
  readonly consensusParams?: ConsensusParams;
  readonly transactions: readonly ExecutedTransaction[];
  /** The header lacks only the state root. */
  seal(stateRoot: Uint8Array): BlockRecord;
}

const EXTRA_DATA = Buffer.from("ruff");
const ZERO_HASH: Hex = `0x${"00".repeat(32)}`;
const NO_BYTES = new Uint8Array(0);

/** keccak256("ScheduledCallFailed(address,uint256,bytes)"), emitted by the scheduler's address. */
const scheduledCallFailed = bytesToHex(keccak256(Buffer.from("ScheduledCallFailed(address,uint256,bytes)")));
const failureData = parameterCodec([{ type: "uint256" }, { type: "bytes" }]);

/** The base fee of the block after `head`. */
export function baseFeeAfter(head: Head, parameters: Parameters): bigint {
  return nextBaseFee({
    parentBaseFee: head.baseFee,
    parentGasUsed: head.gasUsed,
    gasTarget: parameters.blockGasLimit / 2,
    minimum: parameters.minBaseFee,
    maximum: parameters.maxBaseFee,
  });
}

/**
 * Executes a block on the journal: first the chain hooks, then the scheduled calls whose time has come, then the
 * transactions in order. A transaction that may not be in a block (wrong nonce, no funds …) has a result with its code,
 * but no receipt. Throws UpgradeError at the height of an upgrade that this version does not know.
 */
export async function executeBlock(
  journal: Journal<Log>,
  parentHash: Hex,
  input: BlockInput,
  modules: ExecutionModules,
  tracer?: BlockTracer,
): Promise<ExecutedBlock> {
  const parameters = readParameters(journal);
  const parent = readHead(journal);
  const baseFee = baseFeeAfter(parent, parameters);
  const seconds = input.time / 1_000_000_000n;
  const machine = new Machine(modules.registry, journal, {
    height: input.height,
    time: seconds,
    chainId: parameters.chainId,
    baseFee,
    proposer: input.proposer,
    gasLimit: parameters.blockGasLimit,
  });

  machine.pause = modules.pause;
  upgrade(journal, parameters, input.height, modules.upgrades);
  if (modules.evm) recordParentHash(journal, input.height, parentHash);
  const validatorUpdates = beginBlock(machine, input.chain, modules);
  const executed: ExecutedTransaction[] = [];
  machine.tracer = tracer?.scheduled;
  const scheduled = runScheduled(machine, parameters, modules);
  if (scheduled) executed.push(scheduled);
  let gasUsed = scheduled?.gasUsed ?? 0;
  let evmGasUsed = 0;
  let tips = 0n;
  let burnt = 0n;
  const results: TxResult[] = [];

  for (const tx of input.transactions) {
    const logsBefore = journal.logs.length;
    try {
      if (tx instanceof TransactionError) throw tx;
      validateStateless(tx, parameters, modules.evm !== undefined);
      if (gasUsed + tx.gasLimit > parameters.blockGasLimit) {
        // Without an error: a proposer that has many waiting offers some blocks' worth.
        results.push(refused(BLOCK_FULL));
        continue;
      }
      const evmGasLeft = Math.min(MAX_EVM_TRANSACTION_GAS, MAX_EVM_BLOCK_GAS - evmGasUsed);
      machine.tracer = tracer?.transaction(tx.hash);
      const started = startTransaction(machine, tx, modules.senders.get(tx), evmGasLeft);
      const outcome = await runTransaction(machine, started, modules.evm);
      if (outcome.fault !== undefined) {
        modules.onFault?.(outcome.fault, callsOf(tx)[0]?.to ?? addresses.scheduler);
      }
      const finished = finishTransaction(machine, started, outcome);
      gasUsed += finished.gasUsed;
      if (started.codeAtTarget) evmGasUsed += finished.gasUsed;
      tips += finished.tip;
      burnt += finished.burnt;
      executed.push({
        raw: tx.raw,
        hash: tx.hash,
        sender: started.sender,
        ...(tx.type === TEMPO_TYPE && { feePayer: started.payer }),
        succeeded: outcome.ok,
        gasUsed: finished.gasUsed,
        gasPrice: started.gasPrice,
        contractAddress: outcome.created ?? null,
        logs: journal.logs.slice(logsBefore),
        output: outcome.ok ? NO_BYTES : outcome.output,
      });
      results.push({
        code: outcome.ok ? 0 : REVERTED,
        data: NO_BYTES,
        gasWanted: tx.gasLimit,
        gasUsed: finished.gasUsed,
      });
    } catch (error) {
      if (!(error instanceof TransactionError)) throw error;
      results.push(refused(error.number));
    }
  }

  addBalance(journal, parameters.feeCollector, tips);
  const stand = { height: input.height, time: input.time, baseFee, gasUsed, parentHash, burnt: parent.burnt + burnt };
  const unsealed = unsealedHeader(stand, parameters, executed, input);
  const head: Head = { ...stand, contentHash: hashHeader(unsealed) };
  writeHead(journal, head);
  const { maxBlockBytes } = readParameters(journal);
  return {
    head,
    parameters,
    results,
    validatorUpdates,
    ...(maxBlockBytes !== parameters.maxBlockBytes && { consensusParams: { block: { maxBytes: maxBlockBytes } } }),
    transactions: executed,
    seal: (stateRoot) => {
      const header = { ...unsealed, stateRoot: bytesToHex(stateRoot) };
      return { header, hash: hashHeader(header), transactions: executed };
    },
  };
}

function refused(code: number): TxResult {
  return { code, data: NO_BYTES, gasWanted: 0, gasUsed: 0 };
}

function runTransaction(
  machine: Machine,
  { tx, sender, codeAtTarget }: StartedTransaction,
  evm: Evm | undefined,
): (CallOutcome & Partial<EvmOutcome>) | Promise<CallOutcome & Partial<EvmOutcome>> {
  if (tx.type === TEMPO_TYPE) return runBatch(machine, sender, tx.calls, evm);
  if (!evm || !codeAtTarget) return runNative(machine, sender, tx);
  return evm.run(machine, { sender, to: tx.to, value: tx.value, data: tx.data });
}

/** Goes on only with a version that knows the upgrade whose height has come. */
function upgrade(
  journal: Journal<Log>,
  { upgradeName, upgradeHeight }: Parameters,
  height: number,
  known: ExecutionModules["upgrades"],
): void {
  if (upgradeName === "" || height < upgradeHeight) return;
  const change = Object.hasOwn(known, upgradeName) ? known[upgradeName] : undefined;
  if (!change) throw new UpgradeError(upgradeName, upgradeHeight);
  if (height === upgradeHeight) change(journal);
}

function beginBlock(machine: Machine, block: ChainBlock, { registry, onFault }: ExecutionModules): ValidatorUpdate[] {
  return registry.chainContracts.flatMap((contract) => {
    const { chain, address } = contract;
    try {
      return machine.runHook(contract, address, (ctx) => chain?.beginBlock?.(ctx, block)) ?? [];
    } catch (error) {
      onFault?.(error, address);
      return [];
    }
  });
}

/**
 * Runs due calls within the block's budget. Their logs, and those of the chain hooks before, belong to one system transaction in front of the others, since
 * Ethereum's clients find logs in receipts only.
 */
function runScheduled(
  machine: Machine,
  parameters: Parameters,
  modules: ExecutionModules,
): ExecutedTransaction | undefined {
  const { height, time } = machine.block;
  const { journal } = machine;
  let gasUsed = 0;
  let ran: StateKey | undefined;
  // Each call gets its full allowance or waits; the first runs always, so a low limit cannot stop the queue.
  while (ran === undefined || gasUsed + SCHEDULED_CALL_GAS <= parameters.scheduledGasLimit) {
    // Going on behind the last one passes no deleted rows; what the calls scheduled for the past comes at the end.
    const due = nextDue(journal, time, ran) ?? nextDue(journal, time);
    if (!due) break;
    ran = due.key;
    journal.delete(due.key);
    machine.gas = SCHEDULED_CALL_GAS;
    const outcome = machine.run(due.contract, due.call, { sender: addresses.scheduler, value: 0n, readOnly: false });
    gasUsed += SCHEDULED_CALL_GAS - machine.gas;
    if (outcome.ok) continue;
    if (outcome.fault !== undefined) modules.onFault?.(outcome.fault, due.contract);
    journal.log({
      address: addresses.scheduler,
      topics: [scheduledCallFailed, `0x${due.contract.slice(2).padStart(64, "0")}`],
      data: failureData.encode([due.ticket, bytesToHex(outcome.output)]),
    });
  }
  if (ran === undefined && journal.logs.length === 0) return undefined;
  const raw = systemTransaction(height, gasUsed);
  return {
    raw,
    hash: bytesToHex(keccak256(raw)),
    sender: addresses.scheduler,
    succeeded: true,
    gasUsed,
    gasPrice: 0n,
    contractAddress: null,
    logs: journal.logs.slice(),
    output: NO_BYTES,
  };
}

/** A legacy transaction without signature from and to the scheduler; the height as nonce makes its hash unique. */
function systemTransaction(height: number, gas: number): Uint8Array {
  return encodeRlp([height, 0, gas, hexToBytes(addresses.scheduler), 0, NO_BYTES, 0, 0, 0]);
}

/** Whether a transaction of a block is the scheduler's own. */
export function isSystemTransaction(tx: Pick<ExecutedTransaction, "sender">): boolean {
  return tx.sender === addresses.scheduler;
}

/** What a block commits to about the execution of its transactions. */
export function receiptsOf(transactions: readonly ExecutedTransaction[]): Receipt[] {
  let cumulativeGasUsed = 0;
  return transactions.map(({ raw, succeeded, gasUsed, logs }) => {
    cumulativeGasUsed += gasUsed;
    return { type: envelopeType(raw), succeeded, cumulativeGasUsed, logsBloom: logsBloom(logs), logs };
  });
}

/** The block's header, but with a state root of zeros. */
export function unsealedHeader(
  head: Omit<Head, "contentHash">,
  parameters: Parameters,
  transactions: readonly ExecutedTransaction[],
  input: Pick<BlockInput, "proposer">,
): BlockHeader {
  return {
    parentHash: head.parentHash,
    miner: input.proposer,
    stateRoot: ZERO_HASH,
    transactionsRoot: orderedTrieRoot(transactions.map((tx) => tx.raw)),
    receiptsRoot: orderedTrieRoot(receiptsOf(transactions).map(encodeReceipt)),
    logsBloom: logsBloom(transactions.flatMap((tx) => tx.logs)),
    number: head.height,
    gasLimit: parameters.blockGasLimit,
    gasUsed: head.gasUsed,
    timestamp: Number(head.time / 1_000_000_000n),
    extraData: EXTRA_DATA,
    mixHash: ZERO_HASH,
    baseFeePerGas: head.baseFee,
    parentBeaconBlockRoot: ZERO_HASH,
  };
}
