import type { Address, Hex } from "@ruffchain/abi";
import { type AccountOverride, hexToBytes } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

/** The parameters of a call; what is missing is undefined. */
export type Params = readonly unknown[];

export function addressParam(value: unknown, name: string): Address {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(value)) {
    throw invalidParams(`${name}: expected an address (0x and 40 hex digits), got ${describe(value)}`);
  }
  return value.toLowerCase() as Address;
}

export function hashParam(value: unknown, name: string): Hex {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{64}$/.test(value)) {
    throw invalidParams(`${name}: expected a hash (0x and 64 hex digits), got ${describe(value)}`);
  }
  return value.toLowerCase() as Hex;
}

export function dataParam(value: unknown, name: string): Uint8Array {
  if (typeof value !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(value)) {
    throw invalidParams(`${name}: expected 0x and pairs of hex digits, got ${describe(value)}`);
  }
  return hexToBytes(value as Hex);
}

export function quantityParam(value: unknown, name: string): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) {
    throw invalidParams(`${name}: expected a quantity (0x and hex digits), got ${describe(value)}`);
  }
  return BigInt(value);
}

/** As quantityParam, below 2^53. */
export function integerParam(value: unknown, name: string): number {
  const integer = Number(quantityParam(value, name));
  if (!Number.isSafeInteger(integer)) throw invalidParams(`${name}: expected less than 2^53`);
  return integer;
}

export function objectParam(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidParams(`${name}: expected an object, got ${describe(value)}`);
  }
  return value as Record<string, unknown>;
}

export function listParam(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidParams(`${name}: expected a list, got ${describe(value)}`);
  return value;
}

/** A height from a tag, a number or an object with a block hash; the newest where absent. */
export function blockParam(value: unknown, { application }: Backend): number {
  const { height } = application.head;
  if (value === undefined || value === null) return height;
  if (typeof value === "object") {
    const { blockHash, blockNumber } = objectParam(value, "block");
    if (blockHash === undefined) return blockParam(blockNumber, { application } as Backend);
    const found = application.blocks.heightOf(hashParam(blockHash, "blockHash"));
    if (found === undefined) throw new RpcError(rpcCode.resourceNotFound, `block not found: ${blockHash}`);
    return found;
  }
  // Every committed block is final, and there is nothing behind the newest that could be called pending.
  if (value === "latest" || value === "pending" || value === "safe" || value === "finalized") return height;
  if (value === "earliest") return application.blocks.first;
  return Number(quantityParam(value, "block"));
}

/** As blockParam, for reading a block or its receipts. */
export function keptBlockParam(value: unknown, backend: Backend): number {
  const height = blockParam(value, backend);
  const { first } = backend.application.blocks;
  if (height >= first) return height;
  throw new RpcError(
    rpcCode.prunedHistory,
    `pruned history unavailable: this node has blocks from ${first} on, ask one that keeps block ${height}`,
    { code: "blockNotKept", first: `0x${first.toString(16)}` },
  );
}

/** As blockParam, for reading the state of a block that exists. */
export function stateParam(value: unknown, backend: Backend): number {
  const height = blockParam(value, backend);
  const newest = backend.application.head.height;
  if (height > newest)
    throw new RpcError(rpcCode.resourceNotFound, `block ${height} does not exist yet: the newest is ${newest}`);
  return height;
}

/** Geth's state overrides: accounts by address with nonce, balance, code, state and stateDiff. */
export function overridesParam(value: unknown): Record<Address, AccountOverride> {
  const overrides: Record<Address, AccountOverride> = {};
  for (const [address, account] of Object.entries(objectParam(value ?? {}, "overrides"))) {
    const name = `overrides.${address}`;
    const { nonce, balance, code, state, stateDiff, ...rest } = objectParam(account, name);
    for (const field of Object.keys(rest)) throw invalidParams(`${name}.${field}: this field is not supported`);
    overrides[addressParam(address, "overrides")] = {
      ...(nonce !== undefined && { nonce: quantityParam(nonce, `${name}.nonce`) }),
      ...(balance !== undefined && { balance: quantityParam(balance, `${name}.balance`) }),
      ...(code !== undefined && { code: dataParam(code, `${name}.code`) }),
      ...(state !== undefined && { state: slotsParam(state, `${name}.state`) }),
      ...(stateDiff !== undefined && { stateDiff: slotsParam(stateDiff, `${name}.stateDiff`) }),
    };
  }
  return overrides;
}

function slotsParam(value: unknown, name: string): Record<Hex, Hex> {
  const slots = Object.entries(objectParam(value, name));
  return Object.fromEntries(slots.map(([slot, word]) => [hashParam(slot, name), hashParam(word, `${name}.${slot}`)]));
}

/** A value for a message. */
export function describe(value: unknown): string {
  // What is in it may be nested too deep for JSON.stringify.
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
