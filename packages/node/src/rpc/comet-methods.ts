import type { Backend } from "./backend.js";
import type { Method, Methods } from "./method.js";
import { describe, objectParam } from "./params.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

/** Asks CometBFT a question of its own RPC; these numbers alone go into it. */
function ask(method: string, names: readonly string[]): Method {
  return async ([named], { cometRpc }: Backend) => {
    if (!cometRpc) {
      throw new RpcError(
        rpcCode.methodNotFound,
        `the method ${method} needs the comet engine, which this node does not run`,
      );
    }
    const parameters = objectParam(named ?? {}, "params");
    const query = names.flatMap((name) => {
      const value = parameters[name];
      if (value === undefined || value === null) return [];
      if (typeof value === "object" || !/^\d{1,16}$/.test(String(value))) {
        throw invalidParams(`${name}: expected a number, got ${describe(value)}`);
      }
      return `${name}=${value}`;
    });
    return cometRpc(`${method}?${query.join("&")}`);
  };
}

/**
 * What CometBFT's light client asks of an RPC server, with named parameters and answers in CometBFT's own JSON: so a node
 * is a server for those who begin from a snapshot and want its root proven.
 */
export const cometMethods: Methods = {
  commit: ask("commit", ["height"]),
  validators: ask("validators", ["height", "page", "per_page"]),
  consensus_params: ask("consensus_params", ["height"]),
};
