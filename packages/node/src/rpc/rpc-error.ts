import { StateError, TransactionError } from "@ruffchain/kernel";
import { CometRpcError } from "../engine/comet/comet-rpc.js";
import { RecoveryError } from "../recovery/recovery-error.js";

/** Error codes of JSON-RPC 2.0 and EIP-1474; 3, 4 and 4444 are what Ethereum's clients expect of a reverted call, of EIP-7966 and of EIP-4444. */
export const rpcCode = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  invalidInput: -32000,
  resourceNotFound: -32001,
  transactionRejected: -32003,
  limitExceeded: -32005,
  executionReverted: 3,
  notYetExecuted: 4,
  prunedHistory: 4444,
} as const;

export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export function invalidParams(message: string): RpcError {
  return new RpcError(rpcCode.invalidParams, message);
}

/** What a client gets for an error: the words and codes that Ethereum's clients know, and nothing of the inside. */
export function toRpcError(error: unknown): RpcError | undefined {
  if (error instanceof RpcError) return error;
  if (error instanceof TransactionError) {
    return new RpcError(rpcCode.invalidInput, error.message, { code: error.code, ...jsonSafe(error.details) });
  }
  if (error instanceof StateError) return new RpcError(rpcCode.resourceNotFound, error.message);
  if (error instanceof CometRpcError) return new RpcError(rpcCode.resourceNotFound, error.message);
  if (error instanceof RecoveryError) return new RpcError(rpcCode.limitExceeded, error.message);
  return undefined;
}

function jsonSafe(details: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries((details ?? {}) as Record<string, unknown>).map(([name, value]) => [
      name,
      typeof value === "bigint" ? value.toString() : value,
    ]),
  );
}
