import type { Address, Hex } from "@ruffchain/abi";
import { hexToBytes } from "../hex.js";
import { prefixEnd, storagePrefix } from "../state/keys.js";
import { type AccountWriter, readAccount, writeAccount } from "./account.js";
import { writeCode, writeStorage } from "./user-contract.js";

/** What an account is to have for one eth_call; what is absent stays as it is. */
export interface AccountOverride {
  readonly nonce?: bigint;
  readonly balance?: bigint;
  readonly code?: Uint8Array;
  /** All of its storage: slots and values are words of 32 bytes. */
  readonly state?: Readonly<Record<Hex, Hex>>;
  /** Some of its storage. */
  readonly stateDiff?: Readonly<Record<Hex, Hex>>;
}

/** Changes an account as told. A system contract keeps its own code and tables, whatever is told. */
export function overrideAccount(journal: AccountWriter, address: Address, override: AccountOverride): void {
  const { nonce, balance, code, state, stateDiff } = override;
  const account = readAccount(journal, address);
  writeAccount(journal, address, {
    ...account,
    ...(nonce !== undefined && { nonce }),
    ...(balance !== undefined && { balance }),
  });
  if (code) writeCode(journal, address, code);
  if (state) {
    const prefix = storagePrefix(address);
    for (const [key] of journal.range(prefix, prefixEnd(prefix))) journal.delete(key);
  }
  for (const [slot, value] of Object.entries({ ...state, ...stateDiff })) {
    const bytes = hexToBytes(value);
    const start = bytes.findIndex((byte) => byte !== 0);
    writeStorage(journal, address, hexToBytes(slot as Hex), start < 0 ? new Uint8Array(0) : bytes.slice(start));
  }
}
