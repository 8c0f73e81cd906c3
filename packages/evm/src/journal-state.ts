import type { AccountFields, StateManagerInterface } from "@ethereumjs/common";
import { Account, type Address, KECCAK256_NULL, KECCAK256_RLP } from "@ethereumjs/util";
import type { Hex } from "@ruffchain/abi";
import {
  bytesToHex,
  hexToBytes,
  keccak256,
  type Machine,
  readAccount,
  readCode,
  readStorage,
  SYSTEM_CODE,
  writeAccount,
  writeCode,
  writeStorage,
} from "@ruffchain/kernel";

const NO_BYTES = new Uint8Array(0);
const SYSTEM_CODE_HASH = keccak256(SYSTEM_CODE);

/**
 * What EthereumJS asks of a state, over the kernel's accounts and journal. Nothing is kept here but the checkpoints'
 * places and what the slots written in this transaction had before it.
 */
export class JournalState implements StateManagerInterface {
  readonly #machine: Machine;
  readonly #checkpoints: number[] = [];
  readonly #originals = new Map<string, Uint8Array>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  readonly originalStorageCache = {
    get: async (address: Address, slot: Uint8Array): Promise<Uint8Array> => this.originalWord(address, slot),
    clear: (): void => this.#originals.clear(),
  };

  /** A transaction begins. */
  begin(): void {
    this.#originals.clear();
    this.#checkpoints.length = 0;
  }

  async getAccount(address: Address): Promise<Account | undefined> {
    const hex = hexOf(address);
    const { nonce, balance, codeHash } = readAccount(this.#machine.journal, hex);
    const isSystem = this.#machine.isNative(hex);
    if (nonce === 0n && balance === 0n && codeHash === "0x" && !isSystem) return undefined;
    const hash = isSystem ? SYSTEM_CODE_HASH : codeHash === "0x" ? KECCAK256_NULL : hexToBytes(codeHash);
    return new Account(nonce, balance, KECCAK256_RLP, hash);
  }

  async putAccount(address: Address, account: Account | undefined): Promise<void> {
    const hex = hexOf(address);
    const { nonce, balance, codeHash } = account ?? new Account();
    const hasOwnCode = !equal(codeHash, KECCAK256_NULL) && !this.#machine.isNative(hex);
    writeAccount(this.#machine.journal, hex, { nonce, balance, codeHash: hasOwnCode ? bytesToHex(codeHash) : "0x" });
  }

  deleteAccount(address: Address): Promise<void> {
    return this.putAccount(address, undefined);
  }

  async modifyAccountFields(address: Address, fields: AccountFields): Promise<void> {
    const hex = hexOf(address);
    const account = readAccount(this.#machine.journal, hex);
    writeAccount(this.#machine.journal, hex, {
      ...account,
      nonce: fields.nonce ?? account.nonce,
      balance: fields.balance ?? account.balance,
    });
  }

  async putCode(address: Address, code: Uint8Array): Promise<void> {
    writeCode(this.#machine.journal, hexOf(address), code);
  }

  async getCode(address: Address): Promise<Uint8Array> {
    const hex = hexOf(address);
    return this.#machine.isNative(hex) ? SYSTEM_CODE : readCode(this.#machine.journal, hex);
  }

  async getCodeSize(address: Address): Promise<number> {
    return (await this.getCode(address)).length;
  }

  async getStorage(address: Address, slot: Uint8Array): Promise<Uint8Array> {
    return this.word(address, slot);
  }

  async putStorage(address: Address, slot: Uint8Array, value: Uint8Array): Promise<void> {
    this.setWord(address, slot, withoutLeadingZeros(value));
  }

  /** A word of storage without leading zeros. */
  word(address: Address, slot: Uint8Array): Uint8Array {
    return readStorage(this.#machine.journal, hexOf(address), slot);
  }

  /** What a word was before this transaction. */
  originalWord(address: Address, slot: Uint8Array): Uint8Array {
    return this.#originals.get(originalKey(address, slot)) ?? this.word(address, slot);
  }

  /** The value comes without leading zeros. */
  setWord(address: Address, slot: Uint8Array, value: Uint8Array): void {
    const key = originalKey(address, slot);
    if (!this.#originals.has(key)) this.#originals.set(key, this.word(address, slot));
    writeStorage(this.#machine.journal, hexOf(address), slot, value);
  }

  /** Contracts are made where there is no code and no nonce, and there is no storage there: those that go take theirs along. */
  async clearStorage(): Promise<void> {}

  async checkpoint(): Promise<void> {
    this.#checkpoints.push(this.#machine.journal.checkpoint());
  }

  async commit(): Promise<void> {
    this.#checkpoints.pop();
  }

  async revert(): Promise<void> {
    this.#machine.journal.revert(this.#checkpoints.pop() ?? 0);
  }

  clearCaches(): void {}

  getStateRoot(): Promise<Uint8Array> {
    throw new Error("the state root is known at the end of a block only");
  }

  setStateRoot(): Promise<void> {
    throw new Error("the state cannot be moved to another root");
  }

  async hasStateRoot(): Promise<boolean> {
    return false;
  }

  shallowCopy(): StateManagerInterface {
    return new JournalState(this.#machine);
  }
}

export function hexOf(address: Address): Hex {
  return bytesToHex(address.bytes);
}

function originalKey({ bytes }: Address, slot: Uint8Array): string {
  return Buffer.concat([bytes, slot]).toString("latin1");
}

function withoutLeadingZeros(value: Uint8Array): Uint8Array {
  const start = value.findIndex((byte) => byte !== 0);
  return start < 0 ? NO_BYTES : start === 0 ? value : value.slice(start);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
