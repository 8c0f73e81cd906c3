import { type Address, addresses } from "@ruffchain/abi";
import { AbiDecodeError } from "../abi/codec.js";
import { NATIVE, returnLimit, spendLimit } from "../account/keychain.js";
import type { Log } from "../block/receipt.js";
import { BoundTable, type TableHost } from "../contract/bound-table.js";
import type { CompiledContract, CompiledFunction } from "../contract/compile.js";
import type { AccessKey, Chain, ContractCrypto } from "../contract/contract.js";
import { ValueRangeError } from "../contract/layout.js";
import { OutOfGas, Revert } from "../contract/revert.js";
import { recoverSigner, signatureGas } from "../crypto/account-signature.js";
import { verifyEd25519, verifyP256 } from "../crypto/device-signature.js";
import { keccak256 } from "../crypto/keccak256.js";
import { sha256 } from "../crypto/sha256.js";
import { gasSchedule, MAX_CALL_DEPTH } from "../gas-schedule.js";
import { bytesToHex, hexToBytes } from "../hex.js";
import type { Journal } from "../state/journal.js";
import type { StateKey } from "../state/reader.js";
import type { AccessListEntry } from "../transaction/access-list.js";
import { addBalance, readAccount } from "./account.js";
import { errorString, Frame, type FrameCall, type FrameHost, panic } from "./frame.js";
import { readParameters, writeParameters } from "./parameters.js";
import type { Registry } from "./registry.js";
import { addScheduled, removeScheduled } from "./schedule.js";
import { EXECUTION_REVERTED, OUT_OF_GAS, type TracedCall, type Tracer } from "./tracer.js";

/** What contracts may know of the block under execution. */
export interface BlockContext {
  readonly height: number;
  /** Seconds since 1970. */
  readonly time: bigint;
  readonly chainId: number;
  readonly baseFee: bigint;
  readonly proposer: Address;
  readonly gasLimit: number;
}

/** What users' contracts may know of the transaction under execution; a new object for each. */
export interface TransactionContext {
  readonly origin: Address;
  /** Wei per gas. */
  readonly gasPrice: bigint;
  readonly accessList: readonly AccessListEntry[];
  readonly accessKey?: AccessKey;
}

/** Gives others a turn where a call takes long; undefined where it may go on at once. */
export type Pause = () => Promise<void> | undefined;

/** How a call ended. A failed call has changed nothing but gas. */
export interface CallOutcome {
  readonly ok: boolean;
  /** The ABI-encoded result, or the ABI-encoded error. */
  readonly output: Uint8Array;
  /** Why it failed, for people. */
  readonly reason?: string;
  /** A fault of a contract's own code, for the node's log. */
  readonly fault?: unknown;
}

const NO_TRANSACTION: TransactionContext = { origin: addresses.scheduler, gasPrice: 0n, accessList: [] };

/** Executes calls of system contracts over one journal: gas, frames, tables, events, schedule. */
export class Machine implements FrameHost, TableHost {
  readonly journal: Journal<Log>;
  readonly block: BlockContext;
  /** Gas left in the current transaction. */
  gas = 0;
  transaction: TransactionContext = NO_TRANSACTION;
  /** Watches what runs. */
  tracer: Tracer | undefined;
  /** Asked often by an EVM; it goes on when the promise settles. Blocks that are decided on have none. */
  pause: Pause | undefined;
  readonly #registry: Registry;
  readonly #tables = new Map<Address, Readonly<Record<string, unknown>>>();
  #depth = 0;
  #readOnly = false;

  constructor(registry: Registry, journal: Journal<Log>, block: BlockContext) {
    this.#registry = registry;
    this.journal = journal;
    this.block = block;
  }

