import type { Address } from "@ruffchain/abi";
import { recordCodec } from "../contract/layout.js";
import { keyBytes, scheduleKey, scheduleStart, ticketKey } from "../state/keys.js";
import type { StateKey, StateReader } from "../state/reader.js";
import type { AccountWriter } from "./account.js";

/** A call that waits for its time. */
export interface ScheduledCall {
  readonly contract: Address;
  /** Selector and ABI-encoded arguments. */
  readonly call: Uint8Array;
}

export interface DueCall extends ScheduledCall {
  readonly key: StateKey;
  readonly ticket: bigint;
}

const rowCodec = recordCodec({ contract: "address", call: "bytes" });
const counterCodec = recordCodec({ next: "uint64" });

/** Tickets are the place in the queue: time (seconds) in the high 64 bits, a counter in the low ones. */
export function addScheduled(state: AccountWriter, at: bigint, scheduled: ScheduledCall): bigint {
  const counter = state.get(ticketKey);
  const number = counter === undefined ? 0n : counterCodec.decode(counter).next;
  state.set(ticketKey, counterCodec.encode({ next: number + 1n }));
  const call = `0x${Buffer.from(scheduled.call).toString("hex")}` as const;
  state.set(scheduleKey(at, number), rowCodec.encode({ contract: scheduled.contract, call }));
  return (at << 64n) | number;
}

/** Takes a call out of the queue; false if it is not there or belongs to another contract. */
export function removeScheduled(state: AccountWriter, contract: Address, ticket: bigint): boolean {
  const key = scheduleKey(ticket >> 64n, ticket & 0xffffffffffffffffn);
  const row = state.get(key);
  if (row === undefined || rowCodec.decode(row).contract !== contract) return false;
  state.delete(key);
  return true;
}

/** The next call whose time has come, in order of time and then of scheduling, behind the one at `after`. */
export function nextDue(state: StateReader, time: bigint, after: StateKey = scheduleStart): DueCall | undefined {
  for (const [key, value] of state.range(`${after}\x00`, scheduleKey(time + 1n, 0n))) {
    const { contract, call } = rowCodec.decode(value);
    const bytes = Buffer.from(keyBytes(key));
    const ticket = (bytes.readBigUInt64BE(1) << 64n) | bytes.readBigUInt64BE(9);
    return { key, ticket, contract, call: Buffer.from(call.slice(2), "hex") };
  }
  return undefined;
}
