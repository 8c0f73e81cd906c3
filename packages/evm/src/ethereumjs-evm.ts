import { type Common, createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { EVMError, type EVMRunCallOpts } from "@ethereumjs/evm";
import { Address } from "@ethereumjs/util";
import type { Address as Hex20 } from "@ruffchain/abi";
import {
  delegateOf,
  type Evm,
  type EvmMessage,
  type EvmOutcome,
  errorText,
  hexToBytes,
  keccak256,
  type Machine,
  panic,
  readAccount,
  readBlockHash,
  sha256,
  type TransactionContext,
} from "@ruffchain/kernel";
import { bls, bn254 } from "./curves.js";
import { HostEvm } from "./host-evm.js";
import { hexOf, JournalState } from "./journal-state.js";
import { verifyKzgProof } from "./kzg.js";
import { recover } from "./recover.js";

/** The newest finished rules that @ethereumjs/evm supports. */
const RULES = Hardfork.Osaka;
const NO_BYTES = new Uint8Array(0);
/** PREVRANDAO is the header's mixHash: this chain has no randomness to offer. */
const NO_RANDOMNESS = new Uint8Array(32);

type Block = NonNullable<EVMRunCallOpts["block"]>;

/** EthereumJS's EVM behind the kernel's seam: one host a machine, that is a block or an eth_call. */
export class EthereumJsEvm implements Evm {
  readonly #hosts = new WeakMap<Machine, Host>();
  readonly #commons = new Map<number, Common>();

  run(machine: Machine, message: EvmMessage): Promise<EvmOutcome> {
    let host = this.#hosts.get(machine);
    if (!host) {
      host = new Host(machine, this.#common(machine.block.chainId));
      this.#hosts.set(machine, host);
    }
    return host.run(message);
  }

  #common(chainId: number): Common {
    const known = this.#commons.get(chainId);
    if (known) return known;
    const common = createCustomCommon({ chainId }, Mainnet, {
      hardfork: RULES,
      customCrypto: { keccak256, sha256, kzg: { verifyProof: verifyKzgProof } as never },
    });
    this.#commons.set(chainId, common);
    return common;
  }
}

/** The EVM for one machine. */
class Host {
  readonly #machine: Machine;
  readonly #evm: HostEvm;
  readonly #state: JournalState;
  readonly #block: Block;
  #transaction: TransactionContext | undefined;
  #created = new Set<`0x${string}`>();

  constructor(machine: Machine, common: Common) {
    const { journal, block } = machine;
    this.#machine = machine;
    this.#state = new JournalState(machine);
    this.#evm = new HostEvm(machine, {
      common,
      stateManager: this.#state,
      customPrecompiles: [{ address: "0x0000000000000000000000000000000000000001", function: recover }],
      bls,
      bn254,
      blockchain: {
        getBlock: async (height) => ({ hash: () => readBlockHash(journal, height) }),
        putBlock: async () => {},
        shallowCopy() {
          return this;
        },
      },
    });
    // Every EVM listens to the rules that it shares with others; they never change.
    common.events.removeAllListeners();
    this.#block = {
      header: {
        number: BigInt(block.height),
        coinbase: addressOf(block.proposer),
        timestamp: block.time,
        difficulty: 0n,
        prevRandao: NO_RANDOMNESS,
        gasLimit: BigInt(block.gasLimit),
        baseFeePerGas: block.baseFee,
        getBlobGasPrice: () => 1n,
      },
    };
  }

  async run(message: EvmMessage): Promise<EvmOutcome> {
    const machine = this.#machine;
    const { journal, transaction } = machine;
    if (transaction !== this.#transaction) this.#begin(transaction, message);
    const sender = readAccount(journal, message.sender);
    if (sender.balance < message.value) {
      return failed(NO_BYTES, `insufficient balance: ${message.sender} has ${sender.balance} wei of ${message.value}`);
    }
    const checkpoint = journal.checkpoint();
    const gas = machine.gas;
    try {
      this.#evm.fault = undefined;
      const { execResult, createdAddress } = await this.#evm.runCall({
        caller: addressOf(message.sender),
        origin: addressOf(transaction.origin),
        gasPrice: transaction.gasPrice,
        gasLimit: BigInt(gas),
        ...(message.to && { to: addressOf(message.to) }),
        value: message.value,
        data: message.data,
        block: this.#block,
        createdAddresses: this.#created,
        skipNonceIncrement: true,
      });
      machine.gas = gas - Number(execResult.executionGasUsed);
      const { fault } = this.#evm;
      const error = execResult.exceptionError;
      if (error) return { ...failed(execResult.returnValue, reasonOf(error, execResult.returnValue)), fault };
      const destroyed = [...(execResult.selfdestruct?.keys() ?? [])].filter((address) => this.#created.has(address));
      return {
        ok: true,
        output: execResult.returnValue,
        refund: Number(execResult.gasRefund ?? 0n),
        destroyed,
        fault,
        ...(message.to === null && createdAddress && { created: hexOf(createdAddress) }),
      };
    } catch (error) {
      // A fault of the EVM's own code must not stop the chain, and all nodes must see the same.
      journal.revert(checkpoint);
      machine.gas = 0;
      this.#transaction = undefined;
      return { ...failed(panic(0x01), "internal error of the EVM"), fault: error };
    }
  }

  /** Cold but for what EIP-2929, 2930 and 3651 warm. */
  #begin(transaction: TransactionContext, { to }: EvmMessage): void {
    const { journal, transientStorage, precompiles } = this.#evm;
    this.#transaction = transaction;
    this.#created = new Set();
    this.#state.begin();
    journal.cleanJournal();
    transientStorage.clear();
    for (const address of precompiles.keys()) journal.addAlwaysWarmAddress(address);
    for (const address of [transaction.origin, to, this.#machine.block.proposer]) {
      if (address) journal.addAlwaysWarmAddress(address);
    }
    // What the called account runs by EIP-7702.
    const delegate = to && delegateOf(this.#machine.journal, to);
    if (delegate) journal.addAlwaysWarmAddress(delegate);
    for (const { address, storageKeys } of transaction.accessList) {
      journal.addAlwaysWarmAddress(address);
      for (const slot of storageKeys) journal.addAlwaysWarmSlot(address, slot);
    }
  }
}

function addressOf(address: Hex20): Address {
  return new Address(hexToBytes(address));
}

function failed(output: Uint8Array, reason: string): EvmOutcome {
  return { ok: false, output, reason, refund: 0, destroyed: [] };
}

/** What clients show of a failed call, in geth's words. */
function reasonOf({ error }: EVMError, output: Uint8Array): string {
  return error === EVMError.errorMessages.REVERT ? (errorText(output) ?? "") : error;
}
