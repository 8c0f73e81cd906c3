import type { Address, Hex } from "@ruffchain/abi";
import {
  type AccessListEntry,
  type CallRequest,
  gasAfterRefund,
  intrinsicGasOfCall,
  type TracedStep,
  type Tracer,
} from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { quantity } from "./quantity.js";

/** A list changes what a call costs, and so what it does: it is made again until it stays the same, at most so often. */
const MAX_ROUNDS = 8;
const PRECOMPILES = `0x${"00".repeat(18)}`;
/** Operations on the storage slot, or on the account, that is at this depth of the stack. */
const SLOT_OPERATIONS: ReadonlySet<number> = new Set([0x54, 0x55]);
const ACCOUNT_OPERATIONS: ReadonlyMap<number, number> = new Map([
  ...[0x31, 0x3b, 0x3c, 0x3f, 0xff].map((opcode) => [opcode, 0] as const),
  ...[0xf1, 0xf2, 0xf4, 0xfa].map((opcode) => [opcode, 1] as const),
]);

/** Collects what an access list would warm (EIP-2930). */
class AccessTracer implements Tracer {
  readonly #slots = new Map<Address, Set<Hex>>();
  readonly #warm: ReadonlySet<Address>;

  /** What is warm for every transaction needs to be in the list for its slots only. */
  constructor(warm: ReadonlySet<Address>) {
    this.#warm = warm;
  }

  step({ opcode, address, stack }: TracedStep): void {
    const top = stack.at(-1);
    if (SLOT_OPERATIONS.has(opcode) && top !== undefined) {
      this.#account(address).add(`0x${top.toString(16).padStart(64, "0")}`);
    }
    const depth = ACCOUNT_OPERATIONS.get(opcode);
    const operand = depth === undefined ? undefined : stack.at(-1 - depth);
    if (operand === undefined) return;
    const account: Address = `0x${operand.toString(16).padStart(40, "0").slice(-40)}`;
    if (!this.#warm.has(account) && !account.startsWith(PRECOMPILES)) this.#account(account);
  }

  get list(): AccessListEntry[] {
    return [...this.#slots].map(([address, slots]) => ({ address, storageKeys: [...slots] }));
  }

  #account(address: Address): Set<Hex> {
    const slots = this.#slots.get(address) ?? new Set();
    this.#slots.set(address, slots);
    return slots;
  }
}

/** The list of what a call touches and the gas that it takes with it. Calls of system contracts alone have an empty one. */
export async function createAccessList({ application }: Backend, request: CallRequest) {
  const { from = ZERO_ADDRESS, to } = request;
  const warm = new Set([from, ...(to ? [to] : [])]);
  let accessList = request.accessList ?? [];
  for (let round = 1; ; round++) {
    const tracer = new AccessTracer(warm);
    const result = await application.call({ ...request, accessList }, tracer);
    const { list } = tracer;
    if (round < MAX_ROUNDS && JSON.stringify(list) !== JSON.stringify(accessList)) {
      accessList = list;
      continue;
    }
    const { gas, floor } = intrinsicGasOfCall({ ...request, accessList });
    const { ok, reason, gasUsed, refund = 0 } = result;
    const error = reason ? `execution reverted: ${reason}` : "execution reverted";
    return {
      accessList,
      gasUsed: quantity(gasAfterRefund(gas + gasUsed, refund, floor)),
      ...(!ok && { error }),
    };
  }
}

const ZERO_ADDRESS: Address = `0x${"00".repeat(20)}`;
