import type { Address } from "@ruffchain/abi";
import { recordCodec } from "../contract/layout.js";
import { LruMap } from "../lru-map.js";
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
/** Accounts that are kept decoded. */
const ACCOUNT_CACHE_SIZE = 4_096;
/** By the bytes that were read or written: a transfer asks some times for each of its accounts. */
const decoded = new LruMap<Uint8Array, Account>(ACCOUNT_CACHE_SIZE);

export interface AccountWriter extends StateReader {
  set(key: StateKey, value: Uint8Array): void;
  delete(key: StateKey): void;
}

export function readAccount(state: Pick<StateReader, "get">, address: Address): Account {
  const bytes = state.get(accountKey(address));
  if (bytes === undefined) return EMPTY;
  const known = decoded.get(bytes);
  if (known) return known;
  const account = codec.decode(bytes);
  decoded.set(bytes, account);
  return account;
}

/** An account without nonce, balance and code is not kept (EIP-161). */
export function writeAccount(state: AccountWriter, address: Address, account: Account): void {
  if (account.nonce === 0n && account.balance === 0n && account.codeHash === "0x") {
    state.delete(accountKey(address));
    return;
  }
  const bytes = codec.encode(account);
  decoded.set(bytes, account);
  state.set(accountKey(address), bytes);
}

/** Adds to a balance; a negative amount that the account does not have throws RangeError. */
export function addBalance(state: AccountWriter, address: Address, amount: bigint): void {
  if (amount === 0n) return;
  const account = readAccount(state, address);
  const balance = account.balance + amount;
  if (balance < 0n) throw new RangeError(`${address} has ${account.balance} wei, ${-amount} are needed`);
  writeAccount(state, address, { ...account, balance });
}
