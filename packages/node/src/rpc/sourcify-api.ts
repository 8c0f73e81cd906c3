import { randomUUID } from "node:crypto";
import type { Address } from "@ruffchain/abi";
import { SourceError, type SourceErrorCode } from "../sources/source-error.js";
import type { Verification } from "../sources/source-verifier.js";
import type { Backend } from "./backend.js";

const STATUS: Partial<Record<SourceErrorCode, number>> = {
  job_not_found: 404,
  unsupported_chain: 404,
  already_verified: 409,
  too_many_requests: 429,
};

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The part of Sourcify's API, version 2, that tools verify with: `POST /v2/verify/{chain}/{address}`,
 * `GET /v2/verify/{id}` and `GET /v2/contract/{chain}/{address}`. Undefined where the path is none of them.
 */
export function answerSourcify(backend: Backend, method: string, path: string, body: string): HttpAnswer | undefined {
  const [, version, resource, first = "", second] = path.split("/");
  if (version !== "v2") return undefined;
  try {
    if (resource === "verify" && method === "POST" && second !== undefined) {
      const { id } = verifierOf(backend).submit(addressOn(backend, first, second), jsonOf(body));
      return { status: 202, body: { verificationId: id } };
    }
    if (resource === "verify" && method === "GET" && second === undefined) {
      const verification = verifierOf(backend).get(first);
      if (!verification) throw new SourceError("job_not_found", `there is no verification ${first}`);
      return { status: 200, body: verificationBody(backend, verification) };
    }
    if (resource === "contract" && method === "GET" && second !== undefined) {
      return contractAnswer(backend, addressOn(backend, first, second));
    }
    return undefined;
  } catch (error) {
    if (error instanceof SourceError) return { status: STATUS[error.code] ?? 400, body: errorBody(error) };
    throw error;
  }
}

function verifierOf({ verifier }: Backend) {
  if (!verifier) throw new SourceError("unsupported_chain", "this node verifies no sources: see --verify-sources");
  return verifier;
}

function addressOn({ application }: Backend, chain: string, address: string): Address {
  const { chainId } = application.parameters();
  if (chain !== String(chainId)) throw new SourceError("unsupported_chain", `this is a node of chain ${chainId}`);
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) throw new SourceError("invalid_parameter", `${address} is no address`);
  return address.toLowerCase() as Address;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new SourceError("invalid_parameter", "the body is not JSON");
  }
}

function contractBody({ application, sources }: Backend, address: Address) {
  const source = sources.find(application.code(address, application.head.height));
  const match = source?.match ?? null;
  // What made the contract is not compared.
  const matches = { match, creationMatch: null, runtimeMatch: match };
  return { source, contract: { ...matches, chainId: String(application.parameters().chainId), address } };
}

function contractAnswer(backend: Backend, address: Address): HttpAnswer {
  const { source, contract } = contractBody(backend, address);
  if (!source) return { status: 404, body: contract };
  const { abi, metadata, stdJsonInput, compilerVersion, contractIdentifier, verifiedAt } = source;
  const at = contractIdentifier.lastIndexOf(":");
  const compilation = {
    language: "Solidity",
    compiler: "solc",
    compilerVersion,
    compilerSettings: stdJsonInput.settings ?? {},
    name: contractIdentifier.slice(at + 1),
    fullyQualifiedName: contractIdentifier,
  };
  const { sources } = stdJsonInput;
  return {
    status: 200,
    body: { ...contract, verifiedAt, sources, abi, metadata: JSON.parse(metadata), stdJsonInput, compilation },
  };
}

function verificationBody(backend: Backend, { id, address, started, finished, error }: Verification) {
  return {
    isJobCompleted: finished !== undefined,
    verificationId: id,
    jobStartTime: started,
    ...(finished && { jobFinishTime: finished }),
    contract: contractBody(backend, address).contract,
    ...(error && { error: errorBody(error) }),
  };
}

function errorBody({ code, message }: SourceError) {
  return { customCode: code, message, errorId: randomUUID() };
}
