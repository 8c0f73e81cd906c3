import type { Backend } from "./backend.js";
import { blockMethods } from "./block-methods.js";
import { chainMethods } from "./chain-methods.js";
import { cometMethods } from "./comet-methods.js";
import { reasonLeftOut } from "./left-out.js";
import type { Methods } from "./method.js";
import type { Params } from "./params.js";
import { poolMethods } from "./pool-methods.js";
import { rawMethods } from "./raw-methods.js";
import { RpcError, rpcCode, toRpcError } from "./rpc-error.js";
import { ruffMethods } from "./ruff-methods.js";
import { simulateMethods } from "./simulate-methods.js";
import { stateMethods } from "./state-methods.js";
import { traceMethods } from "./trace-methods.js";

/** Most calls in one batch. */
export const MAX_BATCH_CALLS = 1_000;

interface Call {
  readonly id?: unknown;
  readonly method: string;
  readonly params: Params;
}

export interface DispatcherOptions {
  readonly backend: Backend;
  /** Methods beside the usual ones: filters, subscriptions. */
  readonly methods?: Methods;
  /** Told of each call's method and seconds. */
  readonly onCall?: (method: string, seconds: number) => void;
  /** Told of errors that are ours, not the client's. */
  readonly onFault?: (error: unknown, method: string) => void;
}

/** Answers JSON-RPC 2.0 requests, single or in batches. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #methods: Map<string, Methods[string]>;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#methods = new Map(
      Object.entries({
        ...chainMethods,
        ...stateMethods,
        ...blockMethods,
        ...poolMethods,
        ...rawMethods,
        ...simulateMethods,
        ...traceMethods,
        ...ruffMethods,
        ...cometMethods,
        ...options.methods,
      }),
    );
  }

  /** The answer as text; undefined where there is nothing to answer (notifications). `extra` are methods of the connection. */
  async answer(text: string, extra?: Methods): Promise<string | undefined> {
    let request: unknown;
    try {
      request = JSON.parse(text);
    } catch {
      return errorText(null, new RpcError(rpcCode.parse, "the request is not JSON"));
    }
    if (!Array.isArray(request)) return this.#one(request, extra);
    if (request.length === 0) return errorText(null, new RpcError(rpcCode.invalidRequest, "the batch is empty"));
    if (request.length > MAX_BATCH_CALLS) {
      return errorText(null, new RpcError(rpcCode.limitExceeded, `a batch has at most ${MAX_BATCH_CALLS} calls`));
    }
    const answers = await Promise.all(request.map((call) => this.#one(call, extra)));
    const texts = answers.filter((answer) => answer !== undefined);
    return texts.length === 0 ? undefined : `[${texts.join(",")}]`;
  }

  async #one(request: unknown, extra: Methods | undefined): Promise<string | undefined> {
    const call = asCall(request);
    if (!call) return errorText(null, new RpcError(rpcCode.invalidRequest, "not a JSON-RPC 2.0 request"));
    const started = performance.now();
    const answer = await this.#call(call, extra);
    this.#options.onCall?.(
      this.#methods.has(call.method) ? call.method : "unknown",
      (performance.now() - started) / 1000,
    );
    return call.id === undefined ? undefined : answer;
  }

  async #call({ id, method, params }: Call, extra: Methods | undefined): Promise<string> {
    const handler = extra && Object.hasOwn(extra, method) ? extra[method] : this.#methods.get(method);
    try {
      if (!handler) {
        const reason = reasonLeftOut(method);
        const message = `the method ${method.slice(0, 80)} does not exist/is not available`;
        throw new RpcError(rpcCode.methodNotFound, reason ? `${message}: ${reason}` : message);
      }
      const result = await handler(params, this.#options.backend);
      return `{"jsonrpc":"2.0","id":${JSON.stringify(id ?? null)},"result":${JSON.stringify(result ?? null)}}`;
    } catch (error) {
      const known = toRpcError(error);
      if (!known) this.#options.onFault?.(error, method);
      return errorText(id, known ?? new RpcError(rpcCode.internal, "internal error"));
    }
  }
}

function asCall(request: unknown): Call | undefined {
  if (typeof request !== "object" || request === null) return undefined;
  const { jsonrpc, id, method, params = [] } = request as Record<string, unknown>;
  const idFits = id === undefined || id === null || typeof id === "string" || typeof id === "number";
  if (jsonrpc !== "2.0" || typeof method !== "string" || !idFits) return undefined;
  if (Array.isArray(params)) return { id, method, params };
  // Named parameters are CometBFT's; Ethereum's methods have none.
  const named = typeof params === "object" && params !== null && Object.hasOwn(cometMethods, method);
  return named ? { id, method, params: [params] } : undefined;
}

export function errorText(id: unknown, { code, message, data }: RpcError): string {
  const error = { code, message, ...(data !== undefined && { data }) };
  return JSON.stringify({ jsonrpc: "2.0", id: id ?? null, error });
}