  readonly crypto: ContractCrypto = {
    keccak256: (data) => bytesToHex(keccak256(this.#hashInput(data))),
    sha256: (data) => bytesToHex(sha256(this.#hashInput(data))),
    verifyP256: (message, signature, publicKey) => {
      this.charge(gasSchedule.verifyP256 + gasSchedule.hashByte * message.length);
      return verifyP256(message, hexToBytes(signature), hexToBytes(publicKey));
    },
    recoverSigner: (hash, signature) => {
      const bytes = hexToBytes(signature);
      this.charge(signatureGas(bytes));
      const signer = recoverSigner(hexToBytes(hash), bytes);
      return signer && bytesToHex(signer);
    },
    verifyEd25519: (message, signature, publicKey) => {
      this.charge(gasSchedule.verifyEd25519 + gasSchedule.hashByte * message.length);
      return verifyEd25519(message, hexToBytes(signature), hexToBytes(publicKey));
    },
  };

  /** Whether a system contract stands at the address. */
  isNative(address: Address): boolean {
    return this.#registry.find(address) !== undefined;
  }

  /** Runs encoded call data from outside: a transaction, eth_call or a scheduled call. Never throws for what the call does. */
  run(to: Address, data: Uint8Array, call: FrameCall): CallOutcome {
    const { tracer, gas } = this;
    if (!tracer) return this.#run(to, data, call);
    tracer.enter?.(tracedCall(to, data, call, gas));
    const outcome = this.#run(to, data, call);
    tracer.exit?.({ gasUsed: gas - this.gas, output: outcome.output, ...(!outcome.ok && describeFailure(outcome)) });
    return outcome;
  }

  #run(to: Address, data: Uint8Array, call: FrameCall): CallOutcome {
    const checkpoint = this.journal.checkpoint();
    try {
      if (call.value > 0n) this.#move(call.sender, to, call.value);
      const contract = this.#registry.find(to);
      if (!contract) return { ok: true, output: new Uint8Array(0) };
      const fn = this.#selected(contract, data);
      this.charge(gasSchedule.call);
      const result = this.#invoke(contract, to, fn, fn.decodeArgs(data), call);
      return { ok: true, output: fn.encodeResult(result) };
    } catch (error) {
      this.journal.revert(checkpoint);
      this.#depth = 0;
      this.#readOnly = false;
      return this.#failure(error);
    }
  }

  /** Runs a chain hook of a contract, without a limit of gas. Throws what it throws, with everything undone. */
  runHook<R>(contract: CompiledContract, self: Address, hook: (ctx: Frame) => R): R {
    const checkpoint = this.journal.checkpoint();
    this.gas = Number.MAX_SAFE_INTEGER;
    try {
      return hook(new Frame(this, contract, self, { sender: addresses.scheduler, value: 0n, readOnly: false }));
    } catch (error) {
      this.journal.revert(checkpoint);
      throw error;
    }
  }

  /** Runs what the kernel itself does in a contract, as runHook. */
  runInside<C, R>(address: Address, work: (ctx: C) => R): R {
    return this.runHook(this.#registry.find(address) as CompiledContract, address, (ctx) => work(ctx as C));
  }

  /** A call from one system contract to another, without encoding anything. */
  callNative(to: Address, name: string, args: unknown[], call: FrameCall): unknown {
    const contract = this.#registry.find(to);
    if (!contract) throw new Revert(errorString("no system contract at this address"), `no system contract at ${to}`);
    const fn = contract.functions.get(name);
    if (!fn) throw new TypeError(`${contract.name} has no function ${name}`);
    this.charge(gasSchedule.call);
    const checkpoint = this.journal.checkpoint();
    const depth = this.#depth;
    const readOnly = this.#readOnly;
    const { tracer, gas } = this;
    tracer?.enter?.(tracedCall(to, fn.encodeArgs(args), call, gas));
    try {
      const result = this.#invoke(contract, to, fn, args, call);
      tracer?.exit?.({ gasUsed: gas - this.gas, output: fn.encodeResult(result) });
      return result;
    } catch (error) {
      this.journal.revert(checkpoint);
      this.#depth = depth;
      this.#readOnly = readOnly;
      if (tracer) {
        const { output, reason } = failureOf(error);
        tracer.exit?.({ gasUsed: gas - this.gas, output, ...describeFailure({ output, reason }) });
      }
      throw error;
    }
  }

  #invoke(contract: CompiledContract, self: Address, fn: CompiledFunction, args: unknown[], call: FrameCall): unknown {
    if (this.#depth === MAX_CALL_DEPTH)
      throw new Revert(errorString("calls nested too deeply"), "calls nested too deeply");
    if (call.value > 0n && !fn.payable) {
      throw new Revert(errorString("function is not payable"), `${contract.name}.${fn.name} is not payable`);
    }
    if (fn.scheduled && call.sender !== addresses.scheduler) {
      throw new Revert(
        errorString("only the scheduler may call this"),
        `${contract.name}.${fn.name} is run by the scheduler only`,
      );
    }
    const readOnly = this.#readOnly;
    this.#depth++;
    this.#readOnly = readOnly || call.readOnly || fn.readOnly;
    const result = fn.handler(new Frame(this, contract, self, call), ...args);
    this.#depth--;
    this.#readOnly = readOnly;
    return result;
  }

  #selected(contract: CompiledContract, data: Uint8Array): CompiledFunction {
    if (data.length >= 4) {
      const selector = Buffer.from(data.buffer, data.byteOffset, 4).readUInt32BE(0);
      const fn = contract.bySelector.get(selector);
      if (fn) return fn;
    }
    const message = data.length === 0 ? "does not take plain transfers" : "has no such function";
    throw new Revert(errorString(`${contract.name} ${message}`), `${contract.name} ${message}`);
  }

  #failure(error: unknown): CallOutcome {
    const failure = failureOf(error);
    // A fault of the contract itself: it must not stop the chain, and all nodes must see the same.
    if (failure.fault !== undefined) this.gas = 0;
    return failure;
  }

  get accessKey(): AccessKey | undefined {
    return this.transaction.accessKey;
  }

  /** Counts what an account gives away against the limit of the key that has signed for it, if one has. */
  spend(account: Address, token: Address, amount: bigint): void {
    const key = this.accessKey;
    if (!key?.enforceLimits || key.account !== account) return;
    spendLimit(this.#keychain() as never, account, key.keyId, token, amount);
  }

  /** Gives back a part of what was counted; takes no gas, of which a transaction may have none left at its end. */
  unspend(account: Address, token: Address, amount: bigint): void {
    const key = this.accessKey;
    if (!key?.enforceLimits || key.account !== account) return;
    this.runInside(addresses.keychain, (ctx: never) => returnLimit(ctx, account, key.keyId, token, amount));
  }

  /** Counts wei that a call takes along: the failed outcome where the limit does not allow it. */
  spendValue(account: Address, value: bigint): CallOutcome | undefined {
    try {
      this.spend(account, NATIVE, value);
      return undefined;
    } catch (error) {
      return this.#failure(error);
    }
  }

  #keychain(): Frame {
    const contract = this.#registry.find(addresses.keychain) as CompiledContract;
    return new Frame(this, contract, addresses.keychain, { sender: addresses.scheduler, value: 0n, readOnly: false });
  }

  chainFor(self: Address): Chain {
    const change = (amount: bigint) => {
      this.assertWritable();
      this.charge(gasSchedule.send);
      addBalance(this.journal, self, amount);
    };
    return {
      parameters: () => {
        this.charge(gasSchedule.read);
        return readParameters(this.journal);
      },
      setParameters: (changes) => {
        this.assertWritable();
        this.charge(gasSchedule.write);
        writeParameters(this.journal, { ...readParameters(this.journal), ...changes });
      },
      mint: change,
      burn: (amount) => change(-amount),
    };
  }

  tablesOf(contract: CompiledContract, self: Address): Readonly<Record<string, unknown>> {
    const known = this.#tables.get(self);
    if (known) return known;
    const tables: Record<string, unknown> = {};
    for (const [name, table] of contract.tables) tables[name] = new BoundTable(table, this, self);
    this.#tables.set(self, tables);
    return tables;
  }

  charge(gas: number): void {
    if (gas > this.gas) {
      this.gas = 0;
      throw new OutOfGas();
    }
    this.gas -= gas;
  }

  assertWritable(): void {
    if (this.#readOnly) throw new Revert(errorString("view functions cannot write"), "view functions cannot write");
  }

  get(key: StateKey): Uint8Array | undefined {
    return this.journal.get(key);
  }

  set(key: StateKey, value: Uint8Array): void {
    this.journal.set(key, value);
  }

  delete(key: StateKey): void {
    this.journal.delete(key);
  }

  range(start: StateKey, end: StateKey, reverse?: boolean): Iterable<readonly [StateKey, Uint8Array]> {
    return this.journal.range(start, end, reverse);
  }

  balance(address: Address): bigint {
    this.charge(gasSchedule.read);
    return readAccount(this.journal, address).balance;
  }

  emit(log: Log): void {
    this.assertWritable();
    this.charge(gasSchedule.event + gasSchedule.eventByte * (log.data.length + 32 * log.topics.length));
    this.journal.log(log);
    this.tracer?.log?.(log);
  }

  send(from: Address, to: Address, value: bigint): void {
    this.assertWritable();
    this.charge(gasSchedule.send);
    this.#move(from, to, value);
  }

  schedule(contract: CompiledContract, self: Address, at: bigint, name: string, args: unknown[]): bigint {
    this.assertWritable();
    this.charge(gasSchedule.schedule);
    const fn = contract.functions.get(name);
    if (!fn?.scheduled) throw new TypeError(`${contract.name}.${name} is not a scheduled function`);
    return addScheduled(this.journal, at, { contract: self, call: fn.encodeArgs(args) });
  }

  unschedule(self: Address, ticket: bigint): boolean {
    this.assertWritable();
    this.charge(gasSchedule.unschedule);
    return removeScheduled(this.journal, self, ticket);
  }

  #move(from: Address, to: Address, value: bigint): void {
    if (value < 0n || readAccount(this.journal, from).balance < value) {
      throw new Revert(errorString("insufficient balance"), `${from} has less than ${value} wei`);
    }
    addBalance(this.journal, from, -value);
    addBalance(this.journal, to, value);
  }

  #hashInput(data: `0x${string}` | Uint8Array): Uint8Array {
    const bytes = typeof data === "string" ? hexToBytes(data) : data;
    this.charge(gasSchedule.hash + gasSchedule.hashByte * bytes.length);
    return bytes;
  }
}

/** What a call answers that ended with an error. */
function failureOf(error: unknown): CallOutcome & { readonly reason: string } {
  if (error instanceof Revert) return { ok: false, output: error.data, reason: error.message };
  if (error instanceof OutOfGas) return { ok: false, output: new Uint8Array(0), reason: error.message };
  if (error instanceof AbiDecodeError) return { ok: false, output: errorString(error.message), reason: error.message };
  if (error instanceof ValueRangeError) return { ok: false, output: panic(0x11), reason: error.message };
  return { ok: false, output: panic(0x01), reason: "internal error of the contract", fault: error };
}

function tracedCall(to: Address, input: Uint8Array, { sender, value, readOnly }: FrameCall, gas: number): TracedCall {
  return { type: readOnly ? "STATICCALL" : "CALL", from: sender, to, value, gas, input };
}

/** Only a call that runs out of gas fails without any data. */
function describeFailure({ output, reason }: Pick<CallOutcome, "output" | "reason">) {
  if (output.length === 0) return { error: OUT_OF_GAS };
  return { error: EXECUTION_REVERTED, ...(reason !== undefined && { reason }) };
}
