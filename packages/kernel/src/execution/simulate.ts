import type { Address, Hex } from "@ruffchain/abi";
import { hashHeader } from "../block/header.js";
import type { Log } from "../block/receipt.js";
import type { BlockRecord, ExecutedTransaction } from "../chain/block-record.js";
import { keccak256 } from "../crypto/keccak256.js";
import { MAX_CALL_GAS } from "../gas-schedule.js";
import { bytesToHex, hexToBytes } from "../hex.js";
import { encodeRlp } from "../rlp.js";
import { Journal } from "../state/journal.js";
import type { StateReader } from "../state/reader.js";
import type { AccessListEntry } from "../transaction/access-list.js";
import { TransactionError } from "../transaction/error.js";
import { intrinsicGas, MAX_INITCODE_BYTES } from "../transaction/intrinsic-gas.js";
import type { EthereumTransaction } from "../transaction/transaction.js";
import { addBalance, readAccount, writeAccount } from "./account.js";
import { type AccountOverride, overrideAccount } from "./account-override.js";
import { recordParentHash } from "./block-hashes.js";
import type { Evm } from "./evm.js";
import { baseFeeAfter, unsealedHeader } from "./execute-block.js";
import { finishTransaction, runBatch } from "./execute-transaction.js";
import { Machine, type Pause } from "./machine.js";
import { type Head, type Parameters, readHead, readParameters } from "./parameters.js";
import type { Registry } from "./registry.js";
import { TransferLogs } from "./transfer-logs.js";
import { maximumCost, validateAgainstAccount, validateStateless } from "./validate-transaction.js";

/** Most blocks of one simulation, those between the wanted ones included. */
export const MAX_SIMULATED_BLOCKS = 256;

/** What a simulated block has that it would not have by itself. */
export interface BlockOverrides {
  readonly number?: number;
  /** Seconds since 1970. */
  readonly time?: number;
  readonly gasLimit?: number;
  readonly feeRecipient?: Address;
  /** Wei per gas. */
  readonly baseFeePerGas?: bigint;
}

