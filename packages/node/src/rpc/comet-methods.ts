import type { Backend } from "./backend.js";
import type { Method, Methods } from "./method.js";
import { describe, objectParam } from "./params.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

/**
 * Most bytes of the JSON of an evidence: one of an attack by 200 validators has some 130,000. It is part of an address, in
 * which CometBFT reads up to a million bytes, and a byte takes three of them at most.
 */
export const MAX_EVIDENCE_JSON_BYTES = 262_144;

/** Asks CometBFT's own RPC. */
function send(method: string, query: string, { cometRpc }: Backend): Promise<unknown> {
  if (cometRpc) return cometRpc(`${method}?${query}`);
  const message = `the method ${method} needs the comet engine, which this node does not run`;
  throw new RpcError(rpcCode.methodNotFound, message);
}

/** A question into which these numbers alone go. */
function ask(method: string, names: readonly string[]): Method {
  return async ([named], backend) => {
    const parameters = objectParam(named ?? {}, "params");
    const query = names.flatMap((name) => {
      const value = parameters[name];
      if (value === undefined || value === null) return [];
      if (typeof value === "object" || !/^\d{1,16}$/.test(String(value))) {
        throw invalidParams(`${name}: expected a number, got ${describe(value)}`);
      }
      return `${name}=${value}`;
    });
    return send(method, query.join("&"), backend);
  };
}

const broadcastEvidence: Method = async ([named], backend) => {
  const evidence = JSON.stringify(objectParam(objectParam(named, "params").evidence, "evidence"));
  if (Buffer.byteLength(evidence) > MAX_EVIDENCE_JSON_BYTES) {
    throw new RpcError(rpcCode.limitExceeded, `an evidence has at most ${MAX_EVIDENCE_JSON_BYTES} bytes of JSON`);
  }
  return send("broadcast_evidence", `evidence=${encodeURIComponent(evidence)}`, backend);
};

/**
 * What CometBFT's light client asks of an RPC server, with named parameters and answers in CometBFT's own JSON: so a node
 * is a server for those who begin from a snapshot and want its root proven, and who finds an attack can have it punished.
 */
export const cometMethods: Methods = {
  commit: ask("commit", ["height"]),
  validators: ask("validators", ["height", "page", "per_page"]),
  broadcast_evidence: broadcastEvidence,
  consensus_params: ask("consensus_params", ["height"]),
};
