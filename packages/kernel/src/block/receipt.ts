import type { Address, Hex } from "@ruffchain/abi";
import { hexToBytes } from "../hex.js";
import { encodeRlp } from "../rlp.js";
import type { Transaction } from "../transaction/transaction.js";

/** An event as Ethereum logs it. */
export interface Log {
  readonly address: Address;
  /** At most 4, of 32 bytes. */
  readonly topics: readonly Hex[];
  readonly data: Uint8Array;
}

/** What a block commits to about the execution of a transaction. */
export interface Receipt {
  readonly type: Transaction["type"];
  readonly succeeded: boolean;
  /** Gas used in the block up to and with this transaction. */
  readonly cumulativeGasUsed: number;
  readonly logsBloom: Uint8Array;
  readonly logs: readonly Log[];
}

/** EIP-2718: type ‖ rlp([status, cumulativeGasUsed, logsBloom, logs]), the list alone for legacy transactions. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const logs = receipt.logs.map(({ address, topics, data }) => [hexToBytes(address), topics.map(hexToBytes), data]);
  const list = encodeRlp([receipt.succeeded ? 1 : 0, receipt.cumulativeGasUsed, receipt.logsBloom, logs]);
  if (receipt.type === 0) return list;
  const typed = new Uint8Array(list.length + 1);
  typed[0] = receipt.type;
  typed.set(list, 1);
  return typed;
}
