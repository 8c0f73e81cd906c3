import type { Address } from "@ruffchain/abi";
import type { Abi } from "abitype";
import type { Log } from "../block/receipt.js";
import type { CompiledContract } from "../contract/compile.js";
import type { AccessKey, Chain, ContractCrypto, ContractReference } from "../contract/contract.js";
import { Revert } from "../contract/revert.js";

/** What a frame asks of the machine that runs it. */
export interface FrameHost {
  readonly block: { readonly height: number; readonly time: bigint; readonly chainId: number };
  readonly crypto: ContractCrypto;
  readonly accessKey: AccessKey | undefined;
  spend(account: Address, token: Address, amount: bigint): void;
  chainFor(self: Address): Chain;
  tablesOf(contract: CompiledContract, self: Address): Readonly<Record<string, unknown>>;
  balance(address: Address): bigint;
  emit(log: Log): void;
  callNative(to: Address, name: string, args: unknown[], call: FrameCall): unknown;
  send(from: Address, to: Address, value: bigint): void;
  schedule(contract: CompiledContract, self: Address, at: bigint, name: string, args: unknown[]): bigint;
  unschedule(self: Address, ticket: bigint): boolean;
}

/**
 * One running call of a system contract: the `ctx` of its handler. The types that handlers see are Context and
 * ViewContext; here all contracts are alike.
 */
export class Frame {
  readonly self: Address;
  readonly sender: Address;
  readonly value: bigint;
  readonly readOnly: boolean;
  readonly tables: Readonly<Record<string, unknown>>;
  readonly #machine: FrameHost;
  readonly #contract: CompiledContract;

  constructor(machine: FrameHost, contract: CompiledContract, self: Address, call: FrameCall) {
    this.#machine = machine;
    this.#contract = contract;
    this.self = self;
    this.sender = call.sender;
    this.value = call.value;
    this.readOnly = call.readOnly;
    this.tables = machine.tablesOf(contract, self);
  }

  get time(): bigint {
    return this.#machine.block.time;
  }

  get height(): number {
    return this.#machine.block.height;
  }

  get chainId(): number {
    return this.#machine.block.chainId;
  }

  get crypto(): ContractCrypto {
    return this.#machine.crypto;
  }

  get chain(): Chain {
    if (!this.#contract.chain) throw new TypeError(`${this.#contract.name} has no part in running the chain`);
    return this.#machine.chainFor(this.self);
  }

  get accessKey(): AccessKey | undefined {
    return this.#machine.accessKey;
  }

  spend(amount: bigint): void {
    this.#machine.spend(this.sender, this.self, amount);
  }

  balance(address: Address): bigint {
    return this.#machine.balance(address);
  }

  error(name: string, ...args: unknown[]): Revert {
    return new Revert(this.#contract.encodeError(name, args), `${name}(${args.map(String).join(", ")})`);
  }

  emit(name: string, ...args: unknown[]): void {
    const event = this.#contract.events.get(name);
    if (!event) throw new TypeError(`${this.#contract.name} has no event ${name}`);
    const { topics, data } = event.encode(args);
    this.#machine.emit({ address: this.self, topics, data });
  }

  call(target: ContractReference<Abi>, name: string, ...args: unknown[]): unknown {
    return this.#machine.callNative(target.address, name, args, {
      sender: this.self,
      value: 0n,
      readOnly: this.readOnly,
    });
  }

  read(target: ContractReference<Abi>, name: string, ...args: unknown[]): unknown {
    return this.#machine.callNative(target.address, name, args, { sender: this.self, value: 0n, readOnly: true });
  }

  send(to: Address, value: bigint): void {
    this.#machine.send(this.self, to, value);
  }

  schedule(at: bigint, name: string, ...args: unknown[]): bigint {
    return this.#machine.schedule(this.#contract, this.self, at, name, args);
  }

  unschedule(ticket: bigint): boolean {
    return this.#machine.unschedule(this.self, ticket);
  }
}

export interface FrameCall {
  readonly sender: Address;
  /** Wei that has been moved to the callee already. */
  readonly value: bigint;
  readonly readOnly: boolean;
}

/** The selector of Solidity's Error(string); behind it come offset, length and text. */
const ERROR_STRING = "08c379a0";
const LENGTH_AT = 64;
const TEXT_AT = 68;

/** Call data of a call that failed before the contract's own code: `Error(string)`, as Solidity's require. */
export function errorString(message: string): Uint8Array {
  const text = Buffer.from(message, "utf8");
  const padded = Math.ceil(text.length / 32) * 32;
  const data = Buffer.alloc(TEXT_AT + padded);
  data.write(ERROR_STRING, "hex");
  data[35] = 32;
  data.writeUInt32BE(text.length, LENGTH_AT);
  text.copy(data, TEXT_AT);
  return data;
}

/** The text of an `Error(string)`, as much of it as is there; undefined for other data. For people: nothing is checked. */
export function errorText(data: Uint8Array): string | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (bytes.length < TEXT_AT || bytes.toString("hex", 0, 4) !== ERROR_STRING) return undefined;
  return bytes.toString("utf8", TEXT_AT, TEXT_AT + bytes.readUInt32BE(LENGTH_AT));
}

/** Solidity's Panic(uint256): 0x01 for a fault of the contract, 0x11 for arithmetic out of range. */
export function panic(code: 0x01 | 0x11): Uint8Array {
  const data = Buffer.alloc(36);
  data.write("4e487b71", "hex");
  data[35] = code;
  return data;
}
