import type { Address, Hex } from "@ruffchain/abi";
import { bytesToHex } from "../hex.js";
import { type RlpItem, rlpBytes, rlpList } from "../rlp.js";

export interface AccessListEntry {
  readonly address: Address;
  readonly storageKeys: readonly Hex[];
}

/** EIP-2930: a list of [address, list of storage keys]. */
export function accessListField(item: RlpItem | undefined): readonly AccessListEntry[] {
  return rlpList(item).map((entry) => {
    const [address, storageKeys] = rlpList(entry, 2);
    return {
      address: bytesToHex(rlpBytes(address, 20)),
      storageKeys: rlpList(storageKeys).map((key) => bytesToHex(rlpBytes(key, 32))),
    };
  });
}