/** A transaction without signature. */
export interface SimulatedCall {
  readonly from: Address;
  readonly to: Address | null;
  readonly data: Uint8Array;
  readonly value: bigint;
  readonly accessList: readonly AccessListEntry[];
  /** What is left of the block's where absent. */
  readonly gas?: number;
  /** The sender's next where absent. */
  readonly nonce?: number;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface SimulateRequest {
  readonly blocks: readonly {
    readonly overrides: BlockOverrides;
    readonly accounts: Readonly<Record<Address, AccountOverride>>;
    readonly calls: readonly SimulatedCall[];
  }[];
  /** Whether the calls must be valid transactions, but for their signatures; else they need no fees and no order. */
  readonly validation: boolean;
  /** Whether moves of native value are among the logs. */
  readonly traceTransfers: boolean;
}

export interface SimulatedResult {
  readonly ok: boolean;
  readonly output: Uint8Array;
  readonly gasUsed: number;
  /** Before refunds. */
  readonly maxUsedGas: number;
  readonly logs: readonly Log[];
  /** Of a call that failed: how, and what it means. */
  readonly error?: string;
  readonly reason?: string;
}

export interface SimulatedBlock {
  /** Its state root is zero: the state's tree is not computed for what is not there. */
  readonly block: BlockRecord;
  readonly transactions: readonly EthereumTransaction[];
  readonly results: readonly SimulatedResult[];
}

export type SimulationErrorCode = "blockNumber" | "blockTime" | "blockGas" | "tooManyBlocks";

/** A simulation that cannot be run, beside TransactionError for a call in it. */
export class SimulationError extends Error {
  readonly code: SimulationErrorCode;
  constructor(code: SimulationErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

interface Modules {
  readonly registry: Registry;
  readonly evm?: Evm;
  readonly pause?: Pause;
}

/**
 * Executes blocks of calls on top of a state, each on what the ones before it left, and changes nothing. Neither scheduled
 * calls nor the contracts' part in running the chain are simulated. Rejects with SimulationError and TransactionError.
 */
export async function simulate(view: StateReader, parentHash: Hex, request: SimulateRequest, modules: Modules) {
  const simulation = new Simulation(view, parentHash, request, modules);
  for (const { overrides, accounts, calls } of request.blocks) {
    const { number = simulation.height + 1 } = overrides;
    if (number <= simulation.height) {
      throw new SimulationError("blockNumber", `block numbers must be in order: ${number} <= ${simulation.height}`);
    }
    while (number > simulation.height + 1) await simulation.add({}, {}, []);
    await simulation.add(overrides, accounts, calls);
  }
  return simulation.blocks;
}

class Simulation {
  readonly blocks: SimulatedBlock[] = [];
  readonly #journal: Journal<Log>;
  readonly #parameters: Parameters;
  readonly #request: SimulateRequest;
  readonly #modules: Modules;
  #parent: Head;
  #parentHash: Hex;
  #gasLeft = MAX_CALL_GAS;

  constructor(view: StateReader, parentHash: Hex, request: SimulateRequest, modules: Modules) {
    this.#journal = new Journal(view);
    this.#parameters = readParameters(view);
    this.#parent = readHead(view);
    this.#parentHash = parentHash;
    this.#request = request;
    this.#modules = modules;
  }

  get height(): number {
    return this.#parent.height;
  }

  async add(
    overrides: BlockOverrides,
    accounts: Readonly<Record<Address, AccountOverride>>,
    calls: readonly SimulatedCall[],
  ): Promise<void> {
    if (this.blocks.length === MAX_SIMULATED_BLOCKS) {
      throw new SimulationError("tooManyBlocks", `a simulation has at most ${MAX_SIMULATED_BLOCKS} blocks`);
    }
    const parent = this.#parent;
    const { registry, evm } = this.#modules;
    const parentTime = parent.time / NANOSECONDS;
    const time = overrides.time === undefined ? parentTime + 1n : BigInt(overrides.time);
    if (time <= parentTime) {
      throw new SimulationError("blockTime", `block timestamps must be in order: ${time} <= ${parentTime}`);
    }
    const parameters = { ...this.#parameters, blockGasLimit: overrides.gasLimit ?? this.#parameters.blockGasLimit };
    const ownFee = this.#request.validation ? baseFeeAfter(parent, parameters) : 0n;
    const machine = new Machine(registry, this.#journal, {
      height: overrides.number ?? parent.height + 1,
      time,
      chainId: parameters.chainId,
      baseFee: overrides.baseFeePerGas ?? ownFee,
      proposer: overrides.feeRecipient ?? parameters.feeCollector,
      gasLimit: parameters.blockGasLimit,
    });
    machine.pause = this.#modules.pause;
    const { height, baseFee, proposer } = machine.block;
    if (evm) recordParentHash(this.#journal, height, this.#parentHash);
    for (const [address, account] of Object.entries(accounts)) {
      overrideAccount(this.#journal, address as Address, account);
    }
    const executed: ExecutedTransaction[] = [];
    const transactions: EthereumTransaction[] = [];
    const results: SimulatedResult[] = [];
    let gasUsed = 0;
    for (const call of calls) {
      const tx = this.#transaction(call, parameters.blockGasLimit - gasUsed);
      const { result, outcome, gasPrice } = await this.#execute(machine, call.from, tx, parameters);
      gasUsed += result.gasUsed;
      this.#gasLeft -= result.gasUsed;
      results.push(result);
      transactions.push(tx);
      executed.push({
        raw: tx.raw,
        hash: tx.hash,
        sender: call.from,
        succeeded: result.ok,
        gasUsed: result.gasUsed,
        gasPrice,
        contractAddress: outcome.created ?? null,
        logs: result.logs,
        output: result.output,
      });
    }
    const { burnt } = parent;
    const stand = { height, time: time * NANOSECONDS, baseFee, gasUsed, parentHash: this.#parentHash, burnt };
    const header = unsealedHeader(stand, parameters, executed, { proposer });
    const hash = hashHeader(header);
    this.#parent = { ...stand, contentHash: hash };
    this.#parentHash = hash;
    this.blocks.push({ block: { header, hash, transactions: executed }, transactions, results });
  }

  #transaction(call: SimulatedCall, blockGasLeft: number): EthereumTransaction {
    const { from, to, data, value, accessList, maxFeePerGas, maxPriorityFeePerGas } = call;
    if (call.gas !== undefined && call.gas > blockGasLeft) {
      throw new SimulationError("blockGas", `block gas limit reached: ${call.gas} > ${blockGasLeft}`);
    }
    const { chainId } = this.#parameters;
    const nonce = call.nonce ?? Number(readAccount(this.#journal, from).nonce);
    const gasLimit = Math.min(call.gas ?? blockGasLeft, this.#gasLeft);
    const list = accessList.map(({ address, storageKeys }) => [hexToBytes(address), storageKeys.map(hexToBytes)]);
    const target = to === null ? NO_BYTES : hexToBytes(to);
    const fees = [maxPriorityFeePerGas, maxFeePerGas];
    const payload = encodeRlp([chainId, nonce, ...fees, gasLimit, target, value, data, list, 0, 0, 0]);
    const raw = Uint8Array.of(DYNAMIC_FEE_TYPE, ...payload);
    return {
      ...{ type: DYNAMIC_FEE_TYPE, chainId, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas },
      ...{ to, value, data, accessList, yParity: 0, signature: new Uint8Array(64) },
      ...{ raw, hash: bytesToHex(keccak256(raw)), signingHash: () => new Uint8Array(32) },
    };
  }

  async #execute(machine: Machine, sender: Address, tx: EthereumTransaction, parameters: Parameters) {
    const { journal, block } = machine;
    const { evm } = this.#modules;
    const account = readAccount(journal, sender);
    const { to, data, accessList, gasLimit } = tx;
    if (this.#request.validation) {
      validateStateless(tx, parameters, evm !== undefined);
      validateAgainstAccount(tx, sender, { ...account, codeHash: "0x" }, block.baseFee);
    }
    const { gas, floor } = intrinsicGas({ calls: [tx], accessList });
    const needed = Math.max(gas, floor);
    if (gasLimit < needed) throw new TransactionError("intrinsicGasTooLow", { gasLimit, needed });
    if (to === null && data.length > MAX_INITCODE_BYTES) {
      throw new TransactionError("initcodeTooLarge", { size: data.length, limit: MAX_INITCODE_BYTES });
    }
    const want = maximumCost(tx);
    if (account.balance < want)
      throw new TransactionError("insufficientFunds", { sender, have: account.balance, want });
    const tip = tx.maxFeePerGas - block.baseFee;
    const offered = block.baseFee + (tip < tx.maxPriorityFeePerGas ? tip : tx.maxPriorityFeePerGas);
    // Without validation a call may name no fee, or less than the block asks.
    const gasPrice = tip < 0n ? tx.maxFeePerGas : offered;
    writeAccount(journal, sender, { ...account, nonce: account.nonce + 1n });
    addBalance(journal, sender, -BigInt(gasLimit) * gasPrice);
    const watch = new TransferLogs(this.#request.traceTransfers);
    machine.gas = gasLimit - gas;
    machine.transaction = { origin: sender, gasPrice, accessList };
    machine.tracer = watch;
    if (to === null && !evm) throw new TransactionError("creationUnsupported");
    const outcome = await runBatch(machine, sender, [{ to, value: tx.value, data }], evm);
    const spent = gasLimit - machine.gas;
    const { ok, output, reason } = outcome;
    const started = { tx, sender, payer: sender, gasPrice, floor, refund: 0, codeAtTarget: true };
    const { gasUsed, tip: earned } = finishTransaction(machine, started, outcome);
    if (earned > 0n) addBalance(journal, block.proposer, earned);
    const result: SimulatedResult = {
      ...{ ok, output, gasUsed, maxUsedGas: Math.max(spent, floor), logs: ok ? watch.logs : [] },
      ...(!ok && { error: watch.error ?? reason ?? "" }),
      ...(reason !== undefined && { reason }),
    };
    return { result, outcome, gasPrice };
  }
}

const NANOSECONDS = 1_000_000_000n;
const NO_BYTES = new Uint8Array(0);
const DYNAMIC_FEE_TYPE = 2;
