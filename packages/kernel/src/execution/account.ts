import type { Address } from "@ruffchain/abi";
import { recordCodec } from "../contract/layout.js";
import { accountKey } from "../state/keys.js";
import type { StateKey, StateReader } from "../state/reader.js";

/** What the chain knows of every address. */
export interface Account {
  /** Transactions sent. */
  readonly nonce: bigint;
  /** Wei. */
  readonly balance: bigint;
  /** keccak256 of the code of a user's contract (32 bytes), "0x" without code. */
  readonly codeHash: `0x${string}`;
}

const codec = recordCodec({ nonce: "uint64", balance: "uint256", codeHash: "bytes" });
const EMPTY: Account = { nonce: 0n, balance: 0n, codeHash: "0x" };

export interface AccountWriter extends StateReader {
  set(key: StateKey, value: Uint8Array): void;
  delete(key: StateKey): void;
}

export function readAccount(state: Pick<StateReader, "get">, address: Address): Account {
  const bytes = state.get(accountKey(address));
  return bytes === undefined ? EMPTY : codec.decode(bytes);
}

/** An account without nonce, balance and code is not kept (EIP-161). */
export function writeAccount(state: AccountWriter, address: Address, account: Account): void {
  if (account.nonce === 0n && account.balance === 0n && account.codeHash === "0x") state.delete(accountKey(address));
  else state.set(accountKey(address), codec.encode(account));
}

/** Adds to a balance; a negative amount that the account does not have throws RangeError. */
export function addBalance(state: AccountWriter, address: Address, amount: bigint): void {
  if (amount === 0n) return;
  const account = readAccount(state, address);
  const balance = account.balance + amount;
  if (balance < 0n) throw new RangeError(`${address} has ${account.balance} wei, ${-amount} are needed`);
  writeAccount(state, address, { ...account, balance });
}
